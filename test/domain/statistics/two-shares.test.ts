// Two shares compared, against published examples; and how often the intervals hold, exactly.

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Share } from "../../../src/domain/common/proportion.ts";
import { wilson } from "../../../src/domain/common/proportion.ts";
import { chiSquareUpper } from "../../../src/domain/statistics/chi-square.ts";
import type { Lift } from "../../../src/domain/statistics/lift.ts";
import { liftOf } from "../../../src/domain/statistics/lift.ts";
import { criticalValue, twoSidedP } from "../../../src/domain/statistics/normal.ts";
import { areTooFew, newcombe, pooledZ } from "../../../src/domain/statistics/two-shares.ts";

/** `48/80`. */
function share(text: string): Share {
  const [number = 0, of = 0] = text.split("/").map(Number);
  return { number, of };
}

/** Shares of up to 2,000 people. */
const anyShare = fc
  .integer({ min: 1, max: 2_000 })
  .chain((of) => fc.integer({ min: 0, max: of }).map((number) => ({ number, of })));

/** How likely each number of successes is. */
function binomial(of: number, chance: number): number[] {
  const chances = [(1 - chance) ** of];
  for (let at = 0; at < of; at += 1) {
    chances.push(((chances[at] as number) * (of - at) * chance) / ((at + 1) * (1 - chance)));
  }
  return chances;
}

/** The exact chance that something is true of the two shares. */
function chanceOf(
  { a, b }: { a: [of: number, chance: number]; b: [of: number, chance: number] },
  isTrue: (a: Share, b: Share) => boolean,
): number {
  const beside = binomial(...b);
  let chance = 0;
  for (const [first, one] of binomial(...a).entries()) {
    for (const [second, other] of beside.entries()) {
      const isSo = isTrue({ number: first, of: a[0] }, { number: second, of: b[0] });
      chance += isSo ? one * other : 0;
    }
  }
  return chance;
}

describe("Newcombe's interval", () => {
  // R. G. Newcombe, Statistics in Medicine 17 (1998), 873–890, table II, method 10.
  it.each([
    ["48/80", "56/70", 0.0524, 0.3339],
    ["3/10", "9/10", 0.1705, 0.809],
    ["2/7", "6/7", 0.0582, 0.8062],
    ["0/29", "5/56", -0.0381, 0.1926],
    ["0/20", "0/10", -0.1611, 0.2775],
    ["0/10", "0/10", -0.2775, 0.2775],
    ["0/20", "10/10", 0.6791, 1],
    ["0/10", "10/10", 0.6075, 1],
  ])("of %s and %s is as published", (a, b, low, high) => {
    const interval = newcombe(share(a), share(b));
    expect(interval?.low).toBeCloseTo(low, 4);
    expect(interval?.high).toBeCloseTo(high, 4);
  });

  it("has none where nobody was counted", () => {
    expect(newcombe(share("0/0"), share("1/2"))).toBeNull();
    expect(newcombe(share("1/2"), share("0/0"))).toBeNull();
  });

  it("holds the difference, turns over when the two do, and widens with certainty", () => {
    fc.assert(
      fc.property(anyShare, anyShare, (a, b) => {
        const there = newcombe(a, b) as { low: number; high: number };
        const back = newcombe(b, a) as { low: number; high: number };
        const surer = newcombe(a, b, criticalValue(0.01)) as { low: number; high: number };
        const difference = b.number / b.of - a.number / a.of;
        expect(there.low).toBeLessThanOrEqual(difference + 1e-12);
        expect(there.high).toBeGreaterThanOrEqual(difference - 1e-12);
        expect(there.low).toBeGreaterThanOrEqual(-1 - 1e-12);
        expect(there.high).toBeLessThanOrEqual(1 + 1e-12);
        expect(back.low).toBeCloseTo(-there.high, 12);
        expect(surer.low).toBeLessThanOrEqual(there.low);
        expect(surer.high).toBeGreaterThanOrEqual(there.high);
      }),
    );
  });

  it.each([
    [60, 0.1, 60, 0.2],
    [30, 0.5, 90, 0.5],
    [40, 0.02, 150, 0.05],
  ])("holds in some 95 of 100 outcomes: %i at %d, %i at %d", (n, p, m, q) => {
    const holds = chanceOf({ a: [n, p], b: [m, q] }, (a, b) => {
      const { low, high } = newcombe(a, b) as { low: number; high: number };
      return low <= q - p && q - p <= high;
    });
    expect(holds).toBeGreaterThan(0.935);
    expect(holds).toBeLessThan(0.985);
  });
});

