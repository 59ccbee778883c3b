// Which arm won: by all people who were assigned, at the time that was set before.

import { assert } from "../common/errors.ts";
import type { Interval, Share } from "../common/proportion.ts";
import type { InterimLook } from "./boundaries.ts";
import { boundariesOf, lookP } from "./boundaries.ts";
import { brokenSplitText, comparisonText, decidedText, WAITING_TEXT } from "./decision-text.ts";
import { holm } from "./holm.ts";
import type { Lift } from "./lift.ts";
import { liftOf } from "./lift.ts";
import { BROKEN_SPLIT_P, expectedPeople, splitP } from "./sample-ratio.ts";
import { smallestLift } from "./sample-size.ts";
import type { ShareVerdict } from "./two-shares.ts";
import { areTooFew, newcombe, pooledZ } from "./two-shares.ts";

/** An arm: of `of` assigned people, `number` did what the metric counts. */
export interface Arm extends Share {
  name: string;
  /** The planned share; in one unit for all arms, such as per cent of the list. */
  planned: number;
}

/** An arm against the first one. */
export interface ArmComparison {
  name: string;
  share: Share;
  against: Share;
  /** Of the shares, 0 to 1; and its interval at this look, not adjusted for further arms. */
  difference: number;
  interval: Interval;
  /** The same relative to the first arm. */
  lift: Lift;
  /**
   * Adjusted for the looks and, by Holm's method, for the arms. 1 where there are too few people.
   */
  p: number;
  verdict: ShareVerdict;
  /**
   * The smallest relative lift that so many people show at one look, with 80 % power; null: none.
   */
  shows: number | null;
}

/** An interval of so many standard errors is everything. */
const Z_MAX = 40;

/** What a test says. */
export type Decision =
  | { kind: "waiting"; sentence: string }
  | { kind: "split_broken"; p: number; sentence: string }
  | { kind: "cannot_tell"; comparisons: ArmComparison[]; sentence: string }
  | { kind: "winner"; winner: string; comparisons: ArmComparison[]; sentence: string };

/** How a test is decided. */
export interface DecisionRule {
  /** The look that is due now: `ONLY_LOOK` at the one decision time; null before it. */
  look: InterimLook | null;
  /** What people of an arm do, third person: "clicks". */
  verb: string;
  /** The chance that a difference is found that is none, over all arms and looks; default 0.05. */
  alpha?: number;
}

/**
 * Decides a test. The first arm is the one that goes on without a winner: an arm wins when it is
 * surely above the first one, the best of several that are, and the first wins when all others are
 * surely below it. Sure is an adjusted p-value of at most α and an interval without 0.
 *
 * A split that did not come as planned has no result, whenever that is seen.
 * @param arms the first and at least one other; all assigned people who were not skipped in
 * planning
 */
export function decide(arms: readonly Arm[], { look, verb, alpha = 0.05 }: DecisionRule): Decision {
  const [first, ...others] = arms;
  assert(first !== undefined && others.length > 0, "a test has two arms or more");
  const split = arms.map(({ planned, of }) => ({ planned, people: of }));
  const p = splitP(split);
  if (p < BROKEN_SPLIT_P) {
    return { kind: "split_broken", p, sentence: brokenSplitText(arms, expectedPeople(split)) };
  }
  const waiting: Decision = { kind: "waiting", sentence: WAITING_TEXT };
  if (look === null) return waiting;
  const boundary = Math.min(Z_MAX, boundariesOf(look, alpha).at(-1) as number);
  const isNear = others.every((arm) => Math.abs(pooledZ(first, arm)) < boundary);
  if (isNear && !look.isLast) return waiting;
  const comparisons = comparisonsOf(first, others, { look, boundary, alpha });
  const winner = winnerOf(first, comparisons);
  if (winner === null && !look.isLast) return waiting;
  const texts = comparisons.map((comparison) => comparisonText(comparison, verb));
  return winner === null
    ? { kind: "cannot_tell", comparisons, sentence: decidedText(null, texts) }
    : { kind: "winner", winner, comparisons, sentence: decidedText(winner, texts) };
}

function comparisonsOf(
  first: Arm,
  others: readonly Arm[],
  { look, boundary, alpha }: { look: InterimLook; boundary: number; alpha: number },
): ArmComparison[] {
  const ps = others.map((arm) => (areTooFew(first, arm) ? 1 : lookP(pooledZ(first, arm), look)));
  const adjusted = holm(ps);
  return others.map((arm, at) => {
    const interval = newcombe(first, arm, boundary) ?? { low: -1, high: 1 };
    const p = adjusted[at] as number;
    const isSure = p <= alpha && (interval.low > 0 || interval.high < 0);
    const base = first.of > 0 ? first.number / first.of : 0;
    return {
      name: arm.name,
      share: { number: arm.number, of: arm.of },
      against: { number: first.number, of: first.of },
      difference: arm.of > 0 ? arm.number / arm.of - base : 0,
      interval,
      lift: liftOf(first, arm, boundary) ?? { lift: null, low: -1, high: null },
      p,
      verdict: verdictOf(areTooFew(first, arm), isSure, interval),
      shows: smallestLift(base, first.of, arm.of, { alpha: alpha / others.length }),
    };
  });
}

function verdictOf(isTooFew: boolean, isSure: boolean, interval: Interval): ShareVerdict {
  if (isTooFew) return "too_few";
  if (!isSure) return "no_sure_difference";
  return interval.low > 0 ? "higher" : "lower";
}

function winnerOf(first: Arm, comparisons: readonly ArmComparison[]): string | null {
  const higher = comparisons.filter(({ verdict }) => verdict === "higher");
  const best = higher.toSorted((one, other) => other.difference - one.difference)[0];
  if (best !== undefined) return best.name;
  return comparisons.every(({ verdict }) => verdict === "lower") ? first.name : null;
}
