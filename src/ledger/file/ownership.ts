// Whose file lies at a path, reported before SQLite opens it: only a regular file with our mark is
// ours. Changes nothing.

import type { BigIntStats } from "node:fs";
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { LedgerError } from "../../domain/campaign/fault.ts";
import { ledgerFault } from "./faults.ts";

/**
 * Marks the file as ours in its header ("mml1"), so that another program's database is never
 * touched.
 */
export const APPLICATION_ID = 0x6d6d6c31;

/**
 * First bytes of every SQLite database, and where its header keeps what we read
 * (sqlite.org/fileformat.html, 2026-10).
 */
const MAGIC = Buffer.from("SQLite format 3\0", "latin1");
const HEADER_BYTES = 100;
const CHANGE_COUNTER_AT = 24;
const APPLICATION_ID_AT = 68;

/** The first bytes of a ledger's file. */
export interface Header {
  /**
   * Counts the commits that changed the first page, which nearly every commit that lets the file
   * grow does.
   */
  changes: number;
}

/** What lies at a path. */
export type PathContent = "nothing" | "empty" | "file";

/**
 * Looks at a path, without opening it.
 * @throws LedgerError `not_a_ledger` for a folder, a device, a pipe or a socket, also behind a
 * link; another where the path leads nowhere
 */
export function lookAt(file: string): PathContent {
  const stats = statToUse(file);
  if (stats === undefined) return "nothing";
  if (!stats.isFile()) throw notOurs(`${file} is ${kindOf(stats)}`);
  return stats.size === 0n ? "empty" : "file";
}

/**
 * The path of an existing ledger behind every link, so that it has one log, one set of locks and
 * one name.
 * @throws LedgerError `not_a_ledger` when there is none, or something else
 */
export function pathOf(file: string): string {
  switch (lookAt(file)) {
    case "nothing":
      throw new LedgerError("not_a_ledger", `There is no ledger at ${file}.`);
    case "empty":
      throw notOurs(`${file} is empty: there is no ledger in it`);
    case "file":
      return realpathSync(file);
  }
}

/** The path that a new ledger gets; its folder must exist. */
export function newPathOf(file: string): string {
  return lookAt(file) === "nothing"
    ? join(realpathSync(dirname(file)), file.slice(dirname(file).length).replace(/^[\\/]+/, ""))
    : realpathSync(file);
}

/**
 * Opens a ledger's file to look at its header.
 * @returns a descriptor; closing it drops every lock that this process has on the file (POSIX), so
 * only its keeper may
 * @throws LedgerError `not_a_ledger` when the file is not ours
 */
export function openHeader(path: string): number {
  // Another file may lie there by now, and opening a pipe would wait for its other end.
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!fstatSync(descriptor).isFile()) throw notOurs(`${path} is not a regular file`);
    readHeader(descriptor, path);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** @throws LedgerError `not_a_ledger` when what is there now is not ours */
export function readHeader(descriptor: number, path: string): Header {
  const bytes = Buffer.alloc(HEADER_BYTES);
  const size = readSync(descriptor, bytes, 0, HEADER_BYTES, 0);
  if (size < HEADER_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw notOurs(`${path} is not a ledger, or its first bytes are damaged`);
  }
  if (bytes.readUInt32BE(APPLICATION_ID_AT) !== APPLICATION_ID) {
    throw notOurs(`${path} is another program's database, not a ledger`);
  }
  return { changes: bytes.readUInt32BE(CHANGE_COUNTER_AT) };
}

/**
 * Which file a path leads to; undefined when it leads to none. Any other fault tells nothing, and
 * is thrown.
 */
export function statOf(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false });
}

function statToUse(file: string): BigIntStats | undefined {
  try {
    return statOf(file);
  } catch (error) {
    throw ledgerFault(error, file);
  }
}

function kindOf(stats: BigIntStats): string {
  if (stats.isDirectory()) return "a folder";
  if (stats.isFIFO()) return "a named pipe";
  if (stats.isSocket()) return "a socket";
  return "a device";
}

function notOurs(what: string): LedgerError {
  return new LedgerError(
    "not_a_ledger",
    `${what}; it is left as it is. Choose another file with --ledger.`,
  );
}
