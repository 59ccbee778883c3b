// Gives each row of a campaign with several sending numbers the number that it goes by: looks up
// which one reached the person last, and asks the domain.

import type { PlannedRow } from "../../domain/campaign/row.ts";
import type { LaneRule } from "../../domain/planning/lanes.ts";
import { laneFor } from "../../domain/planning/lanes.ts";
import type { Verb } from "../engine.ts";
import { setStatement, statement } from "../engine.ts";
import { laneSql, lanesOfSql } from "../lanes.ts";
import type { Key } from "./planning-sql.ts";

/** A row that is to be sent to, with the names that the ledger keeps of its person. */
interface Sendable {
  row: PlannedRow;
  key: Key;
}

/** Gives the place of the lane of each row. */
export type LanesOf = (rows: readonly Sendable[]) => Verb<readonly number[]>;

/** Campaigns that claimed last, in which a person is looked up: each costs a look for each row. */
const CAMPAIGNS_BEFORE = 20;

/** Who, since when, and in which campaigns but this one, whose lanes count: three times its id. */
type LastLaneQuestion = [
  person: number | null,
  since: number,
  campaign: number,
  campaign: number,
  campaign: number,
];

/** The place of the lane of one row; the first where there is one lane. */
export function* laneOf(row: Sendable, lanesOf: LanesOf | undefined): Verb<number> {
  return lanesOf === undefined ? 0 : ((yield* lanesOf([row]))[0] as number);
}

/** How lanes are given to the rows of a campaign; undefined where there is one. */
export function makeLaneChoice() {
  const sql = {
    lastLane: setStatement<LastLaneQuestion, [lane: string]>(
      `select ${laneSql("d", "c")} as lane from campaign c cross join dispatch d
        on d.campaign_id = c.id and d.person = ? and d.value_list is not null
        where c.last_claim_at >= ? and c.id <> ?
          and d.status in ('accepted', 'sent', 'delivered', 'read')
          and ${laneSql("d", "c")} in (select lane from ${lanesOfSql("?")} as mine)
        order by d.claimed_at desc`,
      "bigint bigint bigint bigint bigint",
    ),
    lastClaims: statement<[number], number>(
      `select last_claim_at from campaign where last_claim_at is not null and id <> ?
      order by last_claim_at desc limit ${CAMPAIGNS_BEFORE}`,
    ).pluck(),
  };
  return function* lanesFor(
    campaign: number,
    rules: readonly LaneRule[] | undefined,
  ): Verb<LanesOf | undefined> {
    if (rules === undefined || rules.length < 2) return undefined;
    const before = yield* sql.lastClaims.all(campaign);
    const since = before.at(-1);
    return function* (rows): Verb<readonly number[]> {
      const lasts =
        since === undefined
          ? []
          : yield* sql.lastLane.getEach(
              rows.map(({ key }) => [key.person, since, campaign, campaign, campaign]),
            );
      return rows.map(({ row, key }, at) => {
        const who = row.person ?? key.userId ?? "";
        return laneFor(rules, who, row.region, lasts[at]?.[0]);
      });
    };
  };
}
