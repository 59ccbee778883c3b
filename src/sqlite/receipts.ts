// Puts a status receipt onto the dispatch that it is about: finds it, asks the policy, writes down what follows, or parks the
// receipt until it can be told. Never touches a dispatch that its runner owns. Needs the caller's transaction.

import type { Database } from "better-sqlite3";
import type { Status } from "../dispatch.ts";
import { CAPPED_TRIES } from "../holds.ts";
import type { EventEffect } from "../ledger.ts";
import type { StatusReceipt } from "../receipt.ts";
import { latestInstant } from "../receipt.ts";
import type { Standing } from "../receipt-policy.ts";
import { afterReceipt, alarmOf } from "../receipt-policy.ts";
import type { Streak } from "../streak.ts";
import type { AccountEvents } from "./account-events.ts";
import type { PersonOfWaId } from "./attempts.ts";
import type { Campaigns } from "./campaigns.ts";
import type { LostAttempts } from "./lost-attempts.ts";
import type { InDoubt, Persons, Place } from "./persons.ts";
import { IS_GIVEN_AWAY } from "./planning.ts";
import type { Reach } from "./reach.ts";
import type { Refusals } from "./refusals.ts";
import type { Stops } from "./stops.ts";
import type { Named, Suppressions } from "./suppressions.ts";
import type { Tallies } from "./tallies.ts";

/** A receipt whose instant is known, or was put in its place. */
export type TimedReceipt = StatusReceipt & { at: number };

/** Meta's clock and ours may differ by this much; receipts have whole seconds. */
const CLOCKS_DIFFER_MS = 120_000;
/** Longest life of a marketing message (Meta, time-to-live page, 2026-09): 30 days, and a day for the webhook. */
const MESSAGE_LIFE_MS = 31 * 86_400_000;

/** Prices of marketing messages: a message with another one is none of ours. */
const MARKETING = ["marketing_lite", "marketing"];

/** Statuses of which, if at all, an earlier attempt alone reached somebody. */
const REACHES_NOBODY: readonly Status[] = ["pending", "held", "failed"];

/** What application needs to know of a dispatch. */
interface Target extends Standing {
  campaign: number;
  lane: string;
  row: number;
  attempts: number;
  phone: number | null;
  person: number | null;
  /** The user id that the row gave: sent to where there is no phone. */
  rowUserId: string | null;
  region: string | null;
  waId: number | null;
  userId: string | null;
  state: string;
  /** The purge of its campaign has begun. */
  purgedAt: number | null;
  receiptsSince: number | null;
  checkedAt: number | null;
  cappedTries: number | null;
  erasedAt: number | null;
}

/** Whom a message was for. */
interface Recipient extends Named {
  /** With `+`. */
  phone: string | null;
}

/** A dispatch that a parked receipt waits for, with the status that it must leave. */
export interface Watch extends Place {
  status: string;
}

export type Reception =
  | { kind: "parked"; watches: [Watch] | [Watch, Watch] }
  | {
      kind: "done";
      effect: EventEffect;
      settled: boolean;
      /** It proves an attempt that this ledger never made. */
      isLost: boolean;
    };

type Found =
  | { kind: "found"; target: Target; attempt: number | null }
  /** An attempt that this ledger never made; without a target where its dispatch cannot be told, or takes no receipt. */
  | { kind: "lost"; lane: string; target: Target | null; attempt: number }
  | { kind: "parked"; watches: [Watch] | [Watch, Watch] }
  | { kind: "none"; effect: "unmatched" | "other_number" | "repeated" };

