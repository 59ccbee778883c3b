// Speed over time as charts: every second of the pace scenes, and what throttling does to a run.

import type { PaceResult, PaceScene } from "./pace.ts";
import { box, COLOUR, line, MARGIN, page, text, WIDTH } from "./svg.ts";
import type { ThrottleResult } from "./throttle.ts";

const SCENES: [PaceScene, string][] = [
  ["undisturbed", "undisturbed"],
  ["killed", "kill -9 half-way, and another process goes on"],
  ["two campaigns", "two campaigns, one after the other"],
];
const PANEL_HEIGHT = 64;
const TOP = 76;
const PANEL_ROW = 132;

/** Arrivals in every second as a part of the rate: a row of panels for each scene, a panel for each rate. */
export function paceChart(results: PaceResult[], when: string): string {
  const shapes: string[] = [];
  const rates = [...new Set(results.map(({ rate }) => rate))];
  const gap = 16;
  const width = (WIDTH - 2 * MARGIN - gap * (rates.length - 1)) / rates.length;
  SCENES.forEach(([scene, title], index) => {
    const y = TOP + index * PANEL_ROW;
    shapes.push(text(MARGIN, y, title, { bold: true, colour: COLOUR.faint, size: 12 }));
    for (const result of results.filter((one) => one.scene === scene)) {
      const x = MARGIN + rates.indexOf(result.rate) * (width + gap);
      shapes.push(...panel(result, x, y + 12, width));
    }
  });
  const title = "Requests that arrive in every second, as a part of the rate (line: 100 %)";
  return page(TOP - 10 + SCENES.length * PANEL_ROW, title, when, shapes);
}

function panel(result: PaceResult, x: number, y: number, width: number): string[] {
  const { rate, perSecond, reached, worstAtServer, pauseMs } = result;
  // A little room above the line, so that a second above it can be seen.
  const unit = PANEL_HEIGHT / 1.15;
  const bar = width / perSecond.length;
  const bars = perSecond.map((count, second) => {
    const height = Math.min(1.15, count / rate) * unit;
    const colour = count / rate > 1.02 ? COLOUR.bad : COLOUR.good;
    return box(x + second * bar, y + PANEL_HEIGHT - height, bar * 0.85, height, colour);
  });
  const full = y + PANEL_HEIGHT - unit;
  const pause = pauseMs > 0 ? ` · ${(pauseMs / 1000).toFixed(1)} s between` : "";
  const percent = `${(reached * 100).toFixed(1)} %`;
  return [
    box(x, y, width, PANEL_HEIGHT, COLOUR.empty),
    ...bars,
    line(
      [
        [x, full],
        [x + width, full],
      ],
      { colour: COLOUR.line },
    ),
    text(x, y + PANEL_HEIGHT + 14, `${rate.toLocaleString("en-US")}/s: ${percent}`, {
      size: 11,
      bold: true,
    }),
    text(x, y + PANEL_HEIGHT + 27, `worst second ${(worstAtServer * 100).toFixed(1)} %${pause}`, {
      size: 10,
      colour: COLOUR.faint,
    }),
  ];
}

const STORY = { left: 62, right: WIDTH - MARGIN, top: 96, bottom: 316 };

/** Accepted and refused in every half second, beside the server's capacity and the rate that the run thought right. */
export function throttleChart(result: ThrottleResult, when: string): string {
  const { plot, steps, stepMs, fellS, roseS, refused, fitsAfterS, backAfterS } = result;
  const endS = (steps.length * stepMs) / 1000;
  const most = plot.rate * 1.3;
  const x = (seconds: number) => STORY.left + (seconds / endS) * (STORY.right - STORY.left);
  const y = (rate: number) =>
    STORY.bottom - (Math.min(rate, most) / most) * (STORY.bottom - STORY.top);
  const wide = (x(1) - x(0)) * (stepMs / 1000);
  const bars = steps.flatMap(({ accepted, refused }, index) => {
    const from = x((index * stepMs) / 1000);
    const ok = box(from, y(accepted), wide * 0.85, STORY.bottom - y(accepted), COLOUR.good);
    if (refused === 0) return [ok];
    const height = y(accepted) - y(accepted + refused);
    return [ok, box(from, y(accepted + refused), wide * 0.85, height, COLOUR.bad)];
  });
  const allowed = steps.map(
    ({ allowed }, index) => [x(((index + 1) * stepMs) / 1000), y(allowed)] as [number, number],
  );
  const capacity: [number, number][] = [
    [x(fellS), STORY.top],
    [x(fellS), y(plot.capacity)],
    [x(roseS), y(plot.capacity)],
    [x(roseS), STORY.top],
  ];
  const note = { size: 12 } as const;
  const back =
    backAfterS === null ? "never back" : `back at ≥ 98 % after ${backAfterS.toFixed(1)} s`;
  const title = `Throttled: the server takes ${plot.capacity}/s instead of ${plot.rate}/s for ${plot.narrowMs / 1000} s`;
  return page(STORY.bottom + 34, title, when, [
    ...legend(refused),
    ...axes(plot.rate, endS, x, y),
    ...bars,
    line(capacity, { width: 2, dashed: true }),
    line(allowed, { width: 2, colour: COLOUR.line }),
    text(x(fellS) + 8, STORY.top + 14, `fits after ${fitsAfterS.toFixed(1)} s`, note),
    text(x(roseS) + 8, STORY.top + 14, back, note),
  ]);
}

function legend(refused: number): string[] {
  const y = 74;
  return [
    box(MARGIN, y - 10, 12, 12, COLOUR.good),
    text(MARGIN + 18, y, "accepted", { size: 12 }),
    box(130, y - 10, 12, 12, COLOUR.bad),
    text(148, y, `refused with 130429 (${refused.toLocaleString("en-US")})`, { size: 12 }),
    ...swatch(372, y, false),
    text(406, y, "the run's own rate", { size: 12 }),
    ...swatch(556, y, true),
    text(590, y, "what the server takes", { size: 12 }),
  ];
}

function swatch(x: number, y: number, dashed: boolean): string[] {
  return [
    line(
      [
        [x, y - 4],
        [x + 28, y - 4],
      ],
      { width: 2, dashed, colour: COLOUR.line },
    ),
  ];
}

function axes(
  rate: number,
  endS: number,
  x: (seconds: number) => number,
  y: (rate: number) => number,
): string[] {
  const shapes: string[] = [];
  for (const part of [0, 0.25, 0.5, 0.75, 1]) {
    const at = y(rate * part);
    shapes.push(
      line(
        [
          [STORY.left, at],
          [STORY.right, at],
        ],
        { colour: COLOUR.edge },
      ),
      text(STORY.left - 8, at + 4, `${rate * part}/s`, {
        size: 11,
        colour: COLOUR.faint,
        anchor: "end",
      }),
    );
  }
  for (let seconds = 0; seconds <= endS; seconds += 10) {
    shapes.push(
      text(x(seconds), STORY.bottom + 18, `${seconds} s`, {
        size: 11,
        colour: COLOUR.faint,
        anchor: "middle",
      }),
    );
  }
  return shapes;
}
