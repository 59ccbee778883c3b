// When a schedule is open by one clock, and by all clocks of a zone. It reads no clock.

import type { WallClock } from "../common/wall-clock.ts";
import { DAY_MS, dateOf, dayOf, wallClock, weekdayOf } from "../common/wall-clock.ts";
import type { Moment } from "../manifest/clocks-of-all.ts";
import type { PersonZone } from "./person-zone.ts";
import { readZone } from "./person-zone.ts";
import type { Opening, Schedule } from "./schedule.ts";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/**
 * Days with hours that are searched for the next opening: two weeks, since a change of clocks can
 * leave one day without its hours.
 */
const SEARCH_DAYS = 15;
/** Days that are searched in all: more may be closed one after another. */
const SEARCH_MAX = 400;
/** So long all clocks of a zone are searched for a time at which they are open together. */
const SEARCH_MS = 16 * DAY_MS;
/** How long it holds that none was found. */
const NONE_HOLDS_MS = DAY_MS;

/** What a person may live by of whom nothing is known: every hour that clocks show. */
const ANY_CLOCK: readonly string[] = Array.from({ length: 26 }, (_, index) => {
  const hours = index - 11;
  return `${hours < 0 ? "-" : "+"}${String(Math.abs(hours)).padStart(2, "0")}:00`;
});

/**
 * The times at which a schedule is open for one zone. What it found holds until the next change and
 * is kept until then, so that asking again costs nothing.
 */
export type ZoneOpenings = (now: number) => Opening;

/**
 * @param zone text as `zoneOfPerson` returns it; null: the schedule's own clock. A zone is open
 *   when it is open by all its clocks.
 */
export function openingsOf(schedule: Schedule, zone: string | null): ZoneOpenings {
  const person: PersonZone =
    zone === null
      ? { region: null, clocks: [schedule.clock ?? "UTC"], isUnread: false }
      : readZone(zone);
  const clocks = (person.clocks.length === 0 ? ANY_CLOCK : person.clocks).map((clock) =>
    clockOpenings(schedule, clock, person.region),
  );
  const [only] = clocks;
  return clocks.length === 1 && only !== undefined ? only : kept((now) => allOpen(clocks, now));
}

/** Open when all are; over when one is. */
function allOpen(clocks: readonly ZoneOpenings[], now: number): Opening {
  let at = now;
  let last = Number.POSITIVE_INFINITY;
  while (at <= last) {
    let until = Number.POSITIVE_INFINITY;
    let next = at;
    for (const opening of clocks.map((openings) => openings(at))) {
      if (opening.kind === "over") return at === now ? opening : { kind: "over" };
      if (opening.kind === "open") until = Math.min(until, opening.until);
      else if (opening.opensAt === null) return { kind: "closed", opensAt: null };
      else next = Math.max(next, opening.opensAt);
    }
    if (next === at) return at === now ? { kind: "open", until } : { kind: "closed", opensAt: at };
    // A start, or days without hours, may be further ahead than is searched.
    if (at === now) last = next + SEARCH_MS;
    at = next;
  }
  return { kind: "closed", opensAt: null };
}

/** Remembers the last answer for as long as it holds. */
function kept(openings: ZoneOpenings): ZoneOpenings {
  let last: Opening | undefined;
  let from = 0;
  return (now) => {
    if (last !== undefined && now >= from && now < holdsUntil(last, from)) return last;
    last = openings(now);
    from = now;
    return last;
  };
}

function holdsUntil(opening: Opening, from: number): number {
  if (opening.kind === "open") return opening.until;
  if (opening.kind === "over") return Number.POSITIVE_INFINITY;
  return opening.opensAt ?? from + NONE_HOLDS_MS;
}

/** The openings by one clock: an IANA name, or an offset such as `-03:00`. */
function clockOpenings(schedule: Schedule, name: string, region: string | null): ZoneOpenings {
  const clock = wallClock(name);
  const starts = momentAt(schedule.starts, clock, Number.NEGATIVE_INFINITY);
  const ends = momentAt(schedule.ends, clock, Number.POSITIVE_INFINITY);
  const closed = new Set(
    schedule.closed.flatMap((day) =>
      day.region === null || day.region === region ? [day.date] : [],
    ),
  );
  const daily = { hours: schedule.hours ?? { from: "00:00", to: "24:00" }, clock, closed };
  const isAlways = schedule.hours === null && closed.size === 0;
  return kept((now) => {
    if (now >= ends) return { kind: "over" };
    const at = Math.max(now, starts);
    const found: Opening = isAlways ? { kind: "open", until: ends } : dayOpening(daily, at);
    if (found.kind === "open") {
      if (at > now) return at < ends ? { kind: "closed", opensAt: at } : { kind: "over" };
      return { kind: "open", until: Math.min(found.until, ends) };
    }
    if (found.kind === "closed" && found.opensAt !== null && found.opensAt >= ends) {
      return { kind: "over" };
    }
    return found;
  });
}

function momentAt(moment: Moment | null, clock: WallClock, otherwise: number): number {
  if (moment === null) return otherwise;
  if (typeof moment === "number") return moment;
  const [date = "", time = ""] = moment.split("T");
  return clock.firstAt(dayOf(date), time);
}

interface DailyHours {
  hours: NonNullable<Schedule["hours"]>;
  clock: WallClock;
  /** Dates on which nothing opens. */
  closed: ReadonlySet<string>;
}

/**
 * Whether hours are open at an instant.
 *
 * The texts decide whether hours cross midnight. A day opens when its clocks first show `from` or
 * later, and closes when they then first show `to` or later. Hours that a change of clocks skips as
 * a whole do not open that day. Hours that cross midnight belong to the day on which they open.
 */
function dayOpening({ hours, clock, closed }: DailyHours, now: number): Opening {
  const today = clock.dayAt(now);
  const nextDay = hours.to <= hours.from ? 1 : 0;
  let until: number | undefined;
  let searched = 0;
  // Yesterday's hours may reach into today when they cross midnight.
  for (let ahead = -1; ahead <= SEARCH_MAX && searched <= SEARCH_DAYS; ahead += 1) {
    const day = today + ahead;
    if (isClosed(day, hours.days, closed)) continue;
    searched += 1;
    const from = clock.firstAt(day, hours.from);
    const to = clock.firstAt(day + nextDay, hours.to);
    if (until !== undefined) {
      // Days that follow each other without a gap are one opening.
      if (from > until) break;
      until = Math.max(until, to);
    } else if (now >= from && now < to) until = to;
    else if (from > now && from < to) return { kind: "closed", opensAt: from };
  }
  return until === undefined ? { kind: "closed", opensAt: null } : { kind: "open", until };
}

function isClosed(
  day: number,
  days: readonly string[] | undefined,
  closed: ReadonlySet<string>,
): boolean {
  if (days !== undefined && !days.includes(DAYS[weekdayOf(day)] as string)) return true;
  return closed.size > 0 && closed.has(dateOf(day));
}
