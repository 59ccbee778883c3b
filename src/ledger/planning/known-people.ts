// What the ledger knows of the people of rows: who was forgotten, who is stopped by an opt-out,
// another campaign or a hold-out, who has other names, and what stands for them in a split.

import type { HoldOut } from "../../domain/arms/split.ts";
import { holdOutOf } from "../../domain/arms/split.ts";
import type { PlanningReason } from "../../domain/campaign/dispatch.ts";
import type { Exclusions } from "../campaigns/exclusions.ts";
import type { Verb } from "../engine.ts";
import { areFound, setStatement } from "../engine.ts";
import type { Aliases } from "../people/aliases.ts";
import type { Forgotten } from "../people/forgotten.ts";
import type { Suppressions } from "../people/suppressions.ts";
import type { Key } from "./planning-sql.ts";

/**
 * What has to be looked up for each person: nothing where nobody is suppressed, and no campaign
 * left out.
 */
export interface Screened {
  isAnyForgotten: boolean;
  suppressed: boolean;
  excluded: boolean;
  holdOuts: readonly HoldOut[];
  /** People are put into hold-outs and arms. */
  isSplit: boolean;
  /** Rows of the campaign have user ids. */
  hasUserIds: boolean;
}

/** What the ledger knows of the people of some rows, in their order; empty where nobody asks. */
export interface Known {
  forgotten: readonly boolean[];
  otherNames: readonly boolean[];
  who: readonly string[];
  stops: readonly (SkipVerdict | undefined)[];
}

/** The same of one row. */
export interface Facts {
  who: string;
  stop: SkipVerdict | undefined;
  hasOtherNames: boolean;
}

/** Who a row is for. */
export interface Person {
  key: Key;
  /** What stands for them in a split; empty where there is none. */
  who: string;
}

/** A verdict that skips. */
export type SkipVerdict = { kind: "skip"; reason: PlanningReason; detail: string };

/** The person asked to be left alone. */
export const OPTED_OUT: SkipVerdict = {
  kind: "skip",
  reason: "opted_out",
  detail: "This person is on the suppression list.",
};

/** People of so many rows are looked up together: over a network, each look is a round trip. */
const LOOKED_UP = 500;

const REACHED: SkipVerdict = {
  kind: "skip",
  reason: "reached_by_campaign",
  detail: "A campaign that `suppress.campaigns` names may have reached this person.",
};

/** What planning asks about people; inside its transaction. */
export function makeKnownPeople(parts: {
  aliases: Aliases;
  suppressions: Suppressions;
  exclusions: Exclusions;
  forgotten: Forgotten;
}) {
  const { aliases, suppressions, exclusions, forgotten } = parts;
  const sql = {
    otherUserId: setStatement<[person: number | null, userId: string | null], [1]>(
      "select 1 from alias_user where person = ? and user_id is distinct from ?",
      "bigint text",
    ),
    otherPerson: setStatement<[userId: string | null, person: number | null], [1]>(
      `select 1 from alias_user indexed by alias_user_by_user
      where user_id = ? and person is distinct from ?`,
      "text bigint",
    ),
  };

  /**
   * Of each person whether another name of theirs is known, so that a row under that name may be
   * theirs: the indexes alone, which know a row's own number and user id, cannot tell then that it
   * is a duplicate.
   */
  function* haveOtherNames(keys: readonly Key[]): Verb<boolean[]> {
    const byPerson = yield* areFound(
      sql.otherUserId.getEach(keys.map(({ person, userId }) => [person, userId])),
    );
    if (keys.every(({ userId }) => userId === null)) return byPerson;
    const byUser = yield* areFound(
      sql.otherPerson.getEach(keys.map(({ person, userId }) => [userId, person])),
    );
    return keys.map((_, at) => byPerson[at] === true || byUser[at] === true);
  }

  /** What stops each of them, if anything. */
  function* stopsOf(
    campaign: number,
    people: readonly Person[],
    screened: Screened,
  ): Verb<(SkipVerdict | undefined)[]> {
    const keys = people.map(({ key }) => key);
    const listed = screened.suppressed ? yield* suppressions.areListed(keys) : [];
    const reached = screened.excluded ? yield* exclusions.areReached(campaign, keys) : [];
    return people.map(({ who }, at) => {
      if (listed[at] === true) return OPTED_OUT;
      if (reached[at] === true) return REACHED;
      const { detail } = holdOutOf(screened.holdOuts, who) ?? {};
      return detail === undefined ? undefined : { kind: "skip", reason: "hold_out", detail };
    });
  }

  /**
   * What stands for each person in a split, under whichever of their names a row is: their number,
   * the lowest of several, or the user id.
   * @param otherNames of each whether another name is known
   */
  function* whoAre(keys: readonly Key[], otherNames: readonly boolean[]): Verb<string[]> {
    const all: string[] = [];
    for (const [at, { person, userId }] of keys.entries()) {
      const names = otherNames[at] === true ? yield* aliases.namesOf([person, userId]) : [];
      const numbers = names.filter((name) => typeof name === "number");
      const lowest = numbers.length > 0 ? Math.min(...numbers) : names.toSorted()[0];
      all.push(String(lowest ?? person ?? userId));
    }
    return all;
  }

  /** What is known of the people of rows, by one look for all of them. */
  function* lookUp(campaign: number, keys: readonly Key[], screened: Screened): Verb<Known> {
    const { isSplit, hasUserIds, suppressed, excluded, holdOuts } = screened;
    const isStopped = suppressed || excluded || holdOuts.length > 0;
    const otherNames = isSplit || hasUserIds ? yield* haveOtherNames(keys) : [];
    const who = isSplit ? yield* whoAre(keys, otherNames) : [];
    const people = isStopped ? keys.map((key, at) => ({ key, who: who[at] ?? "" })) : [];
    return {
      forgotten: screened.isAnyForgotten ? yield* forgotten.areAnyOf(keys) : [],
      otherNames: hasUserIds ? otherNames : [],
      who,
      stops: yield* stopsOf(campaign, people, screened),
    };
  }

  return { lookUp, stopsOf };
}

/** What is known of the row at a place. */
export function factsOf({ otherNames, who, stops }: Known, place: number): Facts {
  return {
    who: who[place] ?? "",
    stop: stops[place],
    hasOtherNames: otherNames[place] === true,
  };
}

/** Rows as many at a time as are looked up together. */
export function* piecesToLookUp<T>(rows: Iterable<T>): Generator<T[]> {
  let piece: T[] = [];
  for (const row of rows) {
    if (piece.push(row) < LOOKED_UP) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}
