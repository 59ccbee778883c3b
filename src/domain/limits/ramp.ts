// A ramp: a campaign goes to some people first, then to more, and halts when what came of them says
// that it should. Decides; counts nobody.

import { count, duration, percent, plural } from "../common/numbers.ts";
import { ALPHA, evidenceAbove, evidenceBelow, isEnough } from "./sequential.ts";

/** Evidence beyond this is not put into figures. */
const NEVER = 1_000_000;

/** What is watched of messages that are settled. */
export const RAMP_MEASURES = ["failed", "opted_out", "capped", "held"] as const;

export type RampMeasure = (typeof RAMP_MEASURES)[number];

/** The highest share of each that a sound campaign may have, where the manifest sets none. */
export const RAMP_LIMITS: Readonly<Record<RampMeasure, number>> = {
  failed: 0.2,
  opted_out: 0.01,
  capped: 0.6,
  held: 0.1,
};

/** Evidence starts again after so many settled messages: the first ones would hide others. */
const RAMP_WINDOW = 10_000;

/** A receiver that is silent about so many settled messages that Meta took is none. */
const BLIND_AFTER = 100;

/** A ramp as a manifest has it. */
export interface RampRule {
  /** People up to the end of each step, in all or as a share of all, 0 < share ≤ 1. */
  steps: readonly (number | { share: number })[];
  /** A message counts once it is this old, in ms. */
  settle: number;
  /** Left out: see RAMP_LIMITS. */
  halt_above: Readonly<Partial<Record<RampMeasure, number | undefined>>>;
  /** `ask`: after each step a person lets it go on. */
  after_step: "continue" | "ask";
}

/** What the ledger has of a campaign's ramp. */
export interface RampState {
  /** From 0; the number of steps when all are through. */
  step: number;
  /** People who were claimed so far, each once. */
  people: number;
  /** When the last of them was; null for nobody. */
  lastClaimAt: number | null;
  /** Of the settled messages since evidence is gathered. */
  counts: RampCounts;
}

interface RampCounts extends Record<RampMeasure, number> {
  settled: number;
  /** Meta took them, or may have. */
  taken: number;
  /** With a receipt of any kind. */
  reported: number;
}

/** What a campaign with a ramp does next. */
export type RampVerdict =
  /** It goes on with its step. */
  | { kind: "go" }
  /** Everybody of the step has got it, and their messages settle until an instant. */
  | { kind: "settle"; until: number }
  /** The step is sound. */
  | { kind: "next" }
  /** Evidence starts again. */
  | { kind: "renew" }
  /** A person has to look. */
  | { kind: "halt"; sentence: string }
  /** No receipt came: nothing is known, and nothing is sent. */
  | { kind: "blind"; sentence: string }
  /** Meta holds messages back to assess the template. */
  | { kind: "held"; sentence: string };

/**
 * How many people each step has reached at its end; never fewer than the step before.
 * @param all everybody who is to be sent to
 */
export function stepSizes({ steps }: Pick<RampRule, "steps">, all: number): number[] {
  let before = 0;
  return steps.map((step) => {
    const size = typeof step === "number" ? step : Math.ceil(step.share * all);
    before = Math.min(all, Math.max(before, size));
    return before;
  });
}

/**
 * Decides what comes next.
 * @param options.isAssessed Meta is through with assessing the template: it is GREEN
 * @param now instant
 */
export function judgeRamp(
  rule: RampRule,
  state: RampState,
  { sizes, isAssessed, now }: { sizes: readonly number[]; isAssessed: boolean; now: number },
): RampVerdict {
  const { step, people, lastClaimAt, counts } = state;
  for (const measure of RAMP_MEASURES) {
    const limit = limitOf(rule, measure);
    const seen = evidenceAbove(limit, counts[measure], counts.settled);
    if (!isEnough(seen)) continue;
    if (measure === "held") {
      if (!isAssessed) return { kind: "held", sentence: heldSentence(counts) };
    } else return { kind: "halt", sentence: haltSentence(measure, counts, limit, seen) };
  }
  const size = sizes[step];
  const isThrough = size !== undefined && people >= size;
  const settledAt = (lastClaimAt ?? Number.NEGATIVE_INFINITY) + rule.settle;
  const isSettled = isThrough && now >= settledAt;
  if (counts.reported === 0 && counts.taken >= (isSettled ? 1 : BLIND_AFTER)) {
    return { kind: "blind", sentence: blindSentence(counts.taken, rule.settle) };
  }
  if (!isThrough) return { kind: counts.settled >= RAMP_WINDOW ? "renew" : "go" };
  if (isSettled || isSound(rule, counts)) return { kind: "next" };
  return { kind: "settle", until: settledAt };
}

