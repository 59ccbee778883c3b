// Keeps the people who must not be messaged, and under which other numbers and user ids they are
// known.

import type { Suppression, SuppressionRecord } from "../../domain/campaign/suppression.ts";
import { SWITCH_SOURCES } from "../../domain/campaign/suppression.ts";
import type { Name } from "../../domain/receipts/match.ts";
import type { Verb } from "../engine.ts";
import { ahead, areFound, setStatement, statement } from "../engine.ts";
import { digitsToInteger, isDigits, phoneToInteger } from "../file/digits.ts";
import { anySql } from "../looks.ts";
import type { Aliases } from "./aliases.ts";
import type { Forgotten } from "./forgotten.ts";
import type { SuppressionRow } from "./suppression-rows.ts";
import { SUPPRESSION_COLUMNS, suppressionRecord } from "./suppression-rows.ts";

/**
 * SQL for "the person `p` is suppressed": under their own number, under another number of the same
 * WhatsApp account, under a user id seen behind either. Asked for every dispatch that is claimed,
 * so each part is one look into an index.
 * @param p an SQL expression
 */
export function suppressedSql(p: string): string {
  return anySql(
    `from suppression where person = ${p}`,
    `from alias cross join suppression on suppression.person = alias.other
    where alias.person = ${p}`,
    `from alias_user cross join suppression on suppression.user_id = alias_user.user_id
    where alias_user.person = ${p}`,
    `from alias
    cross join alias_user on alias_user.person = alias.other
    cross join suppression on suppression.user_id = alias_user.user_id
    where alias.person = ${p}`,
  );
}

/**
 * SQL for "who has the user id `u` is suppressed": under it, under a number seen behind it or
 * another number of that WhatsApp account, under another user id of theirs. Each part is one look
 * into an index, and nothing is looked up where `u` is null.
 * @param u an SQL expression
 */
export function suppressedUserSql(u: string): string {
  const numbers = "alias_user indexed by alias_user_by_user";
  return anySql(
    `from suppression where user_id = ${u}`,
    `from ${numbers} cross join suppression on suppression.person = alias_user.person
    where alias_user.user_id = ${u}`,
    `from ${numbers}
    cross join alias on alias.person = alias_user.person
    cross join suppression on suppression.person = alias.other
    where alias_user.user_id = ${u}`,
    `from ${numbers}
    cross join alias_user as same on same.person = alias_user.person
    cross join suppression on suppression.user_id = same.user_id
    where alias_user.user_id = ${u}`,
  );
}

/**
 * SQL: the ids of the entries under any of these very names. Not by one `or`, for which PostgreSQL
 * goes through the list.
 * @param names an SQL expression: a JSON array
 */
export function namedSuppressionsSql(names: string): string {
  return `
    select id from suppression
    where person in (select cast(value as bigint) from json_each(${names}) where type = 'integer')
    union all
    select id from suppression
    where user_id in (select value from json_each(${names}) where type = 'text')
  `;
}

/** Who a dispatch is for: a person, a user id, or both. */
export interface RecipientNames {
  person: number | null;
  userId: string | null;
}

