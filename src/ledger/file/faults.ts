// Says in one sentence what SQLite or the disk refused, as a LedgerError; never hides a
// programmer's error.

import { LedgerError } from "../../domain/campaign/fault.ts";
import type { ExplainedFault } from "../explained-fault.ts";
import { explained } from "../explained-fault.ts";

const FULL: ExplainedFault = {
  fault: "full",
  sentence: "cannot grow: no space is left on its disk. Free some space and run again.",
};
const READ_ONLY: ExplainedFault = {
  fault: "read_only",
  sentence:
    "cannot be written: the file, its folder or its disk is read-only or belongs to another user. " +
    "Give this user the right to write to both, or choose another file with --ledger.",
};
const BUSY: ExplainedFault = {
  fault: "busy",
  sentence:
    "is kept locked by another program. Close what has it open (a database browser, a backup), and run again.",
};
const CORRUPT: ExplainedFault = {
  fault: "corrupt",
  sentence:
    "is damaged. Do not send with it: put back its newest copy (docs/ledger.md says what that means), or recover what there is with `sqlite3 FILE .recover`.",
};
const NOT_A_LEDGER: ExplainedFault = {
  fault: "not_a_ledger",
  sentence: "is not a ledger. Choose another file with --ledger.",
};
const IO: ExplainedFault = {
  fault: "io",
  sentence:
    "could not be read or written: the disk reported an error. Look at the disk, and run again.",
};
const MISPLACED: ExplainedFault = {
  fault: "io",
  sentence: "cannot be opened: its path does not lead to a file that can be kept there.",
};

/** SQLite's result codes, the longest prefix first (sqlite.org/rescode.html, 2026-09). */
const BY_SQLITE_CODE: readonly [prefix: string, fault: ExplainedFault][] = [
  ["SQLITE_IOERR_SHMSIZE", FULL], // the index of the write-ahead log could not grow
  ["SQLITE_IOERR_CORRUPTFS", CORRUPT],
  ["SQLITE_FULL", FULL],
  ["SQLITE_READONLY", READ_ONLY],
  ["SQLITE_PERM", READ_ONLY],
  ["SQLITE_CANTOPEN", READ_ONLY], // the file itself was opened before, so it is one beside it
  ["SQLITE_BUSY", BUSY],
  ["SQLITE_LOCKED", BUSY],
  ["SQLITE_PROTOCOL", BUSY], // lost the race for the write-ahead log's locks too often
  ["SQLITE_CORRUPT", CORRUPT],
  ["SQLITE_NOTADB", NOT_A_LEDGER],
  ["SQLITE_IOERR", IO],
  ["SQLITE_NOLFS", IO],
];

/** Error codes of Node's file functions. */
const BY_SYSTEM_CODE: Readonly<Record<string, ExplainedFault>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EROFS: READ_ONLY,
  EACCES: READ_ONLY,
  EPERM: READ_ONLY,
  EISDIR: NOT_A_LEDGER,
  ENOENT: MISPLACED,
  ENOTDIR: MISPLACED,
  ELOOP: MISPLACED,
  ENAMETOOLONG: MISPLACED,
  EEXIST: MISPLACED,
  EIO: IO,
};

/**
 * Turns what SQLite or the file system threw into a LedgerError that names the file.
 * Everything else (a constraint, a mistake in SQL, an assertion) comes back as it is: it is a bug.
 */
export function ledgerFault(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof LedgerError) return error;
  const code = (error as { code?: unknown }).code;
  if (typeof code !== "string") return error;
  const known = faultOf(code);
  return known === undefined ? error : explained(known, file, error);
}

/** A ledger that SQLite can read, and that is not whole. */
export function corruptFault(file: string, cause: unknown): LedgerError {
  return new LedgerError("corrupt", `The ledger ${file} ${CORRUPT.sentence}`, { cause });
}

/** Tells whether SQLite said that another process has the lock. */
export function isBusy(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && faultOf(code) === BUSY;
}

function faultOf(code: string): ExplainedFault | undefined {
  if (!code.startsWith("SQLITE_")) return BY_SYSTEM_CODE[code];
  return BY_SQLITE_CODE.find(([prefix]) => code.startsWith(prefix))?.[1];
}
