// Remembers what a campaign's rows add up to, for as long as none of them changes.
//
// Code that changes a row says so, once for all the rows of a transaction. A trigger would be
// honest by itself, but it runs for every claim and every answer: a tenth of what a message costs
// the ledger.

import { randomBytes } from "node:crypto";
import type { Database } from "better-sqlite3";
import type { LedgerTally } from "../../domain/result/counts.ts";

/** Goes up whenever a tally of the same rows would be another one. */
const TALLY_VERSION = 4;

interface KeptTally {
  version: number;
  tally: LedgerTally;
}

/** The memory of tallies, synchronous. */
export function makeTallies(db: Database, { mayKeep }: { mayKeep: boolean }) {
  const kept = db
    .prepare<[number], string | null>("select tally from campaign where id = ?")
    .pluck();
  const forget = db.prepare("update campaign set tally = null where id = ? and tally is not null");
  const mark = db.prepare(`
    update campaign set tally = ?
    where id = ? and state not in ('planning', 'running') and recipients_size is not null
  `);
  const keep = db.prepare("update campaign set tally = ? where id = ? and tally = ?");

  /** Counts, and keeps it where no row changed meanwhile: then the mark is still there. */
  function countAndKeep(campaign: number, count: () => LedgerTally): LedgerTally {
    const counting = `counting ${randomBytes(8).toString("hex")}`;
    // Of a campaign at work every turn would throw it away again.
    const isMarked = triedToKeep(() => mark.run(counting, campaign).changes > 0);
    const tally = count();
    const text = JSON.stringify({ version: TALLY_VERSION, tally } satisfies KeptTally);
    if (isMarked) triedToKeep(() => keep.run(text, campaign, counting).changes > 0);
    return tally;
  }

  return {
    /** Reads what was kept; else counts, and keeps it where this connection may write. */
    of(campaign: number, count: () => LedgerTally): LedgerTally {
      const text = kept.get(campaign) ?? null;
      if (text?.startsWith("{")) {
        const { version, tally } = JSON.parse(text) as KeptTally;
        if (version === TALLY_VERSION) return tally;
      }
      return mayKeep ? countAndKeep(campaign, count) : count();
    },

    /**
     * So many rows of the campaign are added, removed or changed by this transaction; returned as
     * they came.
     */
    changed(campaign: number, rows: number): number {
      if (rows > 0) forget.run(campaign);
      return rows;
    },
  };
}

export type Tallies = ReturnType<typeof makeTallies>;

/**
 * A disk that is full, or a ledger that another process is writing, is no reason not to tell a
 * count.
 */
function triedToKeep(change: () => boolean): boolean {
  try {
    return change();
  } catch {
    return false;
  }
}
