// How long a message waits for its recipient: the TTL of its template, and when it is over for us.
// Reads nothing of Meta's.

import type { AccountFacts } from "../account/facts.ts";
import { templatesOf } from "../account/facts.ts";
import type { Manifest } from "../manifest/manifest.ts";

/** A marketing template without a TTL of its own: 30 days, in seconds (Meta, TTL page, 2026-09). */
export const DEFAULT_TTL_SECONDS = 2_592_000;

/** Meta tells of an expired message by silence alone; a receipt may be so late. */
export const RECEIPT_DELAY_MS = 3_600_000;

/**
 * The TTL, in seconds, of messages that are sent now: the template's at Meta as far as it was read,
 * else the manifest's, else Meta's 30 days. Of several templates the longest.
 */
export function ttlOf(manifest: Manifest, facts: AccountFacts): number {
  const templates = templatesOf(facts);
  const all = templates.map(({ definition }) => definition.message_send_ttl_seconds);
  const known = all.map((reported) =>
    reported === undefined ? manifest.template.ttl : (reported ?? DEFAULT_TTL_SECONDS),
  );
  if (known.length === 0) return manifest.template.ttl ?? DEFAULT_TTL_SECONDS;
  return Math.max(...known.map((seconds) => seconds ?? DEFAULT_TTL_SECONDS));
}
