// The rate of a campaign against its limit, as an inline SVG: bars from 0, the limit as a dashed line with its value.

import type { Calendar } from "../common/calendar.ts";
import type { Html } from "../common/html.ts";
import { html, NOTHING } from "../common/html.ts";
import type { TimeSeries } from "../common/time-buckets.ts";
import { bucketOf, bucketSize, countsIn, spanOf } from "../common/time-buckets.ts";

/** Bars at most; with fewer than the least a sentence says it. */
const BARS_MAX = 40;
const BARS_MIN = 5;
const LEFT = 34;
const RIGHT = 354;
const TOP = 26;
const BOTTOM = 130;
const TICKS = 3;

/** The chart; nothing for fewer than five bars. @param limit messages a second; null when it is not known */
export function rateChart(series: TimeSeries, limit: number | null, calendar: Calendar): Html {
  const span = spanOf([series]);
  if (span === null) return NOTHING;
  const bucketMs = bucketSize(span, [series], BARS_MAX);
  const rates = countsIn(series, span, bucketMs).map((number) => (1000 * number) / bucketMs);
  if (rates.length < BARS_MIN) return NOTHING;
  const most = Math.max(limit ?? 0, ...rates);
  const y = (rate: number) => BOTTOM - ((BOTTOM - TOP) * rate) / most;
  const step = (RIGHT - LEFT) / rates.length;
  const x = (at: number) => (LEFT + at * step).toFixed(1);
  const bars = rates.map(
    (rate, at) =>
      html`<rect x="${x(at)}" y="${y(rate).toFixed(1)}" width="${Math.max(0.5, step - 1).toFixed(1)}" height="${(BOTTOM - y(rate)).toFixed(1)}" class="f-deliv"/>`,
  );
  const from = bucketOf(span.from, bucketMs);
  const isShort = bucketMs * rates.length < 300_000;
  const clock = isShort ? calendar.second : calendar.time;
  const ticks = Array.from({ length: TICKS + 1 }, (_, tick) => {
    const at = (rates.length * tick) / TICKS;
    const anchor = tick === 0 ? "start" : tick === TICKS ? "end" : "middle";
    return html`<line x1="${x(at)}" x2="${x(at)}" y1="${BOTTOM}" y2="${BOTTOM + 4}" class="k-ink2"/><text x="${x(at)}" y="${BOTTOM + 15}" text-anchor="${anchor}">${clock(from + at * bucketMs)}</text>`;
  });
  const half = most / 2;
  const lines = [0, half].map(
    (rate) =>
      html`<line x1="${LEFT}" x2="${RIGHT}" y1="${y(rate)}" y2="${y(rate)}" class="k-line"/><text x="${LEFT - 6}" y="${y(rate) + 4}" text-anchor="end">${rate === 0 ? "0" : rateText(rate).replace(".0", "")}</text>`,
  );
  const line =
    limit === null
      ? NOTHING
      : html`<line x1="${LEFT}" x2="${RIGHT}" y1="${y(limit)}" y2="${y(limit)}" class="k-ink limit"/><text x="${LEFT}" y="${y(limit) - 7}" class="ink">limit ${rateText(limit).replace(".0", "")} a second</text>`;
  const label = `Messages a second from ${clock(from)}, at most ${rateText(Math.max(...rates))}${limit === null ? "" : `, limit ${limit}`}`;
  return html`<svg class="chart" viewBox="0 0 360 150" width="100%" role="img" aria-label="${label}">${lines}${bars}${line}<line x1="${LEFT}" x2="${RIGHT}" y1="${BOTTOM}" y2="${BOTTOM}" class="k-ink2"/>${ticks}</svg>`;
}

/** Messages a second: `19.4`, `790`. */
export function rateText(rate: number): string {
  return rate < 100 ? rate.toFixed(1) : Math.round(rate).toLocaleString("en-US");
}
