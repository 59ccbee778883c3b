// The comparison of two campaigns as a table: shares, their difference, its interval, and when
// there is nothing to tell.

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { ComparedSide, DifferenceVerdict } from "../../../src/domain/result/compare.ts";
import { compareCampaigns, differenceOf } from "../../../src/domain/result/compare.ts";

/** Of `of` people, `number`. */
function share(text: string): { number: number; of: number } {
  const [number = 0, of = 0] = text.split("/").map(Number);
  return { number, of };
}

describe("the difference of two shares", () => {
  // R. G. Newcombe, Statistics in Medicine 17 (1998), 873–890, table II, method 10.
  it.each([
    ["48/80", "56/70", 20, 5.24, 33.39],
    ["3/10", "9/10", 60, 17.05, 80.9],
    ["2/7", "6/7", 57.14, 5.82, 80.62],
    ["0/29", "5/56", 8.93, -3.81, 19.26],
  ])("%s and %s: as published", (a, b, points, low, high) => {
    const found = differenceOf(share(a), share(b));
    expect(found.points).toBeCloseTo(points, 1);
    expect(found.low).toBeCloseTo(low, 1);
    expect(found.high).toBeCloseTo(high, 1);
  });

  it.each<[string, string, DifferenceVerdict]>([
    ["500/1000", "600/1000", "higher"],
    ["600/1000", "500/1000", "lower"],
    ["500/1000", "510/1000", "no_sure_difference"],
    ["500/1000", "500/1000", "no_sure_difference"],
    ["0/0", "5/10", "too_few"],
    ["20/29", "600/1000", "too_few"],
    ["1/1000", "2/1000", "too_few"],
    ["1000/1000", "998/1000", "too_few"],
    ["0/1000", "0/1000", "too_few"],
    ["0/100000", "40/100000", "higher"],
  ])("%s and %s: %s", (a, b, verdict) => {
    expect(differenceOf(share(a), share(b)).verdict).toBe(verdict);
  });

  it("lies in its interval, which turns over when the two do", () => {
    const one = fc
      .integer({ min: 1, max: 100_000 })
      .chain((of) => fc.integer({ min: 0, max: of }).map((number) => ({ number, of })));
    fc.assert(
      fc.property(one, one, (a, b) => {
        const there = differenceOf(a, b);
        const back = differenceOf(b, a);
        const [points, low, high] = [there.points, there.low, there.high] as number[];
        expect(low).toBeLessThanOrEqual((points as number) + 1e-9);
        expect(high).toBeGreaterThanOrEqual((points as number) - 1e-9);
        expect(low).toBeGreaterThanOrEqual(-100 - 1e-9);
        expect(high).toBeLessThanOrEqual(100 + 1e-9);
        expect(back.low).toBeCloseTo(-(high as number), 9);
        expect(back.high).toBeCloseTo(-(low as number), 9);
      }),
    );
  });
});

describe("two campaigns", () => {
  const side = (changes: Partial<ComparedSide> = {}): ComparedSide => ({
    rows: 1000,
    reached: {
      toSend: 900,
      sentTo: 890,
      accepted: 880,
      delivered: 800,
      read: 400,
      clicked: 40,
    },
    counts: { skipped: 100, failed: 20 },
    optOuts: { people: 8 },
    skipped: { duplicate: 60, opted_out: 40 },
    failures: { "131026": 20 },
    ...changes,
  });

  it("has each step as a part of its base, and reasons most first", () => {
    const other = side({ skipped: { duplicate: 10, us_number: 90 }, failures: { "131049": 30 } });
    const found = compareCampaigns(side(), other);
    const brief = (those: typeof found.funnel) =>
      those.map(({ name, partOf, a, b }) => [
        name,
        partOf,
        `${a.number}/${a.of}`,
        `${b.number}/${b.of}`,
      ]);
    expect(brief(found.funnel)).toEqual([
      ["to_send", "rows", "900/1000", "900/1000"],
      ["sent_to", "rows", "890/1000", "890/1000"],
      ["accepted", "sent_to", "880/890", "880/890"],
      ["delivered", "sent_to", "800/890", "800/890"],
      ["read", "delivered", "400/800", "400/800"],
      ["clicked", "delivered", "40/800", "40/800"],
      ["opted_out", "delivered", "8/800", "8/800"],
    ]);
    expect(brief(found.skipped)).toEqual([
      ["us_number", "rows", "0/1000", "90/1000"],
      ["duplicate", "rows", "60/1000", "10/1000"],
      ["opted_out", "rows", "40/1000", "0/1000"],
    ]);
    expect(brief(found.failures)).toEqual([
      ["131049", "rows", "0/1000", "30/1000"],
      ["131026", "rows", "20/1000", "0/1000"],
    ]);
    expect(found.skipped.map(({ difference }) => difference.verdict)).toEqual([
      "higher",
      "lower",
      "lower",
    ]);
  });

  it("tells nothing of delivery where one has no receipts", () => {
    const pending = side({ reached: { ...side().reached, delivered: 0, read: 0 } });
    const { funnel } = compareCampaigns(side(), pending);
    expect(funnel.map(({ difference }) => difference.verdict)).toEqual([
      "no_sure_difference",
      "no_sure_difference",
      "no_sure_difference",
      "no_receipts",
      "no_receipts",
      "no_receipts",
      "no_receipts",
    ]);
    expect(funnel[3]?.difference.points).toBeNull();
  });
});
