// Changes the words of a table's CHECK in a file that exists. Touches no row: what stands in the table must fit the new words already.

import type { Database } from "better-sqlite3";

/**
 * Replaces words in the CHECKs of a table, `dispatch` when left out. A CHECK says nothing about how rows are kept, so SQLite allows its
 * text to be changed alone (sqlite.org/lang_altertable.html, section 8); copying millions of rows into a new table would take minutes.
 */
export function changeCheck(db: Database, from: string, to: string, table = "dispatch"): void {
  db.unsafeMode(true);
  db.pragma("writable_schema = on");
  const sql = "update sqlite_schema set sql = replace(sql, ?, ?) where type = 'table' and name = ?";
  db.prepare(sql).run(from, to, table);
  db.pragma("writable_schema = reset");
  db.unsafeMode(false);
}
