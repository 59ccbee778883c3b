// What messages cost at most, for a campaign with a budget: read from the files that the manifest
// names.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { OperatorError } from "../../domain/common/errors.ts";
import type { Prices } from "../../domain/cost/prices.ts";
import { pricesOfCard } from "../../domain/cost/prices.ts";
import { manifestCard } from "../campaign/estimate.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";

/**
 * Prices as they are today; null for a campaign without a budget, and where nothing prices its
 * messages.
 * @param about.filesMayLack the rate card need not be on this machine
 * @throws OperatorError with every problem of the rate card, also that it is in another currency
 */
export async function pricesFor(
  loaded: LoadedManifest,
  { filesMayLack = false }: { filesMayLack?: boolean } = {},
): Promise<Prices | null> {
  const { budget, rate_card } = loaded.manifest;
  if (budget === undefined) return null;
  const isHere = rate_card !== undefined && existsSync(resolve(loaded.folder, rate_card));
  if (filesMayLack && !isHere) return null;
  const card = await manifestCard(loaded);
  if (card === null) return null;
  if (card.currency !== budget.currency) {
    throw new OperatorError({
      ...loaded.at(["budget", "currency"]),
      message: `the budget is in ${budget.currency}, and the rate card in ${card.currency}`,
      hint: "Take the rate card of the currency that the account is billed in, and set the budget in it.",
    });
  }
  return pricesOfCard(card);
}

/** The same, read at most once. */
export function makePrices(
  loaded: LoadedManifest,
  about: { filesMayLack?: boolean } = {},
): () => Promise<Prices | null> {
  let read: Promise<Prices | null> | undefined;
  return () => {
    read ??= pricesFor(loaded, about);
    return read;
  };
}
