// What becomes of a dispatch after an attempt: one outcome in, its next place in the life of a dispatch out. No clock.

import { unreachable } from "./errors.ts";
import type { AttemptRecord, Claim, Next } from "./ledger.ts";
import type { Outcome } from "./outcome.ts";
import { BAD_VALUE, PAIR_LIMIT, TEMPLATE_SYNC_MS } from "./outcome.ts";

/** Meta's advice for the pair limit: wait 4^X seconds, X = 0, 1, 2 … (platform page, 2026-09); we stop at an hour. */
const PAIR_BASE = 4;
const PAIR_HOLD_MAX_MS = 3_600_000;

interface Attempt {
  claim: Claim;
  outcome: Outcome;
  endpoint: string;
  startedAt: number | null;
  endedAt: number;
  /** True when the campaign had a message accepted before: its template cannot be still syncing then. */
  acceptedBefore: boolean;
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
  return record;
}

function nextOf({ claim, outcome, endedAt, acceptedBefore }: Attempt): Next {
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
      return afterRefusal(claim, outcome, endedAt, acceptedBefore);
    default:
      return unreachable(outcome);
  }
}

function afterRefusal(
  claim: Claim,
  outcome: Extract<Outcome, { kind: "refused" }>,
  endedAt: number,
  acceptedBefore: boolean,
): Next {
  const { rule, answer } = outcome;
  switch (rule.action) {
    case "throttle":
    case "wait":
    // An error that concerns everybody says nothing about this recipient: the row waits for the operator.
    case "halt_campaign":
    case "halt_lane":
      return { to: "pending" };
    case "hold":
      return {
        to: "held",
        until: endedAt + holdMs(rule.code, rule.waitMs, claim.holds),
        reason: String(rule.code),
      };
    case "fix":
      // Meta answers 131009 also while a new template is syncing: once, and only before anything was accepted.
      if (rule.code === BAD_VALUE && !acceptedBefore && claim.holds === 0) {
        return { to: "held", until: endedAt + TEMPLATE_SYNC_MS, reason: String(rule.code) };
      }
      return failed(rule.code, answer.details ?? answer.message ?? rule.meaning);
    case "fail":
    case "expire":
    case "suppress":
      return failed(rule.code, answer.details ?? answer.message ?? rule.meaning);
    case "ambiguous":
      return { to: "unknown", message: rule.meaning };
    default:
      return unreachable(rule.action);
  }
}

function failed(code: number, message: string): Next {
  return { to: "failed", code: String(code), message };
}

function holdMs(code: number, waitMs: number | undefined, holds: number): number {
  if (code === PAIR_LIMIT)
    return Math.min(1000 * PAIR_BASE ** Math.min(holds, 10), PAIR_HOLD_MAX_MS);
  return waitMs ?? PAIR_HOLD_MAX_MS;
}
