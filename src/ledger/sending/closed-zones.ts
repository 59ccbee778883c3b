// The zones of a campaign that are closed while a turn claims: their holds, and whether only they
// have anybody left.

import type { Turn, TurnResult } from "../../domain/sending/turn.ts";
import type { Verb } from "../engine.ts";
import { setStatement, statement } from "../engine.ts";
import { anyDueSql } from "../looks.ts";
import type { Candidate } from "./candidates.ts";
import { ROW, ZONE } from "./candidates.ts";

/** What a turn asks about closed zones; `postpone` needs a transaction around it. */
export function makeClosedZones() {
  const sql = {
    postpone: setStatement(
      `update dispatch set held_until = ? where campaign_id = ? and row_number = ?
        and +status = 'held'`,
      "bigint bigint bigint",
    ),
    anyDue: statement<[{ campaign: number; lane: number; now: number }], 0 | 1>(
      `select ${anyDueSql("@campaign", "@lane", "@now")}`,
    ).pluck(),
  };
  return {
    /** Holds of closed zones are due when those open. Returns the others. */
    *postpone(due: Candidate[], { campaign, zones }: Turn): Verb<Candidate[]> {
      const opensAt = ({ [ZONE]: zone }: Candidate) => zones?.closed.get(zone);
      const late = due.filter((candidate) => opensAt(candidate) !== undefined);
      if (late.length === 0) return due;
      yield* sql.postpone.changeEach(
        late.map((candidate) => [
          Math.round(opensAt(candidate) as number),
          campaign,
          candidate[ROW],
        ]),
      );
      return due.filter((candidate) => opensAt(candidate) === undefined);
    },

    /** Whether nobody of the open zones is pending, and no hold is due. */
    *areAllLeft(turn: Turn, { emptyZones = [] }: Pick<TurnResult, "emptyZones">): Verb<boolean> {
      const { campaign, lane = 0, zones, claim } = turn;
      if (claim === 0 || zones === undefined || emptyZones.length < zones.open.length) return false;
      return (yield* sql.anyDue.get({ campaign, lane, now: Math.round(turn.now) })) === 0;
    },
  };
}
