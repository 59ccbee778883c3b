// The report's sections on time: how fast it was sent, how delivery and reading followed, and how long people waited.

import type { Calendar } from "../domain/common/calendar.ts";
import type { Content, Html } from "../domain/common/html.ts";
import { html, NOTHING } from "../domain/common/html.ts";
import { count, duration, plural } from "../domain/common/numbers.ts";
import type { Span, TimeSeries } from "../domain/common/time-buckets.ts";
import {
  bucketOf,
  bucketSize,
  countsIn,
  mainSpan,
  spanOf,
  totalOf,
} from "../domain/common/time-buckets.ts";
import type { ReportData, Waits } from "../domain/result/report-data.ts";
import type { Canvas, Course, TimeAxis } from "./charts.ts";
import { barChart, courseChart, HALF, NARROW, rateChart, WIDE } from "./charts.ts";
import { quantity, waitText } from "./numbers.ts";
import { table } from "./table.ts";

/** Points of a picture at most: more than there are pixels for make it large and no better. */
const POINTS_MAX = 160;
/** Rows of the table beside a picture at most. */
const ROWS_MAX = 40;
const DAY_MS = 24 * 60 * 60 * 1000;

/** How fast it was sent, and when it was accepted, delivered and read. */
export function overTimeOf(data: ReportData, calendar: Calendar): Html {
  const { posted, accepted } = data.series;
  // The requests themselves may have been erased; acceptances come a moment later.
  const sending = totalOf(posted) > 0 ? posted : accepted;
  if (totalOf(sending) === 0) return NOTHING;
  return html`<section><h2>Over time</h2>
${rateFigure(data, sending, calendar)}
${data.receiptsSince === null ? NOTHING : courseFigure(data, calendar)}</section>`;
}

function rateFigure(data: ReportData, series: TimeSeries, calendar: Calendar): Html {
  const span = mainSpan([series]) as Span;
  const bucketMs = bucketSize(span, [series], POINTS_MAX);
  const counts = countsIn(series, span, bucketMs);
  const rates = counts.map((number) => (1000 * number) / bucketMs);
  const from = bucketOf(span.from, bucketMs);
  const axis = axisOf(from, bucketMs, counts.length, calendar);
  const limit = data.settings?.messagesPerSecond ?? null;
  const peak = Math.max(...rates);
  const busiest = from + rates.indexOf(peak) * bucketMs;
  const each = duration(bucketMs);
  const beside = limit === null ? "" : ` The limit in the manifest is ${quantity(limit)} a second.`;
  const sentence = `Requests to Meta, in steps of ${each}: at most ${quantity(peak)} a second, at ${calendar.minute(busiest)}.${beside}`;
  return figure({
    title: "Messages a second",
    sentence: [sentence, outsideOf(series, span, "request", calendar)],
    label: `Line chart. ${sentence}`,
    draw: (canvas) => rateChart(rates, axis, limit, canvas),
    name: "rate",
    rows: timeTable(["Posted"], [series], span, calendar),
  });
}

function courseFigure(data: ReportData, calendar: Calendar): Html {
  const { accepted, delivered, read } = data.series;
  const all = [accepted, delivered, read];
  const span = mainSpan(all);
  if (span === null) return NOTHING;
  const bucketMs = bucketSize(span, all, POINTS_MAX);
  const from = bucketOf(span.from, bucketMs);
  const course = (name: string, series: TimeSeries, dash: Course["dash"]): Course => ({
    name,
    colour: `var(--${name.toLowerCase()})`,
    dash,
    sums: sumsOf(countsIn(series, span, bucketMs)),
  });
  const courses = [
    course("Accepted", accepted, "solid"),
    course("Delivered", delivered, [7, 3]),
    course("Read", read, [2, 3]),
  ].filter(({ sums }) => (sums.at(-1) ?? 0) > 0);
  const length = Math.max(...courses.map(({ sums }) => sums.length));
  const axis = axisOf(from, bucketMs, length, calendar);
  const ends = courses.map(({ name, sums }) => `${name.toLowerCase()} ${count(sums.at(-1) ?? 0)}`);
  const sentence = `How many were accepted, delivered and read by when: ${ends.join(", ")} by ${calendar.minute(span.to)}.`;
  return figure({
    title: "From acceptance to reading",
    sentence: [sentence, outsideOf(read, span, "reading", calendar)],
    label: `Line chart. ${sentence}`,
    draw: (canvas) => courseChart(courses, axis, canvas),
    name: "course",
    rows: timeTable(["Accepted", "Delivered", "Read"], all, span, calendar),
  });
}

function sumsOf(counts: readonly number[]): number[] {
  let sum = 0;
  return counts.map((number) => {
    sum += number;
    return sum;
  });
}

/** What a picture leaves out, so that nobody misses it. */
function outsideOf(series: TimeSeries, span: Span, one: string, calendar: Calendar): string {
  const whole = spanOf([series]);
  if (whole === null || whole.to <= span.to) return "";
  const later = series.buckets
    .filter(({ at }) => at >= span.to)
    .reduce((sum, bucket) => sum + bucket.count, 0);
  if (later === 0) return "";
  return `Not in the picture: ${plural(later, one)} later, up to ${calendar.minute(whole.to)}.`;
}

