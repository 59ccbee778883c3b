// The distributions, against the published tables: M. Abramowitz and I. A. Stegun, Handbook of
// Mathematical Functions, 1964.

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { chiSquareUpper } from "../../../src/domain/statistics/chi-square.ts";
import {
  criticalValue,
  normalCdf,
  normalQuantile,
  normalUpper,
  normalUpperQuantile,
  twoSidedP,
} from "../../../src/domain/statistics/normal.ts";
import { rootOf } from "../../../src/domain/statistics/roots.ts";
import { studentUpperQuantile } from "../../../src/domain/statistics/student.ts";

describe("the normal distribution", () => {
  // Table 26.1.
  it.each([
    [0, 0.5],
    [0.5, 0.691462461274013],
    [1, 0.841344746068543],
    [1.96, 0.97500210485178],
    [2, 0.977249868051821],
    [3, 0.99865010196837],
    [-1, 0.158655253931457],
  ])("has the published chance below %d", (z, chance) => {
    expect(normalCdf(z)).toBeCloseTo(chance, 14);
  });

  // Table 26.2 has the logarithms.
  it.each([
    [5, 6.54265],
    [10, 23.11805],
    [20, 88.5601],
    [30, 197.30921],
  ])("has the published tail above %d", (z, minusLog) => {
    expect(-Math.log10(normalUpper(z))).toBeCloseTo(minusLog, 5);
  });

  // erfc(z/√2)/2 in 30 digits (mpmath 1.3), on both sides of where the formula changes.
  it.each([
    [2.49, 0.006387154764943177],
    [2.51, 0.00603655808041266],
    [3.7, 0.0001077997334773883],
    [6, 9.865876450376981e-10],
    [12, 1.776482112077679e-33],
    [25, 3.056696706382561e-138],
    [36, 4.182624065797283e-284],
  ])("is exact to 13 digits of the tail above %d", (z, chance) => {
    expect(Math.abs(normalUpper(z) / chance - 1)).toBeLessThan(1e-13);
  });

  // Table 26.5 and 26.6.
  it.each([
    [0.5, 0],
    [0.25, 0.67449],
    [0.1, 1.28155],
    [0.025, 1.95996],
    [0.005, 2.57583],
    [0.0005, 3.29053],
    [1e-6, 4.75342],
    [1e-10, 6.36134],
  ])("has the published place above which %d lies", (chance, z) => {
    expect(normalUpperQuantile(chance)).toBeCloseTo(z, 5);
    expect(normalQuantile(1 - chance)).toBeCloseTo(z, 5);
    expect(normalQuantile(chance)).toBeCloseTo(-z, 5);
  });

  it("has tails without an end", () => {
    expect(normalUpper(Number.POSITIVE_INFINITY)).toBe(0);
    expect(normalUpperQuantile(0)).toBe(Number.POSITIVE_INFINITY);
    expect(normalUpperQuantile(1)).toBe(Number.NEGATIVE_INFINITY);
    expect(() => normalUpperQuantile(-0.1)).toThrow("is a chance");
  });

  it("turns over around 0, and its quantile undoes it", () => {
    const z = fc.double({ min: -8, max: 30, noNaN: true });
    fc.assert(
      fc.property(z, (at) => {
        expect(normalCdf(at) + normalUpper(at)).toBeCloseTo(1, 14);
        expect(normalUpper(at)).toBeGreaterThan(normalUpper(at + 0.01) - Number.EPSILON);
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: 1e-290, max: 0.5, noNaN: true }), (chance) => {
        expect(normalUpper(normalUpperQuantile(chance)) / chance).toBeCloseTo(1, 11);
      }),
    );
    expect(twoSidedP(criticalValue(0.003))).toBeCloseTo(0.003, 15);
  });
});

describe("the chi-square distribution", () => {
  // Table 26.8: the values above which 5 %, 1 % and 0.1 % lie.
  it.each([
    [1, 3.84146, 6.6349, 10.828],
    [2, 5.99147, 9.21034, 13.816],
    [3, 7.81473, 11.3449, 16.266],
    [4, 9.48773, 13.2767, 18.467],
    [5, 11.0705, 15.0863, 20.515],
    [10, 18.307, 23.2093, 29.588],
    [15, 24.9958, 30.5779, 37.697],
    [20, 31.4104, 37.5662, 45.315],
  ])("of %i degrees has the published tails", (degrees, five, one, thousandth) => {
    expect(chiSquareUpper(five, degrees)).toBeCloseTo(0.05, 5);
    expect(chiSquareUpper(one, degrees)).toBeCloseTo(0.01, 6);
    expect(chiSquareUpper(thousandth, degrees)).toBeCloseTo(0.001, 6);
  });

  it("is whole below 0, falls, and rises with its degrees", () => {
    expect(chiSquareUpper(0, 3)).toBe(1);
    expect(() => chiSquareUpper(1, 0)).toThrow("whole");
    const degrees = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(degrees, fc.double({ min: 0.001, max: 200, noNaN: true }), (d, x) => {
        expect(chiSquareUpper(x, d)).toBeGreaterThan(chiSquareUpper(1.01 * x, d) - 1e-15);
        expect(chiSquareUpper(x, d + 1)).toBeGreaterThan(chiSquareUpper(x, d) - 1e-15);
      }),
    );
  });
});

describe("Student's distribution", () => {
  // Table 26.10, two-sided 5 %, 1 % and 0.1 %.
  it.each([
    [30, 2.042, 2.75, 3.646],
    [60, 2, 2.66, 3.46],
    [120, 1.98, 2.617, 3.373],
  ])("of %i degrees has the published quantiles", (degrees, five, one, thousandth) => {
    expect(studentUpperQuantile(0.025, degrees)).toBeCloseTo(five, 3);
    expect(studentUpperQuantile(0.005, degrees)).toBeCloseTo(one, 3);
    expect(studentUpperQuantile(0.0005, degrees)).toBeCloseTo(thousandth, 3);
  });

  it("becomes the normal one, and is not asked where the series is not exact", () => {
    expect(studentUpperQuantile(0.025, 1e9)).toBeCloseTo(criticalValue(0.05), 8);
    expect(() => studentUpperQuantile(0.025, 10)).toThrow("degrees");
  });
});

describe("a crossing of zero", () => {
  it("is found to the last digits, however flat the function is around it", () => {
    expect(rootOf((x) => x * x - 2, 0, 2)).toBeCloseTo(Math.SQRT2, 12);
    expect(rootOf((x) => Math.tanh(50 * (x - 0.3)), -1, 1)).toBeCloseTo(0.3, 12);
    expect(rootOf((x) => (x - 1) ** 9, 0, 5)).toBeCloseTo(1, 1);
    expect(rootOf((x) => x - 3, 3, 5)).toBe(3);
  });

  it("is the nearer bound when there is none", () => {
    expect(rootOf((x) => x + 1, 0, 5)).toBe(0);
    expect(rootOf((x) => x - 9, 0, 5)).toBe(5);
  });
});
