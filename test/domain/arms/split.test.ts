// Who is in which arm and who is kept out, over many people: the shares come out, a person stays
// where they are, and one split says nothing about another.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HoldOut } from "../../../src/domain/arms/split.ts";
import { armOf, fitTogether, holdOutOf, quarterOf } from "../../../src/domain/arms/split.ts";
import { bucketOf, testBucketOf } from "../../../src/domain/limits/bucket.ts";
import { chiSquareUpper } from "../../../src/domain/statistics/chi-square.ts";
import { BROKEN_SPLIT_P, splitP } from "../../../src/domain/statistics/sample-ratio.ts";

const PEOPLE = 200_000;
const people = Array.from({ length: PEOPLE }, (_, at) => String(5_511_900_000_000 + 37 * at));

const shares = fc
  .array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 5 })
  .map((parts) => parts.map((part) => part / 100));
const person = fc.stringMatching(/^[1-9]\d{7,14}$/);
const name = fc.stringMatching(/^[a-z]{1,12}$/);

describe("the split of a test", () => {
  it("comes out as its shares say, and as many are left over", () => {
    for (const split of ["cta", "cta2", "Sommer-2026"]) {
      const planned = [0.1, 0.1, 0.25];
      const counts = [0, 0, 0, 0];
      for (const one of people) {
        const arm = armOf({ name: split, shares: planned }, one);
        counts[arm] = (counts[arm] ?? 0) + 1;
      }
      const [rest = 0, ...arms] = counts;
      const all = [...arms, rest].map((number, at) => ({
        planned: planned[at] ?? 0.55,
        people: number,
      }));
      expect(splitP(all)).toBeGreaterThan(BROKEN_SPLIT_P);
    }
  });

  it("says the same of a person, with others or without, and each time", () => {
    fc.assert(
      fc.property(name, shares, person, (split, planned, one) => {
        const arm = armOf({ name: split, shares: planned }, one);
        expect(arm).toBeGreaterThanOrEqual(0);
        expect(arm).toBeLessThanOrEqual(planned.length);
        expect(armOf({ name: split, shares: [...planned] }, one)).toBe(arm);
        // A further arm takes people of the rest alone.
        const more = armOf({ name: split, shares: [...planned, 0.05] }, one);
        expect(arm === 0 ? [0, planned.length + 1] : [arm]).toContain(more);
      }),
    );
  });

  it("leaves nobody over where the arms are everybody", () => {
    const thirds = [1 / 3, 1 / 3, 1 / 3];
    expect(fitTogether([0.1, 0.2, 0.7])).toBe(true);
    expect(fitTogether([0.5, 0.51])).toBe(false);
    for (const one of people.slice(0, 20_000)) {
      expect(armOf({ name: "all", shares: thirds }, one)).toBeGreaterThan(0);
    }
  });

  it("says nothing about a hold-out, another test, or who comes first", () => {
    const out: HoldOut = { salt: "2026-Q4", share: 0.5, detail: "" };
    const splits: ((one: string) => number)[] = [
      (one) => armOf({ name: "cta", shares: [0.5] }, one),
      (one) => armOf({ name: "ctb", shares: [0.5] }, one),
      (one) => (holdOutOf([out], one) === undefined ? 0 : 1),
      (one) => (holdOutOf([{ ...out, salt: "2027-Q1" }], one) === undefined ? 0 : 1),
      (one) => (holdOutOf([{ ...out, salt: "campaign/spring" }], one) === undefined ? 0 : 1),
      (one) => (bucketOf("spring", one) > 2 ** 30 ? 1 : 0),
    ];
    const bits = splits.map((split) => people.map(split));
    for (const [at, one] of bits.entries()) {
      for (const other of bits.slice(at + 1)) {
        const cells = [0, 0, 0, 0];
        for (const [who, bit] of one.entries()) {
          const cell = 2 * bit + (other[who] ?? 0);
          cells[cell] = (cells[cell] ?? 0) + 1;
        }
        const expected = PEOPLE / 4;
        const chi = cells.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
        expect(chiSquareUpper(chi, 3)).toBeGreaterThan(1e-4);
      }
    }
  });

  it("puts the arms before the rest, mixed with each other", () => {
    const split = { name: "cta", shares: [0.2, 0.2] };
    const placed = people
      .slice(0, 5_000)
      .map((one) => ({ arm: armOf(split, one), one }))
      .map(({ arm, one }) => ({ arm, place: testBucketOf("spring", one, arm) }))
      .toSorted((one, other) => one.place - other.place)
      .map(({ arm }) => arm);
    const inArms = placed.filter((arm) => arm > 0);
    expect(placed.slice(0, inArms.length)).toEqual(inArms);
    const half = inArms.slice(0, inArms.length / 2).filter((arm) => arm === 1).length;
    expect(half / (inArms.length / 2)).toBeGreaterThan(0.4);
    expect(half / (inArms.length / 2)).toBeLessThan(0.6);
  });
});

describe("a hold-out", () => {
  it("grows by people only, and is another one each quarter", () => {
    const small = { salt: "2026-Q4", share: 0.05, detail: "" };
    let both = 0;
    let count = 0;
    for (const one of people) {
      const isIn = holdOutOf([small], one) !== undefined;
      if (isIn) {
        count += 1;
        expect(holdOutOf([{ ...small, share: 0.1 }], one)).toBeDefined();
        if (holdOutOf([{ ...small, salt: "2027-Q1" }], one) !== undefined) both += 1;
      }
    }
    expect(count / PEOPLE).toBeCloseTo(0.05, 2);
    expect(both / count).toBeCloseTo(0.05, 1);
  });

  it.each([
    [Date.UTC(2026, 0, 1), "2026-Q1"],
    [Date.UTC(2026, 2, 31, 23, 59, 59), "2026-Q1"],
    [Date.UTC(2026, 3, 1), "2026-Q2"],
    [Date.UTC(2026, 11, 31), "2026-Q4"],
  ])("of %s is %s", (at, quarter) => {
    expect(quarterOf(at)).toBe(quarter);
  });
});
