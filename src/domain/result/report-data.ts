// The result of a campaign, in sum: everything that the report page shows, as data. No words for
// people, no I/O, no clock.
//
// Nobody stands in it by name or number: it is made for people who only paid for the campaign, and
// travels by mail.

import type { TestRule } from "../arms/decide-test.ts";
import type { AuditEntry } from "../campaign/audit.ts";
import type { CampaignRecord } from "../campaign/campaign.ts";
import type { Status } from "../campaign/dispatch.ts";
import type { TimeSeries } from "../common/time-buckets.ts";
import type { MoneyTally } from "../cost/money.ts";
import type { RateCard } from "../cost/rate-card.ts";
import type { KeptInsights } from "../insights/insight.ts";
import type { Cap } from "../limits/cap.ts";
import type { RampRule } from "../limits/ramp.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { TemplateDefinition } from "../message/template.ts";
import type { OptOutCounts } from "../receipts/engagement.ts";
import type { Schedule } from "../schedule/schedule.ts";
import type { WorthCounts } from "../worth/conversion.ts";
import type { HoldCount } from "./counts.ts";

/**
 * A campaign in sum, as `Ledger.report` gives it. All instants are milliseconds since the epoch;
 * all counts are of dispatches (rows of the CSV) unless they say otherwise.
 *
 * The rows are read once, in pieces, so that no runner waits: each row is counted once, as it stood
 * when its piece was read, and a campaign that is running may be a second further at the last row
 * than at the first.
 */
export interface ReportData {
  /** When it was read. */
  at: number;
  campaign: CampaignRecord;
  /** First and last instant at which a request began to be written; null when none did. */
  firstPostAt: number | null;
  lastPostAt: number | null;
  /** Ms of sending, without the whole minutes in which Meta took no message. */
  sendingMs: number;
  /** Requests that began to be written: a recipient may have had several. */
  requests: number;
  rows: number;
  /** Status → number; adds up to `rows`. */
  counts: Partial<Record<Status, number>>;
  funnel: Funnel;
  /** Skip reasons, most first; add up to `counts.skipped`. */
  skipped: ReasonCount[];
  /** Error codes of `failed`, most first; add up to `counts.failed`. */
  failed: FailureCount[];
  /** Why dispatches are held, most first; add up to `counts.held`. */
  held: HoldCount[];
  /**
   * Meta's word on accepted messages (`held_for_quality_assessment`, …), where it gave one other
   * than `accepted`.
   */
  messageStatuses: ReasonCount[];
  /** Accepted, and no receipt yet of any kind. */
  withoutReceipt: { number: number; oldestAt: number | null };
  /** What happened when. Requests as they began; the others as Meta reported the instant. */
  series: Record<"posted" | "accepted" | "delivered" | "read", TimeSeries>;
  /** Not skipped, by country; most first. */
  countries: CountryCount[];
  /**
   * By the path that a receipt reported and its pricing type; only dispatches with one of the two.
   */
  paths: PathCount[];
  /** How long it took, of those for which both instants are known. */
  waits: { toDelivery: Waits; toReading: Waits };
  money: MoneyTally;
  /** Recipients who opted out after the campaign's message. */
  optOuts: OptOutCounts;
  /**
   * Quick replies that were tapped: the button's label, and the dispatches under whose message it
   * was; most first. Not opt-outs.
   */
  taps: { label: string | null; number: number }[];
  /** Dispatches whose link was opened, as far as Meta tells whose it was. */
  opened: number;
  /**
   * Clicks on links of the campaign, also by people who are not known; one person may have several.
   */
  clicks: number;
  /** Pages behind links that WhatsApp's own browser reached. */
  landingPageViews: number;
  /**
   * What people did to the campaign by hand, in order: pauses, retries, decisions on unknown ones.
   */
  decisions: Decision[];
  /**
   * Of the rate, what Meta's throttling has left to the sending number since: 0 < factor ≤ 1; null
   * when never reported.
   */
  laneFactor: number | null;
  /** TTL in seconds of the messages that were claimed last; null when no run read it. */
  ttlSeconds: number | null;
  /** What Meta counted, as it was read last; null where nobody looked. */
  insights: KeptInsights | null;
  /** What its people ordered; null where nothing can be said. */
  worth: WorthCounts | null;
  /** The template as the last run saw it at Meta; null when no run did. */
  template: TemplateDefinition | null;
  /** What the manifest says today of things that may change freely; null when nobody gave it. */
  settings: ReportSettings | null;
}

