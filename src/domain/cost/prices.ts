// What a message to a country costs at most, in whole millionths, so that a budget can be kept to.

import { marketKey } from "../common/name-key.ts";
import { millionths } from "../limits/budget.ts";
import { everyRegion, marketsOf } from "./market.ts";
import type { RateCard } from "./rate-card.ts";

/** Prices of delivered messages. */
export interface Prices {
  /** ISO 4217. */
  currency: string;
  /** Region → millionths of the currency's unit; a region without a price is not there. */
  byRegion: Readonly<Record<string, number>>;
}

/** The prices of a rate card. */
export function pricesOfCard(card: RateCard): Prices {
  const rows = new Map(card.rows.map((row) => [marketKey(row.market), row.price]));
  const byRegion: Record<string, number> = {};
  for (const region of everyRegion()) {
    const market = marketsOf(region).find((name) => rows.has(marketKey(name)));
    const price = market === undefined ? undefined : rows.get(marketKey(market));
    if (typeof price === "number") byRegion[region] = millionths(price);
  }
  return { currency: card.currency, byRegion };
}

/**
 * What a message costs at most, whichever of several it is.
 * @param all at least one; a region that one of them does not price has no price, and none of them
 *   has where one is null
 */
export function dearest(all: readonly (Prices | null)[]): Prices | null {
  const [first, ...others] = all;
  if (first === undefined || first === null) return null;
  let byRegion = first.byRegion;
  for (const other of others) {
    if (other === null) return null;
    const both = Object.entries(byRegion).filter(([region]) => region in other.byRegion);
    byRegion = Object.fromEntries(
      both.map(([region, price]) => [region, Math.max(price, other.byRegion[region] ?? 0)]),
    );
  }
  return { currency: first.currency, byRegion };
}
