// Finds the dispatch of every row of a source that changed since it was planned: by what names the
// row for good, else by its person, never by where it stands. Pure: it decides nothing about
// sending, and writes nothing.

import type { KnownRow } from "../campaign/row.ts";
import { rowHash } from "../recipient/recipient.ts";
import type { NumberLists } from "./number-lists.ts";
import { makeNumberLists, mix } from "./number-lists.ts";
import type { OtherNames } from "./rows.ts";

/** What a row of the source is known by. */
export interface RowKey {
  hash: number;
  /** Digits; null when the row has no number that can be read. */
  person: string | null;
  userId: string | null;
  recipientId: string | null;
  /** Its cells may stand under other columns than theirs: it is known by its content alone. */
  isDamaged: boolean;
}

/** What planning may do with a dispatch. */
export const KIND = {
  /** Pending or held. */
  waiting: 1,
  skipped: 2,
  /** Skipped because its row went. */
  removed: 3,
  /** Posted, or ended otherwise: it stays as it is. */
  settled: 4,
  /** What the person gave is erased. */
  erased: 5,
} as const;

type MatchKind = (typeof KIND)[keyof typeof KIND];

/** Says of a hash that its row was fixed by hand since. */
const FIXED = 1;

/**
 * What a row that was fixed by hand, and not in the list, is kept under: the list has it as it was.
 * @param hash of the row as the list has it
 */
export function fixedHash(hash: number): number {
  return mix(hash, FIXED);
}

/**
 * The dispatches of a campaign, and which row each of them has now. Numbers are the dispatches'
 * own, 1 to `last`.
 */
export interface Matching {
  readonly last: number;
  kindOf(number: number): MatchKind;
  /** Place in the source before, and line; place 0 for a dispatch whose row was gone. */
  placeOf(number: number): number;
  lineOf(number: number): number;
  hashOf(number: number): number;
  /** Whether the row has the content that was planned, or that of before it was fixed by hand. */
  isSameContent(number: number, key: RowKey): boolean;
  isDuplicate(number: number): boolean;
  /**
   * Whether a dispatch that names nobody has a row now that does: read by other rules, since its
   * content may be the same.
   */
  isReadNow(number: number, key: RowKey): boolean;
  isTaken(number: number): boolean;
  /** Whether the dispatch was found by its person, or content, and not by what names it alone. */
  isSamePerson(number: number): boolean;
  /**
   * Whether the row gives names that the ledger does not have of its dispatch: an id, or a number
   * beside a user id.
   */
  isRenamed(number: number, key: RowKey): boolean;
  /**
   * The dispatch of the next row, which is its own from now on; 0 when there is none for sure. Rows
   * have to come in their order: of several rows of one person the first has the dispatch that
   * waits or was posted.
   */
  take(key: RowKey): number;
  /** The same once every row was looked for. `place` from 1. */
  takeLeftover(key: RowKey, place: number, others: OtherNames | undefined): number;
  /**
   * Gives a row without a dispatch one that had no readable person, and whose row is there no more;
   * 0 without one.
   */
  takeUnread(key: RowKey): number;
}

/**
 * @param known every dispatch of the campaign, numbers from 1 without a hole
 * @param useIds whether the manifest names a column of ids
 */
