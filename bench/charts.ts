// Draws what was measured with ECharts, as SVG text on an opaque ground, so that a chart reads the
// same on a light and on a dark page. The colours are distinguished by people who see no red or no
// green (Okabe and Ito's set).

import { BarChart, LineChart } from "echarts/charts";
import {
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TitleComponent,
} from "echarts/components";
import type { EChartsCoreOption } from "echarts/core";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { Bound, Figure, Part } from "./figures.ts";
import { isReached, shareOf } from "./figures.ts";
import type { PaceResult, PaceScene } from "./pace.ts";
import type { ThrottleResult } from "./throttle.ts";

use([
  BarChart,
  LineChart,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TitleComponent,
  SVGRenderer,
]);

const GROUND = "#ffffff";
const EDGE = "#d0d7de";
const INK = "#1f2328";
const FAINT = "#59636e";
const EMPTY = "#eef1f4";
const GOOD = "#0072b2";
const BAD = "#d55e00";
const LINE = "#000000";

/** Width of every chart, in pixels: about what a page of a repository leaves. */
const WIDTH = 860;
const MARGIN = 20;
const TOP = 62;

/**
 * The chart of all figures: a bar each, as a part of its bound. `when` says where and when they
 * were taken.
 */
export function figuresChart(parts: Part[], when: string): string {
  const figures = parts.flatMap((part) => part.figures);
  const sections: [string, Figure[]][] = [
    ["The bar must reach the mark", figures.filter(({ bounds }) => !isMost(bounds[0]))],
    ["The bar must not pass the mark", figures.filter(({ bounds }) => isMost(bounds[0]))],
  ];
  const [row, head] = [36, 44];
  let y = TOP;
  const filled = sections.filter(([, members]) => members.length > 0);
  const placed = filled.map(([title, members]) => {
    const top = y + head;
    y = top + members.length * row;
    return { title, members, top };
  });
  const missed = figures.filter((figure) => !isReached(figure)).length;
  const all = missed === 0 ? "all" : `${figures.length - missed} of`;
  const page = {
    ...{ title: `Bench: ${all} ${figures.length} figures reached`, when, height: y + MARGIN },
    notes: placed.map(({ title, top }) => note(title, top - 30)),
  };
  return drawn(page, {
    grid: placed.map(({ members, top }) => ({
      ...{ left: 330, width: 240, top, height: members.length * row },
    })),
    xAxis: placed.map((_, gridIndex) => ({
      ...{ gridIndex, type: "value", min: 0, max: BAR_END, show: false },
    })),
    yAxis: placed.flatMap(({ members }, gridIndex) => [
      categories(gridIndex, "left", members.map(workLabel)),
      categories(gridIndex, "right", members.map(reachLabel)),
    ]),
    series: placed.map(({ members }, index) => ({
      type: "bar",
      xAxisIndex: index,
      yAxisIndex: 2 * index,
      barWidth: 14,
      showBackground: true,
      backgroundStyle: { color: EMPTY },
      data: members.map((figure) => ({
        value: Math.min(BAR_END, barShare(figure.bounds[0])),
        itemStyle: { color: isReached(figure) ? GOOD : BAD },
      })),
      markLine: {
        ...MARK,
        data: [{ xAxis: 1 }],
        lineStyle: { color: INK, width: 2, type: "solid" },
      },
    })),
  });
}

/** What is beyond is cut off. */
const BAR_END = 4 / 3;
const MARK = { symbol: "none", animation: false, label: { show: false } } as const;

function isMost({ atLeast }: Bound): boolean {
  return atLeast === undefined;
}

function barShare(bound: Bound): number {
  // A bound of nothing: one is already far too much.
  if (bound.atMost === 0) return bound.value > 0 ? BAR_END : 0;
  return Math.max(0, shareOf(bound));
}