describe("Wilson's interval at any level", () => {
  it("is as published at 99 %", () => {
    // L. D. Brown, T. T. Cai and A. DasGupta, Statistical Science 16 (2001), 101–133, formula (4).
    const interval = wilson(15, 148, criticalValue(0.01));
    const [p, n, k] = [15 / 148, 148, 2.5758293];
    const middle = (15 + (k * k) / 2) / (n + k * k);
    const half = ((k * Math.sqrt(n)) / (n + k * k)) * Math.sqrt(p * (1 - p) + (k * k) / (4 * n));
    expect(interval?.low).toBeCloseTo(middle - half, 7);
    expect(interval?.high).toBeCloseTo(middle + half, 7);
  });
});

describe("the test of two shares", () => {
  it("is Pearson's χ² of the four numbers", () => {
    fc.assert(
      fc.property(anyShare, anyShare, (a, b) => {
        const [hits, misses] = [a.number + b.number, a.of + b.of - a.number - b.number];
        fc.pre(hits > 0 && misses > 0);
        const cross = a.number * (b.of - b.number) - b.number * (a.of - a.number);
        const square = (cross * cross * (a.of + b.of)) / (hits * misses * a.of * b.of);
        const z = pooledZ(a, b);
        expect(z * z).toBeCloseTo(square, 6);
        expect(twoSidedP(z)).toBeCloseTo(chiSquareUpper(square, 1), 9);
        expect(pooledZ(b, a)).toBeCloseTo(-z, 9);
      }),
    );
  });

  it("finds nothing where all did the same, or nobody is", () => {
    expect(pooledZ(share("0/10"), share("0/20"))).toBe(0);
    expect(pooledZ(share("10/10"), share("20/20"))).toBe(0);
    expect(pooledZ(share("0/0"), share("20/20"))).toBe(0);
  });

  it.each([
    [100, 100, 0.1],
    [60, 200, 0.3],
    [100, 150, 0.9],
  ])("finds a difference that is none in some 5 of 100: %i and %i at %d", (n, m, p) => {
    const found = chanceOf(
      { a: [n, p], b: [m, p] },
      (a, b) => !areTooFew(a, b) && twoSidedP(pooledZ(a, b)) <= 0.05,
    );
    expect(found).toBeLessThan(0.056);
    expect(found).toBeGreaterThan(0.04);
  });

  it("is not asked of few", () => {
    expect(areTooFew(share("20/29"), share("600/1000"))).toBe(true);
    expect(areTooFew(share("1/1000"), share("2/1000"))).toBe(true);
    expect(areTooFew(share("998/1000"), share("999/1000"))).toBe(true);
    expect(areTooFew(share("5/1000"), share("6/1000"))).toBe(false);
  });
});

describe("the lift", () => {
  it("has the published interval", () => {
    // P. A. R. Koopman, Biometrics 40 (1984), 513–517: 36 of 40 and 16 of 80, ratio 2.94 to 7.15.
    const { lift, low, high } = liftOf(share("16/80"), share("36/40")) as Lift;
    expect(lift).toBeCloseTo(3.5, 12);
    expect(1 + low).toBeCloseTo(2.94, 2);
    expect(1 + Number(high)).toBeCloseTo(7.15, 2);
  });

  it("has no upper bound where nobody of the base did it, and says nothing of nobody", () => {
    expect(liftOf(share("0/50"), share("9/50"))).toMatchObject({ lift: null, high: null });
    expect(liftOf(share("0/50"), share("9/50"))?.low).toBeGreaterThan(1);
    expect(liftOf(share("0/50"), share("0/50"))).toEqual({ lift: null, low: -1, high: null });
    expect(liftOf(share("9/50"), share("0/50"))).toMatchObject({ lift: -1, low: -1 });
    expect(liftOf(share("0/0"), share("9/50"))).toBeNull();
    expect(liftOf(share("2/100"), share("6/100"))?.high).toBeGreaterThan(8);
  });

  it("holds itself, holds 0 as the test does, and turns over", () => {
    fc.assert(
      fc.property(anyShare, anyShare, (a, b) => {
        fc.pre(a.number > 0 && b.number > 0);
        const there = liftOf(a, b) as { lift: number; low: number; high: number };
        const back = liftOf(b, a) as { lift: number; low: number; high: number };
        expect(there.low).toBeLessThanOrEqual(there.lift + 1e-9);
        expect(there.high).toBeGreaterThanOrEqual(there.lift - 1e-9);
        expect((1 + there.low) * (1 + back.high)).toBeCloseTo(1, 6);
        const z = Math.abs(pooledZ(a, b));
        fc.pre(Math.abs(z - criticalValue(0.05)) > 1e-6);
        expect(there.low > 0 || there.high < 0).toBe(z > criticalValue(0.05));
      }),
    );
  });

  it("holds in some 95 % of all outcomes, of a small base too", () => {
    const holds = chanceOf({ a: [60, 0.05], b: [120, 0.1] }, (a, b) => {
      const { low, high } = liftOf(a, b) as Lift;
      return low <= 1 && (high === null || high >= 1);
    });
    expect(holds).toBeGreaterThan(0.94);
    expect(holds).toBeLessThan(0.98);
  });
});
