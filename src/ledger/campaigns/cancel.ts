// Takes everything that waits out of a cancelled campaign. The only place that makes a dispatch
// `cancelled` for it.

import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import type { Tallies } from "./tallies.ts";

/**
 * Each status has its own index, and SQLite uses it only for a statement that names that status
 * alone.
 */
export function makeCanceller(tallies: Tallies) {
  const sql = {
    isCancelled: statement("select 1 from campaign where id = ? and state = 'cancelled'").pluck(),
    pending: statement(`
      update dispatch indexed by dispatch_pending set status = 'cancelled'
      where campaign_id = ? and status = 'pending'
    `),
    held: statement(`
      update dispatch indexed by dispatch_held
      set status = 'cancelled', held_until = null, reason = null
      where campaign_id = ? and status = 'held'
    `),
  };
  return {
    *isCancelled(campaign: number): Verb<boolean> {
      return (yield* sql.isCancelled.get(campaign)) === 1;
    },
    *cancelPending(campaign: number): Verb<number> {
      return yield* tallies.changed(campaign, (yield* sql.pending.run(campaign)).changes);
    },
    *cancelHeld(campaign: number): Verb<number> {
      return yield* tallies.changed(campaign, (yield* sql.held.run(campaign)).changes);
    },
  };
}

export type Canceller = ReturnType<typeof makeCanceller>;
