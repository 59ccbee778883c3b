// Decides a test: counts of its arms in, the arm that won and the arm of the rest out.

import { percent, plural } from "../common/numbers.ts";
import type { InterimLook } from "../statistics/boundaries.ts";
import { ONLY_LOOK } from "../statistics/boundaries.ts";
import type { Arm, Decision } from "../statistics/decide.ts";
import { decide } from "../statistics/decide.ts";
import type { TestMetric } from "./split.ts";
import type { ArmCounts, TestDecision, TestState } from "./test-state.ts";

/** A test as its manifest has it. */
export interface TestRule {
  name: string;
  metric: TestMetric;
  /** How long after the arms' last message it is decided, in ms. */
  waitMs: number;
  /** The arm that the rest gets, from 1; null: the one that wins. */
  rest: number | null;
  /** How often it is looked at, the end included; left out: at the end alone. */
  looks?: number | undefined;
  /** In their order; the share from 0 to 1. */
  arms: readonly { name: string; share: number }[];
}

/** Sums of shares are not whole in binary. */
const ROUNDING = 1e-9;

/** What people of an arm do, third person. */
const VERBS: Readonly<Record<TestMetric, string>> = {
  delivered: "is delivered to",
  read: "is read by",
  clicked: "is clicked by",
  replied: "is replied to by",
  converted: "gets an order from",
};

/** The arms as they are compared: everybody who was assigned. */
function comparedArms(rule: TestRule, counts: readonly ArmCounts[]): Arm[] {
  return rule.arms.map(({ name, share }, at) => {
    const found = counts.find(({ arm }) => arm === at + 1);
    return { name, planned: share, number: found?.[rule.metric] ?? 0, of: found?.people ?? 0 };
  });
}

/** No look stands nearer to the end than this share of the people. */
const LOOK_MOST = 0.99;

/**
 * The look that is due before the end: one for each of equal parts of the people who were sent to
 * long enough ago; one that comes late stands for those that it missed.
 * @param taken the shares of the looks so far
 * @param share of the arms' people who were sent to long enough ago
 * @returns null: none is due
 */
export function lookDue(
  { looks = 1 }: Pick<TestRule, "looks">,
  taken: readonly number[],
  share: number,
): InterimLook | null {
  const partOf = (one: number) => Math.floor(one * looks + ROUNDING);
  if (share > LOOK_MOST || partOf(share) <= partOf(taken.at(-1) ?? 0)) return null;
  return { fractions: [...taken, share], isLast: false };
}

/**
 * Decides a test before its end, by those who were sent to long enough ago.
 * @param counts of these people alone
 * @returns null where no arm wins for sure yet
 */
export function decideEarly(
  rule: TestRule,
  { arms: counts, rest }: Pick<TestState, "arms" | "rest">,
  { look, now }: { look: InterimLook; now: number },
): TestDecision | null {
  const arms = comparedArms(rule, counts);
  const decision = decide(arms, { look, verb: VERBS[rule.metric] });
  if (decision.kind !== "winner") return null;
  const share = look.fractions.at(-1) ?? 0;
  const early = ` Decided early, at ${percent(share, 1)} of the arms' people.`;
  return decisionOf(rule, arms, { decision, rest, at: now, now, early });
}

/**
 * Decides a test. Without a winner, and where the split is broken, the rest gets the first arm.
 * @param at the instant up to which `state` was counted
 * @param now instant
 */
export function decideTest(
  rule: TestRule,
  { arms: counts, rest, looks }: Pick<TestState, "arms" | "rest" | "looks">,
  { at, now }: { at: number; now: number },
): TestDecision {
  const arms = comparedArms(rule, counts);
  const look = looks.length === 0 ? ONLY_LOOK : { fractions: [...looks, 1], isLast: true };
  const decision = decide(arms, { look, verb: VERBS[rule.metric] });
  return decisionOf(rule, arms, { decision, rest, at, now, early: "" });
}

function decisionOf(
  rule: TestRule,
  arms: readonly Arm[],
  found: { decision: Decision; rest: number; at: number; now: number; early: string },
): TestDecision {
  const { decision, rest, at, now, early } = found;
  const winner =
    decision.kind === "winner" ? 1 + arms.findIndex(({ name }) => name === decision.winner) : null;
  const armOfRest = rule.rest ?? winner ?? 1;
  const goesTo = rule.arms[armOfRest - 1]?.name ?? "";
  const then =
    rest === 0 ? "" : ` ${goesTo} goes to the other ${plural(rest, "person", "people")}.`;
  return {
    decidedAt: now,
    winner,
    rest: armOfRest,
    sentence: `${decision.sentence}${early}${then}`,
    evidence: evidenceOf(rule, arms, { decision, at }),
  };
}

/**
 * A person decides before the time, by what they know: no arm won, and the rest gets the one that
 * they name.
 * @param given `shares`: as planned, in the order of the arms; `arm`: the one of the rest, from 1
 * @param now instant
 */
export function decideByHand(
  { metric, shares, arm }: { metric: TestMetric; shares: readonly number[]; arm: number },
  { arms, rest }: Pick<TestState, "arms" | "rest">,
  now: number,
): TestDecision {
  const name = arms.find((one) => one.arm === arm)?.name ?? "";
  return {
    ...{ decidedAt: now, winner: null, rest: arm },
    sentence: `Decided by hand: ${name} goes to the other ${plural(rest, "person", "people")}.`,
    evidence: {
      ...{ metric, counted_until: new Date(now).toISOString(), result: "by_hand" },
      arms: arms.map((one, at) => ({
        ...{ arm: one.name, share: shares[at] ?? 0, people: one.people, [metric]: one[metric] },
      })),
    },
  };
}

function evidenceOf(
  { metric }: TestRule,
  arms: readonly Arm[],
  { decision, at }: { decision: Decision; at: number },
): Record<string, unknown> {
  return {
    metric,
    counted_until: new Date(at).toISOString(),
    result: decision.kind,
    arms: arms.map(({ name, planned, number, of }) => ({
      ...{ arm: name, share: planned, people: of, [metric]: number },
    })),
    ...("comparisons" in decision && {
      comparisons: decision.comparisons.map(({ name, difference, interval, lift, p, verdict }) => ({
        ...{ arm: name, difference, interval, lift, p, verdict },
      })),
    }),
    ...(decision.kind === "split_broken" && { p: decision.p }),
  };
}
