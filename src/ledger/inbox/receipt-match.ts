// Finds the dispatch that a receipt is about: by its message id, which alone is proof; else by our key; else by recipient and time, when
// exactly one dispatch fits. Changes nothing.

import type { Database } from "better-sqlite3";
import {
  fitsInTime,
  isForPersonOfRow,
  isNamed,
  mayBeMarketing,
} from "../../domain/receipts/match.ts";
import type { EventEffect } from "../../domain/receipts/processing.ts";
import type { StatusReceipt } from "../../domain/receipts/receipt.ts";
import type { ReceiptState } from "../../domain/receipts/receipt-policy.ts";
import type { Aliases } from "../people/aliases.ts";
import { IS_GIVEN_AWAY } from "../people/given-away.ts";
import type { DispatchPlace, InDoubt, MessagePlace, Name, Persons } from "../people/persons.ts";
import type { PersonOfWaId } from "../sending/attempts.ts";
import type { LostAttempts } from "./lost-attempts.ts";

/** A receipt whose instant is known, or was put in its place. */
export type TimedReceipt = StatusReceipt & { at: number };

/** What application needs to know of a dispatch. */
export interface MatchedDispatch extends ReceiptState {
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
  /** Tries that Meta's limit per person may cost; null: the default. */
  cappedTries: number | null;
  erasedAt: number | null;
}

/** A dispatch that a parked receipt waits for, with the status that it must leave. */
export interface ParkedWatch extends DispatchPlace {
  status: string;
}

export type MatchResult =
  /** `isByMessage`: the ledger had the message id; else the attempt learns it. */
  | { kind: "found"; target: MatchedDispatch; attempt: number; isByMessage: boolean }
  /** An attempt that this ledger never made; without a target where its dispatch cannot be known, or takes no receipt. */
  | { kind: "lost"; lane: string; target: MatchedDispatch | null; attempt: number }
  | { kind: "parked"; watches: [ParkedWatch, ParkedWatch] }
  | { kind: "none"; effect: EventEffect };