function categories(gridIndex: number, position: "left" | "right", data: string[]): object {
  const isLeft = position === "left";
  return {
    ...{ gridIndex, position, data, type: "category", inverse: true },
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: {
      ...{ interval: 0, margin: isLeft ? 310 : 16, align: "left", color: INK, fontSize: 13 },
      rich: {
        faint: { color: FAINT, fontSize: 11, lineHeight: 15 },
        good: { color: GOOD, fontWeight: 600, width: 44 },
        bad: { color: BAD, fontWeight: 600, width: 44 },
      },
    },
  };
}

function workLabel({ work, measured, limit }: Figure): string {
  return `${work}\n{faint|${measured} · ${limit}}`;
}

function reachLabel(figure: Figure): string {
  return `${isReached(figure) ? "{good|ok}" : "{bad|MISS}"}${figure.reach}`;
}

const SCENES: [PaceScene, string][] = [
  ["undisturbed", "undisturbed"],
  ["killed", "kill -9 half-way, and another process goes on"],
  ["two campaigns", "two campaigns, one after the other"],
];

/**
 * Arrivals in every second as a part of the rate: a row of panels for each scene, a panel for each
 * rate.
 */
export function paceChart(results: PaceResult[], when: string): string {
  const rates = [...new Set(results.map(({ rate }) => rate))];
  const [height, row, gap] = [64, 132, 16];
  const width = (WIDTH - 2 * MARGIN - gap * (rates.length - 1)) / rates.length;
  const panels = SCENES.flatMap(([scene], at) =>
    results
      .filter((one) => one.scene === scene)
      .map((result) => {
        const left = MARGIN + rates.indexOf(result.rate) * (width + gap);
        return { result, left, top: TOP + 26 + at * row };
      }),
  );
  const page = {
    title: "Requests that arrive in every second, as a part of the rate (line: 100 %)",
    ...{ when, height: TOP + SCENES.length * row },
    notes: [
      ...SCENES.map(([, words], at) => note(words, TOP + at * row)),
      ...panels.map(({ result, left, top }) => panelText(result, left, top + height + 4)),
    ],
  };
  return drawn(page, {
    grid: panels.map(({ left, top }) => ({
      ...{ left, top, width, height, show: true, backgroundColor: EMPTY, borderWidth: 0 },
    })),
    xAxis: panels.map(({ result }, gridIndex) => ({
      ...{ gridIndex, type: "category", show: false, data: result.perSecond.map((_, at) => at) },
    })),
    // A little room above the line, so that a second above it can be seen.
    yAxis: panels.map((_, gridIndex) => ({
      ...{ gridIndex, type: "value", show: false, min: 0, max: 1.15 },
    })),
    series: panels.map(({ result: { rate, perSecond } }, index) => ({
      type: "bar",
      xAxisIndex: index,
      yAxisIndex: index,
      barCategoryGap: "15%",
      data: perSecond.map((count) => ({
        value: Math.min(1.15, count / rate),
        itemStyle: { color: count / rate > 1.02 ? BAD : GOOD },
      })),
      markLine: {
        ...MARK,
        data: [{ yAxis: 1 }],
        lineStyle: { color: LINE, width: 1, type: "solid" },
      },
    })),
  });
}

function panelText(result: PaceResult, left: number, top: number): object {
  const { rate, reached, worstAtServer, pauseMs } = result;
  const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
  const pause = pauseMs > 0 ? ` · ${(pauseMs / 1000).toFixed(1)} s between` : "";
  return {
    ...{ left, top, padding: 0, itemGap: 3 },
    text: `${rate.toLocaleString("en-US")}/s: ${percent(reached)}`,
    textStyle: { color: INK, fontSize: 11, fontWeight: 600 },
    subtext: `worst second ${percent(worstAtServer)}${pause}`,
    subtextStyle: { color: FAINT, fontSize: 10 },
  };
}

/**
 * Accepted and refused in every half second, beside the server's capacity and the rate that the run
 * thought right.
 */
