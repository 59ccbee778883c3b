// Groups of people side by side: a rate each, and its interval as dot and whiskers, all on one
// scale with one axis. Without intervals the table has the counts alone.

import type { Content, Html } from "../common/html.ts";
import { html, NOTHING } from "../common/html.ts";
import { count, percent } from "../common/numbers.ts";
import type { Interval } from "../common/proportion.ts";

/** A group of people. */
export interface GroupRow {
  name: Content;
  people: number;
  number: number;
  /** Of the rate, 0 to 1; null: not shown. */
  interval: Interval | null;
  /** The dot is filled: the one that won, or that is compared with the others. */
  isFilled: boolean;
  /** The difference in points, in words; empty: none. */
  difference: string;
}

/** The heads of its columns. */
export interface GroupHeads {
  group: string;
  /** What people did: `Clicked`. */
  did: string;
  /** `Against a`; null: no such column. */
  difference: string | null;
}

const WIDTH = 170;
/** Room at each side of the scale. */
const SIDE = 12;
const TICKS_MIN = 3;
/** Between two ticks, in points. */
const STEPS = [50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01];

/** The table of several groups. */
export function intervalTable(rows: readonly GroupRow[], heads: GroupHeads): Html {
  const scale = scaleOf(rows.flatMap(({ interval }) => (interval === null ? [] : [interval])));
  const body = rows.map((row, at) => {
    const { name, people, number, interval, isFilled, difference } = row;
    const isLast = at === rows.length - 1;
    const share = scale === null ? NOTHING : html`<td class="n">${percent(number, people)}</td>`;
    const picture =
      scale === null
        ? NOTHING
        : html`<td>${interval === null ? NOTHING : whiskers(percent(number, people), interval, { at: number / people, isFilled, scale })}${isLast ? axis(scale) : NOTHING}</td>`;
    const against = heads.difference === null ? NOTHING : html`<td class="n">${difference}</td>`;
    return html`<tr><td>${name}</td><td class="n">${count(people)}</td><td class="n">${count(number)}</td>${share}${against}${picture}</tr>`;
  });
  const interval = scale === null ? NOTHING : html`<th class="scale">95% interval</th>`;
  const share = scale === null ? NOTHING : html`<th class="n">Rate</th>`;
  const against =
    heads.difference === null ? NOTHING : html`<th class="n">${heads.difference}</th>`;
  return html`<table class="t iv"><thead><tr><th>${heads.group}</th><th class="n">People</th><th class="n">${heads.did}</th>${share}${against}${interval}</tr></thead><tbody>${body}</tbody></table>`;
}

/** Of a table, where each share stands, and its ticks. */
interface Scale {
  x(share: number): string;
  ticks: { share: number; words: string }[];
}

/** One scale for all; null without an interval. */
function scaleOf(intervals: readonly Interval[]): Scale | null {
  if (intervals.length === 0) return null;
  const low = Math.min(...intervals.map((one) => one.low));
  const high = Math.max(...intervals.map((one) => one.high), low + 1e-4);
  const x = (share: number) =>
    (SIDE + ((share - low) / (high - low)) * (WIDTH - 2 * SIDE)).toFixed(1);
  const fits = (step: number) =>
    Math.floor((100 * high) / step) - Math.ceil((100 * low) / step) + 1;
  const step = STEPS.find((one) => fits(one) >= TICKS_MIN) ?? (STEPS.at(-1) as number);
  const decimals = Math.max(0, Math.ceil(-Math.log10(step)));
  const first = Math.ceil((100 * low) / step);
  const ticks = Array.from({ length: Math.max(0, fits(step)) }, (_, at) => {
    const points = (first + at) * step;
    return { share: points / 100, words: `${points.toFixed(decimals)}%` };
  });
  return { x, ticks };
}

function whiskers(
  share: string,
  { low, high }: Interval,
  { at, isFilled, scale: { x } }: { at: number; isFilled: boolean; scale: Scale },
): Html {
  const label = `${share}, 95% interval ${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}`;
  const ink = isFilled ? "k-accent" : "k-ink2";
  const line = (from: string, to: string, y: readonly [number, number]) =>
    html`<line x1="${from}" x2="${to}" y1="${y[0]}" y2="${y[1]}" class="${ink}" stroke-width="2"/>`;
  const ends = [x(low), x(high)] as const;
  const dot = isFilled
    ? html`<circle cx="${x(at)}" cy="11" r="4.5" class="f-accent"/>`
    : html`<circle cx="${x(at)}" cy="11" r="4" class="f-bg k-ink2" stroke-width="2"/>`;
  return html`<svg viewBox="0 0 ${WIDTH} 22" width="100%" role="img" aria-label="${label}"><line x1="0" x2="${WIDTH}" y1="11" y2="11" class="k-line"/>${line(ends[0], ends[1], [11, 11])}${line(ends[0], ends[0], [7, 15])}${line(ends[1], ends[1], [7, 15])}${dot}</svg>`;
}

function axis({ x, ticks }: Scale): Html {
  const words = ticks.map(
    (tick) => html`<text x="${x(tick.share)}" y="12" text-anchor="middle">${tick.words}</text>`,
  );
  return html`<svg viewBox="0 0 ${WIDTH} 16" width="100%" aria-hidden="true">${words}</svg>`;
}
