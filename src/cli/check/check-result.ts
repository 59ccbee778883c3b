// What a check finds out: its figures, and its `--json` document.

import { systemClock } from "../../clock/clock.ts";
import type { AccountFacts } from "../../domain/account/facts.ts";
import { limitedNumber, maxPricesOf } from "../../domain/account/facts.ts";
import type { WaitingLanguage } from "../../domain/campaign/row.ts";
import type { WaitingZone } from "../../domain/campaign/zone-ports.ts";
import type { MoneyTally } from "../../domain/cost/money.ts";
import { usedIn } from "../../domain/cost/money.ts";
import { regionsLeft } from "../../domain/cost/people-left.ts";
import {
  limitOf,
  RAMP_MEASURES,
  rampHalts,
  rampSteps,
  stepSizes,
} from "../../domain/limits/ramp.ts";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import { numbersOf, totalRate } from "../../domain/manifest/manifest.ts";
import type { MoneyFacts } from "../../domain/preflight/budget-checks.ts";
import type { NotChecked } from "../../domain/preflight/checked.ts";
import { notChecked } from "../../domain/preflight/checked.ts";
import type { Finding, FindingId } from "../../domain/preflight/finding.ts";
import type { BlockedLane } from "../../domain/preflight/gate.ts";
import { blockedLanes } from "../../domain/preflight/gate.ts";
import { hasOptimisation, hasReporting } from "../../domain/recipient/geography.ts";
import type { UnreadCells } from "../../domain/recipient/unread.ts";
import type { LedgerTally } from "../../domain/result/counts.ts";
import { peopleWithout } from "../../domain/result/summary.ts";
import { zonesLeft } from "../../domain/schedule/zone-reach.ts";
import { dailyLimitOf } from "../../domain/sending/daily-limit.ts";
import type { Estimate, LoadedEstimate } from "../campaign/estimate.ts";
import { estimateFor } from "../campaign/estimate.ts";
import type { Source } from "../campaign/source.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { pricesFor } from "../cost/prices.ts";
import type { PinFlags } from "../files/pinned-list.ts";
import type { CapForecast } from "./caps.ts";
import type { CheckFlags, FindingRecord } from "./findings.ts";
import { findingRecords } from "./findings.ts";
import type { MaxPriceRecord } from "./reach.ts";
import type { TestRecord } from "./test-record.ts";

/** How many a run would send to. */
export function leftOf({ tally, already }: Pick<CheckedCampaign, "tally" | "already">): number {
  return already === null ? (tally.counts.pending ?? 0) : already.waiting + already.new_rows;
}

/**
 * The estimate of cost and time for those who are left to send to, with a rate card where one is
 * given.
 */
export function estimateOf(
  { loaded }: Source,
  seen: CheckedCampaign & { money: MoneyFacts | null },
  flags: CheckCommandFlags,
): Promise<LoadedEstimate> {
  const { facts, reached, tally, already, regions, zones } = seen;
  const limit = dailyLimitOf(loaded.manifest, limitedNumber(facts));
  const left = leftOf(seen);
  const inLedger = regions ?? { waiting: {}, planned: {} };
  const byRegion =
    already === null ? tally.regions : regionsLeft({ ...inLedger, today: tally.regions }, left);
  return estimateFor(
    loaded,
    { toSend: left, byRegion },
    {
      dailyLimit: limit?.people ?? null,
      ...(limit !== null && { dailyLimitFrom: limit.from }),
      reached,
      left,
      all: left + sentTo(seen),
      zones: zones === null ? null : zonesLeft(zones, left),
      rateCard: flags.rateCard,
      startAt: systemClock.now(),
      money: seen.money,
    },
  );
}

