// An attempt's record as the tuples of the statements that write it down. Spelt out: these run once
// for every message, and each array spread costs as much as a column.

import type { AttemptRecord, Next } from "../../domain/campaign/attempt.ts";
import { unreachable } from "../../domain/common/errors.ts";
import { isDigits } from "../file/digits.ts";

type AcceptedNext = Extract<Next, { to: "accepted" }>;
type OtherNext = Exclude<Next, AcceptedNext>;

/** The tuple of the statement that moves a dispatch where its answer sends it. */
export function toMove(
  campaign: number,
  { row, attempt, next, answer, endedAt }: AttemptRecord,
): unknown[] {
  const code = answer.code === null ? null : String(answer.code);
  switch (next.to) {
    case "accepted":
      return [
        Math.round(endedAt),
        next.messageId,
        next.messageStatus,
        waIdOf(next.waId),
        next.userId,
        campaign,
        row,
        attempt,
      ];
    case "pending":
      return [code, answer.message, campaign, row, attempt];
    case "held": {
      const { until, reason, counts = "holds" } = next;
      return [
        Math.round(until),
        reason,
        counts === "holds" ? 1 : 0,
        counts === "capped" ? 1 : 0,
        code,
        answer.message,
        campaign,
        row,
        attempt,
      ];
    }
    case "failed":
      return [Math.round(endedAt), next.code, next.message, campaign, row, attempt];
    case "unknown":
      return [code, next.message, campaign, row, attempt];
    default:
      return unreachable(next);
  }
}

/** The tuple that keeps an accepted attempt of which Meta said nothing besides. */
export function toKeepPlain(
  campaign: number,
  { row, attempt, endpoint, startedAt, endedAt }: AttemptRecord,
  { messageId, messageStatus, waId, userId }: AcceptedNext,
): unknown[] {
  return [
    campaign,
    row,
    attempt,
    startedAt === null ? null : Math.round(startedAt),
    Math.round(endedAt),
    endpoint,
    messageId,
    messageStatus,
    waIdOf(waId),
    userId,
  ];
}

/**
 * The tuple that keeps an accepted attempt.
 * @param stale 0 for the answer that moved its dispatch
 */
export function toKeepAccepted(
  campaign: number,
  record: AttemptRecord,
  stale: number,
  { messageId, messageStatus, waId, userId }: AcceptedNext,
): unknown[] {
  return [...toKept(campaign, record, stale), messageId, messageStatus, waIdOf(waId), userId];
}

/**
 * The tuple that keeps an attempt that was not accepted.
 * @param stale as above
 */
export function toKeep(
  campaign: number,
  record: AttemptRecord,
  stale: number,
  next: OtherNext,
): unknown[] {
  return [...toKept(campaign, record, stale), next.to, detailOf(next)];
}

function toKept(
  campaign: number,
  { row, attempt, startedAt, endedAt, endpoint, outcome, answer }: AttemptRecord,
  stale: number,
): unknown[] {
  const { httpStatus, code, subcode, message, details, fbtraceId } = answer;
  return [
    campaign,
    row,
    attempt,
    stale,
    startedAt === null ? null : Math.round(startedAt),
    Math.round(endedAt),
    endpoint,
    outcome,
    httpStatus,
    code,
    subcode,
    message,
    details,
    fbtraceId,
  ];
}

function waIdOf(waId: string | null): number | null {
  return waId !== null && isDigits(waId) ? Number(waId) : null;
}

function detailOf(next: OtherNext): string | null {
  switch (next.to) {
    case "pending":
      return null;
    case "held":
      return JSON.stringify({ until: next.until, reason: next.reason });
    case "failed":
      return JSON.stringify({ code: next.code, message: next.message });
    case "unknown":
      return JSON.stringify({ message: next.message });
    default:
      return unreachable(next);
  }
}
