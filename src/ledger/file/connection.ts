// Opens the ledger's file: who may read it, how durable a commit is, and that it is ours before
// anything of it is changed. Knows nothing of campaigns.

import { chmodSync, existsSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "better-sqlite3";
import { LedgerError } from "../../domain/campaign/fault.ts";
import { otherSchema } from "../explained-fault.ts";
import { isBusy, ledgerFault } from "./faults.ts";
import { cannotKeep } from "./making.ts";
import { APPLICATION_ID, pathOf } from "./ownership.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import type { Seal } from "./seal.ts";
import { openSeal } from "./seal.ts";
import { openDatabase } from "./sqlite.ts";
import type { FileWatch } from "./watch.ts";
import { watchFiles } from "./watch.ts";

/** How long a verb waits for another process's transaction, when the caller does not say. */
export const BUSY_TIMEOUT_MS = 5_000;
/** Between two tries to open a file that another process keeps to itself at this moment. */
const OPEN_RETRY_MS = 20;
/** Page cache: a running campaign goes through its rows in order. */
const CACHE_KIB = 8_000;
/**
 * The index on the person takes its pages in random order while planning; more than this gains
 * little.
 */
const PLANNING_CACHE_KIB = 24_000;
/**
 * Pages of the write-ahead log after which it is folded into the file: 16 MB, read again after a
 * kill in some 10 ms.
 */
const CHECKPOINT_PAGES = 4_000;
/**
 * The same while planning: 64 MB. Persons come in random order, so a batch dirties nearly every
 * page of their index; folding seldom made planning a million rows 1.6 times as fast.
 */
const PLANNING_CHECKPOINT_PAGES = 16_000;
/**
 * No commit stands in the log alone for longer, so that a copy of the one file, or a lost log, is
 * never minutes behind: a campaign at one message a second takes a quarter of an hour to fill the
 * log.
 */
const CHECKPOINT_MS = 10_000;
/** Kept of the write-ahead log's file after it was folded. */
const LOG_SIZE_MAX = 16 * 1024 * 1024;

export interface ConnectionOptions {
  readOnly: boolean;
  busyTimeoutMs: number;
  /** Another thread of this process has the file open, and knows that it is ours. */
  isGuest: boolean;
  /** Pages of 4 KiB beyond which the file may not grow; a disk that is full, for tests. */
  maxPages?: number;
}

export interface Connection {
  db: Database;
  /** Without links. */
  path: string;
  watch: FileWatch;
  /** Whether the file is as this program left it. */
  seal: Seal;
}

/** The folder beside a ledger for what belongs to it and is no part of it. */
export function folderBeside(path: string): string {
  return `${path}.locks`;
}

/**
 * Opens a file that is there and is ours. With `readOnly` nothing of it is changed, and nothing is
 * left beside it that was not there. Throws LedgerError.
 */
export async function openConnection(
  file: string,
  options: ConnectionOptions,
): Promise<Connection> {
  const giveUpAt = performance.now() + options.busyTimeoutMs;
  for (;;) {
    try {
      return openOnce(file, options);
    } catch (error) {
      // A process that closes the file as the last one has it to itself for a moment.
      if (!isBusy(error) || performance.now() > giveUpAt) throw ledgerFault(error, file);
    }
    await sleep(OPEN_RETRY_MS);
  }
}

/** Closes what `openConnection` opened; may be called again. */
export function closeConnection({ db, watch }: Connection): void {
  if (!db.open) return;
  db.close();
  watch.end();
}

/** Folds the log into the file some time after each commit, with or without another one. */
export interface Folding {
  /** Call after each commit. The folding itself comes once the caller has answered. */
  afterCommit(): void;
  /**
   * Folds what there is, as far as readers let it; reports no fault, since what stands in the log
   * is as durable.
   */
  now(): void;
  /** Call before the connection is closed. */
  end(): void;
}

/**
 * @param folded called after each folding of its own
 * @param everyMs the longest time that a commit stands in the log alone, as far as readers allow
 */
export function makeFolding(
  db: Database,
  { folded = () => {}, everyMs = CHECKPOINT_MS }: { folded?: () => void; everyMs?: number } = {},
): Folding {
  let foldedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    if (timer !== undefined) return;
    timer = setTimeout(now, Math.max(0, foldedAt + everyMs - performance.now()));
    timer.unref();
  };
  function now(): void {
    clearTimeout(timer);
    timer = undefined;
    if (!db.open || db.inTransaction) return;
    foldedAt = performance.now();
    try {
      const [{ log, checkpointed }] = db.pragma("wal_checkpoint(passive)") as [
        { log: number; checkpointed: number },
      ];
      // Another process reads an older state of the file: what came since is folded when that is
      // over.
      if (checkpointed < log) arm();
    } catch {
      // A full disk, or another process that has the file to itself.
      arm();
    }
    folded();
  }
  return { afterCommit: arm, now, end: () => clearTimeout(timer) };
}

