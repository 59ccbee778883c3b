// Puts a status receipt onto the dispatch that it is about: asks the policy, writes down what
// follows, or parks the receipt until it can be applied. Never touches a dispatch that its runner
// owns. Needs the caller's transaction.

import { CAPPED_TRIES } from "../../domain/campaign/campaign.ts";
import type { Status } from "../../domain/campaign/dispatch.ts";
import type { MatchResult, ParkedWatch, TimedReceipt } from "../../domain/receipts/match.ts";
import type { EventEffect } from "../../domain/receipts/processing.ts";
import { latestInstant } from "../../domain/receipts/receipt.ts";
import type { ReceiptState } from "../../domain/receipts/receipt-policy.ts";
import { afterReceipt, alarmOf } from "../../domain/receipts/receipt-policy.ts";
import type { Streak } from "../../domain/sending/streak.ts";
import type { Campaigns } from "../campaigns/campaigns.ts";
import type { Refusals } from "../campaigns/refusals.ts";
import type { Stops } from "../campaigns/stops.ts";
import type { Tallies } from "../campaigns/tallies.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import type { Aliases } from "../people/aliases.ts";
import type { PersonOfWaId } from "../sending/attempts.ts";
import type { Reach } from "../sending/reach.ts";
import type { AccountEvents } from "./account-events.ts";
import type { LostAttempts } from "./lost-attempts.ts";
import type { MatchedDispatch, ReceiptMatch } from "./receipt-match.ts";

/** Statuses of which, if at all, an earlier attempt alone reached a person. */
const REACHES_NOBODY: readonly Status[] = ["pending", "held", "failed"];

export type Reception =
  | { kind: "parked"; watches: [ParkedWatch] | [ParkedWatch, ParkedWatch] }
  | {
      kind: "done";
      effect: EventEffect;
      settled: boolean;
      /** What the dispatch became by a failure; null for anything else. */
      failure: Pick<ReceiptState, "status" | "errorCode"> | null;
      /** It proves an attempt that this ledger never made. */
      isLost: boolean;
    };