/** The money of a campaign with a budget; null without one. */
export async function moneyOf(
  loaded: LoadedManifest,
  { facts, tally, already, regions }: CheckedCampaign,
): Promise<MoneyFacts | null> {
  const { budget } = loaded.manifest;
  if (budget === undefined) return null;
  const prices = await pricesFor(loaded, {
    maxPrices: async (template) => maxPricesOf(facts, template),
  });
  const planned = regions?.planned ?? {};
  const isKnown = already !== null && regions !== null;
  const inRegions = Object.values(tally.regions).reduce((sum, people) => sum + people, 0);
  const people = [
    ...Object.entries(tally.regions),
    [null, isKnown ? 0 : (tally.counts.pending ?? 0) - inRegions] as const,
  ];
  // Who is planned has a price, or none; who is new gets today's.
  const added = people.flatMap(([region, number]) => {
    const left = number - (region === null ? 0 : (planned[region] ?? 0));
    if (left <= 0) return [];
    const price = region === null ? null : (prices?.byRegion[region] ?? null);
    return [{ region, price, people: left }];
  });
  const money = regions?.money;
  const used = money === undefined ? 0 : usedIn(money, budget.currency);
  return { prices, waiting: [...(money?.waiting ?? []), ...added], used };
}

/** People whom the campaign has sent to, whatever became of their messages. */
export function sentTo({ already }: Pick<CheckedCampaign, "already">): number {
  const { skipped: _, pending: __, ...others } = already?.counts ?? {};
  return Object.values(others).reduce((sum, people) => sum + people, 0);
}

/** True when people were sent to and none is left. */
export function isOver(seen: CheckedCampaign): boolean {
  const { skipped: _, ...others } = seen.already?.counts ?? {};
  return Object.keys(others).length > 0 && leftOf(seen) === 0;
}

/**
 * What `check` reports, as `--json` prints it. @param seen what screening, the ledger and the
 * account gave
 */
export function resultOf(
  source: Source,
  seen: {
    plan: string | null;
    ledger: string;
    tally: LedgerTally;
    unread: UnreadCells[];
    already: Already | null;
    estimated: LoadedEstimate;
    cap: CapForecast | null;
    maxPrice: MaxPriceRecord | null;
    test: TestRecord | undefined;
    languages: readonly WaitingLanguage[] | undefined;
    findings: readonly Finding[];
    facts: AccountFacts;
  },
): CheckResult {
  const { loaded } = source;
  const { manifest } = loaded;
  const { ledger, tally, unread, already, estimated, findings, facts } = seen;
  const send = tally.counts.pending ?? 0;
  const left = leftOf(seen);
  return {
    campaign: manifest.campaign,
    plan: seen.plan,
    ledger,
    policy: policyRecord(manifest),
    sandbox: manifest.account === "sandbox",
    rows: tally.rows,
    send,
    left,
    reasons: tally.reasons,
    unread,
    regions: tally.regions,
    ...(seen.languages !== undefined && { languages: languageCounts(seen.languages) }),
    without_optimisation: peopleWithout(hasOptimisation, tally.regions),
    without_reporting: peopleWithout(hasReporting, tally.regions),
    messages_per_second: totalRate(manifest),
    ...numberRecords(manifest, blockedLanes(findings, facts)),
    seconds: Math.ceil(left / totalRate(manifest)),
    ...rampRecord(manifest, send),
    ...(seen.test !== undefined && { test: seen.test }),
    already,
    cap: seen.cap,
    max_price: seen.maxPrice,
    estimate: estimated.estimate,
    findings: findingRecords(findings, loaded),
    not_checked: notChecked(facts),
  };
}

/** People by language, most people first. */
function languageCounts(languages: readonly WaitingLanguage[]): Record<string, number> {
  const sorted = languages.toSorted((one, other) => other.people - one.people);
  return Object.fromEntries(sorted.map(({ language, people }) => [language, people]));
}

/** The ramp in people, where there is one. */
function rampRecord({ ramp }: Manifest, people: number): Pick<CheckResult, "ramp"> {
  if (ramp === undefined) return {};
  return {
    ramp: {
      steps: stepSizes(ramp, people),
      settle_seconds: ramp.settle / 1_000,
      halt_above: Object.fromEntries(
        RAMP_MEASURES.map((measure) => [measure, limitOf(ramp, measure)]),
      ),
      after_step: ramp.after_step,
      words: `${rampSteps(ramp, people)}; ${rampHalts(ramp)}`,
    },
  };
}

function policyRecord({ policy }: Manifest): CheckResult["policy"] {
  if (policy === undefined) return null;
  return { file: policy.file, rules: { ...policy.rules }, set_aside: { ...policy.setAside } };
}

