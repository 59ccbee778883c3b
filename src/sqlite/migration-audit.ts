// Schema 6, second part: who did what by hand, and whom to go on leaving alone after their data is erased.

import type { Database } from "better-sqlite3";
import { changeCheck } from "./check-change.ts";

/**
 * `audit`: what people did by hand. Nobody's number is in it, so that it stays when they are erased.
 *
 * `erased_at`: what a recipient gave us is erased from the row, and the row stays for the counts. Of a campaign it says that the
 * erasure of all of its rows began; `erased_rows` is how far it got.
 *
 * `forgotten`: keyed hashes of the names of people who are erased and must be left alone: all names of one person belong to one
 * suppression, which has no name itself. `meta.name_key` is the key, made with the first of them. `rewrite_due`: pages of the file
 * that are free may have erased data in them yet.
 */
const AUDIT = `
create table audit (
  id integer primary key,
  at integer not null,
  actor text not null check (actor <> ''),
  action text not null check (action <> ''),
  subject text not null,
  detail text not null check (json_valid(detail))
) strict;

alter table dispatch add column erased_at integer;
alter table campaign add column erased_at integer;
alter table campaign add column erased_rows integer;
alter table suppression add column is_forgotten integer not null default 0 check (is_forgotten in (0, 1));
alter table meta add column name_key blob check (length(name_key) = 32);
alter table meta add column rewrite_due integer not null default 0 check (rewrite_due in (0, 1));

create table forgotten (
  hash integer primary key,
  suppression_id integer not null references suppression (id) on delete cascade
) strict;
create index forgotten_by_suppression on forgotten (suppression_id);
`;

/** Adds the audit table, and what erasing needs. */
export function addAudit(db: Database): void {
  db.exec(AUDIT);
  const who = "phone is not null or row_user_id is not null";
  const orErased = `(${who} or erased_at is not null)`;
  changeCheck(db, `(${who})`, orErased);
  // Nobody is sent to who is not there.
  for (const open of ["pending", "claimed", "held"]) {
    changeCheck(db, `when '${open}' then ${orErased}`, `when '${open}' then (${who})`);
  }
  changeCheck(db, "message_id is not null", "(message_id is not null or erased_at is not null)");
  const somebody = "person is not null or user_id is not null";
  changeCheck(db, `check (${somebody})`, `check (${somebody} or is_forgotten = 1)`, "suppression");
}
