// What a campaign will take before it begins: how many people in which country, how long, and what
// it costs by a rate card. It pretends nothing: a country without a price has none, and the cost is
// that of everybody being delivered to, since Meta bills delivered messages only (Meta, "Pricing on
// the WhatsApp Business Platform", 2026-10).

import { assert } from "../common/errors.ts";
import { marketKey } from "../common/name-key.ts";
import { stepSizes } from "../limits/ramp.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { openingsOf } from "../schedule/openings.ts";
import type { Schedule } from "../schedule/schedule.ts";
import type { Group, GroupEnd, Pause, Speed } from "../schedule/simulate.ts";
import { simulate } from "../schedule/simulate.ts";
import { plannedRate } from "../schedule/spread.ts";
import type { ZonePeople, ZoneReach } from "../schedule/zone-reach.ts";
import { groupsOf, reachOf } from "../schedule/zone-reach.ts";
import { countryName, marketsOf } from "./market.ts";
import type { CardRow, RateCard } from "./rate-card.ts";

/** The people to send to. */
export interface People {
  toSend: number;
  /** ISO region → people; those of `toSend` that are in none have no known country. */
  byRegion: Readonly<Record<string, number>>;
}

/** Keys as in `--json`. */
export interface CountryEstimate {
  /** ISO 3166-1 alpha-2; null for people of no known country. */
  region: string | null;
  country: string;
  people: number;
  /** The card's row that prices it; null without one. */
  market: string | null;
  /** Of one delivered message; null without a card, and where the card has none. */
  price: number | null;
  cost: number | null;
}

interface MarketEstimate {
  market: string;
  people: number;
  price: number;
  cost: number;
}

export interface CostEstimate {
  currency: string;
  /** What stands above the card's header, such as since when it holds. */
  card: string | null;
  /** Of the people with a price; the sum of the countries' costs. */
  total_if_all_delivered: number;
  /** People with a price, and without: together all that are sent to. */
  people_priced: number;
  people_without_price: number;
  /** Most people first. */
  markets: MarketEstimate[];
}

