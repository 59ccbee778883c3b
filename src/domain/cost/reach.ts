// Meta's estimate of what a max price reaches: read, and looked up at a template's own price. It
// works nothing out between two prices.

import { count, money } from "../common/numbers.ts";
import { bidPrice, hasMaxPrice, priceText, smallestUnits } from "./max-price.ts";

/**
 * How far back Meta looks for an estimate: one of L1D, L7D, L14D and L28D ("Set a max price",
 * 2026-06).
 */
export const REACH_INTERVAL = "L7D";
/** Countries that are asked about: Meta counts the calls on an account. */
const COUNTRIES_MAX = 3;

/** Of so many people, at one max price. Amounts in the currency's smallest unit. */
export interface ReachEstimate {
  bidAmount: number;
  users: number;
  deliveries: readonly [from: number, to: number];
  /** Of 1,000 deliveries. */
  cost: readonly [from: number, to: number];
}

/** What Meta answers for one country. */
export interface Reach {
  /** ISO 4217; null when it was not said. */
  currency: string | null;
  /** Lowest price first. */
  estimates: ReachEstimate[];
}

/**
 * Reads the answer of `reachestimate` ("Set a max price", 2026-06). An estimate that lacks a figure
 * is left out.
 */
export function readReach(answer: Record<string, unknown>): Reach {
  const { waba_currency: currency, estimates } = answer;
  const read = Array.isArray(estimates) ? estimates.flatMap(readEstimate) : [];
  return {
    currency: typeof currency === "string" && currency !== "" ? currency : null,
    estimates: read.sort((a, b) => a.bidAmount - b.bidAmount),
  };
}

function readEstimate(value: unknown): ReachEstimate[] {
  if (typeof value !== "object" || value === null) return [];
  const of = value as Record<string, unknown>;
  const figures = [
    of.bid_amount,
    of.users,
    of.deliveries_lower_bound,
    of.deliveries_upper_bound,
    of.cost_lower_bound,
    of.cost_upper_bound,
  ].map(Number);
  if (!figures.every((figure) => Number.isFinite(figure) && figure >= 0)) return [];
  const [bidAmount = 0, users = 0, from = 0, to = 0, low = 0, high = 0] = figures;
  return [{ bidAmount, users, deliveries: [from, to], cost: [low, high] }];
}

/**
 * The countries to ask about: those with most people, of those that have a max price.
 * @param people most first
 */
export function reachCountries<T extends { region: string | null }>(
  people: readonly T[],
): (T & { region: string })[] {
  const known = people.filter((one): one is T & { region: string } => one.region !== null);
  return known.filter(({ region }) => hasMaxPrice(region)).slice(0, COUNTRIES_MAX);
}

/** The estimate at a price, or at the next lower one that Meta names; null below the lowest. */
export function estimateAt({ estimates }: Reach, bidAmount: number): ReachEstimate | null {
  // A multiplier may leave a bid a hair below the price that is meant.
  return estimates.findLast((one) => one.bidAmount <= bidAmount + 1e-6) ?? null;
}

/**
 * An estimate as one line: `BR at 0.06: 600-650 of 1,000 delivered, 40.07-51.07 USD per 1,000
 * deliveries`.
 * @param currency of the account; the answer's own goes before it
 */
export function reachLine(
  region: string,
  reach: Reach,
  { bidAmount, currency: billed }: { bidAmount: number; currency: string | null },
): string {
  const currency = reach.currency ?? billed;
  const price = (bid: number) =>
    currency === null ? count(bid) : priceText(bidPrice(bid, currency));
  const at = estimateAt(reach, bidAmount);
  const own = price(bidAmount);
  if (at === null) {
    const [lowest] = reach.estimates;
    const words = lowest === undefined ? "none" : `the lowest is at ${price(lowest.bidAmount)}`;
    return `${region} at ${own}: no estimate of Meta's at or below this price; ${words}`;
  }
  const isSame = Math.abs(at.bidAmount - bidAmount) < 1e-6;
  const shown = isSame ? own : `${price(at.bidAmount)} (Meta's nearest below ${own})`;
  const [from, to] = at.deliveries;
  return (
    `${region} at ${shown}: ${count(from)}-${count(to)} of ${count(at.users)} delivered,` +
    ` ${costText(at.cost, currency)} per 1,000 deliveries`
  );
}

function costText([low, high]: ReachEstimate["cost"], currency: string | null): string {
  if (currency === null) return `${count(low)}-${count(high)} of the smallest unit`;
  const parts = smallestUnits(currency);
  return `${money(low / parts)}-${money(high / parts)} ${currency}`;
}
