// The zones of a campaign that goes by everybody's own clock: numbers for their texts, and how many
// wait in each.

import type { WaitingZone, WhichWait } from "../../domain/campaign/zone-ports.ts";
import { assert } from "../../domain/common/errors.ts";
import { mostBucket, mostBucketSql } from "../campaigns/tests.ts";
import type { Verb } from "../engine.ts";
import { setStatement, statement } from "../engine.ts";

type ZoneCount = [zone: number, lane: number, people: number];

/** Gives the zone of each text its number. */
export type ZonesOf = (texts: readonly (string | undefined)[]) => Verb<readonly number[]>;

/** The verbs of zones; `zonesFor` gives out new numbers, and needs a transaction around it. */
export function makeZones() {
  const sql = {
    most: statement<[{ campaign: number }], number>(`select ${mostBucketSql("@campaign")}`).pluck(),
    known: statement<[number], [zone: number, clocks: string]>(
      "select zone, clocks from campaign_zone where campaign_id = ? order by zone",
    ).raw(),
    add: setStatement<[number, number, string]>(
      "insert into campaign_zone (campaign_id, zone, clocks) values (?, ?, ?)",
      "bigint bigint text",
    ),
    pending: statement<[number, number], ZoneCount>(
      `select zone, lane_place, count(*) from dispatch indexed by dispatch_pending
      where campaign_id = ? and status = 'pending' and bucket <= ? group by lane_place, zone
      order by lane_place, zone`,
    ).raw(),
    held: statement<[number, number], ZoneCount>(
      `select zone, lane_place, count(*) from dispatch indexed by dispatch_held
      where campaign_id = ? and status = 'held' and bucket <= ? group by lane_place, zone
      order by lane_place, zone`,
    ).raw(),
  };
  return {
    /** How the rows of a campaign get the numbers of their zones. */
    *zonesFor(campaign: number): Verb<ZonesOf> {
      const numbers = new Map(
        (yield* sql.known.all(campaign)).map(([zone, clocks]) => [clocks, zone]),
      );
      return function* (texts): Verb<readonly number[]> {
        const added: [number, number, string][] = [];
        for (const text of new Set(texts)) {
          if (text === undefined || numbers.has(text)) continue;
          numbers.set(text, numbers.size + 1);
          added.push([campaign, numbers.size, text]);
        }
        if (added.length > 0) yield* sql.add.insertEach(added);
        return texts.map((text) => (text === undefined ? 0 : (numbers.get(text) as number)));
      };
    },

    /** Every zone of a campaign with those who wait in it, on one lane or on all. */
    *waitingZones(campaign: number, lane?: number, which?: WhichWait): Verb<WaitingZone[]> {
      const known = yield* sql.known.all(campaign);
      if (known.length === 0) return [];
      const most = which === "claimable" ? yield* sql.most.get({ campaign }) : mostBucket(false);
      assert(most !== undefined, "a query without a table has one row");
      const pending = peopleOf(yield* sql.pending.all(campaign, most), lane);
      const held = peopleOf(yield* sql.held.all(campaign, most), lane);
      return known.map(([zone, clocks]) => ({
        ...{ zone, clocks },
        pending: pending.get(zone) ?? 0,
        held: held.get(zone) ?? 0,
      }));
    },
  };
}

export type Zones = ReturnType<typeof makeZones>;

/** Zone → people, of one lane or of all. */
function peopleOf(counts: readonly ZoneCount[], lane: number | undefined): Map<number, number> {
  const people = new Map<number, number>();
  for (const [zone, place, count] of counts) {
    if (lane === undefined || place === lane) people.set(zone, (people.get(zone) ?? 0) + count);
  }
  return people;
}
