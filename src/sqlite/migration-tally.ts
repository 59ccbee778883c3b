// Schema 6, fourth part: remembers what a campaign's rows add up to, for as long as none of them changes.

import type { Database } from "better-sqlite3";

/**
 * `tally`: what `LedgerTally` says of the campaign, JSON; or the mark of somebody who is counting; null when a row changed
 * since. A list of a hundred campaigns with a million rows each would take a minute and a half otherwise.
 *
 * The trigger makes every writer honest, those to come included; it costs less than can be measured (3.3 µs a row with and
 * without). Rows are added and removed by planning only, which forgets the tally by itself: there a trigger a row would be dear.
 */
const TALLY = `
alter table campaign add column tally text;
create trigger dispatch_changed
after update of status, reason, error_code, message_status, region, claimed_at, accepted_at on dispatch
begin
  update campaign set tally = null where id = new.campaign_id and tally is not null;
end;
`;

/** Adds the memory of tallies. */
export function addTally(db: Database): void {
  db.exec(TALLY);
}
