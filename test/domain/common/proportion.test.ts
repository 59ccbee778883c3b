import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { intervalOf, percentRange, wilson } from "../../../src/domain/common/proportion.ts";

describe("wilson", () => {
  // Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3;
  // and its edges.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
    [20, 20, 0.8389, 1],
  ])("gives the published interval of %i of %i", (count, of, low, high) => {
    const interval = wilson(count, of);
    expect(interval?.low).toBeCloseTo(low, 4);
    expect(interval?.high).toBeCloseTo(high, 4);
  });

  it("has none where nobody was counted", () => expect(wilson(0, 0)).toBeNull());

  it("holds the share, stays within 0 and 1, and narrows with the number", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.nat(100_000), (of, some) => {
        const count = some % (of + 1);
        const { low, high } = wilson(count, of) as { low: number; high: number };
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(count / of);
        expect(high).toBeGreaterThanOrEqual(count / of);
        const wider = wilson(count, of) as { low: number; high: number };
        const narrower = wilson(4 * count, 4 * of) as { low: number; high: number };
        expect(narrower.high - narrower.low).toBeLessThan(wider.high - wider.low);
      }),
    );
  });

  it("is reported of small samples only", () => {
    expect(intervalOf(10, 999)).not.toBeNull();
    expect(intervalOf(10, 1_000)).toBeNull();
  });
});

it("says an interval", () => expect(percentRange({ low: 0.912, high: 1 })).toBe("91.2–100%"));
