// What statuses, reasons and codes say to a person, in the same few plain words wherever they are shown. No I/O.

import type { Status } from "./dispatch.ts";
import { wordsFor } from "./reason-words.ts";

/** What each status says to a person. */
export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  skipped: "not sent to, see the reasons",
  pending: "waiting to be sent",
  claimed: "on their way right now",
  held: "refused for now, tried again later",
  accepted: "taken by Meta; delivery is told by receipts",
  sent: "sent by Meta",
  delivered: "on the phone",
  read: "read",
  failed: "failed, see the reasons",
  unknown: "answer lost; never sent to again by itself",
  expired: "TTL passed without delivery",
  cancelled: "ended by you first",
};

/** Plain words for a skip reason, a hold reason or an error code; empty for what has none. */
export function plainReason(reason: string): string {
  return wordsFor(reason).meaning;
}
