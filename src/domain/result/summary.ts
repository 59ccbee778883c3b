// The result in sum: what `run`, `status` and `report` say of a campaign. No I/O.

import type { CampaignRecord, DailyLimit, Halt, Stop } from "../campaign/campaign.ts";
import type { Status } from "../campaign/dispatch.ts";
import { plural } from "../common/numbers.ts";
import type { CostRecord, MoneyTally } from "../cost/money.ts";
import { costRecords, settledIn } from "../cost/money.ts";
import type { Budget } from "../limits/budget.ts";
import { inUnits } from "../limits/budget.ts";
import type { OptOutCounts } from "../receipts/engagement.ts";
import { hasOptimisation, hasReporting } from "../recipient/geography.ts";
import { campaignNotes } from "./campaign-notes.ts";
import type { CampaignStanding, PublicState, StandingKind } from "./campaign-standing.ts";
import { publicState } from "./campaign-standing.ts";
import type { ConditionRecord } from "./conditions.ts";
import type { LaneCounts, LedgerTally } from "./counts.ts";
import type { Counted, FigureName, ShareRecord } from "./figures.ts";
import { figuresOf, shareRecord } from "./figures.ts";

/** The `--json` summary. Public and stable; keys may be added. */
export interface Summary {
  campaign: string;
  state: PublicState;
  /**
   * The same more closely: what it waits for, or why it stopped, since and until when. Instants are
   * ISO 8601 UTC.
   */
  standing: {
    kind: StandingKind;
    why: CampaignStanding["why"];
    since: string;
    until: string | null;
    by: string | null;
  };
  /** Absolute path of the manifest that the last run read; null when none was kept. */
  manifest: string | null;
  halt: Halt | null;
  /**
   * A person other than the runner wants it stopped: a person (`paused`), or an event of the
   * account (`halted`).
   */
  stop: { kind: Stop["kind"]; code: string; sentence: string; at: string } | null;
  /** Data rows of the CSV. */
  rows: number;
  /** Status → number; adds up to `rows`. */
  counts: Partial<Record<Status, number>>;
  /** Skip reason, hold reason or error code → number. */
  reasons: Record<string, number>;
  /** Error code → number of `failed` ones: what `retry` can queue again. */
  failures: Record<string, number>;
  /** Meta's word on accepted messages (`held_for_quality_assessment`, …) → number. */
  message_statuses: Record<string, number>;
  /** The same of those of which no receipt has come since. */
  without_receipt: Record<string, number>;
  /**
   * Regions (ISO 3166-1 alpha-2) that Meta refuses the account for; their recipients are skipped as
   * `refused_country`.
   */
  refused_countries: readonly string[];
  /** What a person should know of these counts, one sentence each. */
  notes: string[];
  /** Not skipped, and in a region where Meta gives no delivery optimisation or click reports. */
  without_optimisation: number;
  /**
   * The same, where Meta reports no clicks or conversions and uses no max price, and optimises
   * delivery all the same.
   */
  without_reporting: number;
  /** True when nothing went to WhatsApp. */
  sandbox: boolean;
  /** The sending number's id at Meta; of several the first. */
  phone_number_id: string;
  /** Every sending number, where there are several. */
  numbers?: NumberRecord[];
  /**
   * The daily limit of the number's business, as the last run had it; null when no run of late had
   * one.
   */
  daily_limit: {
    limit: number;
    /**
     * People whom messages may have reached in the last 24 hours, from all numbers of the business.
     */
    reached: number;
    /** When the first of them leaves the 24 hours; ISO 8601 UTC. */
    free_at: string | null;
  } | null;
  /** Each condition that is on, with what it holds back. */
  conditions: readonly ConditionRecord[];
  /** What the campaign may cost, and costs, in the currency's unit; null without a budget. */
  budget: BudgetRecord | null;
  /** What messages cost by Meta's receipts, by currency; empty while none has reported a cost. */
  costs: CostRecord[];
  /** How far the recipients got; each is a part of the one before. */
  funnel: { to_send: number; accepted: number; delivered: number; read: number };
  /** Each figure as a share of its one base. */
  figures: Record<FigureName, ShareRecord>;
  /** Recipients who opted out after the campaign's message. */
  opt_outs: OptOutRecord;
  /** The first claim and the last message that Meta took; ISO 8601 UTC, null before. */
  first_claim_at: string | null;
  last_accepted_at: string | null;
  /** Between the two, without the whole minutes in which Meta took no message. */
  sending_seconds: number;
  /**
   * When the same command has something to do again; ISO 8601 UTC, null when that is now or never.
   */
  go_on_at: string | null;
  /**
   * Another campaign that has the sending number now, while recipients of this one wait. ISO 8601
   * UTC.
   */
  waits_for: { campaign: string; since: string } | null;
  created_at: string;
  changed_at: string;
  /**
   * Since when it is purged: personal data is erased, and nobody is sent to any more. ISO 8601 UTC;
   * null when it is not.
   */
  erased_at: string | null;
}

