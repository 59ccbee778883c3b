// A look at Meta's figures as `--json` has it. Public and stable; keys may be added.

import { creativeConflicts } from "../account/creative.ts";
import type { OwnCounts } from "./compared.ts";
import { receiptShare } from "./compared.ts";
import type { InsightSums, KeptInsights } from "./insight.ts";
import { PRODUCTS, sumInsights } from "./insight.ts";

/** The document of `campaign insights --json`, and the key `insights` of a report. */
export function insightRecord(
  { reading, values }: KeptInsights,
  own: OwnCounts,
): Record<string, unknown> {
  const sums = sumInsights(values);
  const share = receiptShare(sums, reading, own);
  const { template, account } = reading.creative;
  return {
    read_at: new Date(reading.readAt).toISOString(),
    template: reading.template,
    other_templates: reading.others ?? [],
    days: {
      since: reading.since,
      until: reading.until,
      time_zone: reading.zone,
      whole_campaign: reading.isWhole,
    },
    insights_on: reading.isOn,
    meta: sumsRecord(sums),
    products: Object.fromEntries(
      PRODUCTS.map((product) => [product, sumsRecord(sumInsights(values, product))]),
    ),
    ledger: {
      accepted: own.accepted,
      delivered: own.delivered,
      read: own.read,
      clicks: own.clicks,
      quick_replies: own.quickReplies,
      costs: own.costs,
    },
    receipts: share && { ...share, never_reported: Math.max(0, share.of - share.number) },
    cost: sums.spent === null ? null : costRecord(sums, sums.spent, reading.currency),
    counts_clicks: reading.countsClicks,
    benchmark: reading.benchmark && {
      since: reading.benchmark.since,
      until: reading.benchmark.until,
      read_rate: reading.benchmark.readRate,
      read_rate_best_quarter: reading.benchmark.readBenchmark,
      click_rate: reading.benchmark.clickRate,
      click_rate_best_quarter: reading.benchmark.clickBenchmark,
    },
    pricing: reading.pricing,
    creative_features: {
      template,
      account,
      differ: creativeConflicts(template ?? {}, account ?? {}),
    },
    recommendations: "whatsapp_manager_only",
    shared_with: reading.sharedWith,
    missing: reading.missing,
    days_read: values.map(({ templateId, readAt, ...value }) => ({
      template: templateId,
      ...value,
      read_at: new Date(readAt).toISOString(),
    })),
  };
}

function costRecord(
  { delivered, clicks }: InsightSums,
  spent: number,
  currency: string | null,
): Record<string, unknown> {
  const per = (number: number | null) => (number === null || number === 0 ? null : spent / number);
  return { currency, spent, per_delivery: per(delivered), per_click: per(clicks) };
}

function sumsRecord(sums: InsightSums): Record<string, unknown> {
  return {
    sent: sums.sent,
    delivered: sums.delivered,
    read: sums.read,
    clicks: sums.clicks,
    people_clicked: sums.clickers,
    quick_replies: sums.quickReplies,
    spent: sums.spent,
    buttons: sums.buttons,
    conversions: sums.conversions,
    others: sums.others,
  };
}
