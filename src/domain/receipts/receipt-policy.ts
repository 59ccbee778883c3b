// What a status receipt does to a dispatch: where it stands and what was reported go in, where it
// stands then comes out. No clock, no database, and nothing is ever sent from here.
//
// Meta keeps no order (status reference, 2026-09): `read` may come without `delivered`, `sent`
// after `failed`, each twice. So the outcome must be the same in whatever order receipts come: the
// furthest one counts, and `failed` is further than `sent` but not than `delivered`.

import type { Halt } from "../campaign/campaign.ts";
import type { Status } from "../campaign/dispatch.ts";
import { unreachable } from "../common/errors.ts";
import type { CodeAction, CodeRule } from "../sending/error-codes.ts";
import { isKnownCode, isOfAll, ruleForError } from "../sending/error-codes.ts";
import { holdOf } from "../sending/holds.ts";
import type { Streak } from "../sending/streak.ts";
import { lengthened, passSentence, streakMax } from "../sending/streak.ts";
import type { ReceiptError, ReceiptStatus, StatusReceipt } from "./receipt.ts";
import type { ReportedCost } from "./reported-cost.ts";
import { dearerCost } from "./reported-cost.ts";

/** A failed message of which Meta did not say why. */
const NO_CODE = "no_code";
/**
 * What `resolve --unknown give-up` leaves behind: not Meta's word, so any receipt is better than
 * it.
 */
const GIVEN_UP = "given_up";

/** The part of a dispatch that receipts change. */
export interface ReceiptState {
  status: Status;
  reason: string | null;
  holds: number;
  capped: number;
  heldUntil: number | null;
  messageId: string | null;
  acceptedAt: number | null;
  sentAt: number | null;
  deliveredAt: number | null;
  readAt: number | null;
  failedAt: number | null;
  errorCode: string | null;
  errorMessage: string | null;
  path: string | null;
  pricingType: string | null;
  pricingCategory: string | null;
  /** What the message cost by its receipts, in millionths; both null until one reports it. */
  cost: number | null;
  costCurrency: string | null;
}

export interface ReceiptContext {
  /** ISO region of the recipient. */
  region: string | null;
  /**
   * The attempt that the receipt is about ended without an answer, so its message was in doubt
   * until now.
   */
  wasLost: boolean;
  /** The receipt is about an earlier attempt than the last one. */
  isEarlier: boolean;
  /** The campaign was cancelled, or is being purged: nobody of it may wait any more. */
  isOver: boolean;
  /** Tries for Meta's limit per person (131049), the first included. */
  cappedTries: number;
  now: number;
}

export type ReceiptEffect =
  /** The runner has not written down its own answer yet: the receipt waits for that. */
  | { kind: "park" }
  /** Known already, or overtaken by a later one. */
  | { kind: "repeated" }
  /** About an earlier message of this dispatch, which another one has replaced. */
  | { kind: "superseded" }
  /** `settled`: the dispatch was in doubt, and is not any more. */
  | { kind: "changed"; next: ReceiptState; settled: boolean };

/** How far a message got. */
const FURTHEST: Readonly<Record<Exclude<ReceiptStatus, "played">, number>> = {
  sent: 1,
  failed: 2,
  delivered: 3,
  read: 4,
};
const NOWHERE = 0;
const BEYOND = 5;

/**
 * Decides what a receipt of a known dispatch does to it; `receipt.at` in milliseconds must be
 * there.
 */
export function afterReceipt(
  standing: ReceiptState,
  receipt: StatusReceipt & { at: number },
  context: ReceiptContext,
): ReceiptEffect {
  if (standing.status === "claimed") return { kind: "park" };
  const isOther = standing.messageId !== null && standing.messageId !== receipt.messageId;
  if (isOther || standing.status === "skipped" || standing.status === "cancelled") {
    return { kind: "superseded" };
  }
  // Who listened to a voice message has read it.
  const reported = receipt.status === "played" ? "read" : receipt.status;
  // How an earlier message went tells nothing of a later one whose answer is lost, unless it came
  // after all: of one that failed and is reported again the later one must not be sent once more.
  const isInDoubt = standing.status === "unknown" || standing.errorCode === GIVEN_UP;
  if (context.isEarlier && isInDoubt && FURTHEST[reported] <= FURTHEST.failed) {
    return { kind: "superseded" };
  }
  const isFurther = FURTHEST[reported] > reached(standing, context);
  if (reported === "failed") {
    // A recipient who waits already was refused before, or is sent to again by the operator's
    // decision.
    const waits = standing.status === "pending" || standing.status === "held";
    if (!isFurther || waits) return { kind: "repeated" };
    return changed(standing, afterFailure(standing, receipt, context));
  }
  if (isFurther) return changed(standing, arrived(standing, receipt, reported));
  // The message that these were reported of is over, and its instants with it.
  if (standing.messageId === null) return { kind: "repeated" };
  return changed(standing, withFacts(standing, receipt, reported));
}

/**
 * Of several errors in one receipt the strongest counts: one that concerns everybody, then one that
 * is definite about the person, then one after which the message may be tried again, then the rest
 * in the order of how much they say.
 */