export function throttleChart(result: ThrottleResult, when: string): string {
  const { plot, steps, stepMs, fellS, roseS, refused, fitsAfterS, backAfterS } = result;
  const at = (index: number) => (index * stepMs) / 1000;
  const back =
    backAfterS === null ? "never back" : `back at ≥ 98 % after ${backAfterS.toFixed(1)} s`;
  const bars = (
    name: string,
    color: string,
    requestsOf: (step: (typeof steps)[number]) => number,
  ) => ({
    ...{ name, type: "bar", stack: "requests", barWidth: "85%", itemStyle: { color } },
    data: steps.map((step, index) => [at(index + 0.5), requestsOf(step)]),
  });
  const course = (name: string, type: "solid" | "dashed", data: [number, number][]) => ({
    ...{ name, type: "line", symbol: "circle", symbolSize: 0, data, itemStyle: { color: LINE } },
    lineStyle: { color: LINE, width: 2, type },
  });
  const most = plot.rate * 1.3;
  const title = `Throttled: the server takes ${plot.capacity}/s instead of ${plot.rate}/s for ${plot.narrowMs / 1000} s`;
  return drawn(
    { title, when, height: 350, notes: [] },
    {
      legend: { left: MARGIN, top: 60, itemGap: 24, textStyle: { color: INK } },
      grid: { left: 62, right: MARGIN, top: 96, bottom: 34 },
      xAxis: {
        ...{ type: "value", min: 0, max: at(steps.length), interval: 10 },
        axisLabel: { formatter: "{value} s", color: FAINT, showMaxLabel: false },
        splitLine: { show: false },
      },
      yAxis: {
        ...{ type: "value", min: 0, max: most, interval: plot.rate / 4 },
        axisLabel: { formatter: "{value}/s", color: FAINT, showMaxLabel: false },
        splitLine: { lineStyle: { color: EDGE } },
      },
      series: [
        bars("accepted", GOOD, (step) => step.accepted),
        bars(
          `refused with 130429 (${refused.toLocaleString("en-US")})`,
          BAD,
          (step) => step.refused,
        ),
        course(
          "the run's own rate",
          "solid",
          steps.map(({ allowed }, index) => [at(index + 1), allowed]),
        ),
        {
          ...course("what the server takes", "dashed", [
            [fellS, most],
            [fellS, plot.capacity],
            [roseS, plot.capacity],
            [roseS, most],
          ]),
          markLine: {
            ...{ symbol: "none", animation: false, lineStyle: { width: 0 } },
            label: { color: INK, align: "left", position: "end", offset: [8, 22] },
            data: [
              { xAxis: fellS, label: { formatter: `fits after ${fitsAfterS.toFixed(1)} s` } },
              { xAxis: roseS, label: { formatter: back } },
            ],
          },
        },
      ],
    },
  );
}

function note(text: string, top: number): object {
  return {
    ...{ left: MARGIN, top, padding: 0, text },
    textStyle: { color: FAINT, fontSize: 12, fontWeight: 600 },
  };
}

interface Page {
  /** Read out, too. */
  title: string;
  when: string;
  height: number;
  notes: object[];
}

function drawn({ title, when, height, notes }: Page, option: EChartsCoreOption): string {
  const heading = {
    ...{ left: MARGIN, top: 14, padding: 0, itemGap: 4, text: title, subtext: when },
    textStyle: { color: INK, fontSize: 16, fontWeight: 600 },
    subtextStyle: { color: FAINT, fontSize: 11 },
  };
  const chart = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  chart.setOption({
    ...{ animation: false, silent: true, backgroundColor: GROUND, title: [heading, ...notes] },
    textStyle: { fontFamily: "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" },
    ...option,
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg
    .replace(/<style\s*>.*?<\/style>/gs, "")
    .replace(/^<svg [^>]*>/, `$&\n<title>${title}</title>`)
    .replace("<svg ", '<svg role="img" ')
    .replace(/ (?:class|pointer-events|xml:space|ecmeta_\w+)="[^"]*"/g, "")
    .replace(/ d="[^"]*"/g, (path) => path.replace(/(\.\d)\d+/g, "$1"))}\n`;
}
