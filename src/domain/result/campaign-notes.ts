// What a person should know of a campaign's counts, one sentence each: the same on the terminal, in
// JSON and on the live page. No I/O.

import type { CampaignRecord } from "../campaign/campaign.ts";
import { count, money, percent, plural } from "../common/numbers.ts";
import { countryName } from "../cost/market.ts";
import type { MoneyTally } from "../cost/money.ts";
import { costsByReceipts, usedIn } from "../cost/money.ts";
import type { Budget } from "../limits/budget.ts";
import { inUnits } from "../limits/budget.ts";
import { isOfAll, isOfPerson, ruleFor } from "../sending/error-codes.ts";
import type { LedgerTally } from "./counts.ts";

/** Where the reader knows the rest of the command. */
const RETRY = "retry";
/**
 * So large a share of the people tried, and so many, with one code about people is worth a word.
 */
const UNUSUAL_SHARE = 0.1;
const UNUSUAL_PEOPLE = 10;

/** That a campaign is purged. @param day on which that was done, in words */
export function purgedSentence(day: string): string {
  return `Purged on ${day}: its personal data is erased, the counts stay, and it sends to nobody any more.`;
}

/**
 * The sentences about a campaign, most pressing first.
 * @param retry the command that queues recipients again, up to its options: `campaign retry
 * spring.yaml`
 */
export function campaignNotes(
  tally: LedgerTally,
  campaign: Pick<CampaignRecord, "refusedRegions" | "budget">,
  retry = RETRY,
): string[] {
  return [
    ...retryableNotes(tally.failures, retry),
    ...countryNotes(tally, campaign.refusedRegions, retry),
    ...unusualNotes(tally),
    ...heldBackNotes(tally),
    ...moneyNotes(tally.money, campaign.budget),
  ];
}

/** What is unusual about the money of a campaign with a budget. */
function moneyNotes(sums: MoneyTally, budget: Budget | null): string[] {
  if (budget === null) return [];
  const { most, currency } = budget;
  const notes: string[] = [];
  const over = usedIn(sums, currency) - most;
  if (over > 0) {
    const amount = `${money(inUnits(over))} ${currency}`;
    notes.push(
      `${amount} more than the budget is spent or set aside: nothing is sent until there is room.`,
    );
  }
  for (const { currency: other, messages } of costsByReceipts(sums)) {
    if (other === currency) continue;
    notes.push(
      `Meta reported the cost of ${plural(messages, "message")} in ${other}, and the budget is in ${currency}: they count by the prices that were planned.`,
    );
  }
  return notes;
}

/**
 * Failed recipients whom a code says nothing about: a fault of Meta's that may pass, or of the
 * account.
 * @param failures error code → number of `failed` dispatches
 * @param retry as of `campaignNotes`
 * @returns one sentence a code, most recipients first
 */
export function retryableNotes(
  failures: Readonly<Record<string, number>>,
  retry = RETRY,
): string[] {
  return mostFirst(failures)
    .filter(([code]) => isRetryable(code))
    .map(
      ([code, number]) =>
        `${plural(number, "recipient")} failed with ${code}, which says nothing about them (${ruleFor(Number(code), null).meaning}): ` +
        `\`${retry} --code ${code}\` queues ${number === 1 ? "this one" : "them"} again.`,
    );
}

function isRetryable(code: string): boolean {
  if (!isCode(code)) return false;
  const rule = ruleFor(Number(code), null);
  return rule.action === "ambiguous" || isOfAll(rule);
}

function countryNotes(
  { reasons }: LedgerTally,
  regions: readonly string[],
  retry: string,
): string[] {
  if (regions.length === 0) return [];
  const skipped = reasons.refused_country ?? 0;
  const countries = regions.map((region) => countryName(region)).join(", ");
  const who = `${plural(skipped, "recipient is", "recipients are")} skipped`;
  return [
    `Meta refuses this account's messages to ${countries} (130497): ${who}. \`${retry} --code 130497\` queues them again once Meta allows it.`,
  ];
}

/**
 * Codes that are about people never halt, so a list that is not fit for the campaign shows here.
 */
function unusualNotes({ counts, reasons, reached }: LedgerTally): string[] {
  const waiting = (counts.pending ?? 0) + (counts.claimed ?? 0) + (counts.cancelled ?? 0);
  const tried = reached.toSend - waiting;
  return mostFirst(reasons)
    .filter(([code, number]) => {
      const isUnusual = number >= UNUSUAL_PEOPLE && number >= tried * UNUSUAL_SHARE;
      return isUnusual && isCode(code) && isOfPerson(ruleFor(Number(code), null));
    })
    .map(
      ([code, number]) =>
        `An unusual share: ${count(number)} of ${plural(tried, "person", "people")} tried (${percent(number, tried)}) ended with ${code}, ` +
        `${ruleFor(Number(code), null).meaning}.`,
    );
}

/** Only as long as no receipt says that Meta sent the message on. */
function heldBackNotes({ withoutReceipt, counts, reached }: LedgerTally): string[] {
  const notes: string[] = [];
  const held = withoutReceipt.held_for_quality_assessment ?? 0;
  const paused = withoutReceipt.paused ?? 0;
  const hasReceipts = reached.delivered + (counts.sent ?? 0) + (counts.expired ?? 0) > 0;
  const since = hasReceipts ? "" : " No receipt has come since.";
  if (held > 0) {
    notes.push(
      `Meta holds ${count(held)} of the accepted back to assess the template's quality.${since}`,
    );
  }
  if (paused > 0) {
    notes.push(
      `Meta accepted ${count(paused)} while the template is paused, and has not sent them on: look at the template in WhatsApp Manager.${since}`,
    );
  }
  return notes;
}

function mostFirst(numbers: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(numbers).sort((a, b) => b[1] - a[1]);
}

function isCode(text: string): boolean {
  return /^\d{1,9}$/.test(text);
}
