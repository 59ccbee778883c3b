// Copies a ledger as it is at one instant into one whole file, beside whatever works with it.

import { randomBytes } from "node:crypto";
import { closeSync, existsSync, linkSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { BUSY_TIMEOUT_MS, closeConnection, openConnection } from "./connection.ts";
import { corruptFault, ledgerFault } from "./faults.ts";
import { syncFolder } from "./making.ts";
import { damageOf } from "./soundness.ts";
import { openDatabase } from "./sqlite.ts";

/** Pages copied at a time, 2 MB: between two pieces a signal is heard. */
const PIECE_PAGES = 500;

/** How far a copy has got. */
export type BackupProgress = { kind: "copying"; share: number } | { kind: "checking" };

/**
 * Copies the ledger in `file` to `target`, mode 0600: one file that needs no log beside it,
 * checked, and under its name only once it is whole. Writers go on meanwhile.
 * @param onProgress called between pieces; what it throws ends the copy, and leaves nothing
 * @throws LedgerError as opening a ledger does, and `corrupt` when it is damaged
 * @throws what the file system reports about `target`; code `EEXIST` when there is something by
 * that name
 */
export async function backUpLedger(
  file: string,
  target: string,
  onProgress: (progress: BackupProgress) => void,
): Promise<void> {
  const part = `${target}.${randomBytes(6).toString("hex")}.part`;
  closeSync(openSync(part, "wx", 0o600));
  try {
    await copy(file, part, onProgress);
    onProgress({ kind: "checking" });
    check(file, part);
    putInPlace(part, target);
  } finally {
    for (const end of ["", "-journal", "-wal", "-shm"]) rmSync(part + end, { force: true });
  }
}

async function copy(
  file: string,
  part: string,
  onProgress: (progress: BackupProgress) => void,
): Promise<void> {
  const connection = await openConnection(file, {
    readOnly: true,
    busyTimeoutMs: BUSY_TIMEOUT_MS,
    isGuest: false,
  });
  const { db, watch } = connection;
  try {
    // One instant for the whole copy: without it, SQLite begins again whenever another process has
    // committed.
    db.exec("begin");
    db.prepare("select ledger_id from meta").get();
    await db.backup(part, {
      progress({ totalPages, remainingPages }) {
        onProgress({ kind: "copying", share: 1 - remainingPages / Math.max(1, totalPages) });
        return PIECE_PAGES;
      },
    });
    db.exec("commit");
    watch.requireInPlace();
  } catch (error) {
    throw ledgerFault(error, file);
  } finally {
    closeConnection(connection);
  }
}

/**
 * Checks the copy, and makes it one that needs no file beside it: a log that is left behind takes
 * commits with it.
 */
function check(file: string, part: string): void {
  const db = openDatabase(part);
  try {
    db.pragma("journal_mode = delete");
    db.pragma("synchronous = full");
    const [found] = damageOf(db);
    if (found !== undefined) throw corruptFault(file, new Error(found));
  } catch (error) {
    throw ledgerFault(error, file);
  } finally {
    db.close();
  }
}

/**
 * A link never takes the place of a file; where there are none, a name that was free a moment ago
 * is taken.
 */
function putInPlace(part: string, target: string): void {
  try {
    linkSync(part, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP" && code !== "ENOSYS") {
      throw error;
    }
    if (existsSync(target)) throw Object.assign(new Error(), { code: "EEXIST" });
    renameSync(part, target);
  }
  syncFolder(dirname(target));
}
