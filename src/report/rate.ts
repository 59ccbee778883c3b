// The report's section on how fast it was sent, beside the limit.

import { type Html, html, NOTHING } from "../domain/common/html.ts";
import { plural } from "../domain/common/numbers.ts";
import type { Span, TimeSeries } from "../domain/common/time-buckets.ts";
import {
  bucketOf,
  bucketSize,
  countsIn,
  mainSpan,
  spanOf,
  totalOf,
} from "../domain/common/time-buckets.ts";
import { rateChart } from "./charts.ts";
import { quantity } from "./numbers.ts";
import type { ReportView } from "./view.ts";

/** More bars than these cannot be distinguished. */
const BARS_MAX = 40;
/** Fewer say no more than the sentence. */
const BARS_MIN = 5;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Messages a second against the limit; nothing when the run was too short for a picture. */
export function rateSection(view: ReportView): Html {
  const { data, calendar } = view;
  const { posted, accepted } = data.series;
  // The requests themselves may have been erased; acceptances come a moment later.
  const series = totalOf(posted) > 0 ? posted : accepted;
  const span = mainSpan([series]);
  if (span === null) return NOTHING;
  const bucketMs = bucketSize(span, [series], BARS_MAX);
  const rates = countsIn(series, span, bucketMs).map((number) => (1000 * number) / bucketMs);
  if (rates.length < BARS_MIN) return NOTHING;
  const limit = data.settings?.messagesPerSecond ?? null;
  const from = bucketOf(span.from, bucketMs);
  const lengthMs = rates.length * bucketMs;
  const label = (index: number): string => {
    const at = from + index * bucketMs;
    if (lengthMs <= 10 * 60_000) return calendar.second(at);
    return lengthMs <= 1.5 * DAY_MS ? calendar.time(at) : calendar.day(at);
  };
  const peak = Math.max(...rates);
  const average = averageOf(series, data.sendingMs);
  const most = `${quantity(peak)} at most`;
  const words = `${average === null ? "" : `${quantity(average)} on average while sending, `}${most}.`;
  const beside = limit === null ? "" : ` The limit is ${quantity(limit)} a second.`;
  const notes = [outsideOf(view, series, span), slowedOf(view)].filter((note) => note !== "");
  const caption =
    notes.length === 0 ? NOTHING : html`<figcaption class="cap">${notes.join(" ")}</figcaption>`;
  return html`<section class="keep"><h2>Messages a second</h2><p class="sub">${words}</p><figure><div role="img" aria-label="Messages a second: ${words}${beside}">${rateChart(rates, label, limit)}</div>${caption}</figure></section>`;
}

function averageOf(series: TimeSeries, sendingMs: number): number | null {
  return sendingMs < 1000 ? null : (1000 * totalOf(series)) / sendingMs;
}

/** What the picture leaves out. */
function outsideOf({ calendar }: ReportView, series: TimeSeries, span: Span): string {
  const whole = spanOf([series]);
  const later = series.buckets
    .filter(({ at }) => at >= span.to)
    .reduce((sum, { count }) => sum + count, 0);
  if (whole === null || later === 0) return "";
  return `Not in the picture: ${plural(later, "request")} later, up to ${calendar.minute(whole.to)}.`;
}

function slowedOf({ data: { laneFactor } }: ReportView): string {
  if (laneFactor === null || laneFactor >= 1) return "";
  return `Meta has throttled the sending number: ${Math.round(100 * laneFactor)}% of the configured rate is used until it recovers.`;
}
