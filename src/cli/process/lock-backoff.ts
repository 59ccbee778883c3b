// Writes to a ledger that another process may be working on. Decides nothing.

import { systemClock } from "../../clock/clock.ts";

/** Shortest pause between two transactions. */
const PAUSE_MS_MIN = 1;

/**
 * Carries out a transaction, and then waits for as long again. SQLite gives its lock to the process
 * that asks in the right moment: without the pause a runner beside this would seldom be the one.
 */
export async function withLockBackoff<T>(transaction: () => Promise<T>): Promise<T> {
  const from = systemClock.monotonic();
  const result = await transaction();
  await systemClock.sleep(Math.max(PAUSE_MS_MIN, systemClock.monotonic() - from));
  return result;
}
