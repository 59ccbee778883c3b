// What the max price of a template reaches, for `check`: Meta's estimates for the countries with
// most people. Each country may fail by itself, and none fails the check.

import type { AccountFacts } from "../../domain/account/facts.ts";
import type { CountryEstimate } from "../../domain/cost/estimate.ts";
import { bidPrice, priceText, smallestUnits } from "../../domain/cost/max-price.ts";
import type { Reach } from "../../domain/cost/reach.ts";
import { estimateAt, REACH_INTERVAL, reachCountries, reachLine } from "../../domain/cost/reach.ts";
import type { Finding } from "../../domain/preflight/finding.ts";
import { clause, finding } from "../../domain/preflight/finding.ts";
import { GraphError } from "../../graph/calls.ts";
import { connectAccount } from "../account/account-facts.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";

/** The template's max price as `check --json` has it. Keys may be added. */
export interface MaxPriceRecord {
  /** Of 1,000 deliveries, in the currency's smallest unit. */
  bid_amount: number;
  /** `delivery.bid_multiplier`; 1 without one. */
  multiplier: number;
  /** Of one message with the multiplier, in the currency's unit; null when that is not known. */
  price: number | null;
  /** ISO 4217, of the account; null when it is not known. */
  currency: string | null;
  /** How far back Meta looked for its estimates. */
  interval: string;
  /** Most people first. */
  reach: ReachRecord[];
  missing: { region: string; code: number | null; sentence: string }[];
}

interface ReachRecord {
  region: string;
  people: number;
  /** Meta's estimate at the price, or the nearest below it; null where there is none. */
  estimate: {
    bid_amount: number;
    price: number | null;
    users: number;
    deliveries_from: number;
    deliveries_to: number;
    /** Of 1,000 deliveries, in the currency's unit. */
    cost_from: number | null;
    cost_to: number | null;
  } | null;
  /** The same as a line. */
  words: string;
}

/**
 * Asks Meta what the max price of the campaign's template reaches: one call for each of the few
 * countries with most people.
 * @param countries of those who are left to send to, most people first
 * @returns null without a max price, and where it is not known whether there is one
 */
export async function maxPriceReach(
  loaded: LoadedManifest,
  { template, waba }: Pick<AccountFacts, "template" | "waba">,
  countries: readonly CountryEstimate[],
  stop: AbortSignal,
): Promise<MaxPriceRecord | null> {
  const maxPrice = template?.maxPrice;
  if (maxPrice === undefined || maxPrice === null) return null;
  const { budget, delivery } = loaded.manifest;
  const multiplier = delivery.bid_multiplier ?? 1;
  const currency = waba?.currency ?? budget?.currency ?? null;
  const bidAmount = maxPrice.bidAmount * multiplier;
  const record: MaxPriceRecord = {
    bid_amount: maxPrice.bidAmount,
    multiplier,
    price: currency === null ? null : bidPrice(bidAmount, currency),
    currency,
    interval: REACH_INTERVAL,
    reach: [],
    missing: [],
  };
  const asked = reachCountries(countries);
  if (asked.length === 0) return record;
  const { account, close } = await connectAccount(loaded, { stop });
  try {
    const answers = asked.map(async ({ region, people }) => {
      try {
        const reach = await account.readReach(region);
        return recordOf(reach, { region, people, bidAmount, currency });
      } catch (error) {
        if (!(error instanceof GraphError)) throw error;
        return { region, code: error.code, sentence: error.message };
      }
    });
    for (const answer of await Promise.all(answers)) {
      if ("sentence" in answer) record.missing.push(answer);
      else record.reach.push(answer);
    }
    return record;
  } finally {
    await close();
  }
}

function recordOf(
  reach: Reach,
  asked: { region: string; people: number; bidAmount: number; currency: string | null },
): ReachRecord | MaxPriceRecord["missing"][number] {
  const { region, people, bidAmount } = asked;
  if (reach.estimates.length === 0) {
    return { region, code: null, sentence: "Meta's answer has no estimate." };
  }
  const currency = reach.currency ?? asked.currency;
  const at = estimateAt(reach, bidAmount);
  const inUnits = (amount: number) => (currency === null ? null : amount / smallestUnits(currency));
  return {
    region,
    people,
    estimate: at && {
      bid_amount: at.bidAmount,
      price: currency === null ? null : bidPrice(at.bidAmount, currency),
      users: at.users,
      deliveries_from: at.deliveries[0],
      deliveries_to: at.deliveries[1],
      cost_from: inUnits(at.cost[0]),
      cost_to: inUnits(at.cost[1]),
    },
    words: reachLine(region, reach, { bidAmount, currency }),
  };
}

/** What `check` prints of it. */
export function maxPriceLines({
  bid_amount: bid,
  multiplier,
  ...record
}: MaxPriceRecord): string[] {
  const { currency, reach } = record;
  const times = multiplier === 1 ? "" : `, of which ${multiplier} are bid`;
  const amount =
    currency === null
      ? `bid_amount ${bid}`
      : `${priceText(bidPrice(bid, currency))} ${currency} a message`;
  const estimates = reach.length === 0 ? "" : "; Meta's estimates by its last 7 days:";
  return [`max price ${amount}${times}${estimates}`, ...reach.map(({ words }) => `    ${words}`)];
}

/** A warning that names the countries without an estimate, and why they have none. */
export function reachFindings(record: MaxPriceRecord | null): Finding[] {
  if (record === null || record.missing.length === 0) return [];
  const reasons = new Map<string, string[]>();
  for (const { region, sentence } of record.missing) {
    reasons.set(sentence, [...(reasons.get(sentence) ?? []), region]);
  }
  const why = [...reasons].map(
    ([sentence, regions]) => `${regions.join(", ")}: ${clause(sentence)}`,
  );
  const seen = record.missing.map(({ region, code }) => ({ region, code }));
  return [finding("no_reach_estimate", null, seen, { why: why.join("; ") })];
}