export async function matchRows(
  known: AsyncIterable<readonly KnownRow[]>,
  { last, useIds }: { last: number; useIds: boolean },
): Promise<Matching> {
  const at = keep(last);
  for await (const page of known) for (const row of page) keepOne(at, row);
  const lists = listsOf(at, last, useIds);
  const taken = new Uint8Array(last + 1);
  const isTaken = (number: number): boolean => taken[number] !== 0;
  let unread = 1;
  let live: NumberLists | undefined;

  /** The dispatch of a row that was fixed by hand, and not in the list; 0 without one. */
  function fixedWith(hash: number): number {
    live ??= liveByContent(at, last);
    return live.first(fixedHash(hash), isTaken);
  }

  function give(number: number, isSame: boolean): number {
    if (number !== 0) taken[number] = isSame ? 1 : 2;
    return number;
  }

  function isIdKnown(id: number): boolean {
    return lists.byId.first(id, () => false) !== 0;
  }

  /** Of several dispatches the one that waits or was posted; then that with the same content. */
  function bestOf(who: number, hash: number): number {
    const first = lists.byPerson.first(who, isTaken);
    if (first === 0 || isLive(at.kind[first])) return first;
    return lists.byContent.first(mix(who, hash), isTaken) || first;
  }

  return {
    last,
    kindOf: (number) => at.kind[number] as MatchKind,
    placeOf: (number) => at.place[number] as number,
    lineOf: (number) => at.line[number] as number,
    hashOf: (number) => at.hash[number] as number,
    isSameContent: (number, { hash }) =>
      at.hash[number] === hash || at.hash[number] === fixedHash(hash),
    isDuplicate: (number) => at.isDuplicate[number] === 1,
    isReadNow: (number, key) => at.isUnread[number] === 1 && whoOf(key) !== 0,
    isTaken,
    isSamePerson: (number) => taken[number] === 1,
    isRenamed(number, key) {
      if (useIds && at.id[number] !== idOf(key.recipientId)) return true;
      if (key.isDamaged || key.person === null || key.userId === null) return false;
      return at.person[number] !== Number(key.person) || at.user[number] !== userOf(key.userId);
    },

    take(key) {
      const who = whoOf(key);
      if (who === 0) return give(lists.byContent.first(key.hash, isTaken), true);
      const id = useIds ? idOf(key.recipientId) : 0;
      if (id === 0 || !isIdKnown(id)) return give(bestOf(mix(who, 0), key.hash), true);
      return give(bestOf(mix(who, id), key.hash), true);
    },

    takeLeftover(key, place, others) {
      const who = whoOf(key);
      const here = lists.byPlace.first(place, isTaken);
      if (others?.isForgotten === true) {
        const erased = at.kind[here] === KIND.erased ? here : lists.erased.first(1, isTaken);
        if (erased !== 0) return give(erased, true);
      }
      if (who === 0) {
        // A row that was emptied after its person was erased, or that is still not readable.
        const isSlot = at.kind[here] === KIND.erased || at.isUnread[here] === 1;
        return isSlot ? give(here, true) : give(fixedWith(key.hash), true);
      }
      const id = useIds ? idOf(key.recipientId) : 0;
      const byId = id === 0 ? 0 : lists.byId.first(id, isTaken);
      if (byId !== 0) return give(byId, false);
      for (const name of namesOf(key, others)) {
        const number = lists.firstNamed(name, isTaken);
        if (number !== 0) return give(number, true);
      }
      // A row that could not be read, and was repaired in its place.
      return at.isUnread[here] === 1 ? give(here, true) : 0;
    },

    takeUnread(key) {
      if (whoOf(key) === 0) return 0;
      const isFree = () => at.isUnread[unread] === 1 && at.place[unread] !== 0 && !isTaken(unread);
      while (unread <= last && !isFree()) unread += 1;
      return unread > last ? 0 : give(unread, true);
    },
  };
}

type KeptRows = ReturnType<typeof keep>;

/** The dispatches in typed arrays, by number: as objects a million of them would need 200 MB. */
function keep(last: number) {
  return {
    place: new Int32Array(last + 1),
    line: new Int32Array(last + 1),
    hash: new Float64Array(last + 1),
    person: new Float64Array(last + 1),
    user: new Float64Array(last + 1),
    id: new Float64Array(last + 1),
    kind: new Uint8Array(last + 1),
    isDuplicate: new Uint8Array(last + 1),
    isUnread: new Uint8Array(last + 1),
  };
}

function keepOne(at: KeptRows, row: KnownRow): void {
  const { number } = row;
  const isDamaged = row.reason === "ragged_row" || row.reason === "cut_off_row";
  const user = isDamaged ? 0 : userOf(row.userId);
  const person = isDamaged ? 0 : (row.person ?? 0);
  at.place[number] = row.place ?? 0;
  at.line[number] = row.line;
  at.hash[number] = row.hash ?? 0;
  at.person[number] = person;
  at.user[number] = user;
  at.id[number] = idOf(row.recipientId);
  at.kind[number] = kindOf(row);
  at.isDuplicate[number] = row.reason === "duplicate" ? 1 : 0;
  const isUnread = person === 0 && user === 0 && row.hash !== null && row.status === "skipped";
  at.isUnread[number] = isUnread ? 1 : 0;
}

function kindOf({ status, reason, hash }: KnownRow): MatchKind {
  if (hash === null) return KIND.erased;
  if (status === "pending" || status === "held") return KIND.waiting;
  if (status !== "skipped") return KIND.settled;
  return reason === "removed" ? KIND.removed : KIND.skipped;
}

