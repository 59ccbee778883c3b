// What statuses, reasons and codes say to a person, in the same few plain words wherever they are
// shown. No I/O.

import type { Status } from "../campaign/dispatch.ts";
import { count } from "../common/numbers.ts";
import type { OptOutCounts, OptOutWay } from "../receipts/engagement.ts";
import { wordsFor } from "./reason-labels.ts";

/** What each status says to a person. */
export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  skipped: "not sent to, see the reasons",
  pending: "waiting to be sent",
  claimed: "on their way right now",
  held: "not now; tried again later",
  accepted: "taken by Meta; receipts report delivery",
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

/** How people opt out, in words. */
export const OPT_OUT_WAYS: Readonly<Record<OptOutWay, string>> = {
  button: "by a button",
  text: "in writing",
  switch: "by WhatsApp's switch",
  refusal: "reported by Meta's refusal (131050)",
};

/** How people opted out: `12 by a button, 3 in writing`; most first. */
export function optOutWays(byWay: OptOutCounts["byWay"]): string {
  const ways = Object.entries(byWay) as [OptOutWay, number][];
  return ways
    .sort((a, b) => b[1] - a[1])
    .map(([way, number]) => `${count(number)} ${OPT_OUT_WAYS[way]}`)
    .join(", ");
}
