// How many things happened when: counts in buckets of time, as fine as there is room for. No clock,
// no words.

/** A count of what happened within `at` … `at + bucketMs`. */
interface Bucket {
  /** Instant at which it begins, a whole multiple of the bucket's size. */
  at: number;
  count: number;
}

/** Counts over time; buckets in which nothing happened are left out, the others are in order. */
export interface TimeSeries {
  bucketMs: number;
  buckets: Bucket[];
}

/** Counts that are being gathered. */
export interface TimeCounter {
  bucketMs: number;
  /** Instant of the bucket → count. */
  counts: Map<number, number>;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * Sizes of buckets, each a whole number of those before it, so that finer buckets fit into coarser
 * ones.
 */
const BUCKET_SIZES_MS: readonly number[] = [
  SECOND,
  5 * SECOND,
  10 * SECOND,
  30 * SECOND,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  DAY,
];

/**
 * Buckets that are kept of one series at most: half an hour by the second, more than two days by
 * the minute.
 */
export const SERIES_BUCKETS_MAX = 2_000;

/** Makes an empty counter of the finest buckets. */
export function makeTimeCounter(): TimeCounter {
  return { bucketMs: BUCKET_SIZES_MS[0] as number, counts: new Map() };
}

/** Adds what happened at an instant; coarsens the buckets when there come to be too many. */
export function addAt(counter: TimeCounter, at: number, count: number): void {
  const begin = bucketOf(at, counter.bucketMs);
  counter.counts.set(begin, (counter.counts.get(begin) ?? 0) + count);
  while (counter.counts.size > SERIES_BUCKETS_MAX) {
    const next = nextSize(counter.bucketMs);
    const coarser = new Map<number, number>();
    for (const [old, number] of counter.counts) {
      const into = bucketOf(old, next);
      coarser.set(into, (coarser.get(into) ?? 0) + number);
    }
    counter.bucketMs = next;
    counter.counts = coarser;
  }
}

/** The counts in order. */
export function seriesOf({ bucketMs, counts }: TimeCounter): TimeSeries {
  const buckets = [...counts].map(([at, count]) => ({ at, count }));
  return { bucketMs, buckets: buckets.sort((a, b) => a.at - b.at) };
}

/** Everything that a series counts. */
export function totalOf(series: TimeSeries): number {
  return series.buckets.reduce((sum, { count }) => sum + count, 0);
}

/** A span of time: from an instant up to, and not with, another. */
export interface Span {
  from: number;
  to: number;
}

/** From the first bucket of these series to the end of the last; null when all are empty. */
export function spanOf(all: readonly TimeSeries[]): Span | null {
  const filled = all.filter(({ buckets }) => buckets.length > 0);
  if (filled.length === 0) return null;
  return {
    from: Math.min(...filled.map(({ buckets }) => (buckets[0] as Bucket).at)),
    to: Math.max(
      ...filled.map(({ bucketMs, buckets }) => (buckets.at(-1) as Bucket).at + bucketMs),
    ),
  };
}

/** Of what happens over time, this last part may lie outside of a picture. */
const TAIL = 0.05;
/** A picture leaves its ends out only where the span gets that much shorter. */
const WORTH = 0.5;

/**
 * The span in which nearly everything of these series happened: the whole span, unless all but the
 * last twentieth took less than half of it. A few who are tried again a day later, or read a week
 * later, would press everything else into a line.
 */
export function mainSpan(all: readonly TimeSeries[]): Span | null {
  const whole = spanOf(all);
  if (whole === null) return null;
  const ends = all
    .filter(({ buckets }) => buckets.length > 0)
    .map((series) => endOfMost(series, Math.ceil(totalOf(series) * (1 - TAIL))));
  const to = Math.max(...ends);
  return to - whole.from < WORTH * (whole.to - whole.from) ? { from: whole.from, to } : whole;
}

function endOfMost({ bucketMs, buckets }: TimeSeries, most: number): number {
  let sum = 0;
  for (const { at, count } of buckets) {
    sum += count;
    if (sum >= most) return at + bucketMs;
  }
  return (buckets.at(-1) as Bucket).at + bucketMs;
}

/**
 * The finest size of bucket that cuts the span into `most` pieces at most and is no finer than what
 * any of the series has. Beyond the largest size it is a number of whole days.
 */
export function bucketSize(span: Span, all: readonly TimeSeries[], most: number): number {
  const finest = Math.max(
    BUCKET_SIZES_MS[0] as number,
    ...all.filter(({ buckets }) => buckets.length > 0).map(({ bucketMs }) => bucketMs),
  );
  const lengthMs = span.to - span.from;
  const fits = BUCKET_SIZES_MS.find((size) => size >= finest && lengthMs / size <= most);
  return fits ?? Math.ceil(lengthMs / most / DAY) * DAY;
}

/**
 * The counts of a series in every bucket of a span, empty ones as 0.
 * @returns one count for each bucket, from the one in which the span begins; what is outside is
 * left out
 */
export function countsIn(series: TimeSeries, span: Span, bucketMs: number): number[] {
  const first = bucketOf(span.from, bucketMs);
  const length = Math.max(1, Math.ceil((span.to - first) / bucketMs));
  const counts = new Array<number>(length).fill(0);
  for (const { at, count } of series.buckets) {
    const place = Math.floor((at - first) / bucketMs);
    if (place >= 0 && place < length) counts[place] = (counts[place] as number) + count;
  }
  return counts;
}

/** Instant at which the bucket of an instant begins. */
export function bucketOf(at: number, bucketMs: number): number {
  return Math.floor(at / bucketMs) * bucketMs;
}

function nextSize(bucketMs: number): number {
  return BUCKET_SIZES_MS.find((size) => size > bucketMs) ?? bucketMs * 2;
}
