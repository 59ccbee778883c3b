// The model's part of the TTL: when a message of the model expires, said once more in its own
// words.

import fc from "fast-check";
import { expect } from "vitest";
import type { Expiry as Done, ExpiryPlace, Ledger } from "../../../src/domain/ledger/ledger.ts";
import type { Dispatch, World } from "./model.ts";

const HOUR_MS = 3_600_000;

/** What the model knows of its campaign's TTL. */
export interface Expiry {
  ttls: { since: number; hours: number }[];
  /** Nothing is looked for before; null: not at all. */
  lookAt: number | null;
  /** A receipt was applied once. */
  receives: boolean;
}

export const expiryCommand = fc.oneof(
  fc.record({ do: fc.constant("ttl" as const), hours: fc.constantFrom(12, 48) }),
  fc.record({ do: fc.constant("expire" as const) }),
);

export type ExpiryCommand = typeof expiryCommand extends fc.Arbitrary<infer T> ? T : never;

/** Expires everything that is due; gives how many it were. */
export async function expireAll(ledger: Ledger, now: number): Promise<number> {
  let expired = 0;
  let place: ExpiryPlace | null = null;
  do {
    const done: Done = await ledger.expire(place, now);
    expired += done.expired;
    place = done.next;
  } while (place !== null);
  return expired;
}

export async function expireAsTold(
  ledger: Ledger,
  id: number,
  world: World,
  command: ExpiryCommand,
): Promise<void> {
  const { expiry, now } = world;
  if (command.do === "ttl") {
    const { hours } = command;
    await ledger.keepFacts(id, { portfolio: null, ttlSeconds: hours * 3_600 }, now);
    expiry.ttls = [...expiry.ttls.filter(({ since }) => since < now), { since: now, hours }];
    const first = now + (hours + 1) * HOUR_MS;
    expiry.lookAt = Math.min(expiry.lookAt ?? first, first);
    return;
  }
  // Earlier histories on the same ledger have messages that expire as well.
  const expired = await expireAll(ledger, now);
  expect(expired).toBeGreaterThanOrEqual(modelExpire(world));
}

function modelExpire({ rows, expiry, now }: World): number {
  const { ttls, lookAt, receives } = expiry;
  if (!receives || lookAt === null || lookAt > now) return 0;
  let expired = 0;
  const next: number[] = [];
  for (const dispatch of rows.values()) {
    const { status } = dispatch;
    if (["pending", "claimed", "held", "unknown"].includes(status)) {
      next.push(now + (Math.min(...ttls.map(({ hours }) => hours)) + 1) * HOUR_MS);
    }
    if (status !== "accepted" && status !== "sent") continue;
    const at = expiresAt(dispatch, ttls);
    if (at > now) next.push(at);
    else {
      dispatch.status = "expired";
      expired += 1;
    }
  }
  expiry.lookAt = next.length === 0 ? null : Math.max(Math.min(...next), now + HOUR_MS);
  return expired;
}

/**
 * The TTL that held when it was claimed, and an hour for the receipt; a message of which nothing is
 * known lives 30 days.
 */
function expiresAt({ acceptedAt, claimedAt }: Dispatch, ttls: Expiry["ttls"]): number {
  const hours = ttls.findLast(({ since }) => since <= claimedAt)?.hours ?? 720;
  return (acceptedAt as number) + (hours + 1) * HOUR_MS;
}
