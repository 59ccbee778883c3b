import { describe, expect, it } from "vitest";
import { calendarOf } from "../../../src/domain/common/calendar.ts";
import { markupText } from "../../../src/domain/common/html.ts";
import { spanOf } from "../../../src/domain/common/time-buckets.ts";
import { rateChart } from "../../../src/domain/page/rate-chart.ts";

const AT = Date.UTC(2026, 10, 27);

function chart(counts: readonly number[], limit: number | null, bucketMs = 1_000) {
  const series = {
    bucketMs,
    buckets: counts.map((count, at) => ({ at: AT + at * bucketMs, count })),
  };
  return rateChart(series, spanOf([series]), limit, calendarOf("UTC"));
}

function textOf(counts: readonly number[], limit: number | null, bucketMs?: number): string {
  const drawn = chart(counts, limit, bucketMs);
  return drawn === null ? "" : markupText(drawn.picture);
}

const labelsOf = (text: string) => [...text.matchAll(/>([^<]+)<\/text>/g)].map(([, one]) => one);

describe("the rate chart", () => {
  it("is left out under five bars, and of nothing", () => {
    expect(chart([1, 2, 3, 4], 20)).toBeNull();
    expect(chart([], 20)).toBeNull();
    expect(chart([1, 2, 3, 4, 5], 20)?.peak).toBe(5);
  });

  it("has its limit as a line with its value, on a scale of even steps that holds both", () => {
    const text = textOf([18, 19, 20, 24, 19, 18], 20);
    expect(text).toContain("limit 20 a second");
    expect(labelsOf(text).slice(0, 4)).toEqual(["0", "10", "20", "30"]);
    expect(text).toContain('aria-label="Messages a second from 00:00:00: 24 at most, limit 20');
    expect(text).not.toMatch(/ y="-|height="-|NaN/);
  });

  it("has no line where the limit is not known", () => {
    expect(textOf([1, 2, 3, 4, 5], null)).not.toContain("limit");
  });

  it("names its times as finely as it needs to", () => {
    expect(textOf([1, 1, 1, 1, 1, 1], 1)).toContain(">00:00:06<");
    expect(textOf([1, 1, 1, 1, 1, 1], 1, 3_600_000)).toContain(">06:00<");
    expect(textOf([1, 1, 1, 1, 1, 1], 1, 86_400_000)).toContain(">3 Dec<");
  });
});
