// Takes everything that waits out of a cancelled campaign. The only place that makes a dispatch
// `cancelled` for it.

import type { Database } from "better-sqlite3";
import type { Tallies } from "./tallies.ts";

/**
 * Each status has its own index, and SQLite uses it only for a statement that names that status
 * alone.
 */
export function makeCanceller(db: Database, tallies: Tallies) {
  const sql = {
    isCancelled: db.prepare("select 1 from campaign where id = ? and state = 'cancelled'").pluck(),
    pending: db.prepare(`
      update dispatch indexed by dispatch_pending set status = 'cancelled'
      where campaign_id = ? and status = 'pending'
    `),
    held: db.prepare(`
      update dispatch indexed by dispatch_held
      set status = 'cancelled', held_until = null, reason = null
      where campaign_id = ? and status = 'held'
    `),
  };
  return {
    isCancelled: (campaign: number): boolean => sql.isCancelled.get(campaign) === 1,
    cancelPending: (campaign: number): number =>
      tallies.changed(campaign, sql.pending.run(campaign).changes),
    cancelHeld: (campaign: number): number =>
      tallies.changed(campaign, sql.held.run(campaign).changes),
  };
}

export type Canceller = ReturnType<typeof makeCanceller>;