/** The suppression list; its functions run inside the caller's transaction. */
export function makeSuppressions({
  aliases,
  forgotten,
}: {
  aliases: Aliases;
  forgotten: Forgotten;
}) {
  const insert = statement(`
    insert into suppression (phone, person, user_id, reason, source, added_at)
    values (?, ?, ?, ?, ?, ?) on conflict do nothing
  `);
  const takeOver = statement(`
    update suppression set reason = @reason, source = @source, added_at = @now
    where (person = @person or user_id = @userId)
      and source in (select value from json_each('${JSON.stringify(SWITCH_SOURCES)}'))
  `);
  const any = statement("select exists (select 1 from suppression)").pluck();
  const listedPerson = setStatement<[number | null], [1]>(
    `select 1 from (select cast(? as bigint) as person) as who
    where ${suppressedSql("who.person")}`,
    "bigint",
  );
  const listedUser = setStatement<[string | null], [1]>(
    `select 1 from (select cast(? as text) as user_id) as who
    where ${suppressedUserSql("who.user_id")}`,
    "text",
  );
  const removals = makeRemovals();
  const page = statement<[number, number], SuppressionRow>(
    `select ${SUPPRESSION_COLUMNS} from suppression where id > ? order by id limit ?`,
  );

  /**
   * Of a person who was forgotten another name is remembered as the first one is. Returns whether
   * they were.
   */
  function* learnForgotten(names: readonly (number | string)[]): Verb<boolean> {
    const entry = yield* forgotten.entryOf(names);
    if (entry === undefined) return false;
    yield* forgotten.learn(entry, names);
    return true;
  }

  /** Puts them on the list. Returns of each whether it was new. */
  function* addAll(entries: readonly Suppression[], now: number): Verb<boolean[]> {
    const isAnyForgotten = yield* forgotten.isAny();
    // An opt-out file may have a hundred thousand: over a network they travel together.
    const inserted = [];
    for (const entry of entries) {
      const { phone, person } = numbersOf(entry);
      const { userId, reason, source } = entry;
      // An opt-out file may name a person for ever: that they are on the list already is no reason
      // to keep their number again.
      const names = [person, userId].filter((name) => name !== null);
      const isForgotten = isAnyForgotten && (yield* learnForgotten(names));
      const kept = [phone ?? person, person, userId, reason, source, now];
      inserted.push(isForgotten ? undefined : yield* ahead(insert.run(...kept)));
    }
    const isNew: boolean[] = [];
    for (const [at, entry] of entries.entries()) {
      const answer = inserted[at];
      const changes = answer === undefined ? 0 : (yield* answer).changes;
      isNew.push(changes > 0);
      if (answer !== undefined && changes === 0) yield* addTo(entry, now);
    }
    return isNew;
  }

  /** Adds to the entry that is there already what this one has and that one may lack. */
  function* addTo(entry: Suppression, now: number): Verb<void> {
    const { person } = numbersOf(entry);
    const { userId, reason, source } = entry;
    // The entry may know only one of the two; together they must still stop both.
    if (person !== null && userId !== null) yield* aliases.learn([person, userId], now);
    // What a person put on the list for good must not go when the person turns the switch in
    // WhatsApp back.
    if (!SWITCH_SOURCES.includes(source))
      yield* ahead(takeOver.run({ person, userId, reason, source, now }));
  }

  /**
   * Taking a person off the list takes off every entry that stops them, or they would stay stopped
   * unseen.
   */
  function* removeAll(name: Name): Verb<number> {
    return (
      (yield* removals.all(yield* aliases.namesOf([name]))) + (yield* forgotten.remove([name]))
    );
  }

  return {
    /** Returns whether it was new. */
    *add(entry: Suppression, now: number): Verb<boolean> {
      return (yield* addAll([entry], now))[0] === true;
    },

    /** False when the list is empty, which spares looking up every single person. */
    *isAnybodySuppressed(): Verb<boolean> {
      return (yield* any.get()) === 1;
    },

    /**
     * Of each whether they are on the list under a name that stands there; who was forgotten is
     * known by `forgotten` alone.
     */
    *areListed(people: readonly RecipientNames[]): Verb<boolean[]> {
      const byPerson = yield* areFound(listedPerson.getEach(people.map(({ person }) => [person])));
      if (people.every(({ userId }) => userId === null)) return byPerson;
      const byUser = yield* areFound(listedUser.getEach(people.map(({ userId }) => [userId])));
      return people.map((_, at) => byPerson[at] === true || byUser[at] === true);
    },

    /** Returns how many were new. */
    *suppress(entries: readonly Suppression[], now: number): Verb<number> {
      return (yield* addAll(entries, now)).filter(Boolean).length;
    },

    /** Returns how many were removed. */
    *unsuppress(keys: { person?: string; userId?: string }[]): Verb<number> {
      let removed = 0;
      for (const key of keys) {
        if (key.person !== undefined && isDigits(key.person)) {
          removed += yield* removeAll(digitsToInteger(key.person));
        }
        if (key.userId !== undefined) {
          removed += yield* removeAll(key.userId);
        }
      }
      return removed;
    },

    /** Takes off the entries under these very names, and no others. */
    *removeNamed(names: readonly (number | string)[]): Verb<void> {
      for (const name of names) {
        if (typeof name === "number") yield* removals.samePerson(name);
        else yield* removals.sameUser(name);
      }
    },

    /**
     * Takes off what the switch in WhatsApp set before the instant, under any name of theirs.
     * Returns how many were removed.
     */
    *lift(names: readonly Name[], before: number): Verb<number> {
      return yield* removals.switched(yield* aliases.namesOf(names), before);
    },

    *suppressions(afterId: number, limit: number): Verb<SuppressionRecord[]> {
      return (yield* page.all(afterId, limit)).map(suppressionRecord);
    },
  };
}

function numbersOf({ phone, person }: Suppression): {
  phone: number | null;
  person: number | null;
} {
  const digits = phone === null ? null : phoneToInteger(phone);
  return { phone: digits, person: person === null ? digits : digitsToInteger(person) };
}

export type Suppressions = ReturnType<typeof makeSuppressions>;

function makeRemovals() {
  const named = `id in (${namedSuppressionsSql("@names")})`;
  const all = statement(`delete from suppression where ${named}`);
  const switched = statement(`
    delete from suppression
    where source in (select value from json_each('${JSON.stringify(SWITCH_SOURCES)}'))
      and added_at < @before and ${named}
  `);
  const samePerson = statement("delete from suppression where person = ?");
  const sameUser = statement("delete from suppression where user_id = ?");
  return {
    *samePerson(person: number): Verb<number> {
      return (yield* samePerson.run(person)).changes;
    },
    *sameUser(userId: string): Verb<number> {
      return (yield* sameUser.run(userId)).changes;
    },
    *all(names: readonly Name[]): Verb<number> {
      return (yield* all.run({ names: JSON.stringify(names) })).changes;
    },
    *switched(names: readonly Name[], before: number): Verb<number> {
      return (yield* switched.run({ names: JSON.stringify(names), before })).changes;
    },
  };
}
