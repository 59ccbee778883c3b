// What of a campaign is left to send, of all of its lanes or of one.

import { assert } from "../../domain/common/errors.ts";
import type { Remaining } from "../../domain/sending/turn.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import { anySql } from "../looks.ts";

/** The verbs of the contract. */
export function makeRemaining() {
  const sql = prepare();
  return {
    *remaining(campaign: number, lane?: number): Verb<Remaining> {
      const row =
        lane === undefined
          ? yield* sql.remaining.get({ campaign })
          : yield* sql.remainingOfLane.get({ campaign, lane });
      assert(row !== undefined, "an aggregate has one row");
      return { ...row, accepted: row.accepted === 1 };
    },

    *waitingRegions(campaign: number): Verb<Record<string, number>> {
      return Object.fromEntries(yield* sql.waitingRegions.all(campaign));
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
    remaining: statement<[{ campaign: number }], RemainingRow>(
      remainingSql("", "from attempt where campaign_id = @campaign and outcome = 'accepted'"),
    ),
    remainingOfLane: statement<[{ campaign: number; lane: number }], RemainingRow>(
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
        where campaign_id = @campaign ${ofLane} and status = 'pending') as pending,
      (select count(*) from dispatch indexed by dispatch_claimed
        where campaign_id = @campaign ${ofLane} and status = 'claimed') as claimed,
      (select count(*) from dispatch indexed by dispatch_held
        where campaign_id = @campaign ${ofLane} and status = 'held') as held,
      (select min(held_until) from dispatch indexed by dispatch_held
        where campaign_id = @campaign ${ofLane} and status = 'held') as "nextDueAt",
      ${anySql(`${accepted} order by row_number`)} as accepted
  `;
}
