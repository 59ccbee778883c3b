// The estimate of `check`: people by country, time, and cost by the operator's own rate card. It
// reads the card and nothing else; the counts come from the caller.

import { resolve } from "node:path";
import type { CsvFile } from "../../csv/file.ts";
import { openCsv } from "../../csv/file.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { count } from "../../domain/common/numbers.ts";
import type {
  CostEstimate,
  CountryEstimate,
  People,
  TimeEstimate,
} from "../../domain/cost/estimate.ts";
import { estimateCampaign, estimateCost } from "../../domain/cost/estimate.ts";
import { isKnownMarket } from "../../domain/cost/market.ts";
import type { CardRecord, RateCard } from "../../domain/cost/rate-card.ts";
import { isRateCardHeader, readRateCard } from "../../domain/cost/rate-card.ts";
import { inUnits } from "../../domain/limits/budget.ts";
import { zoneOf } from "../../domain/manifest/manifest.ts";
import type { MoneyFacts } from "../../domain/preflight/budget-checks.ts";
import { mayCost } from "../../domain/preflight/budget-checks.ts";
import type { Schedule } from "../../domain/schedule/schedule.ts";
import type { ZonePeople, ZoneReach } from "../../domain/schedule/zone-reach.ts";
import { loadSchedule } from "../files/schedule-files.ts";
import { shownPath } from "../files/shown-path.ts";
import { printProblems } from "../print/problems.ts";
import type { LoadedManifest } from "./wiring.ts";

/** The estimate as `check --json` has it. Public and stable; keys may be added. */
export interface Estimate {
  people: number;
  /** Most people first; their people add up to `people`. */
  countries: CountryEstimate[];
  time: TimeEstimate;
  /** Of a campaign that goes by everybody's own clock: who is reached when. Most people first. */
  zones?: ZoneReach[];
  /** Null without a rate card. */
  cost: (CostEstimate & { file: string }) | null;
  /** What the campaign may cost at most, and may still cost; in a campaign with a budget only. */
  budget?: { most: number; currency: string; used: number; may_cost: number };
}

/** An estimate with what only its text contains. */
export interface LoadedEstimate {
  estimate: Estimate;
  /** Those of its people who are not sent to yet: the time is theirs. */
  left: number;
  /** Where the daily limit is from, such as `TIER_10K`; null when it was not reported. */
  dailyLimitFrom: string | null;
  schedule: Schedule;
  /** It has a ramp, whose steps settle. */
  isRamped: boolean;
  /** The zone in which instants are shown. */
  timeZone: string;
}

export interface EstimateOptions {
  /** Most people in any 24 hours, or null for none (TIER_UNLIMITED) or not known. */
  dailyLimit: number | null;
  /** What to say of where the limit is from, such as `TIER_10K` or `the manifest`. */
  dailyLimitFrom?: string;
  /** People of the daily limit used up in the last 24 hours. */
  reached?: number;
  /** How many of the people are not sent to yet; left out: all of them. */
  left?: number;
  /** With those whom the campaign has sent to; left out: a ramp's steps take no time. */
  all?: number;
  /** Of a campaign that goes by everybody's own clock: those who are not sent to yet. */
  zones?: readonly ZonePeople[] | null;
  /** `--rate-card`: relative to the working directory, and before the manifest's `rate_card`. */
  rateCard?: string | undefined;
  /** Instant from which it would be sent, ms. */
  startAt: number;
  /** Of a campaign with a budget. */
  money?: MoneyFacts | null;
}

/** A rate card has some fifty rows; a file of more than this is something else. */
const CARD_ROWS_MAX = 2_000;
/** Tried when the delimiter that is found shows no header: the title above it can mislead. */
const CARD_DELIMITERS = [",", ";", "tab", "|"] as const;

/**
 * Estimates what a campaign will take: people by country, time and cost.
 *
 * `byRegion` must count the very people of `toSend`: what is missing in it is shown as people of no
 * known country, and more than `toSend` is a bug. Rows of the card that no country is billed by are
 * warned of on stderr.
 * @throws OperatorError with every problem of the rate card, at file, line and column
 */
