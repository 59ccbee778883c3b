// What a campaign costs, by a report's counts. No words, no I/O.

import type { CostEstimate, CountryEstimate } from "../cost/estimate.ts";
import { estimateCost } from "../cost/estimate.ts";
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

function sumOf(countries: readonly CountryCount[], key: "toSend" | "billable"): number {
  return countries.reduce((sum, country) => sum + country[key], 0);
}
