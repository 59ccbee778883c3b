// Says which SQLite is at work. Opens no file.

import Sqlite from "better-sqlite3";

/**
 * Version of SQLite, such as `3.50.4`.
 * @throws what the operating system said, when the library cannot be loaded: it is built for one version of Node
 */
export function engineVersion(): string {
  const db = new Sqlite(":memory:");
  try {
    return db.prepare("select sqlite_version()").pluck().get() as string;
  } finally {
    db.close();
  }
}