export interface TimeEstimate {
  messages_per_second: number;
  /** At the rate alone. */
  seconds: number;
  /** People in any 24 hours; null for no limit. */
  daily_limit: number | null;
  /** How many of them are used up at the start. */
  daily_limit_used: number;
  /** Spans of 24 hours from the start in which something is sent, the last one included. */
  days: number;
  /** When the last one is sent, with hours, daily limit and ramp; ISO 8601 UTC, null when never. */
  done_at: string | null;
  /** People not sent to before the campaign's end, or within a year. */
  not_reached: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Costs are kept to this part of the currency's unit: prices have four decimals, some five. */
const COST_PARTS = 1e6;

/**
 * People by country, and their cost.
 * @param card null: people only
 * @returns countries with most people first; their people add up to `people.toSend`
 */
export function estimateCost(
  people: People,
  card: RateCard | null,
): { countries: CountryEstimate[]; cost: CostEstimate | null } {
  const rows = new Map(card?.rows.map((row) => [marketKey(row.market), row]));
  const known = Object.entries(people.byRegion).filter(([, count]) => count > 0);
  const inCountries = known.reduce((sum, [, count]) => sum + count, 0);
  const unknown = people.toSend - inCountries;
  assert(unknown >= 0, `${inCountries} people in countries, but ${people.toSend} to send to`);
  const countries = known.map(([region, count]) =>
    countryEstimate(region, countryName(region), count, rowOf(region, rows)),
  );
  if (unknown > 0) countries.push(countryEstimate(null, "no known country", unknown, undefined));
  countries.sort((a, b) => b.people - a.people || (a.country < b.country ? -1 : 1));
  return { countries, cost: card === null ? null : costOf(countries, people.toSend, card) };
}

function rowOf(region: string, rows: ReadonlyMap<string, CardRow>): CardRow | undefined {
  const name = marketsOf(region).find((market) => rows.has(marketKey(market)));
  return name === undefined ? undefined : rows.get(marketKey(name));
}

function countryEstimate(
  region: string | null,
  country: string,
  people: number,
  row: CardRow | undefined,
): CountryEstimate {
  const price = row?.price ?? null;
  const cost = price === null ? null : rounded(price * people);
  return { region, country, people, market: row?.market ?? null, price, cost };
}

function costOf(
  countries: readonly CountryEstimate[],
  toSend: number,
  card: RateCard,
): CostEstimate {
  const markets = new Map<string, MarketEstimate>();
  let total = 0;
  let priced = 0;
  for (const { market, people, price, cost } of countries) {
    if (market === null || price === null || cost === null) continue;
    total = rounded(total + cost);
    priced += people;
    const sum = markets.get(market) ?? { market, people: 0, price, cost: 0 };
    sum.people += people;
    sum.cost = rounded(sum.cost + cost);
    markets.set(market, sum);
  }
  return {
    currency: card.currency,
    card: card.title,
    total_if_all_delivered: total,
    people_priced: priced,
    people_without_price: toSend - priced,
    markets: [...markets.values()].sort((a, b) => b.people - a.people),
  };
}

function rounded(amount: number): number {
  return Math.round(amount * COST_PARTS) / COST_PARTS;
}

/**
 * How long it takes to send to so many people, everybody once, when nothing fails.
 * @param groups of people with the times at which they may be sent to
 */
export function estimateTime(groups: readonly Group[], pace: Speed): TimeEstimate {
  return estimateGroups(groups, pace).time;
}

/** Who is to be sent to, and what holds them up besides the schedule. */
export interface Course extends Pick<Speed, "dailyLimit" | "reached" | "startAt"> {
  people: number;
  /** With those whom the campaign has sent to; left out: a ramp's steps take no time. */
  all?: number | undefined;
  /** The same people by their own clocks; null: all are on the campaign's. */
  zones: readonly ZonePeople[] | null;
}

/** How long a campaign takes with its rate and schedule, and who is reached when in each zone. */
export function estimateCampaign(
  manifest: Pick<Manifest, "account" | "rate" | "hours" | "ramp">,
  schedule: Schedule,
  { people, all, zones, ...speed }: Course,
): { time: TimeEstimate; zones?: ZoneReach[] } {
  const groups = groupsOf(schedule, people, zones);
  const now = { now: speed.startAt, opening: openingsOf(schedule, null) };
  const messagesPerSecond = plannedRate(manifest, people, now);
  const pauses = pausesOf(manifest.ramp, people, all);
  const { time, ends } = estimateGroups(groups, { ...speed, messagesPerSecond, pauses });
  if (zones === null) return { time };
  return { time, zones: reachOf(zones, { groups, ends }, speed.startAt) };
}

/** Each step of a ramp settles, at the longest, before the next one begins. */
function pausesOf(ramp: Manifest["ramp"], people: number, all: number | undefined): Pause[] {
  if (ramp === undefined || all === undefined) return [];
  const before = all - people;
  const ahead = [...new Set(stepSizes(ramp, all))].filter((size) => size > before);
  return ahead.map((size) => ({ after: size - before, ms: ramp.settle }));
}

/** The same as estimateTime, and what becomes of each group. */
function estimateGroups(
  groups: readonly Group[],
  pace: Speed,
): { time: TimeEstimate; ends: GroupEnd[] } {
  const { messagesPerSecond, dailyLimit, startAt } = pace;
  const people = groups.reduce((sum, group) => sum + group.people, 0);
  const { groups: ends, lastAt, endAt } = simulate(groups, pace);
  const left = ends.reduce((sum, end) => sum + end.left, 0);
  const time = {
    messages_per_second: messagesPerSecond,
    seconds: Math.ceil(people / messagesPerSecond),
    daily_limit: dailyLimit,
    daily_limit_used: dailyLimit === null ? 0 : pace.reached,
    days: people === left ? 0 : Math.floor((lastAt - startAt) / DAY_MS) + 1,
    done_at: left > 0 || people === 0 ? null : new Date(Math.ceil(endAt)).toISOString(),
    not_reached: left,
  };
  return { time, ends };
}
