// The report's data as `report --json` prints it: keys in snake case, instants as ISO 8601 UTC.
// Public and stable; keys may be added.

import { testFigures, testFiguresRecord } from "../domain/arms/test-figures.ts";
import type { TimeSeries } from "../domain/common/time-buckets.ts";
import { courseRecord } from "../domain/cost/money.ts";
import type { ConditionFacts } from "../domain/result/conditions.ts";
import type { CountryCount, PathCount, ReportData, Waits } from "../domain/result/report-data.ts";
import { timeZoneOf } from "../domain/result/report-data.ts";
import {
  costOf,
  insightsOfReport,
  moneyOf,
  worthOfReport,
} from "../domain/result/report-figures.ts";
import { figuresRecord, optOutRecord } from "../domain/result/summary.ts";
import { worthRecord } from "../domain/worth/worth-words.ts";

/** Makes the value of the key `report`. */
export function reportRecord(
  data: ReportData,
  { now, found: { test = null } }: Pick<ConditionFacts, "now" | "found">,
): Record<string, unknown> {
  const worth = worthOfReport(data);
  return {
    at: instant(data.at),
    first_post_at: instant(data.firstPostAt),
    last_post_at: instant(data.lastPostAt),
    sending_seconds: data.sendingMs / 1000,
    time_zone: timeZoneOf(data),
    requests: data.requests,
    funnel: {
      rows: data.funnel.rows,
      to_send: data.funnel.toSend,
      sent_to: data.funnel.sentTo,
      posted: data.funnel.posted,
      accepted: data.funnel.accepted,
      sent: data.funnel.sent,
      delivered: data.funnel.delivered,
      read: data.funnel.read,
      clicked: data.funnel.clicked,
    },
    figures: figuresRecord({ ...data, reached: data.funnel }),
    skipped: data.skipped,
    failed: data.failed.map(({ code, number, afterAcceptance, example }) => ({
      code,
      number,
      after_acceptance: afterAcceptance,
      example,
    })),
    held: data.held.map(({ reason, number, nextAt, lastAt }) => ({
      reason,
      number,
      next_at: instant(nextAt),
      last_at: instant(lastAt),
    })),
    receipts_since: instant(data.campaign.receiptsSince),
    without_receipt: {
      number: data.withoutReceipt.number,
      oldest_at: instant(data.withoutReceipt.oldestAt),
    },
    series: {
      posted: seriesRecord(data.series.posted),
      accepted: seriesRecord(data.series.accepted),
      delivered: seriesRecord(data.series.delivered),
      read: seriesRecord(data.series.read),
    },
    countries: data.countries.map(countryRecord),
    paths: data.paths.map(pathRecord),
    waits: {
      to_delivery: waitsRecord(data.waits.toDelivery),
      to_reading: waitsRecord(data.waits.toReading),
    },
    opt_outs: optOutRecord(data.optOuts, data.funnel.delivered),
    taps: data.taps,
    clicks: data.clicks,
    landing_page_views: data.landingPageViews,
    ttl_seconds: data.ttlSeconds,
    cost: costOf(data),
    insights: insightsOfReport(data),
    money: moneyOf(data).map(courseRecord),
    worth: worth === null ? null : worthRecord(worth),
    test: test === null ? null : testFiguresRecord(testFigures(test.rule, test.state, now)),
  };
}

function instant(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function seriesRecord({ bucketMs, buckets }: TimeSeries): Record<string, unknown> {
  return {
    bucket_seconds: bucketMs / 1000,
    buckets: buckets.map(({ at, count }) => ({ at: instant(at), number: count })),
  };
}

function countryRecord(one: CountryCount): Record<string, unknown> {
  return {
    region: one.region,
    to_send: one.toSend,
    sent_to: one.sentTo,
    accepted: one.accepted,
    delivered: one.delivered,
    read: one.read,
    failed: one.failed,
    billable: one.billable,
  };
}

function pathRecord(one: PathCount): Record<string, unknown> {
  return {
    path: one.path,
    pricing_type: one.pricingType,
    number: one.number,
    delivered: one.delivered,
    read: one.read,
    failed: one.failed,
  };
}

/** Spans in seconds: Meta tells instants by the whole second. */
function waitsRecord({ number, p50, p90, p99, histogram }: Waits): Record<string, unknown> {
  const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);
  return {
    number,
    p50_seconds: seconds(p50),
    p90_seconds: seconds(p90),
    p99_seconds: seconds(p99),
    histogram: histogram.map((span) => ({
      from_seconds: span.from / 1000,
      to_seconds: seconds(span.to),
      number: span.number,
    })),
  };
}
