// All figures as one chart: a bar each, drawn to its own scale so that what it is held to stands at the same place in all of them.

import type { Bound, Figure, Part } from "./figures.ts";
import { isReached, shareOf } from "./figures.ts";
import { box, COLOUR, line, MARGIN, page, text, WIDTH } from "./svg.ts";

const BAR_X = 330;
const BAR_WIDTH = 240;
const BAR_HEIGHT = 14;
/** Where the bound stands on the bar; what is beyond the bar's end is cut off there. */
const MARK = 0.75;
const REACH_X = BAR_X + BAR_WIDTH + 16;
const ROW = 36;
const HEAD = 40;
const SECTION_GAP = 10;
const TOP = 62;

/** The chart of all figures, as SVG. `when` says where and when they were taken. */
export function figuresChart(parts: Part[], when: string): string {
  const figures = parts.flatMap((part) => part.figures);
  const atLeast = figures.filter(({ bounds }) => bounds[0].atLeast !== undefined);
  const atMost = figures.filter(({ bounds }) => bounds[0].atLeast === undefined);
  const shapes: string[] = [];
  let y = TOP;
  const sections: [string, Figure[]][] = [
    ["The bar must reach the mark", atLeast],
    ["The bar must not pass the mark", atMost],
  ];
  for (const [title, members] of sections) {
    if (members.length === 0) continue;
    shapes.push(text(MARGIN, y + 22, title, { bold: true, colour: COLOUR.faint }));
    shapes.push(
      line(
        [
          [MARGIN, y + 30],
          [WIDTH - MARGIN, y + 30],
        ],
        { colour: COLOUR.edge },
      ),
    );
    y += HEAD;
    for (const figure of members) {
      shapes.push(...row(figure, y));
      y += ROW;
    }
    y += SECTION_GAP;
  }
  const missed = figures.filter((figure) => !isReached(figure)).length;
  const title =
    missed === 0
      ? `Bench: all ${figures.length} figures reached`
      : `Bench: ${figures.length - missed} of ${figures.length} figures reached`;
  return page(y + 6, title, when, shapes);
}

function row(figure: Figure, y: number): string[] {
  const colour = isReached(figure) ? COLOUR.good : COLOUR.bad;
  const middle = y + ROW / 2;
  const barY = middle - BAR_HEIGHT / 2;
  const share = barShare(figure.bounds[0]);
  const markX = BAR_X + BAR_WIDTH * MARK;
  return [
    text(MARGIN, middle - 2, figure.work),
    text(MARGIN, middle + 13, `${figure.measured} · ${figure.limit}`, {
      size: 11,
      colour: COLOUR.faint,
    }),
    box(BAR_X, barY, BAR_WIDTH, BAR_HEIGHT, COLOUR.empty),
    box(BAR_X, barY, Math.max(1, BAR_WIDTH * Math.min(1, share)), BAR_HEIGHT, colour),
    ...(share > 1 ? cutOff(BAR_X + BAR_WIDTH, barY) : []),
    line(
      [
        [markX, barY - 4],
        [markX, barY + BAR_HEIGHT + 4],
      ],
      { width: 2 },
    ),
    text(REACH_X, middle + 4, isReached(figure) ? "ok" : "MISS", { bold: true, colour }),
    text(REACH_X + 44, middle + 4, figure.reach),
  ];
}

/** Length of a bar as a part of the room that it has; more than 1 when it has to be cut off. */
function barShare(bound: Bound): number {
  // A bound of nothing: one is already far too much.
  if (bound.atMost === 0) return bound.value > 0 ? 2 : 0;
  return Math.max(0, shareOf(bound)) * MARK;
}

/** Two strokes through the end of a bar that goes on. */
function cutOff(x: number, y: number): string[] {
  return [12, 6].map((back) =>
    line(
      [
        [x - back, y + BAR_HEIGHT],
        [x - back + 5, y],
      ],
      { colour: COLOUR.ground, width: 2 },
    ),
  );
}
