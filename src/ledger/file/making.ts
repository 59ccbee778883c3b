// Makes a new ledger: whole beside its place and then put there, so that nobody ever finds half of
// one, or an empty file.

import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname } from "node:path";
import type { Database } from "better-sqlite3";
import { LedgerError } from "../../domain/campaign/fault.ts";
import { makeLedgerId } from "../ledger-id.ts";
import { APPLICATION_ID, lookAt, newPathOf } from "./ownership.ts";
import { SCHEMA, SCHEMA_VERSION } from "./schema.ts";
import { openDatabase } from "./sqlite.ts";

/**
 * Makes a ledger (mode 0600) and its folder (0700) where there is none; one that another process
 * makes at the same moment stays.
 * @param now instant in ms
 * @throws LedgerError, and what the file system says
 */
export function makeLedgerFile(file: string, now: number): void {
  makeFolder(dirname(file));
  const path = newPathOf(file);
  const part = `${path}.${randomBytes(6).toString("hex")}.new`;
  try {
    closeSync(openSync(part, "wx", 0o600));
    fill(part, now);
    putInPlace(part, path);
  } finally {
    for (const end of ["", "-wal", "-shm"]) rmSync(part + end, { force: true });
  }
}

function fill(part: string, now: number): void {
  const db = openDatabase(part);
  try {
    db.pragma("synchronous = full");
    const make = db.transaction(() => {
      makeTables(db);
      db.prepare("insert into meta (only_row, ledger_id, created_at) values (1, ?, ?)").run(
        makeLedgerId(),
        now,
      );
    });
    make.immediate();
    // Only now: closing folds a log without telling when the disk is too full for it.
    const mode = db.pragma("journal_mode = wal", { simple: true });
    if (mode !== "wal") throw cannotKeep(part, mode);
  } finally {
    db.close();
  }
}

/** Makes the tables of a ledger, and marks the file as one; in the transaction of its caller. */
export function makeTables(db: Database): void {
  db.exec(SCHEMA);
  db.pragma(`application_id = ${APPLICATION_ID}`);
  db.pragma(`user_version = ${SCHEMA_VERSION}`);
}

/** Network file systems and the like keep no write-ahead log. */
export function cannotKeep(file: string, mode: unknown): LedgerError {
  return new LedgerError(
    "io",
    `The ledger ${file} lies on a file system that cannot keep it (journal mode ${String(mode)}). ` +
      "Choose a folder on a local disk with --ledger.",
  );
}

function putInPlace(part: string, path: string): void {
  // An empty file has nothing to lose, and its name leads to the new one.
  if (lookAt(path) === "empty") renameSync(part, path);
  else if (!linked(part, path) && !existsSync(path)) renameSync(part, path);
  syncFolder(dirname(path));
}

/** A link never takes the place of a file. False on file systems that have none. */
function linked(part: string, path: string): boolean {
  try {
    linkSync(part, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return true;
    if (code === "EPERM" || code === "ENOTSUP" || code === "EOPNOTSUPP" || code === "ENOSYS") {
      return false;
    }
    throw error;
  }
}

/** After a power cut the new name must be there. Windows syncs no folders. */
export function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * Makes a folder and those above it. Not with Node's own `recursive`: that never ends (Node 20 and
 * 22) where a folder exists in which none can be made, such as /proc.
 */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const above = dirname(folder);
  if (above !== folder) makeFolder(above);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it in the meantime.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
