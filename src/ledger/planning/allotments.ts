// Gives each row what the campaign's rules ask for: the number that it goes by, its zone, its
// place in a random order, its price. Looks up what the ledger knows, and asks the domain.

import type { Split } from "../../domain/arms/split.ts";
import { armOf } from "../../domain/arms/split.ts";
import type { PlannedRow } from "../../domain/campaign/row.ts";
import { bucketOf, testBucketOf } from "../../domain/limits/bucket.ts";
import type { LaneRule } from "../../domain/planning/lanes.ts";
import { laneFor } from "../../domain/planning/lanes.ts";
import type { PlanRules } from "../../domain/planning/rows.ts";
import type { Verb } from "../engine.ts";
import { setStatement, statement } from "../engine.ts";
import { laneSql, lanesOfSql } from "../lanes.ts";
import { makeZones } from "../sending/zones.ts";
import type { Key } from "./planning-sql.ts";

/** A row that is to be sent to, with the names that the ledger keeps of its person. */
interface Sendable {
  row: PlannedRow;
  key: Key;
  /** What stands for the person in a split. */
  who: string;
}

/** What a row is given, by the columns of its dispatch. */
export interface Allotment {
  /** The place of its lane. */
  lane: number;
  zone: number;
  bucket: number;
  price: number | null;
  /** Of a test, from 1; 0: none. */
  arm: number;
}

/** What a row gets where no rule is set. */
export const NOTHING: Allotment = { lane: 0, zone: 0, bucket: 0, price: null, arm: 0 };

/** Gives each row its own. */
export type Allot = (rows: readonly Sendable[]) => Verb<readonly Allotment[]>;

type LanesOf = (rows: readonly Sendable[]) => Verb<readonly number[]>;

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

/** What one row is given. */
export function* allotTo(row: Sendable, allot: Allot | undefined): Verb<Allotment> {
  return allot === undefined ? NOTHING : ((yield* allot([row]))[0] as Allotment);
}

/** How the rows of a campaign are given theirs; undefined where no rule is set. */
export function makeAllotments() {
  const lanesFor = makeLaneChoice();
  const { zonesFor } = makeZones();
  const name = statement<[number], string>("select name from campaign where id = ?").pluck();
  return function* allotmentsFor(
    campaign: number,
    { lanes, isShuffled = false, hasZones = false, split, prices }: PlanRules,
  ): Verb<Allot | undefined> {
    const lanesOf = yield* lanesFor(campaign, lanes);
    const zonesOf = hasZones ? yield* zonesFor(campaign) : undefined;
    const isPlain = lanesOf === undefined && zonesOf === undefined && prices === undefined;
    if (isPlain && !isShuffled && split === undefined) return undefined;
    const campaignName = (yield* name.get(campaign)) ?? "";
    return function* (rows): Verb<readonly Allotment[]> {
      const places = lanesOf === undefined ? undefined : yield* lanesOf(rows);
      const zones =
        zonesOf === undefined ? undefined : yield* zonesOf(rows.map(({ row }) => row.zone));
      return rows.map(({ row, key, who }, at) => {
        const arm = split === undefined ? 0 : armOf(split, who);
        const person = personOf(row, key);
        return {
          lane: places?.[at] ?? 0,
          zone: zones?.[at] ?? 0,
          bucket: isShuffled ? orderOf(split, { campaignName, person, arm }) : 0,
          price: row.region === null ? null : (prices?.[row.region] ?? null),
          arm,
        };
      });
    };
  };
}

function orderOf(
  split: Split | undefined,
  { campaignName, person, arm }: { campaignName: string; person: string; arm: number },
): number {
  if (split === undefined) return bucketOf(campaignName, person);
  return testBucketOf(campaignName, person, arm);
}

function personOf(row: PlannedRow, key: Key): string {
  return row.person ?? key.userId ?? "";
}

/** How lanes are given to the rows of a campaign; undefined where there is one. */
function makeLaneChoice() {
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
        return laneFor(rules, personOf(row, key), row.region, lasts[at]?.[0]);
      });
    };
  };
}
