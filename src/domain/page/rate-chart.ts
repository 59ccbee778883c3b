// The rate of a campaign against its limit, as an inline SVG: bars from 0, the limit as a dashed
// line with its value.

import type { Calendar } from "../common/calendar.ts";
import type { Html } from "../common/html.ts";
import { html, NOTHING } from "../common/html.ts";
import { rateText } from "../common/numbers.ts";
import type { Span, TimeSeries } from "../common/time-buckets.ts";
import { bucketOf, bucketSize, countsIn } from "../common/time-buckets.ts";

/** More bars cannot be distinguished; fewer say no more than a sentence. */
const BARS_MAX = 40;
const BARS_MIN = 5;
const LEFT = 34;
const RIGHT = 354;
const TOP = 26;
const BOTTOM = 130;
/** Labels below the bars, after the first. */
const TICKS = 3;
/** Lines of the scale above 0, about. */
const LINES = 3;
const EVEN: readonly number[] = [1, 2, 2.5, 5, 10];
const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

export interface RateChart {
  picture: Html;
  /** Of the highest bar, messages a second. */
  peak: number;
}

/**
 * Draws a span of a series; null where it would have fewer than five bars.
 * @param limit messages a second; null when it is not known
 */
export function rateChart(
  series: TimeSeries,
  span: Span | null,
  limit: number | null,
  calendar: Calendar,
): RateChart | null {
  if (span === null) return null;
  const bucketMs = bucketSize(span, [series], BARS_MAX);
  const rates = countsIn(series, span, bucketMs).map((number) => (1000 * number) / bucketMs);
  if (rates.length < BARS_MIN) return null;
  const peak = Math.max(...rates);
  const step = evenStep(Math.max(limit ?? 0, peak) / LINES);
  const lines = Math.max(1, Math.ceil(Math.max(limit ?? 0, peak) / step));
  const y = (rate: number) => BOTTOM - ((BOTTOM - TOP) * rate) / (step * lines);
  const width = (RIGHT - LEFT) / rates.length;
  const x = (bar: number) => (LEFT + bar * width).toFixed(1);
  const scale = Array.from({ length: lines + 1 }, (_, line) => {
    const at = y(line * step).toFixed(1);
    const kind = line === 0 ? "k-ink2" : "k-line";
    return html`<line x1="${LEFT}" x2="${RIGHT}" y1="${at}" y2="${at}" class="${kind}"/><text x="${LEFT - 6}" y="${at}" dy="4" text-anchor="end">${rateText(line * step)}</text>`;
  });
  const bars = rates.map(
    (rate, bar) =>
      html`<rect x="${x(bar)}" y="${y(rate).toFixed(1)}" width="${Math.max(0.5, width - 1).toFixed(1)}" height="${(BOTTOM - y(rate)).toFixed(1)}" class="f-deliv"/>`,
  );
  const from = bucketOf(span.from, bucketMs);
  const clock = clockFor(rates.length * bucketMs, calendar);
  const ticks = Array.from({ length: TICKS + 1 }, (_, tick) => {
    const bar = Math.round((rates.length * tick) / TICKS);
    const anchor = tick === 0 ? "start" : tick === TICKS ? "end" : "middle";
    return html`<line x1="${x(bar)}" x2="${x(bar)}" y1="${BOTTOM}" y2="${BOTTOM + 4}" class="k-ink2"/><text x="${x(bar)}" y="${BOTTOM + 15}" text-anchor="${anchor}">${clock(from + bar * bucketMs)}</text>`;
  });
  const words = limit === null ? "" : `limit ${rateText(limit)} a second`;
  const line =
    limit === null
      ? NOTHING
      : html`<line x1="${LEFT}" x2="${RIGHT}" y1="${y(limit).toFixed(1)}" y2="${y(limit).toFixed(1)}" class="k-ink limit"/><text x="${LEFT}" y="${y(limit).toFixed(1)}" dy="-6" class="ink">${words}</text>`;
  const label = `Messages a second from ${clock(from)}: ${rateText(peak)} at most${limit === null ? "" : `, ${words}`}`;
  const picture = html`<svg class="chart" viewBox="0 0 360 150" role="img" aria-label="${label}">${scale}${bars}${line}${ticks}</svg>`;
  return { picture, peak };
}

function clockFor(lengthMs: number, calendar: Calendar): (at: number) => string {
  if (lengthMs <= 10 * MINUTE_MS) return calendar.second;
  return lengthMs <= 1.5 * DAY_MS ? calendar.time : calendar.day;
}

/** The next number that people count in. */
function evenStep(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * (EVEN.find((step) => step * power >= value) ?? 10);
}
