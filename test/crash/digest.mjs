// One short text that stands for everything that is committed in a database: two ledgers with the
// same digest hold the same rows.

import { createHash } from "node:crypto";

/** @param db a better-sqlite3 connection; what it sees inside its own transaction counts */
export function digestOf(db) {
  const hash = createHash("sha256");
  const tables = db
    .prepare("select name from sqlite_schema where type = 'table' order by name")
    .pluck()
    .all();
  for (const table of tables) {
    hash.update(`${table}\n`);
    for (const row of db.prepare(`select * from "${table}"`).raw().iterate()) {
      hash.update(`${JSON.stringify(row)}\n`);
    }
  }
  return hash.digest("hex");
}
