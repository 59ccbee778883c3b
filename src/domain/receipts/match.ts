// Which dispatch a receipt is about: the order in which it is looked for, and what decides. The
// ledger looks the candidates up.

import type { AttemptKey, Status } from "../campaign/dispatch.ts";
import type { Asking } from "../common/asking.ts";
import type { EventEffect } from "./processing.ts";
import type { PersonNames, StatusReceipt } from "./receipt.ts";

/** Meta's clock and ours may differ by this much; receipts have whole seconds. */
const CLOCKS_DIFFER_MS = 120_000;
/**
 * Longest life of a marketing message (Meta, time-to-live page, 2026-09): 30 days, and a day for
 * the webhook.
 */
export const MESSAGE_LIFE_MS = 31 * 86_400_000;
/** Price categories of marketing messages (Meta, pricing page, 2025-11). */
const MARKETING = ["marketing_lite", "marketing"];
/** Statuses in which planning may give the row to another person. */
const MAY_WAIT: readonly Status[] = ["pending", "held", "skipped"];
/** A key that is further ahead than this is no attempt of ours. */
const AHEAD_MAX = 100;
/**
 * Statuses that a lost attempt makes `unknown`; from any other nobody is sent to again, and the
 * receipt changes nothing.
 */
const TAKES_LOST: readonly Status[] = ["pending", "held", "failed", "unknown"];

/** A name as the ledger keeps it: the digits of a number as an integer, or a user id. */
export type Name = number | string;

/** A receipt whose instant is known, or was put in its place. */
export type TimedReceipt = StatusReceipt & { at: number };

/** A dispatch of the ledger. */
export interface DispatchPlace {
  campaign: number;
  row: number;
}

/** The attempt that a message is of. */
export interface MessagePlace extends DispatchPlace {
  attempt: number;
  /** 1 when the row has another person since. */
  isGivenAway: 0 | 1;
}

/** A dispatch whose message id is not known yet. */
export interface InDoubt extends DispatchPlace {
  status: "claimed" | "unknown";
  claimedAt: number;
}

/** A dispatch that a parked receipt waits for, with the status that it must leave. */
export interface ParkedWatch extends DispatchPlace {
  status: string;
}

/** What of a dispatch decides whether a receipt is about it. */
export interface Candidate extends DispatchPlace {
  lane: string;
  person: number | null;
  /** The user id that the row gave: sent to where there is no phone. */
  rowUserId: string | null;
  status: Status;
  attempts: number;
  /** Of the last attempt. */
  messageId: string | null;
  erasedAt: number | null;
}

/** What the ledger looks up; a question is asked only where the answer depends on it. */
export interface Candidates<T extends Candidate, Q = never> {
  ledgerId: string;
  dispatch(place: DispatchPlace): Asking<Q, T | undefined>;
  /**
   * The attempts that had a message: none, one, or with simulators several; one for each dispatch.
   */
  byMessage(messageId: string): Asking<Q, readonly MessagePlace[]>;
  /**
   * Dispatches of a person that may be waiting for a message id, of campaigns that send from the
   * number; null: from any.
   */
  inDoubt(name: Name, number: string | null): Asking<Q, readonly InDoubt[]>;
  /** The earliest attempt of a dispatch whose message is not known; null: none. */
  firstInDoubt(place: DispatchPlace): Asking<Q, number | null>;
  /** Whether the attempt was made for a person who has the row no more. */
  isGivenAway(place: DispatchPlace, attempt: number): Asking<Q, boolean>;
  /** Every known name of a person. */
  namesOf(person: PersonNames): Asking<Q, readonly Name[]>;
  /** Whether a number is known behind a user id. */
  hasNumber(userId: string): Asking<Q, boolean>;
  /** Whether any campaign sends from the number with this id. */
  isOurNumber(number: string): Asking<Q, boolean>;
}

/** What was found of a receipt. */
export type MatchResult<T extends Candidate> =
  /** `isByMessage`: the ledger had the message id; else the attempt learns it. */
  | { kind: "found"; target: T; attempt: number; isByMessage: boolean }
  /**
   * An attempt that this ledger never made; without a target where its dispatch cannot be known, or
   * takes no receipt.
   */
  | { kind: "lost"; lane: string; target: T | null; attempt: number }
  | { kind: "parked"; watches: [ParkedWatch, ParkedWatch] }
  | { kind: "none"; effect: EventEffect };