/** Applies receipts; its functions run inside the caller's transaction. */
export function makeReceipts(parts: {
  match: ReceiptMatch;
  aliases: Aliases;
  reach: Reach;
  personOfWaId: PersonOfWaId;
  accountEvents: AccountEvents;
  campaigns: Campaigns;
  refusals: Refusals;
  stops: Stops;
  tallies: Tallies;
  lostAttempts: LostAttempts;
}) {
  const { match, aliases, reach, personOfWaId, accountEvents } = parts;
  const { campaigns, refusals, stops, tallies, lostAttempts } = parts;
  const sql = prepare();
  // Only of this process: a streak that is cut by a restart begins again.
  const streaks = new Map<number, Streak>();

  /** Writes the attempts up to this one down as lost; its dispatch as it is then. */
  function* addLost(
    receipt: TimedReceipt,
    { lane, target, attempt }: Extract<MatchResult<MatchedDispatch>, { kind: "lost" }>,
    now: number,
  ): Verb<MatchedDispatch | null> {
    yield* lostAttempts.prove(lane, receipt.status === "sent" ? receipt.at : null, now);
    if (target === null) return null;
    const { campaign, row } = target;
    yield* lostAttempts.add(target, attempt, receipt.at);
    yield* tallies.changed(campaign, 1);
    yield* reach.lookAgain(campaign, row);
    return (yield* match.dispatch(target)) as MatchedDispatch;
  }

  /**
   * What the receipt reports of the recipient: other names of theirs, and the message of an attempt
   * whose answer was lost.
   */
  function* learn(receipt: TimedReceipt, target: MatchedDispatch, now: number): Verb<void> {
    const { campaign, row, person, rowUserId } = target;
    const { userId, parentUserId } = receipt;
    const waId = receipt.waId === null ? null : Number(receipt.waId);
    const isNewId = waId !== null && waId !== target.phone && waId !== target.waId;
    const isNewUser = userId !== null && userId !== target.userId && userId !== rowUserId;
    if (!isNewId && !isNewUser && parentUserId === null) return;
    const reported = receipt.waId === null ? null : personOfWaId(receipt.waId);
    yield* aliases.learn([person, reported, rowUserId, userId, parentUserId], now);
    if (isNewId || isNewUser) {
      yield* sql.names.run(isNewId ? waId : null, isNewUser ? userId : null, campaign, row);
    }
  }

  return {
    /** Applies one receipt, or says what it has to wait for. */
    *receive(receipt: TimedReceipt, now: number): Verb<Reception> {
      const found = yield* match.find(receipt);
      if (found.kind === "parked") return found;
      if (found.kind === "none") return done(found.effect, { isLost: false });
      const isLost = found.kind === "lost";
      const target = isLost ? yield* addLost(receipt, found, now) : found.target;
      if (target === null) return done("unmatched", { isLost });
      const { attempt } = found;
      const { campaign, row, status } = target;
      const waits = status === "pending" || status === "held";
      const isEarlier = attempt < target.attempts;
      // A recipient who is held since the last attempt is so by an answer or a receipt: what became
      // of the message is known.
      const wasLost =
        waits &&
        (isEarlier || status === "pending") &&
        (yield* sql.outcome.get(campaign, row, attempt)) === "unknown";
      // Of a purged campaign, too, nobody may wait: the purge has yet to come to this row.
      const isOver = target.state === "cancelled" || target.purgedAt !== null;
      const cappedTries = target.cappedTries ?? CAPPED_TRIES;
      const context = { region: target.region, wasLost, isEarlier, isOver, cappedTries, now };
      const effect = afterReceipt(target, receipt, context);
      if (effect.kind === "park") return { kind: "parked", watches: [{ campaign, row, status }] };
      if (effect.kind === "superseded") return done("superseded", { isLost });
      const isNewMessage = found.kind === "lost" || !found.isByMessage;
      if (isNewMessage) yield* sql.message.run(receipt.messageId, campaign, row, attempt);
      yield* learn(receipt, target, now);
      if (effect.kind === "repeated") return done("repeated", { isLost });
      yield* write(target, effect.next, now);
      yield* alarm(target, receipt, now);
      const settled = effect.settled && !isLost;
      const failure = receipt.status === "failed" ? effect.next : null;
      return done("applied", { settled, isLost, failure });
    },
  };

  /** A failure may say that the others must not be sent, if nobody has looked since. */
  function* alarm(
    { campaign, region, checkedAt }: MatchedDispatch,
    receipt: TimedReceipt,
    now: number,
  ) {
    if (receipt.status !== "failed") {
      streaks.delete(campaign);
      return;
    }
    const at = latestInstant(receipt.at, now);
    if (checkedAt !== null && at <= checkedAt) return;
    const known = {
      region,
      streak: streaks.get(campaign),
      streakHalts: yield* campaigns.streakHalts(campaign),
    };
    const { streak, scope, halt, refusesCountry } = alarmOf(receipt, known);
    if (streak === undefined) streaks.delete(campaign);
    else streaks.set(campaign, streak);
    if (refusesCountry && region !== null) yield* refusals.add(campaign, region, now);
    if (halt === null) return;
    const { code, sentence, isStreak } = halt;
    const isStopped = (yield* stops.of(campaign))?.code === code;
    const stop = { code, sentence, at };
    if (scope === "lane") yield* accountEvents.stopLane(campaign, stop);
    else if ((yield* accountEvents.stopCampaign(campaign, stop)) && isStreak && !isStopped) {
      // One halt, however many receipts of it come before a person looks.
      yield* campaigns.countStreakHalt(campaign, code);
    }
  }

  function* write(target: MatchedDispatch, next: ReceiptState, now: number): Verb<void> {
    const { campaign, row } = target;
    // biome-ignore format: in the order of the statement's columns
    yield* sql.write.run(
      next.status, next.reason, next.holds, next.capped, next.heldUntil, next.messageId, next.acceptedAt,
      next.sentAt, next.deliveredAt, next.readAt, next.failedAt, next.errorCode,
      next.errorMessage, next.path, next.pricingType, next.pricingCategory, campaign, row,
    );
    yield* tallies.changed(campaign, 1);
    if (target.receiptsSince === null) yield* sql.received.run(now, campaign);
    const didReach = !REACHES_NOBODY.includes(target.status);
    if (didReach === REACHES_NOBODY.includes(next.status)) yield* reach.lookAgain(campaign, row);
    // A campaign in which a person waits again is not finished: the same command goes on with it
    // when they are due.
    if (next.status === "held" && target.state === "finished")
      yield* campaigns.reopen(campaign, now);
  }
}

export type Receipts = ReturnType<typeof makeReceipts>;

function done(
  effect: EventEffect,
  more: { settled?: boolean; isLost: boolean; failure?: ReceiptState | null },
): Reception {
  const { settled = false, isLost, failure = null } = more;
  return { kind: "done", effect, settled, isLost, failure };
}

function prepare() {
  return {
    outcome: statement<[number, number, number], string>(`
        select outcome from attempt
        where campaign_id = ? and row_number = ? and attempt = ? and stale = 0
      `).pluck(),
    write: statement(`
      update dispatch set status = ?, reason = ?, holds = ?, capped = ?, held_until = ?, message_id = ?,
        accepted_at = ?, sent_at = ?, delivered_at = ?, read_at = ?, failed_at = ?, error_code = ?,
        error_message = ?, path = ?, pricing_type = ?, pricing_category = ?
      where campaign_id = ? and row_number = ?
    `),
    names: statement(`
      update dispatch set wa_id = coalesce(?, wa_id), user_id = coalesce(?, user_id)
      where campaign_id = ? and row_number = ?
    `),
    message: statement(`
      update attempt set message_id = ?
      where campaign_id = ? and row_number = ? and attempt = ? and stale = 0 and message_id is null
    `),
    received: statement(
      "update campaign set receipts_since = ? where id = ? and receipts_since is null",
    ),
  };
}
