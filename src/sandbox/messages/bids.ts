// What a message of a template with a max price bids, and costs once it is delivered.

import { smallestUnits } from "../../domain/cost/max-price.ts";
import { chance } from "../scenario/chance.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { ScenarioTemplate } from "../scenario/scenario-template.ts";

/** A bid is for so many deliveries (Meta, max-price page, 2026-06). */
const DELIVERIES = 1_000;
/** Russia, without Kazakhstan's part of the code, and Belarus: no max price is used there. */
const WITHOUT_MAX_PRICE = /^(?:7(?![67])|375)/;
/** Costs are reported to this part of the unit. [?] Meta's sample has four decimals. */
const PARTS = 1e5;

/**
 * The bid of a message in the currency's smallest units for 1,000 deliveries.
 * @param multiplier of its `bid_spec`
 * @returns undefined for a template without a max price
 */
export function bidOf(
  { optimization_spec: spec }: Pick<ScenarioTemplate, "optimization_spec">,
  multiplier: number,
): number | undefined {
  const amount = Number(spec?.bid_amount ?? Number.NaN);
  return Number.isFinite(amount) ? amount * multiplier : undefined;
}

/**
 * What a delivered message costs, as `pricing.cost` reports it: a part of its bid that the seed and
 * the person decide, the amount a float in the currency's unit (Meta, max-price page, 2026-06).
 * @param person digits with country code
 * @returns undefined where nothing is bid
 */
export function costOfBid(
  bid: number | undefined,
  person: string,
  { seed, currency, max_price: { cost_share: share } }: Scenario,
): { amount: number; currency: string } | undefined {
  if (bid === undefined || WITHOUT_MAX_PRICE.test(person)) return undefined;
  const part = share.min + (share.max - share.min) * chance(seed, "cost", person);
  const units = (bid * part) / DELIVERIES / smallestUnits(currency);
  return { amount: Math.floor(units * PARTS) / PARTS, currency };
}