export async function estimateFor(
  loaded: LoadedManifest,
  counts: People,
  options: EstimateOptions,
): Promise<LoadedEstimate> {
  const path = cardPath(loaded, options.rateCard);
  const shownAs = path === null ? null : shownPath(path);
  const card = path === null || shownAs === null ? null : await loadCard(path, shownAs);
  const { countries, cost } = estimateCost(counts, card);
  const left = options.left ?? counts.toSend;
  const schedule = await loadSchedule(loaded);
  const { zones = null, startAt, dailyLimit, reached = 0 } = options;
  const course = { people: left, all: options.all, zones, dailyLimit, reached, startAt };
  const played = estimateCampaign(loaded.manifest, schedule, course);
  return {
    estimate: {
      people: counts.toSend,
      countries,
      ...played,
      cost: cost === null || shownAs === null ? null : { ...cost, file: shownAs },
      ...budgetEstimate(loaded, options.money ?? null),
    },
    left,
    dailyLimitFrom: options.dailyLimitFrom ?? null,
    schedule,
    isRamped: loaded.manifest.ramp !== undefined,
    timeZone: zoneOf(loaded.manifest),
  };
}

function budgetEstimate(
  { manifest: { budget } }: LoadedManifest,
  facts: MoneyFacts | null,
): Pick<Estimate, "budget"> {
  if (budget === undefined || facts === null) return {};
  const used = inUnits(facts.used);
  return { budget: { ...budget, used, may_cost: inUnits(mayCost(facts.waiting)) } };
}

/**
 * The rate card that the manifest names; null without one.
 * @param isQuiet its warnings are printed by another reading
 * @throws OperatorError with every problem of the card
 */
export async function manifestCard(
  loaded: LoadedManifest,
  isQuiet = false,
): Promise<RateCard | null> {
  const path = cardPath(loaded, undefined);
  return path === null ? null : loadCard(path, shownPath(path), isQuiet);
}

function cardPath(loaded: LoadedManifest, flag: string | undefined): string | null {
  if (flag !== undefined) return resolve(flag);
  const { rate_card } = loaded.manifest;
  return rate_card === undefined ? null : resolve(loaded.folder, rate_card);
}

async function loadCard(path: string, shownAs: string, isQuiet = false): Promise<RateCard> {
  const { records, delimiter } = await readCard(path, shownAs);
  const card = readRateCard(records, { file: shownAs, delimiter });
  if ("problems" in card) throw new OperatorError(card.problems);
  if (isQuiet) return card;
  const unknown = card.rows.filter(({ market }) => !isKnownMarket(market));
  printProblems(
    unknown.map(({ market, line }) => ({
      file: shownAs,
      line,
      message: `no country is billed by the market "${market}"`,
      hint: "Name it as Meta's card does, or by a country's name or two letters.",
    })),
    "warning: ",
  );
  return card;
}

/** The card's records; by the first way of parting cells that shows its header, if one does. */
async function readCard(
  path: string,
  shownAs: string,
): Promise<{ records: CardRecord[]; delimiter: string }> {
  const first = await readAs(path, shownAs, undefined);
  if (hasHeader(first.records)) return first;
  for (const delimiter of CARD_DELIMITERS) {
    try {
      const read = await readAs(path, shownAs, delimiter);
      if (hasHeader(read.records)) return read;
    } catch (error) {
      // Faults found with this delimiter mean nothing for a file that uses another one.
      if (!(error instanceof OperatorError)) throw error;
    }
  }
  return first;
}

function hasHeader(records: readonly CardRecord[]): boolean {
  return records.some(({ cells }) => isRateCardHeader(cells));
}

async function readAs(path: string, shownAs: string, delimiter: string | undefined) {
  const csv = await openCsv(path, { shownAs, delimiter });
  return { records: await recordsOf(csv, shownAs), delimiter: csv.delimiter };
}

/** Every record as read: what the file's first line is, header or title, is the card's to say. */
async function recordsOf(csv: CsvFile, shownAs: string): Promise<CardRecord[]> {
  const records: CardRecord[] = [{ line: csv.headerLine, cells: csv.columns }];
  for await (const batch of csv.rows()) {
    for (const { line, raw } of batch) records.push({ line, cells: raw });
    if (records.length <= CARD_ROWS_MAX) continue;
    throw new OperatorError({
      file: shownAs,
      message: `the file has more than ${count(CARD_ROWS_MAX)} rows: it is no rate card`,
      hint: "Give the list rates as CSV from Meta's pricing page.",
    });
  }
  return records;
}