/** Finds the dispatches of receipts; its functions run inside the caller's transaction. */
export function makeReceiptMatch(
  db: Database,
  parts: {
    ledgerId: string;
    aliases: Aliases;
    persons: Persons;
    personOfWaId: PersonOfWaId;
    lostAttempts: LostAttempts;
  },
) {
  const { ledgerId, aliases, persons, personOfWaId, lostAttempts } = parts;
  const sql = prepare(db);

  function namesOf({ waId, userId, parentUserId }: StatusReceipt): Name[] {
    return aliases.namesOf([waId === null ? null : personOfWaId(waId), userId, parentUserId]);
  }

  function findByMessage(
    receipt: TimedReceipt,
    keyed: MatchedDispatch | undefined,
  ): MatchResult | undefined {
    const { messageId } = receipt;
    // Nearly every receipt has our key, and its dispatch this message: no index is asked for it.
    if (keyed?.messageId === messageId) {
      return { kind: "found", target: keyed, attempt: keyed.attempts, isByMessage: true };
    }
    const place = theOne(persons.byMessage(messageId), receipt, keyed);
    if (place === undefined) return undefined;
    const target = sql.target.get(place.campaign, place.row) as MatchedDispatch;
    const attempt = target.messageId === messageId ? target.attempts : place.attempt;
    // Another person may have the row by now, and the receipt is not theirs.
    if (place.isGivenAway === 1 && !isForTheirs(receipt, target, attempt)) {
      return { kind: "none", effect: "superseded" };
    }
    return { kind: "found", target, attempt, isByMessage: true };
  }

  /** Meta's ids are unique; simulators give the same one to several messages. Then the key or the recipient decides. */
  function theOne(
    places: readonly MessagePlace[],
    receipt: TimedReceipt,
    keyed: MatchedDispatch | undefined,
  ): MessagePlace | undefined {
    if (places.length < 2) return places[0];
    const byKey = places.find(
      ({ campaign, row }) => campaign === keyed?.campaign && row === keyed.row,
    );
    if (byKey !== undefined) return byKey;
    const names = namesOf(receipt);
    return places.find(({ campaign, row }) => isNamed(sql.target.get(campaign, row), names));
  }

  /** The dispatch of a key of this ledger. */
  function keyedBy({ key }: StatusReceipt): MatchedDispatch | undefined {
    if (key === null || key === "foreign" || key.ledger !== ledgerId) return undefined;
    return sql.target.get(key.campaign, key.row);
  }

  function findByKey(receipt: TimedReceipt, target: MatchedDispatch | undefined): MatchResult {
    const { key } = receipt;
    const ours = key !== null && key !== "foreign" && key.ledger === ledgerId ? key : undefined;
    if (ours === undefined || ours.attempt < 1) return { kind: "none", effect: "unmatched" };
    const { attempt } = ours;
    if (target === undefined || attempt > target.attempts)
      return findLost(receipt, target, attempt);
    // The person it was for is erased, and the receipt would bring their number back.
    if (target.erasedAt !== null) return { kind: "none", effect: "repeated" };
    return isForTheirs(receipt, target, attempt)
      ? { kind: "found", target, attempt, isByMessage: false }
      : { kind: "none", effect: "unmatched" };
  }

  /** The key is of this ledger, and of an attempt that it never made. */
  function findLost(
    receipt: TimedReceipt,
    target: MatchedDispatch | undefined,
    attempt: number,
  ): MatchResult {
    const lane = target?.lane ?? receipt.number ?? "unknown";
    if (target === undefined) return { kind: "lost", lane, target: null, attempt };
    if (target.erasedAt !== null) return { kind: "none", effect: "repeated" };
    if (!lostAttempts.isLost(attempt, target)) return { kind: "none", effect: "unmatched" };
    const isSettled = lostAttempts.isSettled(target) && isForTheirs(receipt, target, attempt);
    return { kind: "lost", lane, target: isSettled ? target : null, attempt };
  }

  function isForTheirs(receipt: StatusReceipt, target: MatchedDispatch, attempt: number): boolean {
    return isForPersonOfRow(receipt, target, attempt, {
      isGivenAway: () => sql.isGivenAway.get(target.campaign, target.row, attempt) === 1,
      names: () => namesOf(receipt),
      hasNumber: (id) => aliases.namesOf([id]).some((name) => typeof name === "number"),
    });
  }

  function findByPerson(receipt: TimedReceipt): MatchResult {
    if (!mayBeMarketing(receipt.pricing?.category ?? null)) {
      return { kind: "none", effect: "unmatched" };
    }
    const doubts = new Map<string, InDoubt>();
    for (const name of namesOf(receipt)) {
      for (const dispatch of persons.inDoubt(name, receipt.number)) {
        // A row that gave both a number and a user id is found by either.
        if (fitsInTime(dispatch.claimedAt, receipt.at))
          doubts.set(`${dispatch.campaign}/${dispatch.row}`, dispatch);
      }
    }
    const [first, second] = doubts.values();
    if (first === undefined) return { kind: "none", effect: "unmatched" };
    if (second !== undefined) return { kind: "parked", watches: [first, second] };
    const target = sql.target.get(first.campaign, first.row) as MatchedDispatch;
    // Of several messages in doubt it may be any: it counts for the earliest, so that no failure of an earlier one lets the person be
    // sent to again who may have got the later one.
    const attempt = sql.firstInDoubt.get(first.campaign, first.row) ?? target.attempts;
    return { kind: "found", target, attempt, isByMessage: false };
  }

  function find(receipt: TimedReceipt): MatchResult {
    const keyed = keyedBy(receipt);
    const found = findByMessage(receipt, keyed);
    if (found !== undefined) return found;
    if (receipt.key !== null) return findByKey(receipt, keyed);
    if (receipt.number !== null && !persons.isOurNumber(receipt.number)) {
      return { kind: "none", effect: "other_number" };
    }
    return findByPerson(receipt);
  }

  return {
    find,

    target: (campaign: number, row: number): MatchedDispatch | undefined =>
      sql.target.get(campaign, row),

    /** The dispatch that has, or had, a message; of several that of the person. */
    placeOf(messageId: string, who: readonly (Name | null)[]): DispatchPlace | undefined {
      const places = persons.byMessage(messageId).filter((place) => place.isGivenAway === 0);
      if (places.length < 2) return places[0];
      const names = aliases.namesOf(who);
      return places.find(({ campaign, row }) => isNamed(sql.target.get(campaign, row), names));
    },
  };
}

export type ReceiptMatch = ReturnType<typeof makeReceiptMatch>;

function prepare(db: Database) {
  return {
    target: db.prepare<[number, number], MatchedDispatch>(`
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
    firstInDoubt: db
      .prepare<[number, number], number | null>(`
        select min(attempt) from attempt
        where campaign_id = ? and row_number = ? and outcome = 'unknown' and stale = 0
          and message_id is null and (${IS_GIVEN_AWAY}) is not 1
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
  };
}
