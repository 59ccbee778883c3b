// Who of those who could be sent to is stopped by what the ledger knows: opt-outs, campaigns that
// are left out, hold-outs. And what stands for a person in a split.

import type { HoldOut } from "../../domain/arms/split.ts";
import { holdOutOf } from "../../domain/arms/split.ts";
import type { PlanningReason } from "../../domain/campaign/dispatch.ts";
import type { Exclusions } from "../campaigns/exclusions.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import type { Aliases } from "../people/aliases.ts";
import type { Suppressions } from "../people/suppressions.ts";
import type { Key } from "./planning-sql.ts";

/**
 * What has to be looked up for each person: nothing where nobody is suppressed, and no campaign
 * left out.
 */
export interface Screened {
  suppressed: boolean;
  excluded: boolean;
  holdOuts: readonly HoldOut[];
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

const REACHED: SkipVerdict = {
  kind: "skip",
  reason: "reached_by_campaign",
  detail: "A campaign that `suppress.campaigns` names may have reached this person.",
};

/** What planning asks about people; inside its transaction. */
export function makeStopped(parts: {
  aliases: Aliases;
  suppressions: Suppressions;
  exclusions: Exclusions;
}) {
  const { aliases, suppressions, exclusions } = parts;
  const sql = {
    otherUserId: statement(
      "select exists (select 1 from alias_user where person = ? and user_id is distinct from ?)",
    ).pluck(),
    otherPerson: statement(`
        select exists (
          select 1 from alias_user indexed by alias_user_by_user
          where user_id = ? and person is distinct from ?
        )
      `).pluck(),
  };

  /**
   * Tells whether another name of the person is known, so that a row under that name may be theirs:
   * the indexes alone, which know a row's own number and user id, cannot tell then that it is a
   * duplicate.
   */
  function* hasOtherNames({ person, userId }: Omit<Key, "phone">): Verb<boolean> {
    if (person !== null && (yield* sql.otherUserId.get(person, userId)) === 1) return true;
    return userId !== null && (yield* sql.otherPerson.get(userId, person)) === 1;
  }

  function* stopOf(
    campaign: number,
    { key, who }: Person,
    screened: Screened,
  ): Verb<SkipVerdict | undefined> {
    if (screened.suppressed && (yield* suppressions.isListed(key))) return OPTED_OUT;
    if (screened.excluded && (yield* exclusions.isReached(campaign, key))) return REACHED;
    const { detail } = holdOutOf(screened.holdOuts, who) ?? {};
    return detail === undefined ? undefined : { kind: "skip", reason: "hold_out", detail };
  }

  /**
   * What stands for a person in a split, under whichever of their names a row is: their number, the
   * lowest of several, or the user id.
   */
  function* whoIs({ person, userId }: Key): Verb<string> {
    if (!(yield* hasOtherNames({ person, userId }))) return String(person ?? userId);
    const names = yield* aliases.namesOf([person, userId]);
    const numbers = names.filter((name) => typeof name === "number");
    return String(numbers.length > 0 ? Math.min(...numbers) : names.toSorted()[0]);
  }

  return { hasOtherNames, stopOf, whoIs };
}