function isLive(kind: number | undefined): boolean {
  return kind === KIND.waiting || kind === KIND.settled;
}

/**
 * Lists are filled from behind: live ones stand first, then skipped ones in their order, then
 * removed ones.
 */
function listsOf(at: KeptRows, last: number, useIds: boolean) {
  let ids = 0;
  let users = 0;
  for (let number = 1; number <= last; number += 1) {
    if (at.id[number] !== 0) ids += 1;
    if (at.user[number] !== 0) users += 1;
  }
  const byPerson = makeNumberLists(last, last);
  const byNumber = useIds ? makeNumberLists(last, last) : undefined;
  const byUser = makeNumberLists(users, last);
  const lists = {
    byPerson,
    byContent: makeNumberLists(skippedIn(at, last), last),
    byId: makeNumberLists(useIds ? ids : 0, last),
    byPlace: makeNumberLists(slotsIn(at, last), last),
    erased: makeNumberLists(1, last),
    byUser,
    byNumber,
    /** By a number, or a user id below zero. Without ids the first list is that of the numbers. */
    firstNamed(name: number, isTaken: (number: number) => boolean): number {
      if (name < 0) return byUser.first(name, isTaken);
      return byNumber?.first(name, isTaken) ?? byPerson.first(mix(name, 0), isTaken);
    },
  };
  for (const isTurn of [isGone, isSkipped, isLive]) {
    for (let number = last; number >= 1; number -= 1) {
      if (isTurn(at.kind[number])) list(lists, at, number, useIds);
    }
  }
  for (let number = last; number >= 1; number -= 1) {
    if (at.kind[number] !== KIND.erased) continue;
    lists.byPlace.addFirst(at.place[number] as number, number);
    lists.erased.addFirst(1, number);
  }
  return lists;
}

type Lists = ReturnType<typeof listsOf>;

function list(lists: Lists, at: KeptRows, number: number, useIds: boolean): void {
  const hash = at.hash[number] as number;
  if (at.isUnread[number] === 1) {
    lists.byContent.addFirst(hash, number);
    if (at.place[number] !== 0) lists.byPlace.addFirst(at.place[number] as number, number);
    return;
  }
  const person = at.person[number] as number;
  const user = at.user[number] as number;
  const id = useIds ? (at.id[number] as number) : 0;
  const who = mix(person || user, id);
  lists.byPerson.addFirst(who, number);
  if (!isLive(at.kind[number])) lists.byContent.addFirst(mix(who, hash), number);
  if (id !== 0) lists.byId.addFirst(id, number);
  if (person !== 0) lists.byNumber?.addFirst(person, number);
  if (user !== 0) lists.byUser.addFirst(user, number);
}

function isGone(kind: number | undefined): boolean {
  return kind === KIND.removed;
}

function isSkipped(kind: number | undefined): boolean {
  return kind === KIND.skipped;
}

function skippedIn(at: KeptRows, last: number): number {
  let skipped = 0;
  for (let number = 1; number <= last; number += 1) if (!isLive(at.kind[number])) skipped += 1;
  return skipped;
}

function liveByContent(at: KeptRows, last: number): NumberLists {
  const lists = makeNumberLists(last, last);
  for (let number = last; number >= 1; number -= 1) {
    if (isLive(at.kind[number])) lists.addFirst(at.hash[number] as number, number);
  }
  return lists;
}

function slotsIn(at: KeptRows, last: number): number {
  let slots = 0;
  for (let number = 1; number <= last; number += 1) {
    if (at.kind[number] === KIND.erased || at.isUnread[number] === 1) slots += 1;
  }
  return slots;
}

/**
 * The person as one number: digits, or below zero a user id; 0 when the row does not say for sure
 * who is meant.
 */
function whoOf(key: RowKey): number {
  if (key.isDamaged) return 0;
  return key.person === null ? userOf(key.userId) : Number(key.person);
}

function* namesOf(key: RowKey, others: OtherNames | undefined): Generator<number> {
  if (key.person !== null) yield Number(key.person);
  if (key.userId !== null) yield userOf(key.userId);
  for (const person of others?.persons ?? []) yield person;
  for (const userId of others?.userIds ?? []) yield userOf(userId);
}

function userOf(userId: string | null): number {
  return userId === null ? 0 : -rowHash([userId]) - 1;
}

function idOf(id: string | null): number {
  return id === null ? 0 : rowHash([id]) + 1;
}