/** Applies receipts; its functions run inside the caller's transaction. */
export function makeReceipts(
  db: Database,
  parts: {
    ledgerId: string;
    persons: Persons;
    suppressions: Suppressions;
    reach: Reach;
    personOfWaId: PersonOfWaId;
    accountEvents: AccountEvents;
    campaigns: Campaigns;
    refusals: Refusals;
    stops: Stops;
    tallies: Tallies;
    lostAttempts: LostAttempts;
  },
) {
  const { ledgerId, persons, suppressions, reach, personOfWaId, accountEvents } = parts;
  const { campaigns, refusals, stops, tallies, lostAttempts } = parts;
  const sql = prepare(db);
  // Only of this process: a streak that is cut by a restart begins anew.
  const streaks = new Map<number, Streak>();

  function find(receipt: TimedReceipt): Found {
    const { key } = receipt;
    if (key !== null) {
      const ours = key !== "foreign" && key.ledger === ledgerId ? key : undefined;
      if (ours === undefined || ours.attempt < 1) return { kind: "none", effect: "unmatched" };
      const target = sql.target.get(ours.campaign, ours.row);
      if (target === undefined || ours.attempt > target.attempts) {
        return findLost(receipt, target, ours.attempt);
      }
      // Whoever it was for is erased, and the receipt would bring their number back.
      if (target.erasedAt !== null) return { kind: "none", effect: "repeated" };
      return isForTheirs(receipt, target, ours.attempt)
        ? { kind: "found", target, attempt: ours.attempt }
        : { kind: "none", effect: "unmatched" };
    }
    if (receipt.number !== null && !persons.isOurNumber(receipt.number)) {
      return { kind: "none", effect: "other_number" };
    }
    return findByPerson(receipt);
  }

  /** The key is of this ledger, and of an attempt that it never made. */
  function findLost(receipt: TimedReceipt, target: Target | undefined, attempt: number): Found {
    const lane = target?.lane ?? receipt.number ?? "unknown";
    if (target === undefined) return { kind: "lost", lane, target: null, attempt };
    if (target.erasedAt !== null) return { kind: "none", effect: "repeated" };
    if (!lostAttempts.isLost(attempt, target)) return { kind: "none", effect: "unmatched" };
    const isSettled = lostAttempts.isSettled(target) && isForTheirs(receipt, target, attempt);
    return { kind: "lost", lane, target: isSettled ? target : null, attempt };
  }

  /** Writes the attempts up to this one down as lost; its dispatch as it is then. */
  function addLost(
    receipt: TimedReceipt,
    { lane, target, attempt }: Extract<Found, { kind: "lost" }>,
    now: number,
  ): Target | null {
    lostAttempts.prove(lane, receipt.status === "sent" ? receipt.at : null, now);
    if (target === null) return null;
    const { campaign, row } = target;
    lostAttempts.add(target, attempt, receipt.at);
    tallies.changed(campaign, 1);
    reach.lookAgain(campaign, row);
    return sql.target.get(campaign, row) as Target;
  }

  /**
   * Planning may have given the row to somebody else since the attempt of this receipt: then it is marked, or it is from before
   * attempts were. Whoever got the last attempt has the row still, unless it waits.
   */
  function isForTheirs(receipt: StatusReceipt, target: Target, attempt: number): boolean {
    const { campaign, row, status, person, rowUserId } = target;
    const isGivenAway = sql.isGivenAway.get(campaign, row, attempt) === 1;
    const mayWait = ["pending", "held", "skipped"].includes(status);
    if (!isGivenAway && !mayWait && attempt === target.attempts) return true;
    const { waId, userId } = receipt;
    if (waId === null && (userId === null || person !== null) && !isGivenAway) return true;
    const names = persons.names(waId === null ? null : personOfWaId(waId), userId);
    if (person !== null && names.includes(person)) return true;
    if (rowUserId === null) return false;
    if (names.includes(rowUserId)) return true;
    if (isGivenAway) return false;
    // A message to a user id, told by a number alone: somebody else's only when we know another number behind that id.
    const isKnown = persons.names(null, rowUserId).some((name) => typeof name === "number");
    return person === null && userId === null && !isKnown;
  }

  function findByPerson(receipt: TimedReceipt): Found {
    const person = receipt.waId === null ? null : personOfWaId(receipt.waId);
    const names = persons.names(person, receipt.userId);
    for (const one of names) {
      const place = persons.byMessage(one, receipt.messageId);
      if (place === undefined) continue;
      const target = sql.target.get(place.campaign, place.row) as Target;
      return { kind: "found", target, attempt: place.attempt };
    }
    const category = receipt.pricing?.category ?? null;
    if (category !== null && !MARKETING.includes(category)) {
      return { kind: "none", effect: "unmatched" };
    }
    const doubts = new Map<string, InDoubt>();
    for (const name of names) {
      for (const one of persons.inDoubt(name, receipt.number)) {
        // A row that gave both a number and a user id is found by either.
        if (fitsInTime(one, receipt.at)) doubts.set(`${one.campaign}/${one.row}`, one);
      }
    }
    const [first, second] = doubts.values();
    if (first === undefined) return { kind: "none", effect: "unmatched" };
    if (second !== undefined) return { kind: "parked", watches: [first, second] };
    const target = sql.target.get(first.campaign, first.row) as Target;
    return { kind: "found", target, attempt: target.attempts };
  }

  /** What the receipt tells of the recipient: other names of theirs. */
  function learn(receipt: TimedReceipt, target: Target, now: number): void {
    const { campaign, row, person, rowUserId } = target;
    const waId = receipt.waId === null ? null : Number(receipt.waId);
    const isNewId = waId !== null && waId !== target.phone && waId !== target.waId;
    const isNewUser =
      receipt.userId !== null && receipt.userId !== target.userId && receipt.userId !== rowUserId;
    if (!isNewId && !isNewUser) return;
    const told = waId === null ? null : personOfWaId(String(waId));
    const known = person ?? told;
    if (isNewId && person !== null) suppressions.learnAlias(person, told as number, now);
    if (isNewId && rowUserId !== null) suppressions.learnUserId(told as number, rowUserId, now);
    if (isNewUser && known !== null) suppressions.learnUserId(known, receipt.userId as string, now);
    sql.names.run(isNewId ? waId : null, isNewUser ? receipt.userId : null, campaign, row);
  }

  return {
    /** Applies one receipt, or says what it has to wait for. */
    receive(receipt: TimedReceipt, now: number): Reception {
      const found = find(receipt);
      if (found.kind === "parked") return found;
      if (found.kind === "none") return done(found.effect, { isLost: false });
      const isLost = found.kind === "lost";
      const target = isLost ? addLost(receipt, found, now) : found.target;
      if (target === null) return done("unmatched", { isLost });
      const { attempt } = found;
      const { campaign, row, status } = target;
      const waits = status === "pending" || status === "held";
      const isEarlier = attempt !== null && attempt < target.attempts;
      // Whoever is held since the last attempt is so by an answer or a receipt: what became of the message is known.
      const wasLost =
        waits &&
        attempt !== null &&
        (isEarlier || status === "pending") &&
        sql.outcome.get(campaign, row, attempt) === "unknown";
      // Of a purged campaign, too, nobody may wait: the purge has yet to come to this row.
      const isOver = target.state === "cancelled" || target.purgedAt !== null;
      const cappedTries = target.cappedTries ?? CAPPED_TRIES;
      const context = { region: target.region, wasLost, isEarlier, isOver, cappedTries, now };
      const effect = afterReceipt(target, receipt, context);
      if (effect.kind === "park") return { kind: "parked", watches: [{ campaign, row, status }] };
      if (effect.kind === "superseded") return done("superseded", { isLost });
      learn(receipt, target, now);
      if (effect.kind === "repeated") return done("repeated", { isLost });
      write(target, effect.next, now);
      alarm(target, receipt, now);
      return done("applied", { settled: effect.settled && !isLost, isLost });
    },

    /** The dispatch that this message belongs to, for what people say to it. */
    placeOf(person: number | null, userId: string | null, messageId: string): Place | undefined {
      for (const one of persons.names(person, userId)) {
        const place = persons.byMessage(one, messageId);
        if (place !== undefined) return place;
      }
      return undefined;
    },

    /** Who got the message, where the receipt names nobody and only its key tells. */
    recipientOf(receipt: StatusReceipt): Recipient | undefined {
      const { key } = receipt;
      if (key === null || key === "foreign" || key.ledger !== ledgerId) return undefined;
      const target = sql.target.get(key.campaign, key.row);
      if (target === undefined || !isForTheirs(receipt, target, key.attempt)) return undefined;
      const { phone, person, rowUserId } = target;
      return { phone: phone === null ? null : `+${phone}`, person, userId: rowUserId };
    },
  };

  /** A failure may say that the others must not be sent, if nobody has looked since. */
  function alarm({ campaign, region, checkedAt }: Target, receipt: TimedReceipt, now: number) {
    if (receipt.status !== "failed") {
      streaks.delete(campaign);
      return;
    }
    const at = latestInstant(receipt.at, now);
    if (checkedAt !== null && at <= checkedAt) return;
    const known = {
      region,
      streak: streaks.get(campaign),
      streakHalts: campaigns.streakHalts(campaign),
    };
    const { streak, scope, halt, refusesCountry } = alarmOf(receipt, known);
    if (streak === undefined) streaks.delete(campaign);
    else streaks.set(campaign, streak);
    if (refusesCountry && region !== null) refusals.add(campaign, region, now);
    if (halt === null) return;
    const { code, sentence, isStreak } = halt;
    const isStopped = stops.of(campaign)?.code === code;
    const stop = { code, sentence, at };
    if (scope === "lane") accountEvents.stopLane(campaign, stop);
    else if (accountEvents.stopCampaign(campaign, stop) && isStreak && !isStopped) {
      // One halt, however many receipts of it come before a person looks.
      campaigns.countStreakHalt(campaign, code);
    }
  }

  function write(target: Target, next: Standing, now: number): void {
    const { campaign, row } = target;
    // biome-ignore format: one line a column would hide that these are the columns of the statement, in their order
    sql.write.run(
      next.status, next.reason, next.holds, next.capped, next.heldUntil, next.messageId, next.acceptedAt,
      next.sentAt, next.deliveredAt, next.readAt, next.failedAt, next.errorCode,
      next.errorMessage, next.path, next.pricingType, next.pricingCategory, campaign, row,
    );
    tallies.changed(campaign, 1);
    if (target.receiptsSince === null) sql.received.run(now, campaign);
    const didReach = !REACHES_NOBODY.includes(target.status);
    if (didReach === REACHES_NOBODY.includes(next.status)) reach.lookAgain(campaign, row);
    // A campaign in which somebody waits again is not finished: the same command goes on with it when they are due.
    if (next.status === "held" && target.state === "finished") campaigns.reopen(campaign, now);
  }
}

