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
