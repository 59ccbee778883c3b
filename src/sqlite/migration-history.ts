// Schema 6, third part: what finds everything about one person at once, and keeps the words of the template.

import type { Database } from "better-sqlite3";

/**
 * Skipped rows are not in the unique indexes of persons and user ids (see V1), and whoever asks “why did they get nothing?” must
 * find them without going through millions of rows. Only rows that are skipped stand in these two, so that planning a list of
 * people who are sent to pays nothing for them.
 *
 * `definition`: the template as the last run saw it at Meta, JSON.
 */
const HISTORY = `
create index dispatch_skipped_person on dispatch (person)
  where value_list is null and person is not null;
create index dispatch_skipped_user on dispatch (row_user_id)
  where value_list is null and row_user_id is not null;
create index tap_by_dispatch on tap (campaign_id, row_number);
alter table campaign add column definition text check (json_valid(definition));
`;

/** Adds what the history of a person is read by. */
export function addHistory(db: Database): void {
  db.exec(HISTORY);
}
