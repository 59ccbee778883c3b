// Knows people again whose data was erased and who must be left alone: each of their names is kept
// as a keyed hash (HMAC-SHA-256, cut to 52 bits, under a random key of this ledger). Who has the
// file has the key: this hides a number from the eye and from a search, and not from a person who
// tries every number there is.

import { createHmac, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { assert } from "../../domain/common/errors.ts";
import type { ForgottenPeople } from "../../domain/ledger/erasure.ts";
import type { Name } from "../../domain/receipts/match.ts";
import { personOf } from "../../domain/recipient/person.ts";
import { isParentUserId, isUserId } from "../../domain/recipient/user-id.ts";
import type { Verb } from "../engine.ts";
import { areFound, setStatement, statement } from "../engine.ts";
import { anySql } from "../looks.ts";

const KEY_BYTES = 32;
/** What the suppression list says of them. */
const REASON = "forgotten";
const SOURCE = "forget";
/** The first 32 of the 52 bits, as eight hex digits, for people to tell entries apart. */
const TAG_DIGITS = 8;
const BITS_BELOW_TAG = 2 ** 20;

/**
 * SQL for "the name `n` (a person's digits as an integer, or a user id) is that of a person who was
 * forgotten".
 */
export function forgottenSql(n: string): string {
  return anySql(`from forgotten where hash = name_hash(${n})`);
}

/** Shortest number with its country code (ITU-T E.164 has no rule; Saint Helena has 7 digits). */
const DIGITS_MIN = 7;

/**
 * An id of WhatsApp's for a message: base64 of, among other things, the number or user id that it
 * went to or came from.
 */
const MESSAGE_ID = /wamid\.([A-Za-z0-9+/_-]{8,}={0,2})/g;

/**
 * The names that a text may be, or has in ids of messages: a number as people write it, or a user
 * id.
 */
export function namesIn(text: string): Name[] {
  if (isUserId(text) || isParentUserId(text)) return [text];
  if (text.includes("wamid.")) {
    // What stands before and behind a number in an id may look like a digit of it.
    return partsOfIds(text).flatMap((part) =>
      [part, part.slice(1), part.slice(0, -1), part.slice(1, -1)].flatMap(namesIn),
    );
  }
  const digits = /^\+?\d[\d\s().-]*$/.test(text) ? text.replace(/\D/g, "") : "";
  if (digits.length < DIGITS_MIN || digits.length > 15 || digits.startsWith("0")) return [];
  return [Number(personOf(digits))];
}

/** The names that the id of one message has in it, and nothing that only looks like one. */
export function namesInId(id: string): Name[] {
  return partsOfIds(id).flatMap(namesIn);
}

function partsOfIds(text: string): string[] {
  return [...text.matchAll(MESSAGE_ID)].flatMap(([, id = ""]) => {
    const bytes = Buffer.from(id, "base64").toString("latin1");
    return bytes.match(/[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]+|\d{7,}/g) ?? [];
  });
}

/**
 * How the end of a name stands in base64, whatever comes before it: a part of each of the three
 * ways in which bytes fall into its characters.
 */
export function base64Forms(text: string): string[] {
  return [0, 1, 2].map((before) => {
    const bits = before * 8;
    const whole = Buffer.from("\0".repeat(before) + text, "latin1").toString("base64");
    return whole.slice(Math.ceil(bits / 6), Math.floor((bits + text.length * 8) / 6));
  });
}

/**
 * Looks up hashed names; its functions run inside the caller's transaction. An engine has an SQL
 * function `name_hash`, which gives what `hashOf` does.
 */
export function makeForgotten() {
  let key: KeyObject | undefined;
  let learned = 0;
  const any = statement("select exists (select 1 from forgotten)").pluck();
  const readKey = statement<[], Buffer | null>("select name_key from meta").pluck();
  const setKey = statement("update meta set name_key = ?");

  /**
   * False when nobody was forgotten. Must be asked before names are hashed: inside the SQL function
   * no statement can run.
   */
  function* isAny(): Verb<boolean> {
    if ((yield* any.get()) === 0) return false;
    if (key === undefined) key = createSecretKey((yield* readKey.get()) as Buffer);
    return true;
  }

  /**
   * 52 bits, which fit a double. Among 10,000 forgotten people and 10⁹ rows one is taken for
   * another with a chance of 1 : 450, and gets no message. 2 µs.
   */
  function hashOf(name: Name): number {
    assert(key !== undefined, "names are hashed only where a person was forgotten");
    const digest = createHmac("sha256", key).update(String(name)).digest();
    return digest.readUIntBE(0, 6) * 16 + (digest.readUInt8(6) >> 4);
  }

  const find = statement<[number], number>(
    "select suppression_id from forgotten where hash = ?",
  ).pluck();
  const isThere = setStatement<[number | null], unknown[]>(
    "select suppression_id from forgotten where hash = ?",
    "bigint",
  );
  const insert = statement("insert into forgotten values (?, ?) on conflict do nothing");
  const begin = statement<[string, string, number], number>(`
    insert into suppression (reason, source, added_at, is_forgotten) values (?, ?, ?, 1)
    returning id
  `).pluck();
  const remove = statement("delete from suppression where id = ?");
  const all = statement<[], { hash: number; entry: number }>(
    "select hash, suppression_id as entry from forgotten order by suppression_id, hash",
  );

  /**
   * The suppression of whom one of the names belongs to; undefined when none of them was forgotten.
   */
  function* entryOf(names: readonly (Name | null)[]): Verb<number | undefined> {
    return (yield* isAny()) ? yield* findAmong(names) : undefined;
  }

  function* findAmong(names: readonly (Name | null)[]): Verb<number | undefined> {
    for (const name of names) {
      const entry = name === null ? undefined : yield* find.get(hashOf(name));
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  return {
    isAny,
    hashOf,

    /** The same as `entryOf`, for who has just asked `isAny`. */
    findAmong,
    entryOf,

    /**
     * Puts the names of one person on the list, as one entry, or adds them to the one they have.
     * Returns whether there was none.
     */
    *add(names: readonly Name[], now: number): Verb<boolean> {
      if ((yield* readKey.get()) === null) yield* setKey.run(randomBytes(KEY_BYTES));
      key ??= createSecretKey((yield* readKey.get()) as Buffer);
      const known = yield* entryOf(names);
      const id = known ?? ((yield* begin.get(REASON, SOURCE, Math.round(now))) as number);
      for (const name of names) yield* insert.run(hashOf(name), id);
      return known === undefined;
    },

    /** Of each of the names whether a person was forgotten who has it; after `isAny`. */
    *areAmong(names: readonly Name[]): Verb<boolean[]> {
      return yield* areFound(isThere.getEach(names.map((name) => [hashOf(name)])));
    },

    /** Of each person whether they were forgotten under one of their names; after `isAny`. */
    *areAnyOf(
      people: readonly { person: number | null; userId: string | null }[],
    ): Verb<boolean[]> {
      const hashes = people.map(({ person, userId }) => [
        person === null ? null : hashOf(person),
        userId === null ? null : hashOf(userId),
      ]);
      const found = yield* isThere.getEach(hashes.flat().map((hash) => [hash]));
      return people.map((_, at) =>
        found.slice(2 * at, 2 * at + 2).some((row) => row !== undefined),
      );
    },

    /** Goes up whenever names are added of whom is forgotten. */
    learned: () => learned,

    /** Adds names of whom this entry belongs to. */
    *learn(entry: number, names: readonly Name[]): Verb<void> {
      learned += 1;
      for (const name of names) yield* insert.run(hashOf(name), entry);
    },

    /**
     * Takes whom one of the names belongs to off the list. Returns how many entries that were: none
     * or one.
     */
    *remove(names: readonly Name[]): Verb<number> {
      const entry = yield* entryOf(names);
      return entry === undefined ? 0 : (yield* remove.run(entry)).changes;
    },

    /** Everybody who was forgotten, for another ledger; null when nobody was. */
    *people(): Verb<ForgottenPeople | null> {
      if (!(yield* isAny())) return null;
      const people = new Map<number, number[]>();
      for (const { hash, entry } of yield* all.all()) {
        people.set(entry, [...(people.get(entry) ?? []), hash]);
      }
      return {
        key: ((yield* readKey.get()) as Buffer).toString("hex"),
        people: [...people.values()],
      };
    },

    /**
     * Takes over what `people` of another ledger gave; this one must not have forgotten anybody.
     */
    *adopt({ key: text, people }: ForgottenPeople, now: number): Verb<void> {
      assert((yield* readKey.get()) === null, "a ledger that forgot a person has its own key");
      yield* setKey.run(Buffer.from(text, "hex"));
      for (const hashes of people) {
        const id = (yield* begin.get(REASON, SOURCE, Math.round(now))) as number;
        for (const hash of hashes) yield* insert.run(hash, id);
      }
    },

    /**
     * Eight hex digits that stand for a name in the audit table, and tell nothing without the key.
     */
    tagOf(name: Name): string {
      const tag = Math.floor(hashOf(name) / BITS_BELOW_TAG);
      return tag.toString(16).padStart(TAG_DIGITS, "0");
    },
  };
}

export type Forgotten = ReturnType<typeof makeForgotten>;
