// Whose file it is, and the one way a new one becomes a ledger.

import type { Database } from "better-sqlite3";
import { LedgerError } from "../ledger.ts";
import { SCHEMA, SCHEMA_VERSION } from "./schema.ts";

/** Marks the file as ours in its header ("mml1"), so that another program's database is never touched. */
const APPLICATION_ID = 0x6d6d6c31;

/** What the header of a file says of it. */
export type Identity = "fresh" | "ours";

/**
 * Looks who wrote the file, without writing to it.
 * Throws LedgerError: `not_a_ledger` for another program's database, `newer_schema` for a file of a newer version of this program,
 * `older_schema` for one of a version before the first release.
 */
export function identify(db: Database, file: string): Identity {
  const applicationId = db.pragma("application_id", { simple: true }) as number;
  const version = db.pragma("user_version", { simple: true }) as number;
  if (applicationId === APPLICATION_ID) {
    if (version === SCHEMA_VERSION) return "ours";
    if (version < SCHEMA_VERSION) {
      throw new LedgerError(
        "older_schema",
        `The ledger ${file} was written by a version of this program before its first release (schema ${version}, ` +
          `this one knows ${SCHEMA_VERSION}). Finish its campaigns with that version, and use another file with this one.`,
      );
    }
    throw new LedgerError(
      "newer_schema",
      `The ledger ${file} was written by a newer version of this program (schema ${version}, ` +
        `this one knows ${SCHEMA_VERSION}). Install that version.`,
    );
  }
  const things = db.prepare("select count(*) from sqlite_schema").pluck().get() as number;
  if (applicationId === 0 && version === 0 && things === 0) return "fresh";
  throw new LedgerError(
    "not_a_ledger",
    `${file} is another program's database, not a ledger. Choose another file with --ledger.`,
  );
}

/**
 * Makes a new file a ledger, in one transaction; leaves one that is a ledger alone. Another process may do the same at the same
 * moment: who comes second finds it done.
 */
export function migrate(db: Database, file: string, born: { ledgerId: string; now: number }): void {
  const make = db.transaction(() => {
    if (identify(db, file) === "ours") return;
    db.exec(SCHEMA);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${SCHEMA_VERSION}`);
    db.prepare("insert into meta (only_row, ledger_id, created_at) values (1, ?, ?)").run(
      born.ledgerId,
      born.now,
    );
  });
  make.immediate();
}
