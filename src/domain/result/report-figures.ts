// What a campaign costs, by a report's counts. No words, no I/O.

import type { CostEstimate, CountryEstimate } from "../cost/estimate.ts";
import { estimateCost } from "../cost/estimate.ts";
import type { MetaCost, MoneyCourse } from "../cost/money.ts";
import { costRecords, moneyCourses } from "../cost/money.ts";
import type { Compared, OwnCounts } from "../insights/compared.ts";
import { compareInsights } from "../insights/compared.ts";
import type { KeptInsights } from "../insights/insight.ts";
import { sumInsights } from "../insights/insight.ts";
import { insightRecord } from "../insights/record.ts";
import { MILLION } from "../limits/budget.ts";
import type { Engagement } from "../receipts/engagement.ts";
import type { Worth } from "../worth/worth.ts";
import { worthOf } from "../worth/worth.ts";
import type { LedgerTally } from "./counts.ts";
import type { CountryCount, ReportData } from "./report-data.ts";

/** What the campaign was to cost, and what Meta bills by the same list prices. */
export interface ReportCost {
  /** If all who were to be sent to were delivered to. */
  estimate: CostEstimate;
  /** Those who were delivered to, and not for free. */
  bill: CostEstimate;
  /** The bill by country. */
  by_country: CountryEstimate[];
}

/** The cost by the rate card of the settings; null without a card. */
export function costOf(data: ReportData): ReportCost | null {
  const card = data.settings?.rateCard ?? null;
  if (card === null) return null;
  const cost = (key: "toSend" | "billable") => {
    const byRegion = Object.fromEntries(
      data.countries.flatMap((country): [string, number][] =>
        country.region === null ? [] : [[country.region, country[key]]],
      ),
    );
    return estimateCost({ toSend: sumOf(data.countries, key), byRegion }, card);
  };
  const estimate = cost("toSend");
  const bill = cost("billable");
  if (estimate.cost === null || bill.cost === null) return null;
  return { estimate: estimate.cost, bill: bill.cost, by_country: bill.countries };
}

/** The way from the plan to the bill, with what Meta counted if that is this campaign's alone. */
export function moneyOf({ money, campaign, insights }: ReportData): MoneyCourse[] {
  return moneyCourses(money, campaign.budget, insights === null ? null : metaCost(insights));
}

function metaCost({ reading, values }: KeptInsights): MetaCost | null {
  const { spent } = sumInsights(values);
  const { currency, sharedWith } = reading;
  if (spent === null || currency === null || sharedWith.length > 0) return null;
  return { currency, amount: Math.round(spent * MILLION) };
}

/** What Meta counted beside what the ledger has, in words; null where nobody looked. */
export function comparedOf(data: ReportData): Compared | null {
  return data.insights === null ? null : compareInsights(data.insights, ownCounts(data));
}

/** What the campaign was worth, by its groups; null where nothing can be said. */
export function worthOfReport({ worth, campaign, settings, at }: ReportData): Worth | null {
  const budget = campaign.budget?.currency ?? null;
  return worth && worthOf(worth, { budget, rateCard: settings?.rateCard ?? null }, at);
}

/** The same by a tally. */
export function comparedBy(
  kept: KeptInsights,
  { reached, optOuts, money }: LedgerTally,
  { clicks, taps }: Engagement,
): Compared {
  const { accepted, delivered, read } = reached;
  const tapped = taps.reduce((sum, { people }) => sum + people, 0);
  return compareInsights(kept, {
    ...{ accepted, delivered, read, clicks: clicks.total },
    quickReplies: tapped + (optOuts.byWay.button ?? 0),
    costs: costRecords(money),
  });
}

/** The same as `--json` has it. */
export function insightsOfReport(data: ReportData): Record<string, unknown> | null {
  return data.insights === null ? null : insightRecord(data.insights, ownCounts(data));
}

function ownCounts({ funnel, clicks, taps, optOuts, money }: ReportData): OwnCounts {
  const { accepted, delivered, read } = funnel;
  const tapped = taps.reduce((sum, { number }) => sum + number, 0);
  return {
    ...{ accepted, delivered, read, clicks },
    quickReplies: tapped + (optOuts.byWay.button ?? 0),
    costs: costRecords(money),
  };
}

function sumOf(countries: readonly CountryCount[], key: "toSend" | "billable"): number {
  return countries.reduce((sum, country) => sum + country[key], 0);
}
