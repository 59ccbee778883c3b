// The max price of a template: what its messages cost at most.

import type { MaxPrice } from "../account/facts.ts";
import { MILLION } from "../limits/budget.ts";
import type { Prices } from "./prices.ts";

/** A bid is for so many deliveries (Meta, "Set a max price", 2026-07). */
const DELIVERIES = 1_000;
/**
 * Currencies whose smallest unit Meta takes to be the unit itself in its ads products. Whether that
 * holds for max prices is not verified: these are read as the dearer of the two, so that a budget
 * is kept to all the same.
 */
const WHOLE_UNITS: readonly string[] = [
  ...["CLP", "COP", "CRC", "HUF", "IDR", "ISK", "JPY", "KRW", "PYG", "TWD", "VND"],
];
const CENTS = 100;

/** Countries whose people Meta uses no max price for (MM get-started page, 2026-09-11). */
const WITHOUT_MAX_PRICE: readonly string[] = ["BY", "RU"];

/**
 * What a message costs at most, in millionths of the currency's unit.
 * @param multiplier `delivery.bid_multiplier`; 1 is the template's own price
 */
export function maxPriceOf({ bidAmount }: MaxPrice, currency: string, multiplier: number): number {
  const parts = WHOLE_UNITS.includes(currency) ? 1 : CENTS;
  return Math.ceil((bidAmount * multiplier * (MILLION / DELIVERIES)) / parts - 1e-6);
}

/**
 * The prices of a template with a max price: that, and where Meta uses none the card's. A message
 * that may go by the Cloud API costs the card's price there, so the dearer one counts.
 * @param card null without a rate card
 * @param regions every region there is
 */
export function withMaxPrice(
  card: Prices | null,
  bid: { price: number; currency: string; mayFallBack: boolean },
  regions: readonly string[],
): Prices {
  const byRegion: Record<string, number> = {};
  for (const region of regions) {
    const listed = card?.byRegion[region];
    const isUsed = !WITHOUT_MAX_PRICE.includes(region);
    const price = isUsed ? Math.max(bid.price, bid.mayFallBack ? (listed ?? 0) : 0) : listed;
    if (price !== undefined) byRegion[region] = price;
  }
  return { currency: bid.currency, byRegion };
}
