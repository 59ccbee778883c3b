// Boundaries of looks: the published ones, and what unequal, late and many looks do.

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { InterimLook } from "../../../src/domain/statistics/boundaries.ts";
import {
  boundariesOf,
  lookP,
  ONLY_LOOK,
  obrienFleming,
  spentUntil,
} from "../../../src/domain/statistics/boundaries.ts";
import { criticalValue, twoSidedP } from "../../../src/domain/statistics/normal.ts";
import { makeChance } from "../../support/chance.ts";

const LEVELS = [0.01, 0.05, 0.1];

const rounded = (values: readonly number[], decimals: number) =>
  values.map((value) => Number(value.toFixed(decimals)));

const equalLooks = (looks: number): number[] =>
  Array.from({ length: looks }, (_, at) => (at + 1) / looks);

/** Looks at rising shares of the information, the last one at any. */
const anyFractions = fc
  .array(fc.double({ min: 0.02, max: 0.5, noNaN: true }), { minLength: 1, maxLength: 5 })
  .map((steps) => steps.map((_, at) => steps.slice(0, at + 1).reduce((sum, step) => sum + step, 0)))
  .filter((fractions) => fractions.every((share, at) => at === fractions.length - 1 || share < 1));

describe("O'Brien and Fleming's boundaries", () => {
  // C. Jennison and B. W. Turnbull, Group Sequential Methods, 2000, table 2.3: the last boundary of
  // 1 to 10 looks at 1 %, 5 % and 10 %.
  it.each([
    [1, 2.576, 1.96, 1.645],
    [2, 2.58, 1.977, 1.678],
    [3, 2.595, 2.004, 1.71],
    [4, 2.609, 2.024, 1.733],
    [5, 2.621, 2.04, 1.751],
    [6, 2.631, 2.053, 1.765],
    [7, 2.64, 2.063, 1.776],
    [8, 2.648, 2.072, 1.786],
    [9, 2.654, 2.08, 1.794],
    [10, 2.66, 2.087, 1.801],
  ])("of %i looks end as published", (looks, ...last) => {
    expect(LEVELS.map((alpha) => Number(obrienFleming(looks, alpha).at(-1)?.toFixed(3)))).toEqual(
      last,
    );
  });

  it.each([
    [[2.797, 1.977]],
    [[3.471, 2.454, 2.004]],
    [[4.049, 2.863, 2.337, 2.024]],
    [[4.562, 3.226, 2.634, 2.281, 2.04]],
  ])("are %j at 5 %", (boundaries) => {
    for (const [at, boundary] of obrienFleming(boundaries.length).entries()) {
      // The published ones are multiples of one that was rounded.
      expect(Math.abs(boundary - (boundaries[at] as number))).toBeLessThan(0.0015);
    }
  });

  it("are for 1 to 10 looks", () => {
    expect(() => obrienFleming(0)).toThrow("looks");
    expect(() => obrienFleming(11)).toThrow("looks");
  });
});

