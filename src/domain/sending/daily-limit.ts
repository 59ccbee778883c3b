// How many people may be reached in a day: Meta's limit of the business and the operator's own; the
// smaller one counts. Counts nobody; the ledger does.

import type { NumberFacts } from "../account/facts.ts";
import type { AttemptRecord } from "../campaign/attempt.ts";
import type { Manifest } from "../manifest/manifest.ts";

const HOUR_MS = 3_600_000;
/** Meta's window (messaging limits page, 2026-09). */
const DAY_MS = 24 * HOUR_MS;
/**
 * A message leaves a few seconds after its claim, and Meta's clock is not ours: nobody leaves our
 * window too early.
 */
const MARGIN_MS = 60_000;

/** A person counts for so long after the last claim of a message that may have reached them. */
export const PEOPLE_WINDOW_MS = DAY_MS + MARGIN_MS;

/** Most people in any 24 hours. */
export interface PeopleLimit {
  people: number;
  /** Where it is from: Meta's word, such as `TIER_2K`, or the manifest's or the policy's key. */
  from: string;
}

/** Of Meta's word: people in 24 hours; null when unlimited or not known. `TIER_2K` is 2,000. */
export function limitOf(number: NumberFacts | null): number | null {
  const [, digits, thousands] = /^TIER_(\d{1,6})(K?)$/.exec(number?.messagingLimit ?? "") ?? [];
  return digits === undefined ? null : Number(digits) * (thousands === "K" ? 1_000 : 1);
}

/** The limit that a run keeps to; null when nobody sets any. */
export function dailyLimitOf(manifest: Manifest, number: NumberFacts | null): PeopleLimit | null {
  const own = manifest.rate.people_per_day;
  const reported = limitOf(number);
  if (own !== undefined && (reported === null || own <= reported)) {
    const isOfPolicy = manifest.policy?.rules["rate.people_per_day"] !== undefined;
    return {
      people: own,
      from: isOfPolicy ? "people_per_day of the policy" : "rate.people_per_day",
    };
  }
  return reported === null ? null : { people: reported, from: number?.messagingLimit ?? "" };
}

/**
 * True when an attempt's end proves that its person was not reached, and leaves room for another
 * one.
 */
export function reachedNobody({ next }: AttemptRecord): boolean {
  return next.to !== "accepted" && next.to !== "unknown";
}
