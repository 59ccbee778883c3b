// Schema 6, fourth part: remembers what a campaign's rows add up to, for as long as none of them changes.

import type { Database } from "better-sqlite3";

/**
 * `tally`: what `LedgerTally` says of the campaign, JSON; or the mark of somebody who is counting; null when a row changed
 * since. A list of a hundred campaigns with a million rows each would take a minute and a half otherwise.
 */
const TALLY = "alter table campaign add column tally text";

/** Adds the memory of tallies. */
export function addTally(db: Database): void {
  db.exec(TALLY);
}
