// The estimate of `check`: people by country, time, and cost by the operator's own rate card. It
// reads the card and nothing else; the counts come from the caller.

import { relative, resolve } from "node:path";
import type { CsvFile } from "../../csv/file.ts";
import { openCsv } from "../../csv/file.ts";
import { calendarOf, stamp } from "../../domain/common/calendar.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { count, duration, money, plural } from "../../domain/common/numbers.ts";
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
import type { Moment } from "../../domain/manifest/clocks-of-all.ts";
import { zoneOf } from "../../domain/manifest/manifest.ts";
import type { MoneyFacts } from "../../domain/preflight/budget-checks.ts";
import { mayCost } from "../../domain/preflight/budget-checks.ts";
import { momentText } from "../../domain/schedule/of-manifest.ts";
import type { ZonePeople, ZoneReach } from "../../domain/schedule/zone-reach.ts";
import { loadSchedule } from "../files/schedule-files.ts";
import { aligned } from "../print/columns.ts";
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
  /** The manifest's hours, as `09:00 to 20:00`, and the zone in which instants are shown. */
  hours: string | null;
  timeZone: string;
  /** The campaign's end; null without. */
  endsAt: Moment | null;
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
/** Countries that are listed; the rest is summed up. */
const COUNTRIES_SHOWN = 12;

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
  const { hours, ends } = loaded.manifest;
  const path = cardPath(loaded, options.rateCard);
  const shownAs = path === null ? null : relative(process.cwd(), path) || path;
  const card = path === null || shownAs === null ? null : await loadCard(path, shownAs);
  const { countries, cost } = estimateCost(counts, card);
  const left = options.left ?? counts.toSend;
  const { zones = null, startAt, dailyLimit, reached = 0 } = options;
  const course = { people: left, zones, dailyLimit, reached, startAt };
  const played = estimateCampaign(loaded.manifest, await loadSchedule(loaded), course);
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
    hours: hours === undefined ? null : `${hours.from} to ${hours.to}`,
    timeZone: zoneOf(loaded.manifest),
    endsAt: ends ?? null,
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
 * @throws OperatorError with every problem of the card
 */
export async function manifestCard(loaded: LoadedManifest): Promise<RateCard | null> {
  const path = cardPath(loaded, undefined);
  return path === null ? null : loadCard(path, relative(process.cwd(), path) || path);
}

function cardPath(loaded: LoadedManifest, flag: string | undefined): string | null {
  if (flag !== undefined) return resolve(flag);
  const { rate_card } = loaded.manifest;
  return rate_card === undefined ? null : resolve(loaded.folder, rate_card);
}

