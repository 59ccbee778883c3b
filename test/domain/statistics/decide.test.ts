// What a test says: waiting, broken, a winner, or that it cannot tell; in figures and in words.

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { InterimLook } from "../../../src/domain/statistics/boundaries.ts";
import { ONLY_LOOK } from "../../../src/domain/statistics/boundaries.ts";
import type { Arm, ArmComparison, Decision } from "../../../src/domain/statistics/decide.ts";
import { decide } from "../../../src/domain/statistics/decide.ts";
import { comparisonText } from "../../../src/domain/statistics/decision-text.ts";
import { twoSidedP } from "../../../src/domain/statistics/normal.ts";
import { pooledZ } from "../../../src/domain/statistics/two-shares.ts";

const NAMES = ["a", "b", "c", "d"];

/** Arms `a`, `b`, …, each as `successes/people`, of equal planned shares. */
function armsOf(...shares: string[]): Arm[] {
  return shares.map((share, at) => {
    const [number = 0, of = 0] = share.split("/").map(Number);
    return { name: NAMES[at] as string, planned: 10, number, of };
  });
}

const decided = (arms: Arm[], look: InterimLook | null = ONLY_LOOK): Decision =>
  decide(arms, { look, verb: "clicks" });

const comparisonsOf = (decision: Decision): ArmComparison[] =>
  "comparisons" in decision ? decision.comparisons : [];

/** The verdict of each arm, and the winner. */
function outcome(...shares: string[]): string {
  const found = decided(armsOf(...shares));
  if (!("comparisons" in found)) return found.kind;
  const verdicts = found.comparisons.map(({ name, verdict }) => `${name} ${verdict}`).join(", ");
  return `${found.kind === "winner" ? found.winner : "none"}: ${verdicts}`;
}

