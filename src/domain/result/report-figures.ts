// What follows from a report's counts: what is still open, and what it costs. No words, no I/O.

import type { CostEstimate } from "../cost/estimate.ts";
import { estimateCost } from "../cost/estimate.ts";
import type { CountryCount, ReportData } from "./report-data.ts";

/** Something of a campaign that is not settled. */
export interface OpenEnd {
  kind:
    | "paused"
    | "halted"
    | "pending"
    | "claimed"
    | "held"
    | "unknown"
    | "without_receipt"
    | "on_the_way"
    | "expired"
    | "fixable";
  number: number;
  /** Next instant at which something happens by itself, or since when it is so; null when there is none. */
  at: number | null;
}

/** Whatever waits for a person, the most pressing first; empty when everything is settled. */
export function openEnds(data: ReportData, fixable: readonly string[]): OpenEnd[] {
  const { counts, campaign, held, withoutReceipt } = data;
  // Nobody can do anything about it any more, and no receipt finds its message.
  if (campaign.erasedAt !== null) return [];
  const of = (status: keyof typeof counts): number => counts[status] ?? 0;
  const stop = campaign.stop ?? null;
  const isHalted = campaign.halt !== null || stop?.kind === "halted";
  const left = of("pending") + of("held");
  const ends: OpenEnd[] = [
    { kind: "halted", number: isHalted ? left : 0, at: campaign.changedAt },
    { kind: "paused", number: stop?.kind === "paused" ? left : 0, at: stop?.at ?? null },
    { kind: "pending", number: of("pending"), at: null },
    { kind: "claimed", number: of("claimed"), at: null },
    {
      kind: "held",
      number: of("held"),
      at: held.length === 0 ? null : Math.min(...held.map(({ nextAt }) => nextAt)),
    },
    { kind: "unknown", number: of("unknown"), at: null },
    { kind: "without_receipt", number: withoutReceipt.number, at: withoutReceipt.oldestAt },
    { kind: "on_the_way", number: of("sent"), at: null },
    { kind: "expired", number: of("expired"), at: null },
    {
      kind: "fixable",
      number: data.skipped
        .filter(({ reason }) => fixable.includes(reason))
        .reduce((sum, { number }) => sum + number, 0),
      at: null,
    },
  ];
  return ends.filter(({ number }) => number > 0);
}

/** What the campaign was to cost, and what Meta bills by the same list prices. */
export interface ReportCost {
  /** If all who were to be sent to were delivered to. */
  estimate: CostEstimate;
  /** Those who were delivered to, and not for free. */
  bill: CostEstimate;
}

/** The cost by the rate card of the settings; null without a card. */
export function costOf(data: ReportData): ReportCost | null {
  const card = data.settings?.rateCard ?? null;
  if (card === null) return null;
  const cost = (key: "toSend" | "billable"): CostEstimate | null => {
    const byRegion = Object.fromEntries(
      data.countries.flatMap((country): [string, number][] =>
        country.region === null ? [] : [[country.region, country[key]]],
      ),
    );
    return estimateCost({ toSend: sumOf(data.countries, key), byRegion }, card).cost;
  };
  const estimate = cost("toSend");
  const bill = cost("billable");
  return estimate === null || bill === null ? null : { estimate, bill };
}

function sumOf(countries: readonly CountryCount[], key: "toSend" | "billable"): number {
  return countries.reduce((sum, country) => sum + country[key], 0);
}
