// Ends the wait for receipts that will not come, a piece of the ledger at a time, so that a runner
// beside this hardly waits.

import { systemClock } from "../../clock/clock.ts";
import { plural } from "../../domain/common/numbers.ts";
import type { Expiry, ExpiryLedger, ExpiryPlace } from "../../domain/ledger/ledger.ts";
import { withLockBackoff } from "./lock-backoff.ts";

/**
 * Makes every message of the ledger whose TTL has passed without a delivery receipt `expired`,
 * until nothing is due or `stop` is aborted. Gives their number.
 */
export async function expireMessages(ledger: ExpiryLedger, stop: AbortSignal): Promise<number> {
  let expired = 0;
  let place: ExpiryPlace | null = null;
  do {
    const after: ExpiryPlace | null = place;
    const done: Expiry = await withLockBackoff(() => ledger.expire(after, systemClock.now()));
    expired += done.expired;
    place = done.next;
  } while (place !== null && !stop.aborted);
  return expired;
}

/** What is said of them. */
export function expiredSentence(expired: number): string {
  return `${plural(expired, "message")} expired: the TTL has passed without a delivery receipt.`;
}