const STRENGTH: readonly CodeAction[] = [
  ...(["halt_lane", "halt_campaign", "suppress", "refuse_country", "expire"] as const),
  ...(["hold", "wait", "throttle", "fix", "fail", "ambiguous"] as const),
];

/** An error of a receipt, with what its code means. */
interface JudgedError {
  error: ReceiptError;
  rule: CodeRule;
}

/**
 * The error that decides what a failed receipt does.
 * @param region ISO region of the recipient
 * @returns undefined when no error of the receipt has a code
 */
function decisiveError(
  errors: readonly ReceiptError[],
  region: string | null,
): JudgedError | undefined {
  const judged = errors.flatMap((error): JudgedError[] =>
    error.code === null ? [] : [{ error, rule: ruleOf(error, error.code, region) }],
  );
  const strength = ({ rule }: JudgedError): number =>
    isKnownCode(rule.code) ? STRENGTH.indexOf(rule.action) : STRENGTH.length;
  // The sort keeps the order of equal ones.
  return judged.sort((a, b) => strength(a) - strength(b))[0];
}

/** A rule's suppression: the receipt says that this person wants no marketing (131050). */
export function asksForSuppression(receipt: StatusReceipt): CodeRule | undefined {
  if (receipt.status !== "failed") return undefined;
  const rules = receipt.errors.flatMap((error) =>
    error.code === null ? [] : [ruleOf(error, error.code, null)],
  );
  return rules.find((rule) => rule.action === "suppress");
}

function ruleOf(error: ReceiptError, code: number, region: string | null): CodeRule {
  return ruleForError({ ...error, code, message: error.message ?? error.title }, region);
}

/** What is known of a campaign when one of its messages fails. */
export interface AlarmContext {
  /** ISO region of the recipient. */
  region: string | null;
  /** Failed receipts with the same code, with no other receipt in between. */
  streak: Streak | undefined;
  /** Code → how often the campaign halted because the code came many times in a row. */
  streakHalts: Readonly<Record<string, number>>;
}

/**
 * What a failure tells of everybody else: whom it stops, and how often its code came in a row by
 * now.
 */
interface Alarm {
  streak: Streak | undefined;
  /** The campaign, or every campaign of the sending number. */
  scope: "campaign" | "lane";
  halt: Halt | null;
  /** Meta refuses the account for the recipient's country. */
  refusesCountry: boolean;
}

/**
 * Whether a message that failed after Meta had taken it means that others must not be sent: the
 * same rules as for replies, since Meta reports a paused template or a missing payment either way.
 * Ask only for what was news.
 */
export function alarmOf({ errors }: StatusReceipt, context: AlarmContext): Alarm {
  const { region, streak, streakHalts } = context;
  const calm: Alarm = { streak, scope: "campaign", halt: null, refusesCountry: false };
  const decisive = decisiveError(errors, region);
  if (decisive === undefined) return calm;
  const { error, rule } = decisive;
  const code = String(rule.code);
  if (isOfAll(rule)) {
    const scope = rule.action === "halt_lane" ? "lane" : "campaign";
    const sentence = `${saidOf(rule, error, "")} ${SENT_AGAIN}`;
    return { ...calm, scope, halt: { code, sentence } };
  }
  if (rule.action === "refuse_country") return { ...calm, refusesCountry: true };
  const halts = streakHalts[code] ?? 0;
  const max = streakMax(rule, "receipt", halts);
  // A message that waits, or whose time has passed, says nothing about the others: expired ones
  // come in bunches.
  if (max === Number.POSITIVE_INFINITY) return calm;
  const next = lengthened(streak, rule);
  if (next === undefined || next.count < max) return { ...calm, streak: next };
  const clause = saidOf(rule, error, ` ${next.count} times in a row`);
  const sentence = `${clause} ${passSentence(rule, "receipt", halts)}`;
  return { ...calm, streak: undefined, halt: { code, sentence, isStreak: true } };
}

const SENT_AGAIN =
  "Recipients whose messages failed with this code are held, and the next run sends to them again.";

function saidOf(rule: CodeRule, error: ReceiptError, often: string): string {
  const words = error.details ?? error.message ?? error.title;
  const quoted = words === null ? "" : ` Meta says: "${words.replace(/[.\s]+$/, "")}".`;
  return `Code ${rule.code} came by receipt${often}: ${rule.meaning}.${quoted} ${rule.todo}`;
}

function reached(standing: ReceiptState, { wasLost }: ReceiptContext): number {
  const { status } = standing;
  switch (status) {
    case "accepted":
    case "unknown":
      return NOWHERE;
    // By the clock alone it is a guess, by a receipt (131043) as definite as a failure.
    case "expired":
      return standing.errorCode === null ? NOWHERE : FURTHEST.failed;
    case "sent":
    case "delivered":
    case "read":
      return FURTHEST[status];
    case "failed":
      return standing.errorCode === GIVEN_UP ? NOWHERE : FURTHEST.failed;
    // A refusal brought it here, by reply or by receipt, unless the operator sends again what was
    // in doubt.
    case "pending":
    case "held":
      return wasLost ? NOWHERE : FURTHEST.failed;
    case "claimed":
    case "skipped":
    case "cancelled":
      return BEYOND;
    default:
      return unreachable(status);
  }
}

