// A report's data for the page, of which a test says only what differs; and a ledger of many rows,
// written straight into its tables.

import Sqlite from "better-sqlite3";
import type { TimeSeries } from "../../src/domain/common/time-buckets.ts";
import type { CampaignStanding } from "../../src/domain/result/campaign-standing.ts";
import { standingOf } from "../../src/domain/result/campaign-standing.ts";
import type { ConditionFacts } from "../../src/domain/result/conditions.ts";
import type { ReportData, Waits } from "../../src/domain/result/report-data.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { campaignRecord } from "../support/campaign-record.ts";
import { conditionFacts } from "../support/conditions.ts";

export const BEGIN = Date.UTC(2026, 10, 20, 12, 0, 0);
const SECOND = 1_000;

function series(count: number, after: number): TimeSeries {
  const buckets = Array.from({ length: 60 }, (_, n) => ({
    at: BEGIN + after + n * SECOND,
    count: count / 60,
  }));
  return { bucketMs: SECOND, buckets };
}

function waits(number: number): Waits {
  const histogram = [
    { from: 0, to: 2_000, number: number / 2 },
    { from: 2_000, to: 5_000, number: number / 2 },
    { from: 5_000, to: null, number: 0 },
  ];
  return { number, p50: 1_000, p90: 4_000, p99: 4_000, histogram };
}

/** A campaign of 1,200 rows at a real number, with receipts. */
export function reportData(changes: Partial<ReportData> = {}): ReportData {
  return {
    at: BEGIN + 3_600_000,
    campaign: campaignRecord(BEGIN - 60_000, {
      state: "finished",
      frozen: {
        "template.name": "offer",
        "template.language": "pt_BR",
        "recipients.file": "a.csv",
      },
      columns: ["phone"],
      rows: 1_200,
      changedAt: BEGIN + 60_000,
      receiptsSince: BEGIN + 1_000,
    }),
    firstPostAt: BEGIN,
    lastPostAt: BEGIN + 59_000,
    sendingMs: 60_000,
    requests: 1_140,
    rows: 1_200,
    counts: { skipped: 60, failed: 30, accepted: 30, sent: 30, delivered: 300, read: 750 },
    funnel: {
      rows: 1_200,
      toSend: 1_140,
      sentTo: 1_140,
      posted: 1_140,
      accepted: 1_120,
      sent: 1_090,
      delivered: 1_050,
      read: 750,
      clicked: 40,
    },
    skipped: [{ reason: "opted_out", number: 60 }],
    failed: [{ code: "131026", number: 30, afterAcceptance: 10, example: "Undeliverable" }],
    held: [],
    messageStatuses: [],
    withoutReceipt: { number: 30, oldestAt: BEGIN },
    series: {
      posted: series(1_140, 0),
      accepted: series(1_120, SECOND),
      delivered: series(1_050, 2 * SECOND),
      read: series(750, 5 * SECOND),
    },
    countries: [
      {
        region: "BR",
        toSend: 1_100,
        sentTo: 1_100,
        accepted: 1_090,
        delivered: 1_020,
        read: 730,
        failed: 28,
        billable: 1_000,
      },
      {
        region: null,
        toSend: 40,
        sentTo: 40,
        accepted: 30,
        delivered: 30,
        read: 20,
        failed: 2,
        billable: 30,
      },
    ],
    paths: [
      {
        path: "marketing_lite",
        pricingType: "regular",
        number: 1_000,
        delivered: 1_000,
        read: 700,
        failed: 5,
      },
      {
        path: "marketing",
        pricingType: "free_entry_point",
        number: 50,
        delivered: 50,
        read: 50,
        failed: 0,
      },
    ],
    waits: { toDelivery: waits(1_050), toReading: waits(750) },
    money: { waiting: [], planned: 0, reserved: 0, delivered: [], besides: [] },
    optOuts: { people: 21, byWay: { button: 12, text: 6, switch: 3 } },
    taps: [{ label: "Shop now", number: 30 }],
    opened: 15,
    clicks: 25,
    landingPageViews: 9,
    decisions: [],
    laneFactor: null,
    ttlSeconds: 86_400,
    insights: null,
    worth: null,
    template: null,
    settings: null,
    ...changes,
  };
}

/** How the campaign of a report stands, when no run is at work unless said so. */
function standingFor(data: ReportData, isRunning = false): CampaignStanding {
  const { campaign, counts, held, at: now } = data;
  const left = {
    ...{ pending: counts.pending ?? 0, claimed: counts.claimed ?? 0, held: counts.held ?? 0 },
    nextDueAt: held[0]?.nextAt ?? null,
  };
  return standingOf({ campaign, isRunning, left, now, counts });
}

