// The estimate of `check` as text: when, how fast, what it costs.

import { calendarOf, stamp } from "../../domain/common/calendar.ts";
import { count, duration, money, plural } from "../../domain/common/numbers.ts";
import type { CountryEstimate } from "../../domain/cost/estimate.ts";
import { momentText, scheduleText } from "../../domain/schedule/of-manifest.ts";
import type { Estimate, LoadedEstimate } from "../campaign/estimate.ts";
import { aligned } from "./columns.ts";

/** Countries, and groups of clocks, that are listed; the rest is summed up. */
const COUNTRIES_SHOWN = 6;
const ZONES_SHOWN = 4;
/** Countries without a price that are named. */
const UNPRICED_SHOWN = 12;

/** What of a budget is left, and whether it does; nothing without one. */
export function budgetLines({ budget, cost: estimated }: Estimate): string[] {
  if (budget === undefined) return [];
  const unpriced = estimated?.people_without_price ?? 0;
  const { most, currency, used, may_cost: cost } = budget;
  const before = used === 0 ? "" : `, ${money(used)} of it used`;
  const who = unpriced === 0 ? "all" : `those with a price; ${count(unpriced)} have none`;
  const goes = used + cost <= most ? `it is enough for ${who}` : "it is not enough for all";
  return [`budget ${money(most)} ${currency}${before}; who waits may cost ${money(cost)}: ${goes}`];
}

/** People by country; with a rate card with what they cost. */
export function countryLines({ people, countries, cost }: Estimate): string[] {
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

/** What it costs, by country. @param isPriceAsked a finding names whose price is missing */
export function costLines(
  estimate: Estimate,
  { isPriceAsked }: { isPriceAsked: boolean },
): string[] {
  const countries = estimate.cost === null ? [] : countryLines(estimate);
  return [...countries, ...sumLines(estimate, isPriceAsked)];
}

function sumLines({ countries, cost }: Estimate, isPriceAsked: boolean): string[] {
  if (countries.length === 0) return [];
  if (cost === null) {
    return ["no cost: give Meta's rate card as CSV by `rate_card` in the manifest or --rate-card"];
  }
  const by = cost.card === null ? cost.file : `${cost.file} (${cost.card})`;
  const lines = [
    `${money(cost.total_if_all_delivered)} ${cost.currency} if all are delivered, which is what Meta bills; prices by ${by}`,
  ];
  const without = countries.filter((country) => country.price === null);
  if (without.length > 0 && !isPriceAsked) {
    const names = without.slice(0, UNPRICED_SHOWN).map((country) => {
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

/** How long it takes at its rate, and with its daily limit. */
export function paceLines({ estimate: { time }, left, dailyLimitFrom }: LoadedEstimate): string[] {
  if (left === 0) return [];
  const parts = [`about ${duration(time.seconds * 1000)} at ${time.messages_per_second} a second`];
  const { daily_limit: limit, daily_limit_used: used } = time;
  if (limit !== null && left + used > limit) {
    const about = [dailyLimitFrom ?? [], used === 0 ? [] : `${count(used)} of it used`].flat();
    const reported = about.length === 0 ? "" : ` (${about.join(", ")})`;
    parts.push(`${plural(time.days, "day")} with the daily limit of ${count(limit)}${reported}`);
  }
  return [parts.join("; ")];
}

/** When it may send, when it is done, and who is reached when by their own clocks. */
export function whenLines(estimated: LoadedEstimate): string[] {
  const { estimate, isRamped, left, schedule, timeZone } = estimated;
  const { time } = estimate;
  const text = scheduleText(schedule, timeZone);
  const isHeldUp = text !== null || isRamped || time.days > 1;
  const done =
    left === 0 || time.done_at === null || !isHeldUp
      ? null
      : `done about ${stamp(Date.parse(time.done_at), timeZone)}`;
  const parts = [text, done].filter((part) => part !== null);
  const lines = parts.length === 0 ? [] : [parts.join("; ")];
  if (left > 0 && time.not_reached > 0) {
    const before =
      schedule.ends === null
        ? "within a year"
        : `before the end at ${momentText(schedule.ends, timeZone)}`;
    lines.push(`${count(time.not_reached)} of them cannot be sent to ${before}`);
  }
  return [...lines, ...zoneLines(estimated)];
}

/** Who is reached when, by their own clocks. */
function zoneLines({ estimate: { zones = [] }, timeZone }: LoadedEstimate): string[] {
  if (zones.length === 0) return [];
  const { minute } = calendarOf(timeZone);
  const shown = (at: string | null) => (at === null ? "never" : minute(Date.parse(at)));
  const most = zones.slice(0, ZONES_SHOWN);
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
  const rest = zones.slice(ZONES_SHOWN).reduce((sum, { people }) => sum + people, 0);
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