/**
 * Finds the dispatch that a receipt is about: by its message id, which alone is proof; else by our
 * key; else, of a receipt without any key, by recipient and time, when exactly one dispatch fits.
 */
export function* matchReceipt<T extends Candidate, Q>(
  receipt: TimedReceipt,
  ledger: Candidates<T, Q>,
): Asking<Q, MatchResult<T>> {
  const ours = keyOf(receipt, ledger.ledgerId);
  const keyed = ours && (yield* ledger.dispatch(ours));
  const found = yield* findByMessage(receipt, keyed, ledger);
  if (found !== undefined) return found;
  if (receipt.key !== null) return yield* findByKey(receipt, keyed, ledger);
  if (receipt.number !== null && !(yield* ledger.isOurNumber(receipt.number))) {
    return { kind: "none", effect: "other_number" };
  }
  return yield* findByPerson(receipt, ledger);
}

/**
 * The dispatch that has, or had, the message that a person's event is about; of several that of the
 * person.
 */
export function* matchMessage<Q>(
  messageId: string,
  names: () => Asking<Q, readonly Name[]>,
  ledger: Pick<Candidates<Candidate, Q>, "byMessage" | "dispatch">,
): Asking<Q, DispatchPlace | undefined> {
  const all = yield* ledger.byMessage(messageId);
  const places = all.filter((place) => place.isGivenAway === 0);
  return places.length < 2 ? places[0] : yield* namedOne(places, yield* names(), ledger);
}

/** The key of a receipt, where it is of this ledger. */
export function keyOf({ key }: StatusReceipt, ledgerId: string): AttemptKey | undefined {
  return key !== null && key !== "foreign" && key.ledger === ledgerId ? key : undefined;
}

function* findByMessage<T extends Candidate, Q>(
  receipt: TimedReceipt,
  keyed: T | undefined,
  ledger: Candidates<T, Q>,
): Asking<Q, MatchResult<T> | undefined> {
  const { messageId } = receipt;
  // Nearly every receipt has our key, and its dispatch this message: no index is asked for it.
  if (keyed?.messageId === messageId) {
    return { kind: "found", target: keyed, attempt: keyed.attempts, isByMessage: true };
  }
  const place = yield* theOne(receipt, keyed, ledger);
  if (place === undefined) return undefined;
  const target = (yield* ledger.dispatch(place)) as T;
  const attempt = target.messageId === messageId ? target.attempts : place.attempt;
  // Another person may have the row by now, and the receipt is not theirs.
  if (place.isGivenAway === 1 && !(yield* isForPersonOfRow(receipt, target, attempt, ledger))) {
    return { kind: "none", effect: "superseded" };
  }
  return { kind: "found", target, attempt, isByMessage: true };
}

/**
 * Meta's ids are unique; simulators give the same one to several messages. Then the key or the
 * recipient decides.
 */
function* theOne<T extends Candidate, Q>(
  receipt: TimedReceipt,
  keyed: T | undefined,
  ledger: Candidates<T, Q>,
): Asking<Q, MessagePlace | undefined> {
  const places = yield* ledger.byMessage(receipt.messageId);
  if (places.length < 2) return places[0];
  const byKey = places.find(
    ({ campaign, row }) => campaign === keyed?.campaign && row === keyed.row,
  );
  return byKey ?? (yield* namedOne(places, yield* ledger.namesOf(receipt), ledger));
}

/** Of several dispatches the one whose row has one of these names. */
function* namedOne<P extends DispatchPlace, Q>(
  places: readonly P[],
  names: readonly Name[],
  ledger: Pick<Candidates<Candidate, Q>, "dispatch">,
): Asking<Q, P | undefined> {
  for (const place of places) {
    const row = yield* ledger.dispatch(place);
    if (names.some((name) => name === row?.person || name === row?.rowUserId)) return place;
  }
  return undefined;
}

