// What becomes of a dispatch after an attempt: one outcome in, its next place in the life of a
// dispatch out. No clock.

import type { AttemptRecord, Claim, Next } from "../campaign/attempt.ts";
import { unreachable } from "../common/errors.ts";
import { TEMPLATE_SYNC_MS } from "./error-codes.ts";
import { holdOf } from "./holds.ts";
import type { Outcome } from "./outcome.ts";
import { mayBeSyncing } from "./outcome.ts";

interface Attempt {
  claim: Claim;
  outcome: Outcome;
  endpoint: string;
  startedAt: number | null;
  endedAt: number;
  /**
   * True when the campaign had a message accepted before: its template cannot be still syncing
   * then.
   */
  acceptedBefore: boolean;
  /** Tries for the limit per person (131049), the first included. */
  cappedTries: number;
}

/** Builds the record of an attempt that has ended, with the next place of its dispatch. */
export function recordOf(attempt: Attempt): AttemptRecord {
  const { claim, outcome } = attempt;
  const record: AttemptRecord = {
    row: claim.row,
    attempt: claim.attempt,
    phone: claim.phone,
    startedAt: attempt.startedAt,
    endedAt: attempt.endedAt,
    endpoint: attempt.endpoint,
    outcome: outcome.kind,
    answer: outcome.answer,
    next: nextOf(attempt),
  };
  if (outcome.kind === "refused" && outcome.rule.action === "suppress") {
    record.suppress = { reason: `${outcome.rule.code}: ${outcome.rule.meaning}` };
  }
  if (outcome.kind === "refused" && outcome.rule.action === "refuse_country") {
    record.refusesRegion = claim.region;
  }
  return record;
}

function nextOf(attempt: Attempt): Next {
  const { outcome } = attempt;
  switch (outcome.kind) {
    case "accepted":
      return {
        to: "accepted",
        messageId: outcome.messageId,
        messageStatus: outcome.messageStatus,
        waId: outcome.waId,
        userId: outcome.userId,
      };
    case "not_sent":
      return { to: "pending" };
    case "unknown":
      return { to: "unknown", message: outcome.cause };
    case "refused":
      return afterRefusal(attempt, outcome);
    default:
      return unreachable(outcome);
  }
}

function afterRefusal(attempt: Attempt, outcome: Extract<Outcome, { kind: "refused" }>): Next {
  const { claim, endedAt, acceptedBefore, cappedTries } = attempt;
  const { rule, answer } = outcome;
  const failed: Next = {
    to: "failed",
    code: String(rule.code),
    message: answer.details ?? answer.message ?? rule.meaning,
  };
  switch (rule.action) {
    case "throttle":
    case "wait":
    // An error that concerns everybody says nothing about this recipient: the row waits for the
    // operator.
    case "halt_campaign":
    case "halt_lane":
      return { to: "pending" };
    case "hold": {
      const hold = holdOf(rule, claim, "reply", cappedTries);
      if (hold.kind !== "wait") return failed;
      const until = endedAt + hold.forMs;
      return { to: "held", until, reason: String(rule.code), counts: hold.counts };
    }
    case "fix":
      // Once: the second time it is the value.
      if (claim.holds === 0 && mayBeSyncing(outcome, acceptedBefore)) {
        const until = endedAt + TEMPLATE_SYNC_MS;
        return { to: "held", until, reason: String(rule.code), counts: "holds" };
      }
      return failed;
    case "fail":
    case "expire":
    case "suppress":
    case "refuse_country":
      return failed;
    case "ambiguous":
      return { to: "unknown", message: rule.meaning };
    default:
      return unreachable(rule.action);
  }
}