/** Each number with its place in the plan, where there are several. */
function numberRecords(
  manifest: Manifest,
  blocked: readonly BlockedLane[],
): Pick<CheckResult, "numbers"> {
  const numbers = numbersOf(manifest);
  if (numbers.length === 1) return {};
  return {
    numbers: numbers.map(({ lane, messagesPerSecond, regions }) => ({
      phone_number_id: lane,
      messages_per_second: messagesPerSecond,
      regions,
      blocked_by: blocked.find((one) => one.lane === lane)?.code ?? null,
    })),
  };
}

/** The `--json` document of `check`. Keys may be added. */
export interface CheckResult {
  campaign: string;
  /** The plan's digest, for `run --plan`; null with a blocker, or while Meta cannot be asked. */
  plan: string | null;
  /** Absolute path; there may be none yet. */
  ledger: string;
  /**
   * The policy, by key of the manifest what is its own there, and what the manifest sets aside;
   * null without one.
   */
  policy: {
    file: string;
    rules: Record<string, unknown>;
    set_aside: Record<string, unknown>;
  } | null;
  sandbox: boolean;
  rows: number;
  /** How many of the whole list would be sent to. */
  send: number;
  /** How many of them a run would still send to; the estimate is theirs. */
  left: number;
  reasons: Record<string, number>;
  /** Numbers that were not read, by why. */
  unread: UnreadCells[];
  regions: Record<string, number>;
  /** Those who are left by the language that their row gives, where each row gives one. */
  languages?: Record<string, number>;
  /** Sent to, in regions where Meta gives no delivery optimisation. */
  without_optimisation: number;
  without_reporting: number;
  /** Of all numbers together. */
  messages_per_second: number;
  /** The sending numbers, where there are several. */
  numbers?: {
    phone_number_id: string;
    messages_per_second: number;
    /** Countries whose people it sends to; empty: of none in particular. */
    regions: string[];
    /** The finding that keeps this number alone from sending; null without one. */
    blocked_by: FindingId | null;
  }[];
  /** At the rate alone. */
  seconds: number;
  /** Where there is one. */
  ramp?: {
    /** People up to the end of each step. */
    steps: number[];
    settle_seconds: number;
    /** Shares, from 0 to 1. */
    halt_above: Record<string, number>;
    after_step: "continue" | "ask";
    words: string;
  };
  /** Where there is one. */
  test?: TestRecord;
  /** What the ledger has of the campaign; null before its first run. */
  already: {
    counts: LedgerTally["counts"];
    /** Planned and not sent yet. */
    waiting: number;
    /** Rows that a run would plan: added to the file, back in it, or repaired. */
    new_rows: number;
    /** What the file has otherwise than when it was planned. */
    changes: Record<string, number>;
  } | null;
  /** The frequency cap and who is over it now; null without one. */
  cap: CapForecast | null;
  /** The template's max price and what it reaches; null without one. */
  max_price: MaxPriceRecord | null;
  estimate: Estimate;
  /** What was found at Meta, blockers first. */
  findings: FindingRecord[];
  /** What could not be looked at, and why; empty when everything was. */
  not_checked: NotChecked[];
}

export interface CheckCommandFlags extends CheckFlags, PinFlags {
  json?: boolean;
  /** Judge as `run --replan` would. */
  replan?: boolean;
  rejects?: string;
  rateCard?: string;
}

/** What was found out about the campaign. */
export interface CheckedCampaign {
  facts: AccountFacts;
  /** People of the daily limit that are used up. */
  reached: number;
  /** Of the whole list. */
  tally: LedgerTally;
  already: Already | null;
  regions: Compared["regions"];
  /** Of a campaign that goes by everybody's own clock: who waits, and the whole list. */
  zones: { waiting: readonly WaitingZone[]; today: readonly WaitingZone[] } | null;
  /** As `waitingLanguages` gives them. */
  languages: readonly WaitingLanguage[] | undefined;
}

/** What a run would go on with. */
export type Already = NonNullable<CheckResult["already"]>;

export interface Compared {
  /** Null when the ledger has no such campaign. */
  result: Already | null;
  findings: Finding[];
  /** By region, as the ledger has them; null when none is left. */
  regions: {
    waiting: Record<string, number>;
    planned: Record<string, number>;
    money: MoneyTally;
  } | null;
  /** Who waits by their own clock, as the ledger has it. */
  zones: WaitingZone[];
  /** The languages of those who wait; left out: those of the list as it is now. */
  languages?: WaitingLanguage[] | undefined;
}