/** A budget as `--json` has it, in the currency's unit. */
interface BudgetRecord {
  most: number;
  currency: string;
  /** Of delivered messages: by their receipts, else by the prices that were planned. */
  settled: number;
  /** Set aside for messages on their way, and for those that may have been sent. */
  reserved: number;
  left: number;
}

function budgetRecord({ most, currency }: Budget, money: MoneyTally): BudgetRecord {
  const { reserved } = money;
  const settled = settledIn(money, currency);
  const left = Math.max(0, most - settled - reserved);
  return {
    ...{ most: inUnits(most), currency },
    ...{ settled: inUnits(settled), reserved: inUnits(reserved), left: inUnits(left) },
  };
}

/** Sums a campaign up. */
export function summarise(
  campaign: CampaignRecord,
  tally: LedgerTally,
  about: {
    standing: CampaignStanding;
    dailyLimit: DailyLimit | null;
    /** Where there are several lanes. */
    lanes?: readonly LaneCounts[];
    conditions: readonly ConditionRecord[];
  },
): Summary {
  const { standing, dailyLimit, lanes = [], conditions } = about;
  const { kind, why, since, until, by, numberUsedBy } = standing;
  return {
    campaign: campaign.name,
    state: publicState(standing),
    standing: { kind, why, since: iso(since), until: instant(until), by },
    manifest: campaign.manifest,
    halt: campaign.halt,
    stop: stopOf(campaign),
    rows: tally.rows,
    counts: tally.counts,
    reasons: tally.reasons,
    failures: tally.failures,
    message_statuses: tally.messageStatuses,
    without_receipt: tally.withoutReceipt,
    refused_countries: campaign.refusedRegions,
    notes: campaignNotes(tally, campaign),
    without_optimisation: peopleWithout(hasOptimisation, tally.regions),
    without_reporting: peopleWithout(hasReporting, tally.regions),
    sandbox: campaign.lane === "sandbox",
    phone_number_id: campaign.lane,
    ...(lanes.length > 0 && { numbers: lanes.map((lane) => numberRecord(lane, campaign)) }),
    daily_limit:
      dailyLimit === null
        ? null
        : {
            limit: dailyLimit.limit,
            reached: dailyLimit.people,
            free_at: instant(dailyLimit.freeAt),
          },
    conditions,
    budget: campaign.budget === null ? null : budgetRecord(campaign.budget, tally.money),
    costs: costRecords(tally.money),
    funnel: {
      to_send: tally.reached.toSend,
      accepted: tally.reached.accepted,
      delivered: tally.reached.delivered,
      read: tally.reached.read,
    },
    figures: figuresRecord(tally),
    opt_outs: optOutRecord(tally.optOuts, tally.reached.delivered),
    first_claim_at: instant(tally.reached.firstClaimAt),
    last_accepted_at: instant(tally.reached.lastAcceptedAt),
    sending_seconds: tally.reached.sendingMs / 1000,
    go_on_at: instant(until),
    waits_for:
      numberUsedBy === null
        ? null
        : { campaign: numberUsedBy.campaign, since: iso(numberUsedBy.since) },
    created_at: iso(campaign.createdAt),
    changed_at: iso(campaign.changedAt),
    erased_at: instant(campaign.erasedAt),
  };
}