function changed(before: ReceiptState, next: ReceiptState): ReceiptEffect {
  const keys = Object.keys(next) as (keyof ReceiptState)[];
  if (keys.every((key) => next[key] === before[key])) return { kind: "repeated" };
  const wasInDoubt = before.status === "unknown" || before.errorCode === GIVEN_UP;
  return { kind: "changed", next, settled: wasInDoubt && next.errorCode !== GIVEN_UP };
}

/** The message got further than was known. */
function arrived(
  standing: ReceiptState,
  receipt: StatusReceipt & { at: number },
  reported: "sent" | "delivered" | "read",
): ReceiptState {
  const next: ReceiptState = {
    ...standing,
    status: reported,
    reason: null,
    heldUntil: null,
    failedAt: null,
    errorCode: null,
    errorMessage: null,
    messageId: receipt.messageId,
    // When Meta took it is not reported any more; it was no later than this.
    acceptedAt: standing.acceptedAt ?? receipt.at,
  };
  return withFacts(next, receipt, reported);
}

/**
 * The first instant of each kind, and the first pricing, are kept; a late receipt may still bring
 * one. A cost is that of the message, not of the receipt: `delivered` and `read` both name it, and
 * of two that differ the higher one is kept.
 */
function withFacts(
  standing: ReceiptState,
  receipt: StatusReceipt & { at: number },
  reported: "sent" | "delivered" | "read" | null,
): ReceiptState {
  const next = { ...standing };
  if (reported === "sent") next.sentAt ??= receipt.at;
  if (reported === "delivered") next.deliveredAt ??= receipt.at;
  if (reported === "read") next.readAt ??= receipt.at;
  const { pricing } = receipt;
  if (pricing !== null && next.pricingCategory === null && next.pricingType === null) {
    next.pricingCategory = pricing.category;
    next.pricingType = pricing.type;
    const { category } = pricing;
    if (category === "marketing_lite" || category === "marketing") next.path = category;
  }
  const isCosting = reported === "delivered" || reported === "read";
  const cost = isCosting ? dearerCost(costOf(standing), pricing?.cost ?? null) : null;
  return cost === null ? next : { ...next, cost: cost.amount, costCurrency: cost.currency };
}

/** What is known of a message's cost; null: nothing. */
export function costOf({
  cost,
  costCurrency,
}: Pick<ReceiptState, "cost" | "costCurrency">): ReportedCost | null {
  return cost === null || costCurrency === null ? null : { amount: cost, currency: costCurrency };
}

function afterFailure(
  standing: ReceiptState,
  receipt: StatusReceipt & { at: number },
  context: ReceiptContext,
): ReceiptState {
  const decisive = decisiveError(receipt.errors, context.region);
  const rule = decisive?.rule ?? null;
  const message = messageOf(decisive?.error ?? receipt.errors[0], rule);
  const hold = rule === null ? undefined : holdOf(rule, standing, "receipt", context.cappedTries);
  // An expired or given-up message has had its time, and of a cancelled campaign nobody waits.
  const isOpen = ["accepted", "sent", "unknown"].includes(standing.status) && !context.isOver;
  if (rule === null || hold?.kind !== "wait" || !isOpen) {
    // Of what was given up it is enough to know that it failed.
    const isExpired = rule?.action === "expire" && standing.status !== "failed";
    return withFacts(
      {
        ...standing,
        status: isExpired ? "expired" : "failed",
        failedAt: isExpired ? null : receipt.at,
        errorCode: rule === null ? NO_CODE : String(rule.code),
        errorMessage: message,
        messageId: receipt.messageId,
        acceptedAt: standing.acceptedAt ?? receipt.at,
      },
      receipt,
      null,
    );
  }
  // What the next attempt writes again is empty until then; the attempt that failed keeps its own
  // message id.
  return {
    status: "held",
    reason: String(rule.code),
    holds: standing.holds + (hold.counts === "holds" ? 1 : 0),
    capped: standing.capped + (hold.counts === "capped" ? 1 : 0),
    // A webhook may come days late, and its clock may be ahead of ours. What concerns everybody
    // waits from now on, since a receipt of its delivery may be in the next body.
    heldUntil: (isOfAll(rule) ? context.now : Math.min(receipt.at, context.now)) + hold.forMs,
    messageId: null,
    acceptedAt: null,
    sentAt: null,
    deliveredAt: null,
    readAt: null,
    failedAt: null,
    errorCode: String(rule.code),
    errorMessage: message,
    path: null,
    pricingType: null,
    pricingCategory: null,
    cost: null,
    costCurrency: null,
  };
}

function messageOf(error: ReceiptError | undefined, rule: CodeRule | null): string {
  return (
    error?.details ??
    error?.message ??
    error?.title ??
    rule?.meaning ??
    "Meta said that the message failed, and not why."
  );
}
