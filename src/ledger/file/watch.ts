// Notices that a ledger's files were deleted, moved or replaced while they are open: SQLite itself
// goes on writing to a file that has no name any more.

import { closeSync } from "node:fs";

import { LedgerError } from "../../domain/campaign/fault.ts";
import { openHeader, readHeader, statOf } from "./ownership.ts";

/** The database, its write-ahead log, and the index of that. */
const ENDS = ["", "-wal", "-shm"];
/** A header that is read while SQLite writes it may be torn once, not always. */
const READS_MAX = 3;

interface WatchedFile {
  file: string;
  descriptor: number;
  users: number;
  /** The highest change counter that was seen. */
  changes: number;
}

/**
 * Descriptors by device and inode, one for all connections of this thread: closing one would drop
 * the locks of every other.
 */
const kept = new Map<string, WatchedFile>();

export interface FileWatch {
  /** Call once SQLite has opened its files. */
  begin(): void;
  /**
   * @throws LedgerError `gone` when the files at the path are not those that were opened; for ever
   * from then on
   */
  requireInPlace(): void;
  /** Call when SQLite has closed its files. */
  end(): void;
}

/**
 * @param path of an existing file, without links
 * @param isGuest another thread of this process watches the contents: only the names are looked at
 * here
 * @throws LedgerError `not_a_ledger` when the file is not ours
 */
export function watchFiles(path: string, { isGuest }: { isGuest: boolean }): FileWatch {
  const header = isGuest ? undefined : keep(path);
  const before = identityOf(path);
  let opened: (string | null)[] = [];
  let isGone = false;

  function isInPlace(): boolean {
    return (
      ENDS.every((end, at) => opened[at] === null || identityOf(path + end) === opened[at]) &&
      (header === undefined || isNoOlder(header, path))
    );
  }

  function requireInPlace(): void {
    isGone ||= !isInPlace();
    if (isGone) throw goneError(path);
  }

  return {
    begin() {
      opened = ENDS.map((end) => identityOf(path + end));
      isGone = opened[0] !== before;
      requireInPlace();
    },
    requireInPlace,
    end() {
      if (header !== undefined) giveBack(header);
    },
  };
}

function goneError(path: string): LedgerError {
  return new LedgerError(
    "gone",
    `The ledger ${path} was deleted, moved or replaced while it was in use: what was written last is in no file that has its name. ` +
      "Put the same file back with its -wal file and run again. A new or an older one does not know who was messaged.",
  );
}

/** Device and inode; null when there is nothing. */
function identityOf(path: string): string | null {
  const stats = statOf(path);
  return stats === undefined ? null : `${stats.dev}:${stats.ino}`;
}

/**
 * A file that was written over keeps its name and inode; its counter is an older one, or it is no
 * ledger at all.
 */
function isNoOlder(header: WatchedFile, path: string): boolean {
  for (let reads = 0; reads < READS_MAX; reads += 1) {
    try {
      const { changes } = readHeader(header.descriptor, path);
      // The counter is 32 bits wide, and goes round.
      if (((changes - header.changes) | 0) >= 0) {
        header.changes = changes;
        return true;
      }
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
    }
  }
  return false;
}

function keep(path: string): WatchedFile {
  const file = identityOf(path) ?? path;
  const known = kept.get(file);
  if (known !== undefined) {
    known.users += 1;
    return known;
  }
  const descriptor = openHeader(path);
  const { changes } = readHeader(descriptor, path);
  const header = { file, descriptor, users: 1, changes };
  kept.set(file, header);
  return header;
}

function giveBack(header: WatchedFile): void {
  header.users -= 1;
  if (header.users > 0) return;
  kept.delete(header.file);
  closeSync(header.descriptor);
}