describe("Lan and DeMets' boundaries", () => {
  // D. M. Reboussin, D. L. DeMets, K. Kim and K. K. G. Lan, Controlled Clinical Trials 21 (2000),
  // 190–207 (the program LANDEM; R's ldbounds): two-sided 5 %, equal looks.
  it.each([
    [[1.96]],
    [[2.9626, 1.9686]],
    [[3.7103, 2.5114, 1.993]],
    [[4.3326, 2.9631, 2.359, 2.0141]],
    [[4.8769, 3.357, 2.6803, 2.2898, 2.031]],
  ])("are %j at 5 %", (boundaries) => {
    const found = boundariesOf({ fractions: equalLooks(boundaries.length), isLast: true });
    expect(rounded(found, 4)).toEqual(boundaries);
  });

  it("spend all of α at the last look, and at 1 whatever comes", () => {
    expect(spentUntil(0)).toBe(0);
    expect(spentUntil(0.5)).toBeCloseTo(0.00305, 5);
    expect(spentUntil(1)).toBe(0.05);
    expect(spentUntil(1.3)).toBe(0.05);
    expect(boundariesOf({ fractions: [0.7], isLast: true })[0]).toBeCloseTo(1.96, 3);
    expect(boundariesOf({ fractions: [0.0001, 1], isLast: true })).toEqual([
      Number.POSITIVE_INFINITY,
      expect.closeTo(criticalValue(0.05), 6),
    ]);
    // Nothing is left after a look with all of the information.
    expect(boundariesOf({ fractions: [1, 1.1], isLast: true })[1]).toBe(Number.POSITIVE_INFINITY);
  });

  it("need a look, and more information at each", () => {
    expect(() => boundariesOf({ fractions: [], isLast: true })).toThrow("looked at");
    expect(() => boundariesOf({ fractions: [0.5, 0.5], isLast: true })).toThrow("more information");
    expect(() => boundariesOf({ fractions: [0], isLast: true })).toThrow("more information");
  });

  it("do not depend on what comes later, and rise with certainty", () => {
    fc.assert(
      fc.property(anyFractions, (fractions) => {
        const all = boundariesOf({ fractions, isLast: true });
        const before = fractions.slice(0, -1);
        if (before.length > 0) {
          expect(boundariesOf({ fractions: before, isLast: false })).toEqual(all.slice(0, -1));
        }
        const surer = boundariesOf({ fractions, isLast: true }, 0.01);
        for (const [at, boundary] of all.entries()) {
          expect(boundary).toBeGreaterThanOrEqual(criticalValue(0.05) - 1e-6);
          expect(surer[at]).toBeGreaterThan(boundary - 1e-6);
        }
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ["equal", [0.25, 0.5, 0.75, 1]],
    ["early and late", [0.1, 0.15, 0.9, 1]],
    ["near to each other", [0.5, 0.52, 0.54, 1]],
    ["later than planned", [0.4, 0.95, 1.2]],
  ])("are crossed by one of twenty paths without a difference: looks %s", (_, fractions) => {
    const boundaries = boundariesOf({ fractions, isLast: true });
    const { uniform } = makeChance(11);
    const normal = () =>
      Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    const paths = 60_000;
    let crossed = 0;
    for (let path = 0; path < paths; path += 1) {
      let [sum, before] = [0, 0];
      const isBeyond = fractions.some((fraction, at) => {
        sum += normal() * Math.sqrt(fraction - before);
        before = fraction;
        return Math.abs(sum) >= (boundaries[at] as number) * Math.sqrt(fraction);
      });
      crossed += isBeyond ? 1 : 0;
    }
    // Three standard errors.
    expect(Math.abs(crossed / paths - 0.05)).toBeLessThan(0.0027);
  });
});

describe("the p-value of a look", () => {
  const looks: InterimLook = { fractions: [0.3, 0.6, 1], isLast: true };

  it("is that of one test at the only look", () => {
    expect(lookP(1.96, ONLY_LOOK)).toBe(twoSidedP(1.96));
    expect(lookP(-2.5, ONLY_LOOK)).toBe(twoSidedP(2.5));
  });

  it("is α exactly at the boundary of α", () => {
    for (const alpha of [0.001, 0.01, 0.025, 0.05, 0.3]) {
      for (const look of [looks, { fractions: [0.3, 0.6], isLast: false }]) {
        const boundary = boundariesOf(look, alpha).at(-1) as number;
        expect(lookP(boundary, look)).toBeCloseTo(alpha, 5);
        expect(lookP(-boundary, look)).toBeCloseTo(alpha, 5);
      }
    }
  });

  it("falls with the distance, is more than that of one test, and 1 of nothing", () => {
    expect(lookP(0, looks)).toBe(1);
    expect(lookP(40, looks)).toBeLessThan(1e-11);
    expect(lookP(5, { fractions: [0.0001], isLast: false })).toBe(1);
    const z = fc.double({ min: 0.1, max: 6, noNaN: true });
    fc.assert(
      fc.property(z, (at) => {
        expect(lookP(at, looks)).toBeGreaterThan(twoSidedP(at) - 1e-9);
        expect(lookP(at, looks)).toBeGreaterThanOrEqual(lookP(at + 0.1, looks));
      }),
      { numRuns: 60 },
    );
  });
});
