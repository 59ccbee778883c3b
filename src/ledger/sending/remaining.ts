// What of a campaign is left to send, of all of its lanes or of one.

import type { WaitingLanguage } from "../../domain/campaign/row.ts";
import type { WhichWait } from "../../domain/campaign/zone-ports.ts";
import { assert } from "../../domain/common/errors.ts";
import type { Remaining } from "../../domain/sending/turn.ts";
import { mostBucket, mostBucketSql } from "../campaigns/tests.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import { anySql, LANGUAGE_OF_VALUES } from "../looks.ts";

/** The verbs of the contract. */
export function makeRemaining() {
  const sql = prepare();
  return {
    *remaining(campaign: number, lane?: number, which?: WhichWait): Verb<Remaining> {
      const most = which === "claimable" ? yield* sql.most.get({ campaign }) : mostBucket(false);
      assert(most !== undefined, "a query without a table has one row");
      const row =
        lane === undefined
          ? yield* sql.remaining.get({ campaign, most })
          : yield* sql.remainingOfLane.get({ campaign, lane, most });
      assert(row !== undefined, "an aggregate has one row");
      return { ...row, accepted: row.accepted === 1 };
    },

    *waitingRegions(campaign: number): Verb<Record<string, number>> {
      return Object.fromEntries(yield* sql.waitingRegions.all(campaign));
    },

    *waitingLanguages(campaign: number, examples: number): Verb<WaitingLanguage[]> {
      const found = new Map<string, WaitingLanguage>();
      for (const one of yield* sql.waitingLanguages.all({ campaign, examples })) {
        const { language, people, row } = one;
        const known = found.get(language) ?? { language, people, rows: [] };
        known.rows.push(row);
        found.set(language, known);
      }
      return [...found.values()];
    },

    *sentLanguages(campaign: number): Verb<string[]> {
      return yield* sql.sentLanguages.all(campaign);
    },
  };
}

function prepare() {
  return {
    waitingRegions: statement<[number], [string, number]>(`
        select region, count(*) from dispatch
        where campaign_id = ? and status in ('pending', 'held') and region is not null
        group by region order by region
      `).raw(),
    waitingLanguages: statement<
      [{ campaign: number; examples: number }],
      { language: string; people: number; row: number }
    >(`
        select language, people, place as "row" from (
          select language, place, count(*) over (partition by language) as people,
            row_number() over (partition by language order by place) as nth
          from (
            select ${LANGUAGE_OF_VALUES} as language, place
            from dispatch indexed by dispatch_pending
            where campaign_id = @campaign and status = 'pending'
            union all
            select ${LANGUAGE_OF_VALUES} as language, place
            from dispatch indexed by dispatch_held
            where campaign_id = @campaign and status = 'held'
          ) as waiting
        ) as numbered
        where nth <= cast(@examples as bigint) order by language, place
      `),
    sentLanguages: statement<[number], string>(`
        select distinct ${LANGUAGE_OF_VALUES} as language from dispatch
        where campaign_id = ? and status not in ('pending', 'held', 'skipped')
          and instr(value_list, '["') = 1 order by 1
      `).pluck(),
    most: statement<[{ campaign: number }], number>(`select ${mostBucketSql("@campaign")}`).pluck(),
    remaining: statement<[{ campaign: number; most: number }], RemainingRow>(
      remainingSql("", "from attempt where campaign_id = @campaign and outcome = 'accepted'"),
    ),
    remainingOfLane: statement<[{ campaign: number; lane: number; most: number }], RemainingRow>(
      remainingSql(
        "and lane_place = @lane",
        `from attempt join dispatch using (campaign_id, row_number)
        where campaign_id = @campaign and outcome = 'accepted' and lane_place = @lane`,
      ),
    ),
  };
}

type RemainingRow = Omit<Remaining, "accepted"> & { accepted: number };

/** @param accepted from `from` on: the attempts that were accepted */
function remainingSql(ofLane: string, accepted: string): string {
  return `
    select
      (select count(*) from dispatch indexed by dispatch_pending
        where campaign_id = @campaign ${ofLane} and status = 'pending' and bucket <= @most) as pending,
      (select count(*) from dispatch indexed by dispatch_claimed
        where campaign_id = @campaign ${ofLane} and status = 'claimed') as claimed,
      (select count(*) from dispatch indexed by dispatch_held
        where campaign_id = @campaign ${ofLane} and status = 'held' and bucket <= @most) as held,
      (select min(held_until) from dispatch indexed by dispatch_held
        where campaign_id = @campaign ${ofLane} and status = 'held' and bucket <= @most) as "nextDueAt",
      ${anySql(`${accepted} order by row_number`)} as accepted
  `;
}