export type Receipts = ReturnType<typeof makeReceipts>;

function done(effect: EventEffect, more: { settled?: boolean; isLost: boolean }): Reception {
  return { kind: "done", effect, settled: more.settled ?? false, isLost: more.isLost };
}

function fitsInTime(one: InDoubt, at: number): boolean {
  return at >= one.claimedAt - CLOCKS_DIFFER_MS && at <= one.claimedAt + MESSAGE_LIFE_MS;
}

function prepare(db: Database) {
  return {
    target: db.prepare<[number, number], Target>(`
      select d.campaign_id as campaign, c.lane, d.row_number as row, d.attempts, d.phone, d.person,
        d.row_user_id as rowUserId, d.region, d.wa_id as waId, d.user_id as userId, d.status,
        d.reason, d.holds, d.capped, c.capped_tries as cappedTries, d.held_until as heldUntil, d.message_id as messageId, d.accepted_at as acceptedAt,
        d.sent_at as sentAt, d.delivered_at as deliveredAt, d.read_at as readAt,
        d.failed_at as failedAt, d.error_code as errorCode, d.error_message as errorMessage,
        d.path, d.pricing_type as pricingType, d.pricing_category as pricingCategory, c.state,
        c.receipts_since as receiptsSince, c.checked_at as checkedAt, d.erased_at as erasedAt,
        c.erased_at as purgedAt
      from dispatch d join campaign c on c.id = d.campaign_id
      where d.campaign_id = ? and d.row_number = ?
    `),
    outcome: db
      .prepare<[number, number, number], string>(`
        select outcome from attempt
        where campaign_id = ? and row_number = ? and attempt = ? and stale = 0
      `)
      .pluck(),
    isGivenAway: db
      .prepare<[number, number, number], number>(`
        select exists (
          select 1 from attempt
          where campaign_id = ? and row_number = ? and attempt = ? and ${IS_GIVEN_AWAY}
        )
      `)
      .pluck(),
    write: db.prepare(`
      update dispatch set status = ?, reason = ?, holds = ?, capped = ?, held_until = ?, message_id = ?,
        accepted_at = ?, sent_at = ?, delivered_at = ?, read_at = ?, failed_at = ?, error_code = ?,
        error_message = ?, path = ?, pricing_type = ?, pricing_category = ?
      where campaign_id = ? and row_number = ?
    `),
    names: db.prepare(`
      update dispatch set wa_id = coalesce(?, wa_id), user_id = coalesce(?, user_id)
      where campaign_id = ? and row_number = ?
    `),
    received: db.prepare(
      "update campaign set receipts_since = ? where id = ? and receipts_since is null",
    ),
  };
}
