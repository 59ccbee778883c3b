// Keeps which other campaigns' people a campaign leaves out (`suppress.campaigns`), and finds out
// whether one of them may have reached a person, by every name of theirs. Who is skipped for it is
// decided where rows are planned and where dispatches are claimed.

import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import { digitsToInteger } from "../file/digits.ts";
import { anySql } from "../looks.ts";
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

/** SQL: ids of the campaigns that `@campaigns` names, a JSON array. */
const OF_NAMES = "select id from campaign where name in (select value from json_each(@campaigns))";

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
  const reached = statement<
    [{ campaign: number; person: number | null; userId: string | null }],
    0 | 1
  >(`select ${reachedElsewhereSql("@campaign", "@person", "@userId")}`).pluck();
  const named = statement<
    [{ campaigns: string; person: number | null; userId: string | null }],
    0 | 1
  >(`select ${reachedSql(OF_NAMES, "@person", "@userId")}`).pluck();
  return {
    *isAny(campaign: number): Verb<boolean> {
      return (yield* any.get(campaign)) === 1;
    },

    /** Whether a campaign that this one leaves out may have reached a person. */
    *isReached(
      campaign: number,
      { person, userId }: { person: number | null; userId: string | null },
    ): Verb<boolean> {
      return (yield* reached.get({ campaign, person, userId })) === 1;
    },

    *reachedByCampaigns(names: readonly string[], people: readonly RowPerson[]): Verb<boolean[]> {
      const campaigns = JSON.stringify(names);
      const reached: boolean[] = [];
      for (const { person: digits, userId } of people) {
        const person = digits === null ? null : digitsToInteger(digits);
        reached.push((yield* named.get({ campaigns, person, userId })) === 1);
      }
      return reached;
    },

    *keepExclusions(campaign: number, names: readonly string[]): Verb<void> {
      yield* forget.run(campaign);
      for (const name of names) yield* add.run({ campaign, name });
    },
  };
}

export type Exclusions = ReturnType<typeof makeExclusions>;