function* findByKey<T extends Candidate, Q>(
  receipt: TimedReceipt,
  target: T | undefined,
  ledger: Candidates<T, Q>,
): Asking<Q, MatchResult<T>> {
  const attempt = keyOf(receipt, ledger.ledgerId)?.attempt ?? 0;
  if (attempt < 1) return { kind: "none", effect: "unmatched" };
  if (target === undefined || attempt > target.attempts) {
    return yield* findLost(receipt, { target, attempt }, ledger);
  }
  // The person it was for is erased, and the receipt would bring their number back.
  if (target.erasedAt !== null) return { kind: "none", effect: "repeated" };
  return (yield* isForPersonOfRow(receipt, target, attempt, ledger))
    ? { kind: "found", target, attempt, isByMessage: false }
    : { kind: "none", effect: "unmatched" };
}

/** The key is of this ledger, and of an attempt that it never made. */
function* findLost<T extends Candidate, Q>(
  receipt: TimedReceipt,
  { target, attempt }: { target: T | undefined; attempt: number },
  ledger: Candidates<T, Q>,
): Asking<Q, MatchResult<T>> {
  const lane = target?.lane ?? receipt.number ?? "unknown";
  if (target === undefined) return { kind: "lost", lane, target: null, attempt };
  if (target.erasedAt !== null) return { kind: "none", effect: "repeated" };
  if (attempt > target.attempts + AHEAD_MAX) return { kind: "none", effect: "unmatched" };
  const isTaken =
    TAKES_LOST.includes(target.status) &&
    (yield* isForPersonOfRow(receipt, target, attempt, ledger));
  return { kind: "lost", lane, target: isTaken ? target : null, attempt };
}

function* findByPerson<T extends Candidate, Q>(
  receipt: TimedReceipt,
  ledger: Candidates<T, Q>,
): Asking<Q, MatchResult<T>> {
  if (!mayBeMarketing(receipt.pricing?.category ?? null)) {
    return { kind: "none", effect: "unmatched" };
  }
  const doubts = new Map<string, InDoubt>();
  for (const name of yield* ledger.namesOf(receipt)) {
    for (const dispatch of yield* ledger.inDoubt(name, receipt.number)) {
      // A row that gave both a number and a user id is found by either.
      if (fitsInTime(dispatch.claimedAt, receipt.at))
        doubts.set(`${dispatch.campaign}/${dispatch.row}`, dispatch);
    }
  }
  const [first, second] = doubts.values();
  if (first === undefined) return { kind: "none", effect: "unmatched" };
  if (second !== undefined) return { kind: "parked", watches: [first, second] };
  const target = (yield* ledger.dispatch(first)) as T;
  // Of several messages in doubt it may be any: it counts for the earliest, so that no failure of
  // an earlier one lets the person be sent to again who may have got the later one.
  const attempt = (yield* ledger.firstInDoubt(first)) ?? target.attempts;
  return { kind: "found", target, attempt, isByMessage: false };
}

/** Whether a receipt can be about a marketing message; null: Meta reported no price. */
export function mayBeMarketing(category: string | null): boolean {
  return category === null || MARKETING.includes(category);
}

/**
 * Whether a receipt of the instant `at` can be about a message claimed at `claimedAt`; both in ms.
 */
export function fitsInTime(claimedAt: number, at: number): boolean {
  return at >= claimedAt - CLOCKS_DIFFER_MS && at <= claimedAt + MESSAGE_LIFE_MS;
}

/**
 * Whether the receipt of an attempt is of the person who has the row now. Planning may have given
 * the row to another person since: then the attempt is marked, or it is from before attempts were.
 * The person who got the last attempt has the row still, unless it waits.
 */
export function* isForPersonOfRow<Q>(
  receipt: PersonNames,
  row: Candidate,
  attempt: number,
  ledger: Pick<Candidates<Candidate, Q>, "isGivenAway" | "namesOf" | "hasNumber">,
): Asking<Q, boolean> {
  const { status, person, rowUserId } = row;
  const isGivenAway = yield* ledger.isGivenAway(row, attempt);
  if (!isGivenAway && !MAY_WAIT.includes(status) && attempt === row.attempts) return true;
  const { waId, userId } = receipt;
  if (waId === null && (userId === null || person !== null) && !isGivenAway) return true;
  const names = yield* ledger.namesOf(receipt);
  if (person !== null && names.includes(person)) return true;
  if (rowUserId === null) return false;
  if (names.includes(rowUserId)) return true;
  if (isGivenAway) return false;
  // A message to a user id, reported by a number alone: another person's only when another number
  // is known behind that id.
  return person === null && userId === null && !(yield* ledger.hasNumber(rowUserId));
}