/** The same campaign before anything was sent to anybody. */
export function emptyReport(changes: Partial<ReportData> = {}): ReportData {
  const nothing: TimeSeries = { bucketMs: SECOND, buckets: [] };
  const funnel = { rows: 0, toSend: 0, sentTo: 0, posted: 0, accepted: 0, sent: 0 };
  const noWaits: Waits = { number: 0, p50: null, p90: null, p99: null, histogram: [] };
  return reportData({
    ...{ firstPostAt: null, lastPostAt: null, sendingMs: 0, requests: 0, rows: 0, counts: {} },
    funnel: { ...funnel, delivered: 0, read: 0, clicked: 0 },
    campaign: { ...reportData().campaign, receiptsSince: null },
    ...{ skipped: [], failed: [], held: [], countries: [], paths: [], taps: [] },
    withoutReceipt: { number: 0, oldestAt: null },
    series: { posted: nothing, accepted: nothing, delivered: nothing, read: nothing },
    waits: { toDelivery: noWaits, toReading: noWaits },
    optOuts: { people: 0, byWay: {} },
    ...{ opened: 0, clicks: 0, landingPageViews: 0 },
    ...changes,
  });
}

/**
 * Fills a new ledger with one campaign of so many rows: each row's fate follows from its number,
 * spread evenly. Not by the verbs: those would take minutes for what a report reads in a second.
 */
export async function fillLedger(file: string, rows: number): Promise<number> {
  const ledger = await openSqliteLedger(file);
  const draft = { name: "many", lane: "sandbox", frozen: {}, columns: ["phone"], now: BEGIN };
  const { id } = await ledger.createCampaign(draft);
  await ledger.close();
  const db = new Sqlite(file);
  db.pragma("synchronous = off");
  db.exec(`
    create temp table row as
      with recursive n (n) as (select 1 union all select n + 1 from n where n < ${rows})
      select n, n * 7919 % 1000 as fate, n * 104729 % 997 as wait, ${BEGIN} + n * 1000 / 80 as at from n;
    insert into dispatch (
      campaign_id, row_number, place, line, hash, phone, person, region, value_list, status, reason, detail, attempts,
      claimed_at, accepted_at, sent_at, delivered_at, read_at, failed_at, message_id, error_code, error_message,
      path, pricing_type, pricing_category
    )
    select ${id}, n, n, n + 1, n, 5511970000000 + n, 5511970000000 + n, case when n % 5 = 0 then 'MX' else 'BR' end,
      iif(fate < 30, null, '["a"]'),
      case when fate < 30 then 'skipped' when fate < 50 then 'failed' when fate < 70 then 'accepted'
        when fate < 90 then 'sent' when fate < 400 then 'delivered' else 'read' end,
      iif(fate < 30, 'opted_out', null), null, fate >= 30, iif(fate < 30, null, at),
      iif(fate < 40, null, at + 150), iif(fate < 70, null, at + 1000),
      iif(fate < 90, null, at + 2000 + wait * wait), iif(fate < 400, null, at + 9000 + wait * wait + wait * 5000),
      iif(fate between 30 and 49, at + 200, null), iif(fate < 40, null, 'wamid.' || n),
      iif(fate between 30 and 49, '131026', null), iif(fate between 30 and 49, 'Undeliverable', null),
      iif(fate < 70, null, 'marketing_lite'), iif(fate < 70, null, 'regular'), iif(fate < 70, null, 'marketing_lite')
    from row;
    insert into attempt (
      campaign_id, row_number, attempt, stale, started_at, ended_at, outcome, next_status, message_id
    )
    select ${id}, n, 1, 0, at, at + 150, iif(fate < 40, 'refused', 'accepted'),
      iif(fate < 40, 'failed', 'accepted'), iif(fate < 40, null, 'wamid.' || n)
    from row where fate >= 30;
    update campaign set rows = ${rows}, state = 'finished', receipts_since = ${BEGIN};
  `);
  db.close();
  return id;
}

/** The same with what holds people back: nothing but what is given. */
export function shownFor(
  data: ReportData,
  isRunning = false,
  changes: Parameters<typeof conditionFacts>[1] = {},
): { standing: CampaignStanding; conditions: ConditionFacts } {
  const standing = standingFor(data, isRunning);
  return { standing, conditions: conditionFacts(standing, changes) };
}