describe("a decision", () => {
  it("names a winner with its difference, the lift and how sure it is", () => {
    const found = decided(armsOf("520/10000", "610/10000"));
    expect(found).toMatchObject({
      kind: "winner",
      winner: "b",
      sentence: "b wins: b clicks 6.1% against 5.2%: +0.9 points (0.3 to 1.5).",
      comparisons: [{ name: "b", verdict: "higher", share: { number: 610, of: 10_000 } }],
    });
    const [comparison] = comparisonsOf(found);
    expect(comparison?.difference).toBeCloseTo(0.009, 12);
    expect(comparison?.lift.lift).toBeCloseTo(0.173, 3);
    expect(comparison?.lift.low).toBeGreaterThan(0);
    const z = pooledZ({ number: 520, of: 10_000 }, { number: 610, of: 10_000 });
    expect(comparison?.p).toBeCloseTo(twoSidedP(z), 12);
    expect(comparison?.shows).toBeCloseTo(0.176, 2);
  });

  it.each([
    [["500/1000", "510/1000"], "none: b no_sure_difference"],
    [["500/1000", "400/1000"], "a: b lower"],
    [["500/1000", "600/1000", "650/1000"], "c: b higher, c higher"],
    [["500/1000", "400/1000", "505/1000"], "none: b lower, c no_sure_difference"],
    [["500/1000", "400/1000", "600/1000"], "c: b lower, c higher"],
    [["500/1000", "400/1000", "400/1000"], "a: b lower, c lower"],
    [["1/1000", "3/1000"], "none: b too_few"],
    [["0/20", "18/20"], "none: b too_few"],
    [["0/1000", "40/1000"], "b: b higher"],
    [["0/0", "0/0"], "none: b too_few"],
  ])("of %j is %s", (shares, expected) => expect(outcome(...shares)).toBe(expected));

  it("is stricter with more arms", () => {
    expect(outcome("500/1000", "548/1000")).toBe("b: b higher");
    expect(outcome("500/1000", "548/1000", "500/1000", "500/1000")).toBe(
      "none: b no_sure_difference, c no_sure_difference, d no_sure_difference",
    );
  });

  it("waits for its time, whatever is seen", () => {
    expect(decided(armsOf("100/1000", "900/1000"), null)).toEqual({
      kind: "waiting",
      sentence: "Waiting: no winner before the decision time.",
    });
  });

  it("at an early look asks for more than at the last, and waits without it", () => {
    const early: InterimLook = { fractions: [0.5], isLast: false };
    const late: InterimLook = { fractions: [0.5, 1], isLast: true };
    // Some 2.2 standard errors.
    const some = armsOf("500/1000", "550/1000");
    expect(decided(some, early).kind).toBe("waiting");
    expect(decided(some, late).kind).toBe("winner");
    expect(decided(armsOf("500/1000", "600/1000"), early)).toMatchObject({ winner: "b" });
    expect(decided(some, { fractions: [0.0001], isLast: false }).kind).toBe("waiting");
    // Nothing is left to find it with.
    expect(decided(some, { fractions: [1, 1.2], isLast: true }).kind).toBe("cannot_tell");
  });

  it("says that a split is broken, before its time too", () => {
    const arms = armsOf("520/10000", "610/10800");
    expect(decided(arms)).toMatchObject({
      kind: "split_broken",
      sentence:
        "The split is broken, no result: a has 10,000 people of 10,400, b has 10,800 people of " +
        "10,400 by the planned shares.",
    });
    expect(decided(arms, null).kind).toBe("split_broken");
    const planned = arms.map((arm) => ({ ...arm, planned: arm.of }));
    expect(decided(planned).kind).not.toBe("split_broken");
  });

  it("needs two arms", () => expect(() => decided(armsOf("1/2"))).toThrow("two arms"));

  it("names the same arm with the arms in another order, and none against its interval", () => {
    const people = 2_000;
    const number = fc.integer({ min: 0, max: people });
    fc.assert(
      fc.property(number, number, number, (a, b, c) => {
        const [first, second, third] = armsOf(`${a}/${people}`, `${b}/${people}`, `${c}/${people}`);
        const [there, back] = [
          decided([first, second, third] as Arm[]),
          decided([first, third, second] as Arm[]),
        ];
        fc.pre(b !== c);
        expect("winner" in back ? back.winner : null).toBe("winner" in there ? there.winner : null);
        for (const { verdict, interval, p } of comparisonsOf(there)) {
          if (verdict === "higher") expect(interval.low).toBeGreaterThan(0);
          if (verdict === "lower") expect(interval.high).toBeLessThan(0);
          if (verdict !== "no_sure_difference" && verdict !== "too_few") {
            expect(p).toBeLessThanOrEqual(0.05);
          }
        }
      }),
    );
  });
});

describe("the words of a comparison", () => {
  const of = (share: string, against: string, low: number, high: number) => {
    const [a, b] = armsOf(against, share) as [Arm, Arm];
    const difference = b.number / b.of - a.number / a.of;
    const verdict = "no_sure_difference" as const;
    return comparisonText(
      { name: "b", share: b, against: a, difference, interval: { low, high }, verdict },
      "converts",
    );
  };

  it("have as many decimals as the interval is wide, and a sign where there is one", () => {
    expect(of("52/1000", "53/1000", -0.02, 0.018)).toBe(
      "b converts 5.2% against 5.3%: −0.1 points (−2.0 to 1.8)",
    );
    expect(of("10900/5000000", "10000/5000000", 0.00012, 0.00024)).toBe(
      "b converts 0.218% against 0.200%: +0.018 points (0.012 to 0.024)",
    );
    expect(of("50/1000", "50/1000", -0.0001, 0.03)).toBe(
      "b converts 5.0% against 5.0%: 0.0 points (0.0 to 3.0)",
    );
    expect(of("50/100", "50/100", 0, 0)).toContain("0.0 points");
  });

  it("say so where there are too few people", () => {
    expect(decided(armsOf("1/40", "3/40"))).toMatchObject({
      sentence:
        "Cannot tell: b clicks 7.5% against 2.5%: +5.0 points (−6.5 to 17.5), too few people.",
    });
    expect(decided(armsOf("0/0", "0/0"))).toMatchObject({
      sentence: "Cannot tell: b: no people to compare.",
    });
  });
});
