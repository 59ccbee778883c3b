// The report's section on how fast it was sent, beside the limit.

import { type Html, html, NOTHING } from "../domain/common/html.ts";
import { plural, rateText } from "../domain/common/numbers.ts";
import type { Span, TimeSeries } from "../domain/common/time-buckets.ts";
import { mainSpan, spanOf, totalOf } from "../domain/common/time-buckets.ts";
import { rateChart } from "../domain/page/rate-chart.ts";
import type { ReportView } from "./view.ts";

/** Messages a second against the limit; nothing when the run was too short for a picture. */
export function rateSection(view: ReportView): Html {
  const { data, calendar } = view;
  const { posted, accepted } = data.series;
  // The requests themselves may have been erased; acceptances come a moment later.
  const series = totalOf(posted) > 0 ? posted : accepted;
  const span = mainSpan([series]);
  const chart = rateChart(series, span, data.settings?.messagesPerSecond ?? null, calendar);
  if (span === null || chart === null) return NOTHING;
  const average = averageOf(series, data.sendingMs);
  const most = `${rateText(chart.peak)} at most`;
  const words = `${average === null ? "" : `${rateText(average)} on average while sending, `}${most}.`;
  const notes = [outsideOf(view, series, span), slowedOf(view)].filter((note) => note !== "");
  const caption =
    notes.length === 0 ? NOTHING : html`<figcaption class="cap">${notes.join(" ")}</figcaption>`;
  return html`<section class="keep"><h2>Messages a second</h2><p class="sub">${words}</p><figure>${chart.picture}${caption}</figure></section>`;
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
