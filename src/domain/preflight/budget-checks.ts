// The budget's part of the check before sending: whether everybody who waits has a price, and how
// far the money goes.

import { count, money, plural } from "../common/numbers.ts";
import type { Prices } from "../cost/prices.ts";
import type { Path } from "../document/document-schema.ts";
import type { PricedPeople } from "../limits/budget.ts";
import { inUnits } from "../limits/budget.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { budgetOf } from "../manifest/manifest.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";

/** What is known of a campaign's money; amounts in millionths of the budget's currency. */
export interface MoneyFacts {
  /** Today's; null where they are not known. */
  prices: Prices | null;
  /** Who waits, with the price that was planned for them. */
  waiting: readonly PricedPeople[];
  /** Spent, or set aside for messages on their way. */
  used: number;
}

/** Countries that are listed; the rest is summed up. */
const COUNTRIES_SHOWN = 12;
const BUDGET: Path = ["budget"];

/** What those who wait may cost together; who has no price is not in it. */
export function mayCost(waiting: readonly PricedPeople[]): number {
  return waiting.reduce((sum, { price, people }) => sum + (price ?? 0) * people, 0);
}

/** What is wrong with the budget of a campaign; nothing where it has none. */
export function judgeBudget(manifest: Manifest, facts: MoneyFacts): Finding[] {
  const budget = budgetOf(manifest);
  if (budget === null) return [];
  const { waiting, used, prices } = facts;
  const findings: Finding[] = [];
  const unpriced = waiting.filter(({ price }) => price === null);
  if (unpriced.length > 0) {
    const words = { countries: listOf(unpriced), people: peopleOf(unpriced) };
    findings.push(finding("unpriced_market", BUDGET, seenOf(unpriced), words));
  }
  const rose = waiting.filter(({ region, price }) => {
    const today = region === null ? undefined : prices?.byRegion[region];
    return price !== null && today !== undefined && today > price;
  });
  if (rose.length > 0) {
    const words = { countries: listOf(rose), people: peopleOf(rose) };
    findings.push(finding("price_rose", BUDGET, seenOf(rose), words));
  }
  const { most, currency } = budget;
  const cost = mayCost(waiting);
  if (cost > 0 && used + cost > most) {
    const amount = (millionths: number) => `${money(inUnits(millionths))} ${currency}`;
    const all = waiting.reduce((sum, { people }) => sum + people, 0);
    const words = {
      cost: amount(cost),
      people: plural(all, "person", "people"),
      left: amount(Math.max(0, most - used)),
    };
    const seen = { most: inUnits(most), used: inUnits(used), may_cost: inUnits(cost) };
    findings.push(finding("budget_too_small", ["budget", "most"], seen, words));
  }
  return findings;
}

function peopleOf(waiting: readonly PricedPeople[]): string {
  const people = waiting.reduce((sum, one) => sum + one.people, 0);
  return plural(people, "person", "people");
}

function listOf(waiting: readonly PricedPeople[]): string {
  const most = waiting.toSorted((a, b) => b.people - a.people);
  const names = most.slice(0, COUNTRIES_SHOWN).map(({ region, people }) => {
    return `${region ?? "no known country"} ${count(people)}`;
  });
  const more = most.length - names.length;
  return `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function seenOf(waiting: readonly PricedPeople[]): Record<string, number> {
  return Object.fromEntries(waiting.map(({ region, people }) => [region ?? "", people]));
}
