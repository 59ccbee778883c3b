// What a reason or a code says to a person, and what to do about it. Meta's codes have their words
// in outcome.ts.

import type { SkipReason } from "../campaign/dispatch.ts";
import { ruleFor } from "../sending/error-codes.ts";

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
