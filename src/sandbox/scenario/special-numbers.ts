// Numbers that meet one fixed fate each, whatever the scenario. Data, and the look-up in it.

import type { Act } from "../webhooks/people.ts";
import type { ReceiptPattern } from "./receipt-pattern.ts";
import type { FaultKind } from "./scenario.ts";

/** What happens to a message to one number; nothing set is: accepted, delivered and read. */
export interface SpecialNumber {
  /** E.164 with `+`. */
  number: string;
  /** What happens, in a few words for people. */
  means: string;
  /** Refused in the reply, for good or the first `times` times. */
  refuse?: { code: number; times?: number };
  /** Accepted, then failed by a receipt with this code. */
  failsWith?: number;
  /** Accepted and delivered, but never read. */
  unread?: true;
  /** Accepted as held for quality assessment, delivered later. */
  held?: true;
  /** The request meets this fault. */
  fault?: FaultKind;
  /** What the person does with the message, in this order. */
  acts?: readonly Act[];
  /** How its receipts come; left out, plainly. */
  receiptPattern?: ReceiptPattern;
}

/** How often the number with the pair limit is refused before it is let through. */
const PAIR_REFUSALS = 2;

/**
 * From the Swedish mobile numbers that are reserved for fiction, 070-174 06 05 to 070-174 06 99
 * (PTS). They pass for real mobile numbers in every check, which the British ones (07700 900xxx) do
 * not.
 */
export const SPECIAL_NUMBERS: readonly SpecialNumber[] = [
  { number: "+46701740605", means: "accepted, delivered, read" },
  { number: "+46701740606", means: "accepted, delivered, never read", unread: true },
  {
    number: "+46701740607",
    means: "accepted as held_for_quality_assessment, delivered later",
    held: true,
  },
  {
    number: "+46701740610",
    means: "accepted, then fails by receipt: 131026, not reachable on WhatsApp",
    failsWith: 131026,
  },
  {
    number: "+46701740611",
    means: "accepted, then fails by receipt: 131050, opted out at WhatsApp",
    failsWith: 131050,
  },
  {
    number: "+46701740612",
    means: "accepted, then fails by receipt: 131049, marketing limit per user",
    failsWith: 131049,
  },
  {
    number: "+46701740613",
    means: "accepted, then fails by receipt: 130472, part of an experiment",
    failsWith: 130472,
  },
  {
    number: "+46701740620",
    means: "refused: 131021, recipient is the sender",
    refuse: { code: 131021 },
  },
  {
    number: "+46701740621",
    means: "refused: 131030, not in the allowed list",
    refuse: { code: 131030 },
  },
  { number: "+46701740622", means: "refused: 100, invalid parameter", refuse: { code: 100 } },
  {
    number: "+46701740623",
    means: `refused ${PAIR_REFUSALS} times with 131056 (pair limit), then accepted`,
    refuse: { code: 131056, times: PAIR_REFUSALS },
  },
  {
    number: "+46701740624",
    means: "refused once with 130429 (throughput), then accepted",
    refuse: { code: 130429, times: 1 },
  },
  {
    number: "+46701740625",
    means: "refused: 131049 in the reply",
    refuse: { code: 131049 },
  },
  {
    number: "+46701740626",
    means: "refused: 130999, a code that no table has",
    refuse: { code: 130999 },
  },
  {
    number: "+46701740630",
    means: "connection reset before the request is processed; nothing accepted",
    fault: "drop_before_reading",
  },
  {
    number: "+46701740631",
    means: "accepted, but the connection ends without an answer",
    fault: "drop_after_accepting",
  },
  { number: "+46701740632", means: "accepted, but no answer ever comes", fault: "hang" },
  {
    number: "+46701740633",
    means: "HTTP 500 with an empty body; nothing accepted",
    fault: "error_500",
  },
  {
    number: "+46701740634",
    means: "HTTP 500 with code 131000; nothing accepted",
    fault: "error_500_meta",
  },
  {
    number: "+46701740635",
    means: "HTTP 503 with code 131016; nothing accepted",
    fault: "error_503_meta",
  },
  {
    number: "+46701740636",
    means: "accepted, the answer comes a byte at a time",
    fault: "slow_body",
  },
  {
    number: "+46701740637",
    means: "accepted, HTTP 200 with a body that is not JSON",
    fault: "garbage_answer",
  },
  {
    number: "+46701740638",
    means: "accepted, half of the answer and then the connection ends",
    fault: "cut_answer",
  },
  {
    number: "+46701740639",
    means: "HTTP 429 with a page of HTML; nothing accepted",
    fault: "html_429",
  },
  {
    number: "+46701740640",
    means: "HTTP 403 with a page of HTML; nothing accepted",
    fault: "html_403",
  },
  {
    number: "+46701740650",
    means: "delivered, read, then follows the link (user_actions)",
    acts: ["click"],
  },
  {
    number: "+46701740651",
    means: 'delivered, read, then taps the last quick reply, or "Parar promoções"',
    acts: ["tap"],
  },
  { number: "+46701740652", means: "delivered, read, then writes SAIR", acts: ["stop_word"] },
  {
    number: "+46701740653",
    means: "delivered, read, then stops marketing messages (user_preferences)",
    acts: ["stop"],
  },
  {
    number: "+46701740654",
    means: "delivered, read, stops marketing messages, then takes them again",
    acts: ["stop", "resume"],
  },
  {
    number: "+46701740660",
    means: "its receipts come in the wrong order: read, delivered, sent",
    receiptPattern: "reversed",
  },
  { number: "+46701740661", means: "each of its receipts comes twice", receiptPattern: "doubled" },
  {
    number: "+46701740662",
    means: "accepted, and no receipt ever comes",
    receiptPattern: "silent",
  },
  {
    number: "+46701740663",
    means: "its first receipt comes before the answer to the request",
    receiptPattern: "early",
  },
];

const BY_DIGITS = new Map(SPECIAL_NUMBERS.map((special) => [special.number.slice(1), special]));

/**
 * The fixed fate of a number, given as digits with its country code; undefined for an ordinary
 * number.
 */
export function specialNumberOf(digits: string): SpecialNumber | undefined {
  return BY_DIGITS.get(digits);
}