/** One of several sending numbers as `--json` has it. */
interface NumberRecord {
  phone_number_id: string;
  /** Recipients who wait for it: pending and held. */
  waiting: number;
  /** Taken by Meta, whatever became of them. */
  accepted: number;
  failed: number;
  unknown: number;
  /** What stops it alone, in one sentence; null when nothing does. */
  stopped: string | null;
}

function numberRecord({ lane, counts }: LaneCounts, { laneStops }: CampaignRecord): NumberRecord {
  const sum = (...statuses: Status[]): number =>
    statuses.reduce((all, status) => all + (counts[status] ?? 0), 0);
  return {
    phone_number_id: lane,
    waiting: sum("pending", "held", "claimed"),
    accepted: sum("accepted", "sent", "delivered", "read", "expired"),
    failed: sum("failed"),
    unknown: sum("unknown"),
    stopped: laneStops.find((one) => one.lane === lane)?.stop.sentence ?? null,
  };
}

/** The figures as `--json` has them. */
export function figuresRecord(counted: Counted): Summary["figures"] {
  const shares = Object.entries(figuresOf(counted));
  return Object.fromEntries(
    shares.map(([name, share]) => [name, shareRecord(share)]),
  ) as Summary["figures"];
}

/** Opt-outs as `--json` has them. */
export interface OptOutRecord {
  people: number;
  /**
   * As per cent of those who got the message, to a thousandth; null when nobody is known to have
   * got it.
   */
  percent_of_delivered: number | null;
  /** `button`, `text`, `switch`, `refusal` → number. */
  by_way: OptOutCounts["byWay"];
}

/** Sums the opt-outs of a campaign up. @param delivered how many got its message */
export function optOutRecord({ people, byWay }: OptOutCounts, delivered: number): OptOutRecord {
  const { percent } = shareRecord({ number: people, of: delivered });
  return { people, percent_of_delivered: percent, by_way: byWay };
}

/** Of a campaign that is over nothing can be stopped any more. */
function stopOf({ state, stop }: CampaignRecord): Summary["stop"] {
  if (stop === null || state === "finished" || state === "cancelled") return null;
  const { kind, code, sentence, at } = stop;
  return { kind, code, sentence, at: iso(at) };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function instant(at: number | null): string | null {
  return at === null ? null : iso(at);
}

/**
 * How many of these people are where Meta does not give something.
 * @param gives hasOptimisation or hasReporting
 * @param regions ISO region → number
 */
export function peopleWithout(
  gives: (region: string) => boolean,
  regions: Record<string, number>,
): number {
  return Object.entries(regions).reduce(
    (sum, [region, number]) => sum + (gives(region) ? 0 : number),
    0,
  );
}

/** What a person reads about countries where Meta does less; one sentence each. */
export function geographyNotes(counts: {
  without_optimisation: number;
  without_reporting: number;
}): string[] {
  const { without_optimisation: optimised, without_reporting: reported } = counts;
  const notes: string[] = [];
  if (optimised > 0) {
    notes.push(
      `${plural(optimised, "recipient is", "recipients are")} in countries where Meta neither optimises delivery nor reports clicks and conversions.`,
    );
  }
  if (reported > 0) {
    notes.push(
      `${plural(reported, "recipient is", "recipients are")} in Russia or Belarus, where Meta reports no clicks and conversions and does not use a max price.`,
    );
  }
  return notes;
}
