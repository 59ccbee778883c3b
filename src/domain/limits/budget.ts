// What a campaign may cost at most. Amounts are whole millionths of a currency's unit: sums of them
// are exact. Knows no price and no ledger.

import type { Status } from "../campaign/dispatch.ts";
import { money } from "../common/numbers.ts";

/** Millionths of a unit. */
export const MILLION = 1_000_000;

/** Further decimals of an amount come from counting in fractions. */
const NOISE = 1e-3;

/** The budget of a campaign. */
export interface Budget {
  /** Millionths of the currency's unit. */
  most: number;
  /** ISO 4217. */
  currency: string;
}

/** People of one region who wait, and the price that was planned for them; null: none. */
export interface PricedPeople {
  region: string | null;
  price: number | null;
  people: number;
}

/**
 * Statuses in which a message costs its price, or may: it is set aside for it. A message that
 * failed or expired is not billed (Meta bills what is delivered; pricing page, 2026-10).
 */
export const COSTING: readonly Status[] = [
  "claimed",
  "accepted",
  "sent",
  "delivered",
  "read",
  "unknown",
];

/** Counting reads every row, 1 to 2 µs each: it takes at most some 5% of the time. */
const COUNT_MS_A_ROW = 0.04;
const COUNT_AGAIN_MS_MAX = 30_000;

/** A budget that seems used up is counted again no more often than this, in ms. */
export function countAgainMs(rows: number): number {
  return Math.ceil(Math.min(COUNT_AGAIN_MS_MAX, rows * COUNT_MS_A_ROW));
}

/** An amount of a currency in millionths, rounded up where it has more decimals. */
export function millionths(amount: number): number {
  return Math.ceil(amount * MILLION - NOISE);
}

/** An amount in the currency's unit again, for people and `--json`. */
export function inUnits(amount: number): number {
  return amount / MILLION;
}

/** What decides how much a message may cost. */
export interface MessageMoney {
  status: Status;
  /** As a receipt reported it; null: not reported. */
  pricingType: string | null;
  /** What it cost by its receipts, in millionths of `costCurrency`; both null: not reported. */
  cost: number | null;
  costCurrency: string | null;
}

/**
 * What a message may cost, in millionths of the budget's currency: what its receipts reported where
 * they did so in that currency, else the price that was planned for it.
 * @param price millionths; null: none was planned
 */
export function mayCost(message: MessageMoney, price: number | null, currency: string): number {
  const { status, pricingType, cost, costCurrency } = message;
  if (!COSTING.includes(status)) return 0;
  if (cost !== null && costCurrency === currency) return cost;
  return isBillable(pricingType) ? (price ?? 0) : 0;
}

/** True when a receipt may have changed what a message costs by more than it frees at a failure. */
export function costsOtherwise(before: MessageMoney, after: MessageMoney): boolean {
  const begins = !COSTING.includes(before.status) && COSTING.includes(after.status);
  return begins || before.cost !== after.cost || before.costCurrency !== after.costCurrency;
}

/**
 * Whether Meta bills a message of this pricing type once it is delivered. Not reported counts as
 * billed.
 */
export function isBillable(pricingType: string | null): boolean {
  // Meta, "Pricing on the WhatsApp Business Platform", 2026-10: `free_customer_service`,
  // `free_entry_point` and, since 2026-10-01, `free_group_customer_service`.
  return pricingType === null || !pricingType.startsWith("free_");
}

/**
 * Why nothing more is sent.
 * @param spent millionths
 * @param isUnpriced it is not known what the next message costs
 */
export function budgetSentence({
  most,
  currency,
  spent,
  isUnpriced,
}: Budget & { spent: number; isUnpriced: boolean }): string {
  if (isUnpriced) {
    return "Stopped: it is not known what the next message costs, so no budget allows it.";
  }
  const [all, used] = [most, spent].map((amount) => money(inUnits(amount)));
  return `Stopped: the budget of ${all} ${currency} is used up: ${used} is spent or set aside for messages on their way. A higher \`budget.most\` goes on.`;
}

/**
 * How many of the next messages, from the first on, a budget still allows.
 * @param prices in millionths; null: not known, so that no budget allows it
 * @param left millionths
 */
export function affordable(prices: readonly (number | null)[], left: number): number {
  let rest = left;
  for (const [at, price] of prices.entries()) {
    if (price === null || price > rest) return at;
    rest -= price;
  }
  return prices.length;
}