async function loadCard(path: string, shownAs: string): Promise<RateCard> {
  const { records, delimiter } = await readCard(path, shownAs);
  const card = readRateCard(records, { file: shownAs, delimiter });
  if ("problems" in card) throw new OperatorError(card.problems);
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

/** An estimate as text: countries, cost, time. */
export function estimateText(estimated: LoadedEstimate): string {
  const { estimate } = estimated;
  return [
    ...countryLines(estimate),
    ...costLines(estimate),
    ...budgetLines(estimate),
    ...timeLines(estimated),
    ...zoneLines(estimated),
  ].join("\n");
}

function budgetLines({ budget }: Estimate): string[] {
  if (budget === undefined) return [];
  const { most, currency, used, may_cost: cost } = budget;
  const before = used === 0 ? "" : `, ${money(used)} of it used`;
  const goes = used + cost <= most ? "it is enough for all" : "it is not enough for all";
  return [`budget ${money(most)} ${currency}${before}; who waits may cost ${money(cost)}: ${goes}`];
}

function countryLines({ people, countries, cost }: Estimate): string[] {
  if (countries.length === 0) return [];
  // A remainder of one is as short as its name.
  const most = countries.length === COUNTRIES_SHOWN + 1 ? countries.length : COUNTRIES_SHOWN;
  const rest = countries.slice(most);
  const row = (country: Pick<CountryEstimate, "country" | "people" | "price" | "cost">) => [
    country.country,
    count(country.people),
    ...(cost === null ? [] : [priceText(country.price), moneyText(country.cost)]),
  ];
  const table = [
    ["country", "people", ...(cost === null ? [] : ["price", `cost in ${cost.currency}`])],
    ...countries.slice(0, most).map(row),
  ];
  if (rest.length > 0) {
    const priced = rest.filter((country) => country.cost !== null);
    const sum = priced.reduce((all, country) => all + (country.cost as number), 0);
    const others = rest.reduce((all, country) => all + country.people, 0);
    const costText = moneyText(priced.length === 0 ? null : sum);
    table.push([`${rest.length} others`, count(others), ...(cost === null ? [] : ["", costText])]);
  }
  const total = cost === null ? [] : ["", money(cost.total_if_all_delivered)];
  table.push(["total", count(people), ...total]);
  return aligned(table);
}

function costLines({ countries, cost }: Estimate): string[] {
  if (countries.length === 0) return [];
  if (cost === null) {
    return ["no cost: give Meta's rate card as CSV by `rate_card` in the manifest or --rate-card"];
  }
  const by = cost.card === null ? cost.file : `${cost.file} (${cost.card})`;
  const lines = [
    `${money(cost.total_if_all_delivered)} ${cost.currency} if all are delivered, which is what Meta bills; prices by ${by}`,
  ];
  const without = countries.filter((country) => country.price === null);
  if (without.length > 0) {
    const names = without.slice(0, COUNTRIES_SHOWN).map((country) => {
      return `${country.region ?? country.country} ${count(country.people)}`;
    });
    const more = without.length - names.length;
    lines.push(
      `not in that cost, no price in the card: ${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}` +
        "; add a line such as `AE,…` to the card",
    );
  }
  return lines;
}

function timeLines({
  estimate: { time },
  left,
  dailyLimitFrom,
  hours,
  timeZone,
  endsAt,
}: LoadedEstimate): string[] {
  if (left === 0) return [];
  const parts = [`about ${duration(time.seconds * 1000)} at ${time.messages_per_second} a second`];
  const { daily_limit: limit, daily_limit_used: used } = time;
  if (limit !== null && left + used > limit) {
    const about = [dailyLimitFrom ?? [], used === 0 ? [] : `${count(used)} of it used`].flat();
    const reported = about.length === 0 ? "" : ` (${about.join(", ")})`;
    parts.push(`${plural(time.days, "day")} with the daily limit of ${count(limit)}${reported}`);
  }
  if (time.done_at !== null && (hours !== null || parts.length > 1)) {
    const within = hours === null ? "" : ` within the hours ${hours}`;
    parts.push(`done about ${stamp(Date.parse(time.done_at), timeZone)}${within}`);
  }
  const lines = [parts.join("; ")];
  if (time.not_reached > 0) {
    const before =
      endsAt === null ? "within a year" : `before the end at ${momentText(endsAt, timeZone)}`;
    lines.push(`${count(time.not_reached)} of them cannot be sent to ${before}`);
  }
  return lines;
}

/** Who is reached when, by their own clocks. */
function zoneLines({ estimate: { zones = [] }, timeZone }: LoadedEstimate): string[] {
  if (zones.length === 0) return [];
  const { minute } = calendarOf(timeZone);
  const shown = (at: string | null) => (at === null ? "never" : minute(Date.parse(at)));
  const most = zones.slice(0, COUNTRIES_SHOWN);
  const rows = most.map((zone) => [
    `${zone.region ?? "no known country"}, ${clocksText(zone.clocks)}`,
    count(zone.people),
    `${Number(zone.open_hours.toFixed(1))} h`,
    shown(zone.first_at),
    zone.not_reached === 0 ? shown(zone.last_at) : `${count(zone.not_reached)} not reached`,
  ]);
  const lines = aligned([
    ["by their own clocks", "people", "open", `first (${timeZone})`, "last"],
    ...rows,
  ]);
  const rest = zones.slice(COUNTRIES_SHOWN).reduce((sum, { people }) => sum + people, 0);
  return rest === 0
    ? lines
    : [...lines, `and ${count(rest)} in ${zones.length - most.length} more groups`];
}

function clocksText(clocks: readonly string[]): string {
  const [first] = clocks;
  if (first === undefined) return "clock unknown";
  return clocks.length === 1 ? first : `${clocks.length} clocks`;
}

function priceText(price: number | null): string {
  if (price === null) return "no price";
  return price.toLocaleString("en-US", { minimumFractionDigits: 4, maximumFractionDigits: 6 });
}

function moneyText(amount: number | null): string {
  return amount === null ? "–" : money(amount);
}