/** What the manifest says, or the limit that a sound campaign keeps to. */
export function limitOf(
  { halt_above: limits }: Pick<RampRule, "halt_above">,
  measure: RampMeasure,
): number {
  return limits[measure] ?? RAMP_LIMITS[measure];
}

/** Every share is below its limit for sure: there is no need to wait for the rest of the step. */
function isSound(rule: RampRule, counts: RampCounts): boolean {
  return RAMP_MEASURES.every((measure) =>
    isEnough(evidenceBelow(limitOf(rule, measure), counts[measure], counts.settled)),
  );
}

const SEEN: Readonly<Record<RampMeasure, string>> = {
  failed: "failed",
  opted_out: "opted out",
  capped: "were refused for Meta's limit per person (131049)",
  held: "are held for quality assessment",
};

function haltSentence(
  measure: RampMeasure,
  counts: RampCounts,
  limit: number,
  evidence: number,
): string {
  const { [measure]: events, settled } = counts;
  return (
    `${count(events)} of ${count(settled)} settled messages ${SEEN[measure]} ` +
    `(${percent(events, settled)}, limit ${limitText(limit)}); a sound campaign shows this ` +
    `${onceIn(evidence)}. \`unpause --despite ramp\` goes on all the same.`
  );
}

/** `once in 1,500`: two figures are as many as such a number means. */
function onceIn(evidence: number): string {
  if (evidence >= NEVER) return `less than once in ${count(NEVER)}`;
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(evidence)) - 1);
  return `once in ${count(Math.floor(evidence / unit) * unit)}`;
}

/** A limit as the manifest has it: `1%`, `0.5%`. */
const limitText = (limit: number): string => `${Number((100 * limit).toFixed(6))}%`;

function blindSentence(messages: number, settleMs: number): string {
  return (
    `Stopped: no receipt came for any of ${plural(messages, "message")} older than ${duration(settleMs)}: ` +
    "whether they arrive is not known, so no more are sent. Start the receiver, or import what it " +
    "stored (`campaign receipts import`)."
  );
}

function heldSentence({ held, settled }: RampCounts): string {
  return (
    `Stopped: Meta holds ${count(held)} of ${count(settled)} settled messages back to assess the template: ` +
    "no more are sent until it lets them go."
  );
}

/**
 * How far a ramp is: `step 1 of 2, 200 of 200 people; 180 settled, 4 failed, 1 opted out`;
 * null once all steps are through.
 */
export function rampStanding(state: RampState, sizes: readonly number[]): string | null {
  const { step, people, counts } = state;
  const size = sizes[step];
  if (size === undefined) return null;
  const seen = RAMP_MEASURES.filter((measure) => counts[measure] > 0).map(
    (measure) => `, ${count(counts[measure])} ${measure.replace("_", " ")}`,
  );
  return (
    `step ${step + 1} of ${sizes.length}, ${count(people)} of ${plural(size, "person", "people")}; ` +
    `${count(counts.settled)} settled${seen.join("")}`
  );
}

/** How a ramp goes: `200 people, then 2,000, then all 48,000; each step settles 30 min`. */
export function rampSteps(rule: RampRule, all: number): string {
  const sizes = [...new Set(stepSizes(rule, all).filter((size) => size < all))];
  const steps = sizes.map((size, at) =>
    at === 0 ? plural(size, "person", "people") : count(size),
  );
  const asks = rule.after_step === "ask" ? "; a person lets each step go on" : "";
  return `${[...steps, `all ${count(all)}`].join(", then ")}; each step settles ${duration(rule.settle)}${asks}`;
}

/** What halts it: `it halts above failed 20%, opted out 1%, …, wrongly at most once in 100`. */
export function rampHalts(rule: RampRule): string {
  const limits = RAMP_MEASURES.filter((measure) => measure !== "held").map(
    (measure) => `${measure.replace("_", " ")} ${limitText(limitOf(rule, measure))}`,
  );
  return `it halts above ${limits.join(", ")}, wrongly at most once in ${count(1 / ALPHA)}`;
}
