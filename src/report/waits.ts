// The report's folded part on how long delivery took, and reading after that.

import { type Html, html, NOTHING } from "../domain/common/html.ts";
import { count, duration } from "../domain/common/numbers.ts";
import { fold } from "../domain/page/parts.ts";
import type { Waits } from "../domain/result/report-data.ts";
import { waitText } from "../domain/result/wait-times.ts";
import { histogram } from "./histogram.ts";
import type { ReportView } from "./view.ts";

/** Fewer filled bars say no more than the table. */
const BARS_MIN = 3;

type Bin = Waits["histogram"][number];

/** Quantiles in a table; pictures where the waits differ enough. */
export function waitsFold({ data: { waits } }: ReportView): Html {
  const { toDelivery, toReading } = waits;
  if (toDelivery.number === 0) return NOTHING;
  const rows = [
    row("Accepted to delivered", toDelivery),
    toReading.number === 0 ? NOTHING : row("Delivered to read", toReading),
  ];
  const pictures = [
    picture("Accepted to delivered", "f-deliv", toDelivery),
    picture("Delivered to read", "f-read", toReading),
  ];
  const pair = pictures.every((one) => one === NOTHING)
    ? NOTHING
    : html`<div class="pair">${pictures}</div>`;
  const half = `half delivered within ${text(toDelivery.p50)}${toReading.number === 0 ? "" : `, half read within ${text(toReading.p50)}`}`;
  return fold({
    name: "Waiting times",
    answer: half,
    inside: html`<table class="t"><thead><tr><th>Wait</th><th class="n">Half</th><th class="n">9 of 10</th><th class="n">99 of 100</th></tr></thead><tbody>${rows}</tbody></table>${pair}`,
    isPrinted: true,
  });
}

function row(name: string, { p50, p90, p99 }: Waits): Html {
  return html`<tr><td>${name}</td><td class="n">${text(p50)}</td><td class="n">${text(p90)}</td><td class="n">${text(p99)}</td></tr>`;
}

function text(ms: number | null): string {
  if (ms === null) return "–";
  return ms < 1_000 ? "< 1 s" : waitText(ms);
}

function picture(title: string, fill: string, waits: Waits): Html {
  if (waits.histogram.filter(({ number }) => number > 0).length < BARS_MIN) return NOTHING;
  const bars = shown(waits.histogram).map((bin) => ({ name: shortSpan(bin), number: bin.number }));
  const label = `${title}: half within ${text(waits.p50)}, nine in ten within ${text(waits.p90)}; ${count(waits.number)} measured.`;
  return html`<figure><figcaption class="cap">${title}</figcaption>${histogram({ bars, fill, label })}</figure>`;
}

/** Empty spans at both ends say nothing. */
function shown(bins: readonly Bin[]): Bin[] {
  const first = bins.findIndex(({ number }) => number > 0);
  const last = bins.findLastIndex(({ number }) => number > 0);
  return bins.slice(first, last + 1);
}

/** The end of a span, as it fits below a bar. */
function shortSpan({ from, to }: Bin): string {
  const short = (ms: number): string => duration(ms).replace(" min", "m").replaceAll(" ", "");
  return to === null ? `>${short(from)}` : `≤${short(to)}`;
}
