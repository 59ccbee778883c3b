// What messages cost at most, for a campaign with a budget: by the rate card that the manifest
// names, and by the max price of the template.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { AccountFacts, MaxPrice, TemplateName } from "../../domain/account/facts.ts";
import { maxPricesOf } from "../../domain/account/facts.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { everyRegion } from "../../domain/cost/market.ts";
import { maxPriceOf, withMaxPrice } from "../../domain/cost/max-price.ts";
import type { Prices } from "../../domain/cost/prices.ts";
import { dearest, pricesOfCard } from "../../domain/cost/prices.ts";
import { messagesOf } from "../../domain/manifest/arms-of-manifest.ts";
import { manifestCard } from "../campaign/estimate.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";

export interface PricesOptions {
  /** The rate card need not be on this machine. */
  filesMayLack?: boolean;
  /** Those of a template, as Meta has them; undefined: not known. */
  maxPrices?: ((template: TemplateName) => Promise<(MaxPrice | null | undefined)[]>) | undefined;
}

/**
 * Prices as they are today; null for a campaign without a budget, and where nothing prices its
 * messages.
 * @throws OperatorError with every problem of the rate card, also that it is in another currency
 */
export async function pricesFor(
  loaded: LoadedManifest,
  { filesMayLack = false, maxPrices }: PricesOptions,
): Promise<Prices | null> {
  const { budget, rate_card } = loaded.manifest;
  if (budget === undefined) return null;
  const isHere = rate_card !== undefined && existsSync(resolve(loaded.folder, rate_card));
  if (filesMayLack && !isHere) return null;
  const { currency } = budget;
  return withMaxPrices(loaded, await cardPrices(loaded, currency), { currency, maxPrices });
}

/**
 * What messages cost at most, by the rate card and the max prices of the templates, whether there
 * is a budget or not; null where nothing says in which currency.
 * @throws OperatorError with every problem of the rate card
 */
export async function boundPrices(
  loaded: LoadedManifest,
  facts: AccountFacts,
): Promise<Prices | null> {
  const card = await manifestCard(loaded, true);
  const currency = loaded.manifest.budget?.currency ?? card?.currency;
  if (currency === undefined) return null;
  const prices = card === null || card.currency !== currency ? null : pricesOfCard(card);
  const maxPrices = async (template: TemplateName) => maxPricesOf(facts, template);
  return withMaxPrices(loaded, prices, { currency, maxPrices });
}

async function withMaxPrices(
  loaded: LoadedManifest,
  card: Prices | null,
  { currency, maxPrices }: Pick<PricesOptions, "maxPrices"> & { currency: string },
): Promise<Prices | null> {
  const all: (Prices | null)[] = [];
  for (const { manifest } of messagesOf(loaded.manifest)) {
    const { template, delivery } = manifest;
    for (const bid of (await maxPrices?.(template)) ?? [undefined]) {
      if (bid === undefined || bid === null) all.push(card);
      else {
        const price = maxPriceOf(bid, currency, delivery.bid_multiplier ?? 1);
        const mayFallBack = delivery.product_policy !== "STRICT";
        all.push(withMaxPrice(card, { price, currency, mayFallBack }, everyRegion()));
      }
    }
  }
  return dearest(all);
}

async function cardPrices(loaded: LoadedManifest, currency: string): Promise<Prices | null> {
  const card = await manifestCard(loaded);
  if (card === null) return null;
  if (card.currency !== currency) {
    throw new OperatorError({
      ...loaded.at(["budget", "currency"]),
      message: `the budget is in ${currency}, and the rate card in ${card.currency}`,
      hint: "Take the rate card of the currency that the account is billed in, and set the budget in it.",
    });
  }
  return pricesOfCard(card);
}

/** The same, read at most once. */
export function makePrices(
  loaded: LoadedManifest,
  options: PricesOptions,
): () => Promise<Prices | null> {
  let read: Promise<Prices | null> | undefined;
  return () => {
    read ??= pricesFor(loaded, options);
    return read;
  };
}
