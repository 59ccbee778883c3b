// What statuses, reasons and codes say to a person, and what to do about it, in the same few plain
// words wherever they are shown; Meta's codes have theirs in error-codes.ts. No I/O.

import type { SkipReason, Status } from "../campaign/dispatch.ts";
import { count } from "../common/numbers.ts";
import type { OptOutCounts, OptOutWay } from "../receipts/engagement.ts";
import { ruleFor } from "../sending/error-codes.ts";

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

export interface Words {
  /** Plain meaning, one clause without a capital. */
  meaning: string;
  /** What a person does about it, one sentence; empty when there is nothing to say. */
  todo: string;
}

const FIX = "`rejects` writes these rows to a file; fix them, and run the same command again.";

const SKIPPED: Readonly<Record<SkipReason, Words>> = {
  invalid_number: { meaning: "the number cannot be read for sure", todo: FIX },
  invalid_user_id: { meaning: "no user id, or none that can be used", todo: FIX },
  ragged_row: { meaning: "the row has more cells than the header", todo: FIX },
  cut_off_row: { meaning: "the file ends inside the row", todo: FIX },
  us_number: { meaning: "US number", todo: "Meta delivers no marketing messages there." },
  us_territory: {
    meaning: "number of a US territory",
    todo: "Meta does not say whether the US rule is theirs too.",
  },
  us_undecidable: {
    meaning: "+1 number of no one country",
    todo: "It may be a US number.",
  },
  blocked_region: { meaning: "Meta does not serve the region", todo: "Nothing can be sent there." },
  refused_country: {
    meaning: "Meta refuses this account's messages to the country (130497)",
    todo: "`retry --code 130497` queues them again once Meta allows it.",
  },
  opted_out: { meaning: "opted out", todo: "On the opt-out list; not messaged." },
  duplicate: {
    meaning: "same person as another row",
    todo: "That person gets the message once, by the other row.",
  },
  hold_out: {
    meaning: "kept out by chance, as the manifest or the policy says",
    todo: "They show what the campaign was worth.",
  },
  reached_by_campaign: {
    meaning: "reached, or perhaps reached, by another campaign that this one skips",
    todo: "Skipped, as `suppress.campaigns` asks.",
  },
  frequency_cap: {
    meaning: "had as many messages as the frequency cap allows",
    todo: "Each row's sentence names the campaign that used it up, and the date from which it is free.",
  },
  removed: {
    meaning: "gone from the file before it was posted",
    todo: "Back in the file, they are planned again.",
  },
  missing_value: { meaning: "a value of the template is missing", todo: FIX },
  invalid_value: { meaning: "a value of the template breaks a limit of Meta", todo: FIX },
};

/** Codes and words of ours. */
const OURS: Readonly<Record<string, Words>> = {
  given_up: {
    meaning: "answer lost, given up by you",
    todo: "It may have arrived all the same.",
  },
  campaign_over: { meaning: "the campaign's end passed", todo: "Nothing more is sent." },
  no_code: { meaning: "Meta said that it failed, and not why", todo: "" },
  held_for_quality_assessment: {
    meaning: "Meta holds the message back to assess the template's quality",
    todo: "Wait: Meta sends it on, or drops it when the template is paused.",
  },
  paused: {
    meaning: "Meta accepted the message while its template was paused",
    todo: "Look at the template in WhatsApp Manager.",
  },
};

/**
 * The words for a skip reason, a hold reason or an error code, whose they are.
 * @returns empty words for a reason that nobody knows
 */
export function wordsFor(reason: string): Words {
  if (/^\d{1,9}$/.test(reason)) {
    const { meaning, todo } = ruleFor(Number(reason), null);
    return { meaning, todo };
  }
  if (Object.hasOwn(SKIPPED, reason)) return SKIPPED[reason as SkipReason];
  return Object.hasOwn(OURS, reason) ? (OURS[reason] as Words) : { meaning: "", todo: "" };
}
