import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addAt,
  bucketSize,
  countsIn,
  mainSpan,
  makeTimeCounter,
  SERIES_BUCKETS_MAX,
  seriesOf,
  spanOf,
  type TimeSeries,
  totalOf,
} from "../../../src/domain/common/time-buckets.ts";

const T0 = Date.UTC(2026, 10, 22, 10, 0, 0);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function counted(...events: [at: number, count: number][]): TimeSeries {
  const counter = makeTimeCounter();
  for (const [at, count] of events) addAt(counter, at, count);
  return seriesOf(counter);
}

describe("counting", () => {
  it("counts by the second while there is room", () => {
    expect(counted([T0 + 1_999, 2], [T0, 1], [T0 + 1_000, 3])).toEqual({
      bucketMs: 1_000,
      buckets: [
        { at: T0, count: 1 },
        { at: T0 + 1_000, count: 5 },
      ],
    });
  });

  it("coarsens without losing anybody", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(40 * DAY), fc.integer({ min: 1, max: 9 })), { maxLength: 4_000 }),
        (events) => {
          const series = counted(...events.map(([at, n]): [number, number] => [T0 + at, n]));
          expect(totalOf(series)).toBe(events.reduce((sum, [, n]) => sum + n, 0));
          expect(series.buckets.length).toBeLessThanOrEqual(SERIES_BUCKETS_MAX);
        },
      ),
      { numRuns: 20 },
    );
    const long = counted(
      ...Array.from({ length: 5_000 }, (_, n): [number, number] => [T0 + n * MINUTE, 1]),
    );
    expect(long.bucketMs).toBe(5 * MINUTE);
    expect(long.buckets[0]).toEqual({ at: T0, count: 5 });
  });
});

describe("choosing a size", () => {
  it.each([
    [2 * MINUTE, 160, 1_000],
    [14 * MINUTE, 160, 10_000],
    [3.5 * HOUR, 160, 5 * MINUTE],
    [20 * DAY, 160, 3 * HOUR],
    [400 * DAY, 160, 3 * DAY],
  ])("of a span of %i ms in %i pieces at most: %i ms", (length, most, size) => {
    const series = counted([T0, 1], [T0 + length - 1_000, 1]);
    expect(bucketSize(spanOf([series]) as { from: number; to: number }, [series], most)).toBe(size);
  });

  it("is never finer than what was counted", () => {
    const coarse: TimeSeries = { bucketMs: HOUR, buckets: [{ at: T0, count: 1 }] };
    expect(bucketSize({ from: T0, to: T0 + HOUR }, [coarse], 160)).toBe(HOUR);
  });
});

it("spreads a series over a span, with 0 where nothing happened", () => {
  const series = counted([T0, 4], [T0 + 2 * MINUTE, 6], [T0 + HOUR, 9]);
  expect(countsIn(series, { from: T0, to: T0 + 3 * MINUTE }, MINUTE)).toEqual([4, 0, 6]);
});

describe("the span of a picture", () => {
  it("is all of it where nothing lags behind", () => {
    const even = counted(
      ...Array.from({ length: 100 }, (_, n): [number, number] => [T0 + n * MINUTE, 1]),
    );
    expect(mainSpan([even])).toEqual(spanOf([even]));
  });

  it("leaves out the few who come a day later", () => {
    const late = counted([T0, 500], [T0 + MINUTE, 490], [T0 + DAY, 10]);
    expect(mainSpan([late])).toEqual({ from: T0, to: T0 + MINUTE + 1_000 });
  });

  it("is nothing of nothing", () => expect(mainSpan([counted()])).toBeNull());
});
