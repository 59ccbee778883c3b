// A thousand simulated tests each: how often a winner is named that is none, and how often one is
// found that is there.

import { describe, expect, it } from "vitest";

import type { InterimLook } from "../../../src/domain/statistics/boundaries.ts";
import { ONLY_LOOK } from "../../../src/domain/statistics/boundaries.ts";
import type { Arm, Decision } from "../../../src/domain/statistics/decide.ts";
import { decide } from "../../../src/domain/statistics/decide.ts";
import { peoplePerArm } from "../../../src/domain/statistics/sample-size.ts";
import type { Chance } from "../../support/chance.ts";
import { makeChance } from "../../support/chance.ts";

const TESTS = 1_000;
const BASE = 0.2;
const FRACTIONS = [1 / 3, 2 / 3, 1];

/** The looks of a plan: of each the people of an arm by then. */
interface Plan {
  people: number;
  looks: readonly InterimLook[];
}

const once = (people: number): Plan => ({ people, looks: [ONLY_LOOK] });

const withLooks = (people: number): Plan => ({
  people,
  looks: FRACTIONS.map((_, at) => ({
    fractions: FRACTIONS.slice(0, at + 1),
    isLast: at === FRACTIONS.length - 1,
  })),
});

/** Looks as often, each as if it were the only one. */
const careless = (people: number): Plan => ({
  people,
  looks: FRACTIONS.map((fraction) => ({ fractions: [fraction], isLast: true })),
});

/** A test to its end: each arm's people come by the share of the information. */
function play({ people, looks }: Plan, shares: readonly number[], chance: Chance): Decision[] {
  const arms: Arm[] = shares.map((_, at) => ({ name: `${at}`, planned: 1, number: 0, of: 0 }));
  const decisions: Decision[] = [];
  for (const look of looks) {
    const until = Math.round(people * (look.fractions.at(-1) as number));
    for (const [at, arm] of arms.entries()) {
      for (; arm.of < until; arm.of += 1) {
        if (chance.uniform() < (shares[at] as number)) arm.number += 1;
      }
    }
    decisions.push(decide(arms, { look, verb: "clicks" }));
    if (decisions.at(-1)?.kind === "winner") break;
  }
  return decisions;
}

/** How many of a thousand tests name which arm, and how many find a difference at all. */
function playAll(plan: Plan, shares: readonly number[]): { named: number[]; differing: number } {
  const named = shares.map(() => 0);
  let differing = 0;
  for (let seed = 1; seed <= TESTS; seed += 1) {
    const decisions = play(plan, shares, makeChance(seed * 7_919));
    const last = decisions.at(-1) as Decision;
    if (last.kind === "winner") named[Number(last.winner)] = Number(named[Number(last.winner)]) + 1;
    const isDiffering = decisions.some(
      (found) =>
        "comparisons" in found &&
        found.comparisons.some(({ verdict }) => verdict === "higher" || verdict === "lower"),
    );
    differing += isDiffering ? 1 : 0;
  }
  return { named: named.map((times) => times / TESTS), differing: differing / TESTS };
}

const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);
/** Three standard errors of a share of so many tests. */
const chanceAt = (share: number): number => 3 * Math.sqrt((share * (1 - share)) / TESTS);

describe("three arms without a difference", () => {
  it.each([
    { when: "at one decision time", plan: once(400) },
    { when: "with three looks", plan: withLooks(400) },
  ])("name a winner in at most 5 %, $when", ({ plan }) => {
    const { named, differing } = playAll(plan, [BASE, BASE, BASE]);
    expect(sum(named)).toBeLessThanOrEqual(0.05);
    expect(differing).toBeLessThan(0.05 + chanceAt(0.05));
    expect(differing).toBeGreaterThan(0.02);
  });

  it("find more than that when each look is taken for the only one", () => {
    const { differing } = playAll(careless(400), [BASE, BASE, BASE]);
    expect(differing).toBeGreaterThan(0.05 + chanceAt(0.05));
  });
});

describe("a difference that is there", () => {
  const lift = 0.3;
  const people = peoplePerArm(BASE, lift) as number;

  it("is found as often as planned at one decision time", () => {
    const { named } = playAll(once(people), [BASE, BASE * (1 + lift)]);
    expect(Math.abs((named[1] as number) - 0.8)).toBeLessThan(chanceAt(0.8));
    expect(named[0]).toBe(0);
  });

  it("is found nearly as often with three looks", () => {
    const { named } = playAll(withLooks(people), [BASE, BASE * (1 + lift)]);
    // O'Brien and Fleming's three looks cost 1.7 % of the people (Jennison and Turnbull, 2000, table
    // 2.4): less than one point of power.
    expect(Math.abs((named[1] as number) - 0.793)).toBeLessThan(chanceAt(0.793));
  });

  it("is found as often among three arms, with people for half of the error", () => {
    const more = peoplePerArm(BASE, lift, { alpha: 0.025 }) as number;
    const { named } = playAll(once(more), [BASE, BASE, BASE * (1 + lift)]);
    expect(named[2]).toBeGreaterThan(0.8 - chanceAt(0.8));
    expect(named[1]).toBeLessThan(0.01);
  });
});
