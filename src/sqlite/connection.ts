// Opens the ledger's file: who may read it, how durable a commit is, whose file it is. Knows nothing of campaigns.

import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "better-sqlite3";
import Sqlite from "better-sqlite3";
import { LedgerError } from "../ledger.ts";
import { isBusy, ledgerFault } from "./faults.ts";
import type { Identity } from "./migrations.ts";
import { identify, migrate } from "./migrations.ts";

/** How long a verb waits for another process's transaction, when the caller does not say. */
export const BUSY_TIMEOUT_MS = 5_000;
/** Between two tries to open a file that another process is creating at this moment. */
const OPEN_RETRY_MS = 20;
/** Page cache: a running campaign goes through its rows in order. */
const CACHE_KIB = 8_000;
/** The index on the person takes its pages in random order while planning; more than this gains little. */
const PLANNING_CACHE_KIB = 24_000;
/** Pages of the write-ahead log after which it is folded into the file: 16 MB, read again after a kill in some 10 ms. */
const CHECKPOINT_PAGES = 4_000;
/**
 * The same while planning: 64 MB. Persons come in random order, so a batch dirties nearly every page of their index;
 * folding seldom made planning a million rows 1.6 times as fast.
 */
const PLANNING_CHECKPOINT_PAGES = 16_000;
/** Kept of the write-ahead log's file after it was folded. */
const LOG_SIZE_MAX = 16 * 1024 * 1024;

export interface ConnectionOptions {
  readOnly: boolean;
  busyTimeoutMs: number;
  /** Pages of 4 KiB beyond which the file may not grow; a disk that is full, for tests. */
  maxPages?: number;
  ledgerId: string;
  now: number;
}

/**
 * Opens the file, creating it (mode 0600) and its folder (0700) unless `readOnly`.
 * Throws LedgerError.
 */
export async function openConnection(file: string, options: ConnectionOptions): Promise<Database> {
  const giveUpAt = performance.now() + options.busyTimeoutMs;
  for (;;) {
    try {
      return openOnce(file, options);
    } catch (error) {
      // Changing a new file to WAL needs it alone, and SQLite does not wait for that by itself.
      if (!isBusy(error) || performance.now() > giveUpAt) throw ledgerFault(error, file);
    }
    await sleep(OPEN_RETRY_MS);
  }
}

/** Lets the write-ahead log grow long, and the cache large, for the rows of a planning. */
export function beginBulk(db: Database): void {
  db.pragma(`cache_size = -${PLANNING_CACHE_KIB}`);
  db.pragma(`wal_autocheckpoint = ${PLANNING_CHECKPOINT_PAGES}`);
}

/** Ends what `beginBulk` began, folds the log as far as other readers allow, and gives the memory back. */
export function endBulk(db: Database): void {
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  db.pragma("wal_checkpoint(passive)");
  db.pragma(`cache_size = -${CACHE_KIB}`);
  db.pragma("shrink_memory");
}

function openOnce(file: string, options: ConnectionOptions): Database {
  if (!options.readOnly) makeFile(file);
  requireFile(file);
  const db = new Sqlite(file, {
    readonly: options.readOnly,
    fileMustExist: true,
    timeout: options.busyTimeoutMs,
  });
  try {
    db.pragma("trusted_schema = off");
    // In one look: another process may be making the ledger at this moment.
    const identity = db.transaction(() => identify(db, file)).deferred();
    if (options.readOnly) requireOurs(file, identity);
    else prepareForWriting(db, file, options);
    db.pragma(`cache_size = -${CACHE_KIB}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function prepareForWriting(db: Database, file: string, options: ConnectionOptions): void {
  tightenMode(file);
  const mode = db.pragma("journal_mode = wal", { simple: true });
  if (mode !== "wal") {
    throw new LedgerError(
      "io",
      `The ledger ${file} lies on a file system that cannot keep it (journal mode ${String(mode)}). ` +
        "Choose a folder on a local disk with --ledger.",
    );
  }
  // The library is built with NORMAL for WAL files, under which a power cut takes back the last commits, and with
  // them the proof that somebody was already written to. FULL waits for the disk at every commit.
  db.pragma("synchronous = full");
  // On macOS only this reaches the disk itself; elsewhere it changes nothing.
  db.pragma("fullfsync = on");
  db.pragma("checkpoint_fullfsync = on");
  db.pragma("foreign_keys = on");
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  db.pragma(`journal_size_limit = ${LOG_SIZE_MAX}`);
  migrate(db, file, options);
  if (options.maxPages !== undefined) db.pragma(`max_page_count = ${options.maxPages}`);
}

/** SQLite gives the files beside the ledger (-wal, -shm) the mode of the ledger itself. */
function makeFile(file: string): void {
  makeFolder(dirname(file));
  // POSIX drops all of a process's locks on a file when any of its descriptors is closed, and another ledger object
  // of this process may have it open: so an existing file is only looked at, never opened here.
  if (!existsSync(file)) closeSync(openSync(file, "a", 0o600));
}

/**
 * Makes a folder and those above it. Not with Node's own `recursive`: that never ends (Node 20 and 22) where a folder exists in
 * which none can be made, such as /proc.
 */
function makeFolder(folder: string): void {
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

/** A ledger copied about may have lost its mode. Only for a file that is known to be ours. */
function tightenMode(file: string): void {
  for (const path of [file, `${file}-wal`, `${file}-shm`]) {
    if (existsSync(path) && (statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  }
}

function requireFile(file: string): void {
  if (!existsSync(file)) {
    throw new LedgerError("not_a_ledger", `There is no ledger at ${file}.`);
  }
  if (statSync(file).isDirectory()) {
    throw new LedgerError("not_a_ledger", `${file} is a folder. Choose a file with --ledger.`);
  }
}

function requireOurs(file: string, identity: Identity): void {
  if (identity === "ours") return;
  throw new LedgerError("not_a_ledger", `${file} is empty: there is no ledger in it yet.`);
}
