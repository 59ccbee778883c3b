// The ledger in one SQLite file: how its verbs run there, and what only a file has.

import { resolve } from "node:path";
import type { Engine, Verb } from "./engine.ts";
import { runAtOnce } from "./engine.ts";
import { makeAnswers } from "./file/answers.ts";
import { makeCompaction } from "./file/compaction.ts";
import type { Connection } from "./file/connection.ts";
import {
  BUSY_TIMEOUT_MS,
  beginBulk,
  closeConnection,
  endBulk,
  folderBeside,
  makeFolding,
  openConnection,
} from "./file/connection.ts";
import { ledgerFault } from "./file/faults.ts";
import { makeLocks } from "./file/lock.ts";
import { makeLockWait } from "./file/lock-wait.ts";
import { makeLedgerFile } from "./file/making.ts";
import { lookAt } from "./file/ownership.ts";
import { violations } from "./file/soundness.ts";
import { makeInvariants } from "./invariants.ts";
import { requireHere } from "./moved.ts";
import type { PlacedLedger } from "./placed-ledger.ts";
import { makeVerbs } from "./verbs.ts";

/**
 * Nobody else takes over a lane whose process lives; but what a claim has looked at, such as
 * opt-outs, grows old.
 */
const CLAIM_WAIT_MS = 10_000;

export interface SqliteLedgerOptions {
  /**
   * For `status` and the like beside a running runner; a verb that writes then throws `read_only`.
   */
  readOnly?: boolean;
  /**
   * How long a verb waits for another process's transaction, blocking this one. 5,000 when left
   * out.
   */
  busyTimeoutMs?: number;
  /**
   * Whether a ledger is made where there is none; left out: where there is no file. Never with
   * `readOnly`.
   */
  make?: "never" | "if_missing" | "if_missing_or_empty";
  /** For a thread beside one that has the ledger open and knows that it is ours. */
  isGuest?: boolean;
  /** Pages of 4 KiB beyond which the file may not grow: a disk that is full, for tests. */
  maxPages?: number;
  /** The wall clock, in milliseconds; asked once, for the day on which a new ledger was made. */
  now?: () => number;
}

/**
 * Opens the ledger in `file`, and makes it and its folder where `make` allows it. What is not known
 * to be a ledger is left as it is. Throws LedgerError: `newer_schema`, `older_schema`,
 * `not_a_ledger` (also when there is none), `read_only`, `busy`, `corrupt`, `full`, `io`.
 */
export async function openSqliteLedger(
  file: string,
  options: SqliteLedgerOptions = {},
): Promise<PlacedLedger> {
  const { readOnly = false, make = "if_missing" } = options;
  const given = resolve(file);
  if (!readOnly && make !== "never") makeWhereMissing(given, make, options.now ?? Date.now);
  const { busyTimeoutMs = BUSY_TIMEOUT_MS } = options;
  const connection = await openConnection(given, {
    readOnly,
    busyTimeoutMs,
    isGuest: options.isGuest ?? false,
    ...(options.maxPages === undefined ? {} : { maxPages: options.maxPages }),
  });
  try {
    return makeLedger(connection, given, { readOnly, busyTimeoutMs });
  } catch (error) {
    closeConnection(connection);
    throw ledgerFault(error, file);
  }
}

/** True when there is a file that is not empty, of whatever kind; it is not opened. */
export function isLedgerFile(file: string): boolean {
  return lookAt(file) === "file";
}

function makeWhereMissing(
  file: string,
  make: "if_missing" | "if_missing_or_empty",
  now: () => number,
): void {
  try {
    const found = lookAt(file);
    const isWanted = found === "nothing" || (found === "empty" && make === "if_missing_or_empty");
    if (isWanted) makeLedgerFile(file, Math.round(now()));
  } catch (error) {
    throw ledgerFault(error, file);
  }
}

function makeLedger(
  connection: Connection,
  file: string,
  { readOnly, busyTimeoutMs }: { readOnly: boolean; busyTimeoutMs: number },
): PlacedLedger {
  const { db, path, watch, seal } = connection;
  const id = db.prepare("select ledger_id from meta").pluck().get() as string;
  const place = db.prepare<[], string | null>("select moved_to from meta").pluck();
  const movedTo = () => place.get() ?? null;
  if (!readOnly) requireHere(file, movedTo());
  const locks = makeLocks(folderBeside(path));
  const folding = makeFolding(db, { folded: seal.keep });
  const answer = makeAnswers(db, path);
  const compaction = makeCompaction(db);
  let isBulk = false;

  /** What reads, or changes one thing by one statement. */
  async function read<T>(work: () => T): Promise<T> {
    try {
      return work();
    } catch (error) {
      throw ledgerFault(error, file);
    } finally {
      // Before what the verb says: it may have read half of two files.
      watch.requireInPlace();
    }
  }

  const transaction = db.transaction((verb: () => Verb<unknown>) => runAtOnce(verb(), answer));
  const locked = makeLockWait(db, busyTimeoutMs);

  async function snapshot<T>(verb: () => Verb<T>): Promise<T> {
    return (await read(() => transaction.deferred(verb))) as T;
  }

  /**
   * Immediate, so that waiting for another process happens before the first row is read, and what
   * was read is still true when it is written.
   */
  async function write<T>(verb: () => Verb<T>): Promise<T> {
    const result = await read(() =>
      locked(() => {
        requireHere(file, movedTo());
        return runAtOnce(verb(), answer);
      }),
    );
    if (!isBulk) folding.afterCommit();
    seal.keep();
    return result;
  }

  /** Until planning is complete. */
  async function inBulk(): Promise<void> {
    if (!isBulk) await read(() => beginBulk(db));
    isBulk = true;
  }

  const engine: Engine = {
    read: (verb) => read(() => runAtOnce(verb(), answer)),
    snapshot,
    write,
    writeWithoutLane: write,
    // Lets SQLite overwrite what is erased from now on, as far as it does.
    beginErasing: () => read(() => void db.pragma("secure_delete = on")),
  };
  const verbs = makeVerbs(engine, id);
  db.function("name_hash", { deterministic: true, directOnly: true }, (name: unknown) =>
    typeof name === "number" || typeof name === "string" ? verbs.hashOf(name) : null,
  );

  return {
    ...verbs,
    claimWaitMs: CLAIM_WAIT_MS,
    place: file,
    address: file,
    movedTo: movedTo(),
    beginReplanning: async (campaign, how) => {
      await inBulk();
      await verbs.beginReplanning(campaign, how);
    },
    plan: async (campaign, rows, now, rules) => {
      await inBulk();
      await verbs.plan(campaign, rows, now, rules);
    },
    finishPlanning: async (campaign, facts) => {
      await verbs.finishPlanning(campaign, facts);
      if (isBulk) await read(() => endBulk(db));
      isBulk = false;
    },
    rewriteDue: () => read(compaction.rewriteDue),
    compact: () => read(compaction.compact),
    hold: (holder) => read(() => locks.hold(holder)),
    heldBy: (who) => read(() => locks.heldBy(who)),
    violations: () => read(() => violations(db)),
    dropDerived: () => engine.write(makeInvariants().dropDerived),
    serverState: async () => null,
    acceptServer: async () => {},
    isSealed: seal.isWhole,
    seal: seal.put,
    requireInPlace: watch.requireInPlace,
    close: async () => {
      locks.releaseAll();
      // Another process may have it open for days, and then closing folds nothing.
      if (!readOnly) folding.now();
      folding.end();
      closeConnection(connection);
      if (!readOnly) seal.keep();
    },
  };
}
