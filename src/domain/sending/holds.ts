// How long a recipient who was refused for now waits, and how often they are tried: the same for a
// reply and for a receipt. Pure.

import type { CodeRule } from "./error-codes.ts";
import { isOfAll, PAIR_LIMIT, PERSON_LIMIT } from "./error-codes.ts";

const SECOND = 1000;

const MINUTE = 60 * SECOND;

const HOUR = 60 * MINUTE;

/**
 * Meta's advice for the pair limit: wait 4^X seconds, X = 0, 1, 2 … (platform page, 2026-09); never
 * longer than an hour.
 */
const PAIR_BASE = 4;

const HOLD_MAX_MS = HOUR;

/**
 * Tries of a person for the pair limit, and of a message that fails by receipt for a reason that
 * passes: an hour or two.
 */
const TRIES_MAX = 8;

/**
 * A message that Meta took and then dropped for its speed is tried again after this time, doubled
 * each time.
 */
const DROPPED_HOLD_MS = MINUTE;

/**
 * A message that failed by receipt for a fault of everybody waits so long, in case that a receipt
 * of its delivery comes late.
 */
const FAULT_HOLD_MS = MINUTE;

/** How often a dispatch was held before. */
export interface HoldCounts {
  /** For the limit per person (131049). */
  capped: number;
  /** For any other reason of its own. */
  holds: number;
}

/** What becomes of a dispatch that was refused for now. */
export type Hold =
  /** `counts`: which of the counts goes up. */
  | { kind: "wait"; forMs: number; counts: keyof HoldCounts | null }
  /** It was tried often enough: failed. */
  | { kind: "give_up" }
  /** The code asks for no hold. */
  | { kind: "none" };

/**
 * Decides on the hold that a refusal asks for.
 * @param by a receipt says of more codes that the message may be tried again: of speed, and of
 * faults that concern everybody
 * @param cappedTries tries for the limit per person, the first included
 */
export function holdOf(
  rule: CodeRule,
  counts: HoldCounts,
  by: "reply" | "receipt",
  cappedTries: number,
): Hold {
  if (rule.code === PERSON_LIMIT && rule.action === "hold") {
    if (counts.capped + 1 >= cappedTries) return { kind: "give_up" };
    return { kind: "wait", forMs: (rule.waitMs ?? 0) * (counts.capped + 1), counts: "capped" };
  }
  const forMs = pauseOf(rule, counts.holds, by);
  if (forMs === undefined) return { kind: "none" };
  if (isOfAll(rule)) return { kind: "wait", forMs, counts: null };
  // In a reply a template that is still syncing refuses everybody, so the run waits and no row is
  // given up.
  const isLimited = by === "receipt" || rule.code === PAIR_LIMIT;
  if (isLimited && counts.holds + 1 >= TRIES_MAX) return { kind: "give_up" };
  return { kind: "wait", forMs: Math.min(forMs, HOLD_MAX_MS), counts: "holds" };
}

/** The pause before the next try; undefined for a code that asks for none. */
function pauseOf(rule: CodeRule, holds: number, by: "reply" | "receipt"): number | undefined {
  const doubled = 2 ** Math.min(holds, 16);
  switch (rule.action) {
    case "hold":
      if (rule.code === PAIR_LIMIT) return SECOND * PAIR_BASE ** Math.min(holds, 16);
      return rule.waitMs ?? HOLD_MAX_MS;
    case "throttle":
      return by === "receipt" ? DROPPED_HOLD_MS * doubled : undefined;
    case "wait":
      return by === "receipt" ? (rule.waitMs ?? DROPPED_HOLD_MS) * doubled : undefined;
    case "halt_campaign":
    case "halt_lane":
      return by === "receipt" ? FAULT_HOLD_MS : undefined;
    default:
      return undefined;
  }
}
