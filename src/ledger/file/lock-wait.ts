// Takes SQLite's write lock, which another process may have at this moment. SQLite's own waiting
// sleeps longer each time, up to 100 ms: beside a process that commits all the time it wakes up
// again and again while that one has the lock.

import type { Database } from "better-sqlite3";
import { isBusy } from "./faults.ts";

/** The lock is asked for this often, in milliseconds. */
const ASK_MS = 1;

/**
 * Gives a function that does its work in a transaction that has the write lock from its beginning.
 * It blocks while it waits, and throws SQLite's error when that took longer than `timeoutMs`.
 * @param timeoutMs of the connection, for everything else that waits
 */
export function makeLockWait(db: Database, timeoutMs: number): <T>(work: () => T) => T {
  let hasBegun = false;
  const transaction = db.transaction((work: () => unknown) => {
    hasBegun = true;
    return work();
  }).immediate;

  function begin(work: () => unknown, giveUpAt: number): unknown {
    for (;;) {
      try {
        hasBegun = false;
        return transaction(work);
      } catch (error) {
        if (hasBegun || !isBusy(error) || performance.now() >= giveUpAt) throw error;
      }
    }
  }

  return <T>(work: () => T): T => {
    const giveUpAt = performance.now() + timeoutMs;
    db.pragma(`busy_timeout = ${Math.min(ASK_MS, timeoutMs)}`);
    try {
      return begin(work, giveUpAt) as T;
    } finally {
      db.pragma(`busy_timeout = ${timeoutMs}`);
    }
  };
}