function axisOf(from: number, bucketMs: number, length: number, calendar: Calendar): TimeAxis {
  const lengthMs = length * bucketMs;
  const label = (at: number): string => {
    if (lengthMs <= 10 * 60_000) return calendar.second(at);
    if (lengthMs <= 1.5 * DAY_MS) return calendar.time(at);
    const time = calendar.time(at);
    return time === "00:00" || lengthMs > 8 * DAY_MS ? calendar.day(at) : time;
  };
  return { from, bucketMs, label };
}

interface Figure {
  title: string;
  sentence: Content[];
  /** What is read out for the picture. */
  label: string;
  name: string;
  draw(canvas: Canvas): Html;
  rows: Html;
}

/** A picture twice, for wide and for narrow screens, of which one is shown; its text, and its figures as a table. */
function figure({ title, sentence, label, name, draw, rows }: Figure): Html {
  return html`<figure><figcaption><h3>${title}</h3><p>${sentence.flatMap((one) => [one, " "])}</p></figcaption>
<div class="wide" role="img" aria-label="${label}">${draw({ ...WIDE, id: `${name}-wide` })}</div>
<div class="narrow" role="img" aria-label="${label}">${draw({ ...NARROW, id: `${name}-narrow` })}</div>
<details><summary>The figures of this picture</summary>${rows}</details></figure>`;
}

function timeTable(
  names: readonly string[],
  all: readonly TimeSeries[],
  span: Span,
  calendar: Calendar,
): Html {
  const bucketMs = bucketSize(span, all, ROWS_MAX);
  const columns = all.map((series) => countsIn(series, span, bucketMs));
  const from = bucketOf(span.from, bucketMs);
  const length = Math.max(...columns.map((counts) => counts.length));
  const rows = Array.from({ length }, (_, index) => ({
    name: momentText(from + index * bucketMs, bucketMs, calendar),
    values: columns.map((counts) => count(counts[index] ?? 0)),
  }));
  return table(
    `Counts within each ${duration(bucketMs)}`,
    [
      `Within ${duration(bucketMs)} from (${calendar.zone})`,
      ...names.map((name) => ({ name, kind: "number" as const })),
    ],
    rows,
  );
}

function momentText(at: number, bucketMs: number, calendar: Calendar): string {
  return bucketMs < 60_000
    ? `${calendar.day(at)}, ${calendar.second(at)}`
    : `${calendar.day(at)}, ${calendar.time(at)}`;
}

/** How long delivery took, and reading after that. */
export function waitsSection({ waits }: ReportData): Html {
  const { toDelivery, toReading } = waits;
  if (toDelivery.number === 0) return NOTHING;
  return html`<section><h2>Waiting times</h2>
<p>Meta tells these instants by the whole second. The bars' spans grow from left to right; their heights start at zero.</p>
<div class="pair">${waitFigure("From acceptance to delivery", "delivered", "delivery", toDelivery)}${
    toReading.number === 0
      ? NOTHING
      : waitFigure("From delivery to reading", "read", "reading", toReading)
  }</div></section>`;
}

function waitFigure(title: string, colour: "delivered" | "read", name: string, waits: Waits): Html {
  const { number, p50, p90, p99 } = waits;
  const span = (ms: number | null): string => (ms === null ? "–" : waitText(ms));
  const sentence = `Half within ${span(p50)}, nine in ten within ${span(p90)}, 99 of 100 within ${span(p99)}; ${count(number)} measured.`;
  const bars = shown(waits.histogram);
  const rows = bars.map((bar) => ({
    name: spanText(bar),
    bar: { share: bar.number / number, colour },
    values: [count(bar.number)],
  }));
  const chart = barChart(
    bars.map((bar) => ({ label: shortSpan(bar), number: bar.number })),
    `var(--${colour})`,
    { ...HALF, id: `wait-${name}` },
  );
  return html`<figure><figcaption><h3>${title}</h3><p>${sentence}</p></figcaption>
<div role="img" aria-label="Bar chart. ${sentence}">${chart}</div>
<details><summary>The figures of this picture</summary>${table(
    title,
    ["Waited", { name: "Messages", kind: "number" }],
    rows,
  )}</details></figure>`;
}

type Bin = Waits["histogram"][number];

/** Empty spans at both ends say nothing. */
function shown(histogram: readonly Bin[]): Bin[] {
  const first = histogram.findIndex(({ number }) => number > 0);
  const last = histogram.findLastIndex(({ number }) => number > 0);
  return first < 0 ? [] : histogram.slice(first, last + 1);
}

function spanText({ from, to }: Bin): string {
  if (to === null) return `over ${duration(from)}`;
  return from === 0 ? `up to ${duration(to)}` : `over ${duration(from)}, up to ${duration(to)}`;
}

/** The end of a span, as it fits below a bar. */
function shortSpan({ from, to }: Bin): string {
  const short = (ms: number): string => duration(ms).replace(" min", "m").replaceAll(" ", "");
  return to === null ? `>${short(from)}` : `≤${short(to)}`;
}
