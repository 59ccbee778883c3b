// Remembers which names are one person's: numbers of one WhatsApp account, business-scoped user
// ids, ids for all businesses of a parent. What is remembered is complete: every name of a person
// leads to every other one in one look.

import type { Name } from "../../domain/receipts/match.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import type { Forgotten } from "./forgotten.ts";

/**
 * More numbers than a person has, and more names: a person has a user id with every business. A
 * server that answers every message with the same number, as simulators do, would make everybody
 * one person: beyond this only what was reported together is linked.
 */
const NUMBERS_MAX = 6;
const NAMES_MAX = 200;

/** Names of people; its functions run inside the caller's transaction. */
export function makeAliases(forgotten: Forgotten) {
  const sql = prepare();

  /**
   * Every name that the given ones lead to, these first, and the numbers that stand for a person
   * who has none.
   */
  function* componentOf(given: readonly Name[]): Verb<Name[]> {
    const names = [...new Set(given)];
    const known = new Set(names);
    for (let at = 0; at < names.length && !isTooMany(names); at += 1) {
      const name = names[at] as Name;
      const others: Name[] =
        typeof name === "number"
          ? [...(yield* sql.others.all(name)), ...(yield* sql.userIdsOf.all(name))]
          : yield* sql.personsOf.all(name);
      for (const other of others) {
        if (known.has(other)) continue;
        known.add(other);
        names.push(other);
      }
    }
    return names;
  }

  /** Whether each of the given names already leads to each other one. */
  function* isKnown(numbers: readonly number[], userIds: readonly string[]): Verb<boolean> {
    const [first] = numbers;
    if (first === undefined) return false;
    for (const number of numbers) {
      if (number !== first && (yield* sql.isPair.get(first, number)) !== 1) return false;
      for (const id of userIds) if ((yield* sql.isUserOf.get(number, id)) !== 1) return false;
    }
    return true;
  }

  function* link(
    numbers: readonly number[],
    userIds: readonly string[],
    now: number,
  ): Verb<boolean> {
    let added = 0;
    for (const number of numbers) {
      for (const other of numbers) {
        if (other !== number) added += (yield* sql.pair.run(number, other, now)).changes;
      }
      for (const userId of userIds) added += (yield* sql.userOf.run(number, userId, now)).changes;
    }
    return added > 0;
  }

  return {
    /**
     * Every name of the person behind the given ones: numbers before user ids, the given ones
     * before the others.
     */
    *namesOf(given: readonly (Name | null)[]): Verb<Name[]> {
      const names = yield* componentOf(given.filter((name) => name !== null));
      return [...names.filter(isNumber).filter(isReal), ...names.filter(isText)];
    },

    /**
     * Remembers that the names are one person's, with all that is known of each. Returns whether it
     * was news. A number that nobody has, below zero, stands for a person of whom only user ids are
     * known.
     */
    *learn(given: readonly (Name | null)[], now: number): Verb<boolean> {
      const names = [...new Set(given)].filter((name) => name !== null && name !== "") as Name[];
      if (names.length < 2) return false;
      const entry = yield* forgotten.entryOf(names);
      if (entry !== undefined) {
        // Another name of a forgotten person is remembered as the first one is.
        yield* forgotten.learn(entry, names);
        return false;
      }
      if (yield* isKnown(names.filter(isNumber), names.filter(isText))) return false;
      const all = yield* componentOf(names);
      const instant = Math.round(now);
      const whole = isTooMany(all) ? names : all;
      const numbers = whole.filter(isNumber);
      const real = numbers.filter(isReal);
      const userIds = whole.filter(isText);
      if (real.length === 0) {
        const hub = numbers[0] ?? ((yield* sql.lowest.get()) as number) - 1;
        return yield* link([hub], userIds, instant);
      }
      const isNews = yield* link(real, userIds, instant);
      for (const hub of numbers) if (!isReal(hub)) yield* sql.dropHub.run(hub);
      return isNews;
    },
  };
}

export type Aliases = ReturnType<typeof makeAliases>;

function isTooMany(names: readonly Name[]): boolean {
  return names.length > NAMES_MAX || names.filter(isNumber).length > NUMBERS_MAX;
}

function isNumber(name: Name): name is number {
  return typeof name === "number";
}

function isText(name: Name): name is string {
  return typeof name === "string";
}

function isReal(number: number): boolean {
  return number > 0;
}

function prepare() {
  const limit = `limit ${NAMES_MAX + 1}`;
  return {
    others: statement<[number], number>(
      `select other from alias where person = ? order by other ${limit}`,
    ).pluck(),
    personsOf: statement<[string], number>(
      `select person from alias_user where user_id = ? order by person ${limit}`,
    ).pluck(),
    userIdsOf: statement<[number], string>(
      `select user_id from alias_user where person = ? order by user_id ${limit}`,
    ).pluck(),
    isPair: statement<[number, number], number>(
      "select exists (select 1 from alias where person = ? and other = ?)",
    ).pluck(),
    isUserOf: statement<[number, string], number>(
      "select exists (select 1 from alias_user where person = ? and user_id = ?)",
    ).pluck(),
    pair: statement("insert into alias values (?, ?, ?) on conflict do nothing"),
    userOf: statement("insert into alias_user values (?, ?, ?) on conflict do nothing"),
    lowest: statement("select coalesce(min(person), 0) from alias_user where person < 0").pluck(),
    dropHub: statement("delete from alias_user where person = ?"),
  };
}
