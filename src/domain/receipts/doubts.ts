// What to think of messages whose answer was lost, for the person who must decide on them. Knows
// figures only; asks and decides nothing.

import { count, duration } from "../common/numbers.ts";
/** What is known of the recipients that are `unknown`: the evidence for `resolve`. */
export interface Doubts {
  unknown: number;
  /** When the first and the last of them was claimed; instants. */
  oldestAt: number;
  newestAt: number;
  /** The first receipt that was ever applied to the campaign; null when none came. */
  receiptsSince: number | null;
  /**
   * Messages that Meta took and that were claimed within a minute of one of these, and how many of
   * them have a receipt.
   */
  neighbours: number;
  neighboursReported: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Receipts of a message that was sent come within moments; Meta may deliver a webhook late
 * (retries, throughput page, 2026-09).
 */
const SETTLED_AFTER_MS = HOUR_MS;
/** Fewer neighbours prove nothing. */
const NEIGHBOURS_MIN = 10;
/**
 * So large a share of the neighbours with a receipt means that a message without one was probably
 * never sent.
 */
const REPORTED_SHARE = 0.95;

/**
 * - `probably_not_sent`: nearly every neighbour has a receipt, and these have none after a long
 *   time
 * - `too_early`: receipts may still come
 * - `no_receipts`: none was ever applied, so nothing can be known
 * - `not_known`: too few neighbours, or too many of them without a receipt
 */
type DoubtVerdict = "probably_not_sent" | "too_early" | "no_receipts" | "not_known";

/** What the evidence says of messages whose answer was lost. @param now instant, in milliseconds */
export function verdictOf(doubts: Doubts, now: number): DoubtVerdict {
  const { neighbours, neighboursReported } = doubts;
  if (doubts.receiptsSince === null) return "no_receipts";
  if (now - doubts.newestAt < SETTLED_AFTER_MS) return "too_early";
  const isClear = neighbours >= NEIGHBOURS_MIN && neighboursReported >= neighbours * REPORTED_SHARE;
  return isClear ? "probably_not_sent" : "not_known";
}

/** The evidence in one or two sentences. */
export function doubtSentence(doubts: Doubts, now: number): string {
  const { unknown, neighbours, neighboursReported } = doubts;
  const who = unknown === 1 ? "1 recipient is" : `${count(unknown)} recipients are`;
  const ages = [doubts.oldestAt, doubts.newestAt].map((at) => duration(now - at));
  const when = ages[0] === ages[1] ? `${ages[0]} ago` : `${ages[0]} to ${ages[1]} ago`;
  const head = `${who} unknown, posted ${when}.`;
  const near = `Of ${count(neighbours)} other messages of the same minutes ${count(neighboursReported)} ${neighboursReported === 1 ? "has" : "have"} a receipt`;
  const none = unknown === 1 ? "this one has none" : "these have none";
  switch (verdictOf(doubts, now)) {
    case "no_receipts":
      return `${head} No receipt of this campaign was ever applied, so it is not known whether they were sent: receive them first (\`campaign webhooks\`, or \`campaign receipts import\`).`;
    case "too_early":
      return `${head} ${near}; receipts may still come: wait for an hour.`;
    case "probably_not_sent":
      return `${head} ${near}, and ${none}: probably never sent.`;
    case "not_known":
      return neighbours === 0
        ? `${head} No other message of the same minutes was taken by Meta, so nothing can be concluded.`
        : `${head} ${near}, and ${none}: nothing certain can be concluded.`;
  }
}

/** The evidence as `--json` has it. */
export function doubtRecord(doubts: Doubts, now: number): Record<string, unknown> {
  return {
    unknown: doubts.unknown,
    oldest_at: new Date(doubts.oldestAt).toISOString(),
    newest_at: new Date(doubts.newestAt).toISOString(),
    receipts_since:
      doubts.receiptsSince === null ? null : new Date(doubts.receiptsSince).toISOString(),
    neighbours: doubts.neighbours,
    neighbours_told: doubts.neighboursReported,
    verdict: verdictOf(doubts, now),
    sentence: doubtSentence(doubts, now),
  };
}
