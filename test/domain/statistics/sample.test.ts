// Before a test: how many people show what. At its end: did the arms get their people, and what is
// left of several p-values.

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { holm } from "../../../src/domain/statistics/holm.ts";
import {
  BROKEN_SPLIT_P,
  expectedPeople,
  splitP,
} from "../../../src/domain/statistics/sample-ratio.ts";
import { peoplePerArm, powerOf, smallestLift } from "../../../src/domain/statistics/sample-size.ts";

describe("people per arm", () => {
  it.each([
    ["delivered", 0.8, 0.09, 414],
    ["delivered", 0.8, 0.03, 4_160],
    ["read", 0.5, 0.05, 6_274],
    ["clicked", 0.05, 0.1, 31_234],
  ])("%s %d, +%d: %i", (_, base, lift, people) => {
    expect(peoplePerArm(base, lift)).toBe(people);
  });

  it("is that of R's power.prop.test, by its own example", () => {
    // R 4.4, ?power.prop.test: p1 = .50, p2 = .75, power = .90 gives n = 76.7; with sig.level = 0.001
    // and n = 50, power = 0.205.
    expect(peoplePerArm(0.5, 0.5, { power: 0.9 })).toBe(77);
    expect(powerOf(0.5, 0.5, 50, 50)).toBeCloseTo(0.74, 2);
  });

  it("is null where there is nothing to show", () => {
    expect(peoplePerArm(0.8, 0)).toBeNull();
    expect(peoplePerArm(0.8, 0.3)).toBeNull();
    expect(peoplePerArm(0, 0.3)).toBeNull();
    expect(peoplePerArm(0.8, 0.25)).toBeGreaterThan(20);
    expect(peoplePerArm(0.5, -0.1)).toBe(peoplePerArm(0.5, 0.1));
  });

  it("is undone by the smallest lift, and grows with certainty", () => {
    const base = fc.double({ min: 0.01, max: 0.9, noNaN: true });
    fc.assert(
      fc.property(base, fc.double({ min: 0.02, max: 0.1, noNaN: true }), (share, lift) => {
        const people = peoplePerArm(share, lift) as number;
        expect(smallestLift(share, people, people)).toBeCloseTo(lift, 2);
        expect(powerOf(share, lift, people, people)).toBeCloseTo(0.8, 1);
        expect(peoplePerArm(share, lift, { power: 0.9 })).toBeGreaterThan(people);
        expect(peoplePerArm(share, lift, { alpha: 0.025 })).toBeGreaterThan(people);
      }),
    );
  });
});

describe("the smallest lift", () => {
  it("of a hold-out of 5 % of 100,000 at 2 % is above 28 %: some 31 %", () => {
    const lift = smallestLift(0.02, 5_000, 95_000) as number;
    expect(lift).toBeGreaterThanOrEqual(0.28);
    expect(lift).toBeCloseTo(0.312, 3);
    expect(powerOf(0.02, lift, 5_000, 95_000)).toBeCloseTo(0.8, 9);
    expect(powerOf(0.02, 0.28, 5_000, 95_000)).toBeCloseTo(0.715, 2);
  });

  it("is null where no lift shows", () => {
    expect(smallestLift(0.5, 4, 4)).toBeNull();
    expect(smallestLift(0.9, 50, 50)).toBeNull();
    expect(smallestLift(0, 50, 50)).toBeNull();
    expect(smallestLift(0.1, 0, 50)).toBeNull();
  });
});

describe("the sample ratio", () => {
  it("is broken in the published example", () => {
    // R. Kohavi, D. Tang and Y. Xu, Trustworthy Online Controlled Experiments, 2020, chapter 3:
    // 821,588 and 815,482 users of a split in halves, p = 1.8e-6.
    const p = splitP([
      { planned: 50, people: 821_588 },
      { planned: 50, people: 815_482 },
    ]);
    expect(p).toBeCloseTo(1.8e-6, 7);
    expect(p).toBeLessThan(BROKEN_SPLIT_P);
  });

  it("is sound where the arms came as planned, in any unit", () => {
    const arms = [
      { planned: 0.1, people: 1_000 },
      { planned: 0.1, people: 1_020 },
      { planned: 0.8, people: 7_990 },
    ];
    expect(splitP(arms)).toBeGreaterThan(0.5);
    expect(splitP(arms.map((arm) => ({ ...arm, planned: 100 * arm.planned })))).toBeCloseTo(
      splitP(arms),
      12,
    );
    expect(expectedPeople(arms).map(Math.round)).toEqual([1_001, 1_001, 8_008]);
  });

  it("is sound of nobody, and of one arm", () => {
    expect(splitP([{ planned: 1, people: 70 }])).toBe(1);
    expect(
      splitP([
        { planned: 1, people: 0 },
        { planned: 1, people: 0 },
      ]),
    ).toBe(1);
    expect(() => splitP([{ planned: 0, people: 70 }])).toThrow("planned share");
  });
});

describe("Holm's method", () => {
  it.each([
    [
      [0.01, 0.04, 0.03, 0.005],
      [0.03, 0.06, 0.06, 0.02],
    ],
    [[0.04], [0.04]],
    [
      [0.6, 0.7],
      [1, 1],
    ],
    [[], []],
  ])("makes %j to %j, as R's p.adjust", (values, adjusted) => {
    expect(holm(values).map((value) => Number(value.toFixed(12)))).toEqual(adjusted);
  });

  it("keeps the order, lies between one test and Bonferroni's, and forgets no arm", () => {
    const chances = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });
    fc.assert(
      fc.property(chances, (values) => {
        const adjusted = holm(values);
        for (const [at, value] of values.entries()) {
          expect(adjusted[at]).toBeGreaterThanOrEqual(value);
          expect(adjusted[at]).toBeLessThanOrEqual(Math.min(1, values.length * value) + 1e-12);
          for (const [other, beside] of values.entries()) {
            if (value < beside) expect(adjusted[at]).toBeLessThanOrEqual(adjusted[other] as number);
          }
        }
      }),
    );
  });
});