/** An entry of the audit that concerns the campaign. */
export type Decision = Pick<AuditEntry, "at" | "actor" | "action" | "detail">;

/**
 * How far the rows got; each step is a part of the one above it, from `rows` to `read`. A step is
 * reached, too, by a recipient who reached a later one: a receipt may be lost, or overtaken.
 */
interface Funnel {
  rows: number;
  /** Not skipped. */
  toSend: number;
  /**
   * Of these, with a request made or perhaps made; not those who wait for one again, or were
   * cancelled.
   */
  sentTo: number;
  /** At least one request made, or perhaps made, whatever became of it. */
  posted: number;
  /** Taken by Meta, as its answer or a receipt said. */
  accepted: number;
  sent: number;
  delivered: number;
  read: number;
  /**
   * Tapped a quick reply other than an opt-out, or opened the link, as far as Meta reports and it
   * is known whose it was. Not a part of `read`: people who switched read receipts off click, too.
   */
  clicked: number;
}

export interface ReasonCount {
  reason: string;
  number: number;
}

export interface FailureCount {
  /**
   * Meta's error code as text, or one of our own names (`given_up`, `campaign_over`, `no_code`).
   */
  code: string;
  number: number;
  /** How many of them Meta had accepted before: the failure came by a receipt. */
  afterAcceptance: number;
  /** What was said of one of them, with long digits masked; null when nothing was. */
  example: string | null;
}

export interface CountryCount {
  /** ISO 3166-1 alpha-2; null when the country is not known. */
  region: string | null;
  toSend: number;
  sentTo: number;
  accepted: number;
  delivered: number;
  read: number;
  failed: number;
  /** Delivered, and not known to be free: what Meta bills. */
  billable: number;
}

export interface PathCount {
  /**
   * `marketing_lite` (Marketing Messages API) or `marketing` (Cloud API); null when not reported.
   */
  path: string | null;
  /** `regular`, `free_customer_service`, `free_entry_point`; null when not reported. */
  pricingType: string | null;
  /** All with this path and type, in whatever status. */
  number: number;
  delivered: number;
  read: number;
  failed: number;
}

export interface Waits {
  /** Dispatches that are counted. */
  number: number;
  /** Half, nine tenths and 99 hundredths waited no longer, ms; null without any. */
  p50: number | null;
  p90: number | null;
  p99: number | null;
  /**
   * Every span, in order, empty ones too: longer than `from` (the first: from 0), up to `to`; null
   * for the last, without end.
   */
  histogram: { from: number; to: number | null; number: number }[];
}

/** What a manifest and its policy say that may hold people back. */
export interface ConditionRules {
  schedule: Schedule;
  /** A file of days without hours could not be read, so that nobody knows when it is open. */
  lacksDays: boolean;
  cap: Cap | null;
  ramp: RampRule | null;
  test: TestRule | null;
}

/** What a campaign's manifest says of how it is sent, and may change from run to run. */
export interface ReportSettings {
  /** The manifest as the operator names it, for commands. */
  manifest: string;
  messagesPerSecond: number;
  maxInFlight: number;
  peoplePerDay: number | null;
  /** What may hold people back. */
  rules: ConditionRules;
  /** Prices, for the estimate and the bill; null without a card. */
  rateCard: RateCard | null;
}

/**
 * Takes from a manifest what the report page shows of it.
 * @param file the manifest as the operator named it
 * @param read what its files say: its conditions, and the rate card; null without one
 */
export function reportSettings(
  { rate }: Pick<Manifest, "rate">,
  file: string,
  read: Pick<ReportSettings, "rules" | "rateCard">,
): ReportSettings {
  return {
    manifest: file,
    messagesPerSecond: rate.messages_per_second,
    maxInFlight: rate.max_in_flight,
    peoplePerDay: rate.people_per_day ?? null,
    ...read,
  };
}

/** The zone in which people read the campaign's instants: that of its hours, else UTC. */
export function timeZoneOf({ settings }: Pick<ReportData, "settings">): string {
  const { hours = null, clock = null } = settings?.rules.schedule ?? {};
  return (hours === null ? null : clock) ?? "UTC";
}
