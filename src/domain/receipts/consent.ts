// What follows from what a person reports about marketing: by WhatsApp's own switch, in writing, by
// a button, or by a message that Meta refuses for it. The ledger keeps what was reported, and the
// opt-out list.

import type { OptOutTest } from "../recipient/stop-words.ts";
import { optOutTest } from "../recipient/stop-words.ts";
import type { OptOutWay } from "./engagement.ts";
import type { DispatchPlace, TimedReceipt } from "./match.ts";
import type { Inbound, Preference } from "./receipt.ts";
import { asksForSuppression } from "./receipt-policy.ts";

/** Meta reports instants in whole seconds; ours are finer. */
const SECOND_MS = 1_000;
/** An opt-out later than this after the last message has another cause. */
const CAUSED_WITHIN_MS = 7 * 86_400_000;

/** By the switch in WhatsApp itself, or by writing to us. */
export type ConsentChannel = "switch" | "message";

/** What a person reported last by a channel. */
export interface Consent {
  value: "stop" | "resume";
  /** Instant. */
  at: number;
}

/** An opt-out that a webhook reports. */
export interface OptOut {
  channel: ConsentChannel;
  way: OptOutWay;
  /** Instant. */
  at: number;
  /** For the opt-out list. */
  reason: string;
}

/** What the switch in WhatsApp asks for; undefined: nothing. */
export function consentOf({
  value,
  at,
}: Preference & { at: number }): OptOut | "resume" | undefined {
  // Whether a sign-up turns the switch back is not documented: then it would be reported as well.
  if (value === "signup") return undefined;
  if (value === "resume") return "resume";
  return { channel: "switch", way: "switch", at, reason: "stopped marketing messages in WhatsApp" };
}

/**
 * The opt-out that a refused message proves. It holds at once, whatever the receipt itself has to
 * wait for.
 */
export function optOutByRefusal(receipt: TimedReceipt): OptOut | undefined {
  const rule = asksForSuppression(receipt);
  if (rule === undefined) return undefined;
  const reason = `${rule.code}: ${rule.meaning}`;
  return { channel: "switch", way: "refusal", at: receipt.at, reason };
}

/** The opt-out in what a person wrote or tapped; undefined: none. */
export function optOutByMessage(
  { text, tap, at }: Pick<Inbound, "text" | "tap"> & { at: number },
  test: OptOutTest,
): OptOut | undefined {
  const labels = [tap?.text, tap?.payload];
  const isWritten = text !== null && test.isText(text);
  const word = isWritten ? text : labels.find((label) => label != null && test.isTap(label));
  if (word == null) return undefined;
  const reason = `${tap === null ? "wrote" : "tapped"} "${word}"`;
  return { channel: "message", way: tap === null ? "text" : "button", at, reason };
}

/**
 * Whether an opt-out is also of the person to whom the dispatch was sent that it is about: a button
 * is tapped, and a message refused, by nobody else, under whatever name.
 */
export function isOfRecipient({ way }: Pick<OptOut, "way">): boolean {
  return way === "button" || way === "refusal";
}

/**
 * Whether a consent changes anything. Of a stop and a resume in one second the stop counts, in
 * whatever order they come.
 * @param before what was reported last by the same channel under each name of the person
 */
export function isNewConsent(consent: Consent, before: readonly (Consent | undefined)[]): boolean {
  const isOvertaken = before.some(
    (earlier) =>
      earlier !== undefined &&
      (earlier.at > consent.at ||
        (earlier.at === consent.at && earlier.value === "stop" && consent.value !== "stop")),
  );
  const isSame = before.every(
    (earlier) => earlier?.at === consent.at && earlier.value === consent.value,
  );
  return !isOvertaken && !isSame;
}

/**
 * A resume at this instant lifts what the switch set before the instant that is returned, and
 * nothing else.
 */
export function liftedBefore(resumedAt: number): number {
  return resumedAt + SECOND_MS;
}

/**
 * When a message was claimed that may be the cause of an opt-out of the instant `at`: in the seven
 * days before, both instants included.
 */
export function causeSpan(at: number): { from: number; to: number } {
  // An opt-out of the second of the claim may seem to be before it.
  return { from: at - CAUSED_WITHIN_MS, to: at + SECOND_MS - 1 };
}

/**
 * The dispatch for which an opt-out is counted that answers no message: the last one whose message
 * may have reached the person in the span of `causeSpan`.
 * @param reached for each name of the person the last such dispatch
 */
export function causeOf(
  reached: readonly (DispatchPlace & { claimedAt: number })[],
): DispatchPlace | undefined {
  const [first, ...others] = reached;
  return others.reduce(
    (last, reached) => (last && reached.claimedAt <= last.claimedAt ? last : reached),
    first,
  );
}

/**
 * What opts out, of what is written or tapped to a business number: the built-in words and others,
 * and those of campaigns that send from the number; a sandbox has whatever number it has. Null: the
 * number is not known.
 */
export function optOutTests(
  words: readonly string[],
  ofCampaigns: readonly { lane: string; words: readonly string[] }[],
): (number: string | null) => OptOutTest {
  const made = new Map<string | null, OptOutTest>();
  return (number) => {
    const known = made.get(number);
    if (known !== undefined) return known;
    const those = ofCampaigns.filter(
      ({ lane }) => number === null || lane === number || lane === "sandbox",
    );
    const test = optOutTest([...words, ...those.flatMap((campaign) => campaign.words)]);
    made.set(number, test);
    return test;
  };
}
