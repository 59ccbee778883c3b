import type { Database } from "better-sqlite3";

/** Everything that is committed in a database, as one short text. */
export function digestOf(db: Database): string;