/** Lets the write-ahead log grow long, and the cache large, for the rows of a planning. */
export function beginBulk(db: Database): void {
  db.pragma(`cache_size = -${PLANNING_CACHE_KIB}`);
  db.pragma(`wal_autocheckpoint = ${PLANNING_CHECKPOINT_PAGES}`);
}

/**
 * Ends what `beginBulk` began, folds the log as far as other readers allow, and gives the memory
 * back.
 */
export function endBulk(db: Database): void {
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  db.pragma("wal_checkpoint(passive)");
  db.pragma(`cache_size = -${CACHE_KIB}`);
  db.pragma("shrink_memory");
}

function openOnce(file: string, options: ConnectionOptions): Connection {
  const path = pathOf(file);
  // Before anything of ours can change it.
  const seal = openSeal(path, folderBeside(path));
  const watch = watchFiles(path, options);
  let db: Database | undefined;
  try {
    db = openDatabase(path, {
      readonly: options.readOnly && hasLog(path),
      fileMustExist: true,
      timeout: options.busyTimeoutMs,
    });
    db.pragma("trusted_schema = off");
    requireSchema(db, path);
    if (options.readOnly) db.pragma("query_only = on");
    else prepareForWriting(db, path, options);
    db.pragma(`cache_size = -${CACHE_KIB}`);
    watch.begin();
    return { db, path, watch, seal };
  } catch (error) {
    db?.close();
    watch.end();
    throw error;
  }
}

/**
 * True when a log waits to be folded into the file: a connection that may write would do that when
 * it closes. Without one it is the other way round: a connection that may not write would leave an
 * empty log and its index behind.
 */
function hasLog(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** @throws LedgerError when another version of this program wrote the file, or another program */
function requireSchema(db: Database, path: string): void {
  const applicationId = db.pragma("application_id", { simple: true });
  const version = db.pragma("user_version", { simple: true }) as number;
  if (applicationId !== APPLICATION_ID) {
    const sentence =
      "is another program's database, not a ledger. Choose another file with --ledger.";
    throw new LedgerError("not_a_ledger", `${path} ${sentence}`);
  }
  if (version !== SCHEMA_VERSION) throw otherSchema(path, version);
}

function prepareForWriting(db: Database, path: string, options: ConnectionOptions): void {
  tightenMode(path);
  const mode = db.pragma("journal_mode = wal", { simple: true });
  if (mode !== "wal") throw cannotKeep(path, mode);
  // The library is built with NORMAL for WAL files, under which a power cut takes back the last
  // commits, and with them the proof that a person was already written to. FULL waits for the disk
  // at every commit.
  db.pragma("synchronous = full");
  // On macOS only this reaches the disk itself; elsewhere it changes nothing.
  db.pragma("fullfsync = on");
  db.pragma("checkpoint_fullfsync = on");
  db.pragma("foreign_keys = on");
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  db.pragma(`journal_size_limit = ${LOG_SIZE_MAX}`);
  if (options.maxPages !== undefined) db.pragma(`max_page_count = ${options.maxPages}`);
  // Only a lock that is asked for shows that the file may not be written.
  db.transaction(() => {}).immediate();
}

/**
 * A ledger copied about may have lost its mode; SQLite gives the files beside it (-wal, -shm) the
 * mode of the ledger itself.
 */
function tightenMode(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    if (existsSync(file) && (statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  }
}
