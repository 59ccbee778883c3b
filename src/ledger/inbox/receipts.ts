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
import type { AccountEvents } from "./account-events.ts";
import type { Arrivals } from "./arrivals.ts";
import type { LostAttempts } from "./lost-attempts.ts";
import type { ReceiptMatch } from "./receipt-match.ts";
import type { MatchedDispatch, RoundDispatches } from "./round-dispatches.ts";

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

/** One application of receipts. */
export interface ReceiptRound {
  now: number;
  dispatches: RoundDispatches;
  match: ReceiptMatch;
  /** Campaign → how often each code halted it by coming in a row; looked up once. */
  streakHalts: Map<number, Readonly<Record<string, number>>>;
}

/** Applies receipts; its functions run inside the caller's transaction. */
export function makeReceipts(parts: {
  aliases: Aliases;
  personOfWaId: PersonOfWaId;
  accountEvents: AccountEvents;
  arrivals: Arrivals;
  campaigns: Campaigns;
  refusals: Refusals;
  stops: Stops;
  tallies: Tallies;
  lostAttempts: LostAttempts;
}) {
  const { aliases, personOfWaId, accountEvents, arrivals } = parts;
  const { campaigns, refusals, stops, tallies, lostAttempts } = parts;
  const sql = prepare();
  // Only of this process: a streak that is cut by a restart begins again.
  const streaks = new Map<number, Streak>();

  /** Writes the attempts up to this one down as lost; its dispatch as it is then. */
  function* addLost(
    receipt: TimedReceipt,
    { lane, target, attempt }: Extract<MatchResult<MatchedDispatch>, { kind: "lost" }>,
    { now, dispatches }: ReceiptRound,
  ): Verb<MatchedDispatch | null> {
    yield* lostAttempts.prove(lane, receipt.status === "sent" ? receipt.at : null, now);
    if (target === null) return null;
    yield* dispatches.flush();
    yield* lostAttempts.add(target, attempt, receipt.at);
    yield* tallies.changed(target.campaign, 1);
    dispatches.drop(target);
    dispatches.lookAgain(target);
    dispatches.hasMoreAttempts(target);
    return (yield* dispatches.of(target)) as MatchedDispatch;
  }

  /**
   * What the receipt reports of the recipient: other names of theirs, and the message of an attempt
   * whose answer was lost.
   */
  function* learn(
    receipt: TimedReceipt,
    target: MatchedDispatch,
    { now, dispatches }: ReceiptRound,
  ): Verb<void> {
    const { person, rowUserId } = target;
    const { userId, parentUserId } = receipt;
    const waId = receipt.waId === null ? null : Number(receipt.waId);
    const isNewId = waId !== null && waId !== target.phone && waId !== target.waId;
    const isNewUser = userId !== null && userId !== target.userId && userId !== rowUserId;
    if (!isNewId && !isNewUser && parentUserId === null) return;
    const reported = receipt.waId === null ? null : personOfWaId(receipt.waId);
    yield* aliases.learn([person, reported, rowUserId, userId, parentUserId], now);
    if (isNewId || isNewUser) {
      const names = { waId: isNewId ? waId : null, userId: isNewUser ? userId : null };
      dispatches.rename(target, names);
    }
  }

  return {
    /** Applies one receipt, or says what it has to wait for. */
    *receive(receipt: TimedReceipt, round: ReceiptRound): Verb<Reception> {
      const found = yield* round.match.find(receipt);
      if (found.kind === "parked") return found;
      if (found.kind === "none") return done(found.effect, { isLost: false });
      const isLost = found.kind === "lost";
      const target = isLost ? yield* addLost(receipt, found, round) : found.target;
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
      const { now } = round;
      const context = { region: target.region, wasLost, isEarlier, isOver, cappedTries, now };
      const effect = afterReceipt(target, receipt, context);
      const isBesides = effect.kind === "superseded" || (effect.kind === "park" && isEarlier);
      if (isBesides) yield* arrivals.add(receipt, target, attempt, round.dispatches);
      if (effect.kind === "park") return { kind: "parked", watches: [{ campaign, row, status }] };
      if (effect.kind === "superseded") return done("superseded", { isLost });
      const isNewMessage = found.kind === "lost" || !found.isByMessage;
      if (isNewMessage) yield* sql.message.run(receipt.messageId, campaign, row, attempt);
      if (effect.kind === "changed") yield* change(target, effect.next, { ...round, isEarlier });
      yield* learn(receipt, target, round);
      if (effect.kind === "repeated") return done("repeated", { isLost });
      yield* alarm(target, receipt, round);
      const settled = effect.settled && !isLost;
      const failure = receipt.status === "failed" ? effect.next : null;
      return done("applied", { settled, isLost, failure });
    },
  };

  /** A failure may say that the others must not be sent, if nobody has looked since. */
  function* alarm(
    { campaign, lane, region, checkedAt }: MatchedDispatch,
    receipt: TimedReceipt,
    { now, streakHalts }: ReceiptRound,
  ): Verb<void> {
    if (receipt.status !== "failed") {
      streaks.delete(campaign);
      return;
    }
    const at = latestInstant(receipt.at, now);
    if (checkedAt !== null && at <= checkedAt) return;
    const halts = streakHalts.get(campaign) ?? (yield* campaigns.streakHalts(campaign));
    streakHalts.set(campaign, halts);
    const known = { region, streak: streaks.get(campaign), streakHalts: halts };
    const { streak, scope, halt, refusesCountry } = alarmOf(receipt, known);
    if (streak === undefined) streaks.delete(campaign);
    else streaks.set(campaign, streak);
    if (refusesCountry && region !== null) yield* refusals.add(campaign, region, now);
    if (halt === null) return;
    const { code, sentence, isStreak } = halt;
    const isStopped = (yield* stops.of(campaign))?.code === code;
    const stop = { code, sentence, at };
    if (scope === "lane") yield* accountEvents.stopLane(lane, stop);
    else if ((yield* accountEvents.stopCampaign(campaign, stop)) && isStreak && !isStopped) {
      // One halt, however many receipts of it come before a person looks.
      yield* campaigns.countStreakHalt(campaign, code);
      streakHalts.delete(campaign);
    }
  }

  function* change(
    target: MatchedDispatch,
    next: ReceiptState,
    { now, dispatches, isEarlier }: ReceiptRound & { isEarlier: boolean },
  ): Verb<void> {
    const didReach = !REACHES_NOBODY.includes(target.status);
    dispatches.change(target, next, isEarlier);
    if (didReach === REACHES_NOBODY.includes(next.status)) dispatches.lookAgain(target);
    // A campaign in which a person waits again is not finished: the same command goes on with it
    // when they are due.
    if (next.status !== "held" || target.state !== "finished") return;
    yield* campaigns.reopen(target.campaign, now);
    dispatches.reopened(target.campaign);
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
    message: statement(`
      update attempt set message_id = ?
      where campaign_id = ? and row_number = ? and attempt = ? and stale = 0 and message_id is null
    `),
  };
}
