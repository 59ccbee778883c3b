// How long a message waits for its recipient: the TTL of its template, and when it is over for us.
// Reads nothing of Meta's.

import type { AccountFacts } from "../account/facts.ts";
import type { Manifest } from "../manifest/manifest.ts";

/** A marketing template without a TTL of its own: 30 days, in seconds (Meta, TTL page, 2026-09). */
export const DEFAULT_TTL_SECONDS = 2_592_000;

/** Meta tells of an expired message by silence alone; a receipt may be so late. */
export const RECEIPT_DELAY_MS = 3_600_000;

/**
 * The TTL, in seconds, of messages that are sent now: the template's at Meta as far as it was read,
 * else the manifest's, else Meta's 30 days.
 */
export function ttlOf(manifest: Manifest, facts: AccountFacts): number {
  const reported = facts.template?.definition.message_send_ttl_seconds;
  if (reported === undefined) return manifest.template.ttl ?? DEFAULT_TTL_SECONDS;
  return reported ?? DEFAULT_TTL_SECONDS;
}
