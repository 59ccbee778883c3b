// Writes down that dispatches are claimed, which a turn has found to be free.

import { assert } from "../../domain/common/errors.ts";
import type { Turn } from "../../domain/sending/turn.ts";
import type { Verb } from "../engine.ts";
import { ahead, setStatement, statement } from "../engine.ts";
import type { Candidate } from "./candidates.ts";
import { BUCKET, ROW, ZONE } from "./candidates.ts";

/**
 * With fewer rows than this for every pending one, going through all rows is cheaper than an index.
 */
const DENSE = 4;

/** Claims candidates; each needs a transaction around it, in which they were found. */
export function makeClaims() {
  const sql = prepare();
  return {
    *due(campaign: number, free: Candidate[], now: number): Verb<void> {
      free.sort((a, b) => a[ROW] - b[ROW]);
      if (free.length === 0) return;
      const isClaimed = yield* sql.claimDue.changeEach(free.map(([row]) => [now, campaign, row]));
      assert(!isClaimed.includes(false), "a hold that was just found due is claimed");
    },

    /** @param isBlock see Found */
    *pending(
      turn: Turn,
      free: Candidate[],
      { isBlock, now }: { isBlock: boolean; now: number },
    ): Verb<void> {
      const first = free[0];
      const last = free.at(-1);
      if (first === undefined || last === undefined) return;
      // The suppressed ones between them are skipped by now: what is pending of the lane's zone is
      // `free`.
      const isDense = isBlock && last[ROW] - first[ROW] < DENSE * free.length;
      if (!isDense && free.some((candidate) => candidate[BUCKET] !== 0)) {
        const isClaimed = yield* sql.claimOne.changeEach(
          free.map(([row]) => [now, turn.campaign, row]),
        );
        assert(!isClaimed.includes(false), "a dispatch that was just found pending is claimed");
        return;
      }
      const claim = isDense ? sql.claimRange : sql.claimPending;
      const place = [turn.campaign, turn.lane ?? 0, first[ZONE], first[ROW], last[ROW]];
      yield* ahead(claim.run(now, ...place), ({ changes }) =>
        assert(changes === free.length, "exactly the dispatches that were found are claimed"),
      );
    },
  };
}

function prepare() {
  return {
    claimDue: setStatement(
      `update dispatch set status = 'claimed', attempts = attempts + 1, claimed_at = ?,
        held_until = null, reason = null
      where campaign_id = ? and row_number = ? and +status = 'held'`,
      "bigint bigint bigint",
    ),
    claimOne: setStatement(
      `update dispatch set status = 'claimed', attempts = attempts + 1, claimed_at = ?
      where campaign_id = ? and row_number = ? and +status = 'pending'`,
      "bigint bigint bigint",
    ),
    claimPending: statement(`
      update dispatch indexed by dispatch_pending
      set status = 'claimed', attempts = attempts + 1, claimed_at = ?
      where campaign_id = ? and lane_place = ? and zone = ? and bucket = 0 and status = 'pending'
        and row_number between ? and ?
    `),
    // By the primary key (the plus is what keeps SQLite from the index): the change takes its rows
    // out of that index, so SQLite would have to note them all before the first one, for 0.7 µs
    // each.
    claimRange: statement(`
      update dispatch set status = 'claimed', attempts = attempts + 1, claimed_at = ?
      where campaign_id = ? and lane_place = ? and zone = ? and +status = 'pending'
        and row_number between ? and ?
    `),
  };
}
