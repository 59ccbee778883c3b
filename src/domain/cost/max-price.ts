// The max price of a template: what its messages cost at most, and how a price is written to Meta.

import type { MaxPrice } from "../account/facts.ts";
import { MILLION } from "../limits/budget.ts";
import type { Prices } from "./prices.ts";

/** A bid is for so many deliveries (Meta, "Set a max price", 2026-06). */
const DELIVERIES = 1_000;
/** `bid_amount` is an int32 (the same page). */
const BID_MAX = 2 ** 31 - 1;
/** The one strategy there is (the same page). */
const BID_STRATEGY = "LOWEST_COST_WITH_BID_CAP";
/**
 * Currencies that Meta bills WhatsApp in, sixteen (its rate cards of 2026-07-01). The page on max
 * prices names those as the ones that a price can be set in.
 */
export const BILLING_CURRENCIES: readonly string[] = [
  ...["AED", "ARS", "AUD", "BRL", "CLP", "COP", "EUR", "GBP"],
  ...["IDR", "INR", "MXN", "MYR", "PEN", "SAR", "SGD", "USD"],
];
/**
 * Currencies whose smallest unit is the unit itself in Meta's ads products (Marketing API, currency
 * codes, 2024-04; VND by ISO 4217). ISO 4217 has hundredths for COP and IDR, and for three that
 * Meta does not bill WhatsApp in. Which holds for max prices is not verified: they are read as the
 * dearer one, so that a budget is kept to all the same, and set as the one that bids less.
 */
const WHOLE_UNITS: readonly string[] = [
  ...["CLP", "COP", "CRC", "HUF", "IDR", "ISK", "JPY", "KRW", "PYG", "TWD", "VND"],
];
/**
 * Of those that Meta bills in: the ones of which its pages, or its pages and ISO 4217, say two
 * things. Its page on max prices calls the peso the smallest unit of MXN.
 */
const UNSURE: readonly string[] = ["COP", "IDR", "MXN"];
const CENTS = 100;

/** Countries whose people Meta uses no max price for (MM get-started page, 2026-09-11). */
const WITHOUT_MAX_PRICE: readonly string[] = ["BY", "RU"];

/**
 * What a message costs at most, in millionths of the currency's unit.
 * @param multiplier `delivery.bid_multiplier`; 1 is the template's own price
 */
export function maxPriceOf({ bidAmount }: MaxPrice, currency: string, multiplier: number): number {
  const parts = smallestUnits(currency);
  return Math.ceil((bidAmount * multiplier * (MILLION / DELIVERIES)) / parts - 1e-6);
}

/** So many of Meta's smallest units of a currency make one of its units: 1 or 100. */
export function smallestUnits(currency: string): number {
  return WHOLE_UNITS.includes(currency) ? 1 : CENTS;
}

/** True where Meta's smallest unit of a currency is not certain. */
export function isUnsureUnit(currency: string): boolean {
  return UNSURE.includes(currency);
}

/** A bid as the price of one message, in the currency's unit: 6,000 of USD are 0.06. */
export function bidPrice(bidAmount: number, currency: string): number {
  return bidAmount / DELIVERIES / smallestUnits(currency);
}

/** A price of one message, `0.06`: as many decimals as it has, two at least, six at most. */
export function priceText(price: number): string {
  return price.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 6 });
}

/** True for people whom Meta uses the max price for. @param region ISO alpha-2 */
export function hasMaxPrice(region: string): boolean {
  return !WITHOUT_MAX_PRICE.includes(region);
}

/** `optimization_spec` as templates take it. */
export function maxPriceSpec({ bidAmount }: MaxPrice): Record<string, unknown> {
  return { bid_strategy: BID_STRATEGY, bid_amount: bidAmount };
}

/** A price with its currency, as read; or one clause that says what is wrong with it. */
export type ReadPrice = { bidAmount: number; price: number } | { wrong: string; todo: string };

/**
 * The price of one message as a person writes it, `0.06USD`, as what Meta takes: so many of the
 * currency's smallest units for 1,000 deliveries.
 * @param billed ISO 4217, of the account; null when it is not known
 */
export function readPrice(text: string, billed: string | null): ReadPrice {
  const [, whole, decimals = "", letters] =
    /^\s*(\d{1,9})(?:\.(\d{1,12}))?\s*([A-Za-z]{3})?\s*$/.exec(text) ?? [];
  if (whole === undefined) {
    const example = `0.06${billed ?? "USD"}`;
    return { wrong: `"${text}" is not a price`, todo: `Write it such as ${example}.` };
  }
  if (billed === null) {
    return {
      wrong: "the currency of the account is not known",
      todo: "Give the token whatsapp_business_management, so that the account can be read.",
    };
  }
  const amount = decimals === "" ? whole : `${whole}.${decimals}`;
  const currency = letters?.toUpperCase();
  const again = `Give the price of one message in ${billed}, such as`;
  if (currency === undefined) {
    return { wrong: `"${text}" has no currency`, todo: `${again} ${amount}${billed}.` };
  }
  if (currency !== billed) {
    return {
      wrong: `the price is in ${currency}, and the account is billed in ${billed}`,
      todo: `${again} 0.06${billed}.`,
    };
  }
  if (!BILLING_CURRENCIES.includes(currency)) {
    return {
      wrong: `how Meta counts the smallest unit of ${currency} is not documented`,
      todo: "Set the max price in WhatsApp Manager.",
    };
  }
  // By its digits: a product of fractions is not exact.
  const places = String(smallestUnits(currency) * DELIVERIES).length - 1;
  const kept = decimals.replace(/0+$/, "");
  if (kept.length > places) {
    const least = (1 / 10 ** places).toFixed(places);
    return {
      wrong: `Meta takes prices in steps of ${least} ${currency}, and this one is between two`,
      todo: `Give a price with ${places} decimals at most.`,
    };
  }
  const bidAmount = Number(`${whole}${kept.padEnd(places, "0")}`);
  if (bidAmount < 1 || bidAmount > BID_MAX) {
    const most = priceText(bidPrice(BID_MAX, currency));
    return {
      wrong: `a max price is above 0, and ${most} ${currency} at most`,
      todo: `${again} 0.06${billed}.`,
    };
  }
  return { bidAmount, price: bidPrice(bidAmount, currency) };
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
    const price = hasMaxPrice(region)
      ? Math.max(bid.price, bid.mayFallBack ? (listed ?? 0) : 0)
      : listed;
    if (price !== undefined) byRegion[region] = price;
  }
  return { currency: bid.currency, byRegion };
}
