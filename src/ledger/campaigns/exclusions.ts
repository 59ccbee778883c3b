// Keeps which other campaigns' people a campaign leaves out (`suppress.campaigns`), and finds out
// whether one of them may have reached a person, by every name of theirs. Who is skipped for it is
// decided where rows are planned and where dispatches are claimed.

import type { ParameterType, Verb } from "../engine.ts";
import { areFound, setStatement, statement } from "../engine.ts";
import { digitsToInteger } from "../file/digits.ts";
import { anySql } from "../looks.ts";
import type { RecipientNames } from "../people/suppressions.ts";
import type { RowPerson } from "../planning/replanning.ts";
import { personDispatches } from "../sending/person-messages.ts";
import { HAD_UNKNOWN } from "../sending/reach.ts";

/**
 * SQL: the message of the dispatch `d` reached its person, may have, or is yet to. Not what Meta
 * refused for good, or failed by receipt.
 */
const MAY_REACH = `d.attempts >= 1 and (
  d.status in ('claimed', 'accepted', 'sent', 'delivered', 'read', 'expired', 'unknown', 'pending', 'held')
  or ${HAD_UNKNOWN}
)`;

/** SQL: ids of the campaigns that are named by an SQL expression, a JSON array. */
function ofNamesSql(names: string): string {
  return `select id from campaign where name in (select value from json_each(${names}))`;
}

/**
 * SQL: a campaign that this one leaves out may have reached the person.
 * @param campaign an SQL expression, as the next two: the campaign that asks, the person's number,
 * and a user id
 */
export function reachedElsewhereSql(campaign: string, person: string, userId: string): string {
  const others = `select other_id as id from excluded_campaign where campaign_id = ${campaign}`;
  return reachedSql(others, person, userId);
}

/** SQL: one of these campaigns may have reached the person. */
function reachedSql(campaigns: string, person: string, userId: string): string {
  return anySql(...personDispatches({ campaigns, person, userId }, MAY_REACH));
}

/**
 * A look for each person of a set.
 * @param type of what is asked about all of them
 * @param condition SQL about `who.asked`, `who.person` and `who.user_id`
 */
function lookForPeople<A>(type: ParameterType, condition: string) {
  return setStatement<[asked: A, person: number | null, userId: string | null], [1]>(
    `select 1 from (
      select cast(? as ${type}) as asked, cast(? as bigint) as person, cast(? as text) as user_id
    ) as who
    where ${condition}`,
    `${type} bigint text`,
  );
}

/** The exclusions of campaigns; those that write need a transaction around them. */
export function makeExclusions() {
  const any = statement<[number], 0 | 1>(
    "select exists (select 1 from excluded_campaign where campaign_id = ?)",
  ).pluck();
  const forget = statement("delete from excluded_campaign where campaign_id = ?");
  const add = statement(`
    insert into excluded_campaign (campaign_id, other_id)
    select @campaign, id from campaign where name = @name and id <> @campaign
    on conflict do nothing
  `);
  const reached = lookForPeople<number>(
    "bigint",
    reachedElsewhereSql("who.asked", "who.person", "who.user_id"),
  );
  const reachedByNamed = lookForPeople<string>(
    "text",
    reachedSql(ofNamesSql("who.asked"), "who.person", "who.user_id"),
  );
  return {
    *isAny(campaign: number): Verb<boolean> {
      return (yield* any.get(campaign)) === 1;
    },

    /** Of each person whether a campaign that this one leaves out may have reached them. */
    *areReached(campaign: number, people: readonly RecipientNames[]): Verb<boolean[]> {
      return yield* areFound(
        reached.getEach(people.map(({ person, userId }) => [campaign, person, userId])),
      );
    },

    *reachedByCampaigns(names: readonly string[], people: readonly RowPerson[]): Verb<boolean[]> {
      const campaigns = JSON.stringify(names);
      const tuples = people.map(({ person, userId }): [string, number | null, string | null] => [
        campaigns,
        person === null ? null : digitsToInteger(person),
        userId,
      ]);
      return yield* areFound(reachedByNamed.getEach(tuples));
    },

    *keepExclusions(campaign: number, names: readonly string[]): Verb<void> {
      yield* forget.run(campaign);
      for (const name of names) yield* add.run({ campaign, name });
    },
  };
}

export type Exclusions = ReturnType<typeof makeExclusions>;
