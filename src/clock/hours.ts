// When a campaign may send: hours of the day in a time zone, and an end. It reads no clock.

import { DateTime } from "luxon";
import type { Opening } from "../domain/sending/run-ports.ts";

const DAY_MS = 24 * 60 * 60_000;

/** Hours as the manifest has them. */
export interface Hours {
  /** HH:MM. */
  from: string;
  /** HH:MM; before `from` means on the next day. */
  to: string;
  /** IANA name. */
  time_zone: string;
  /** mon … sun; left out: every day. */
  days?: string[] | undefined;
}

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/**
 * Days ahead that are searched for the next opening: two weeks, since a change of clocks can leave
 * one day without its hours.
 */
const SEARCH_DAYS = 15;

/**
 * Tells whether sending is allowed at an instant.
 *
 * The texts decide whether hours cross midnight. A day opens when its clocks first show `from` or
 * later, and closes when they then first show `to` or later. Hours that a change of clocks skips as
 * a whole do not open that day.
 * @param hours left out: always
 * @param ends instant after which nothing is sent; null: never ends
 * @param now instant, ms
 */
export function openingAt(hours: Hours | undefined, ends: number | null, now: number): Opening {
  if (ends !== null && now >= ends) return { kind: "over" };
  const last = ends ?? Number.POSITIVE_INFINITY;
  if (hours === undefined) return { kind: "open", until: last };
  const today = DateTime.fromMillis(now, { zone: hours.time_zone }).startOf("day");
  const nextDay = hours.to <= hours.from ? 1 : 0;
  let next: number | null = null;
  // Yesterday's hours may reach into today when they cross midnight.
  for (let ahead = -1; ahead <= SEARCH_DAYS; ahead += 1) {
    const day = today.plus({ days: ahead });
    if (hours.days !== undefined && !hours.days.includes(DAYS[day.weekday - 1] as string)) continue;
    const from = firstAt(day, hours.from);
    const to = firstAt(day.plus({ days: nextDay }), hours.to);
    if (now >= from && now < to) return { kind: "open", until: Math.min(to, last) };
    if (from > now && from < to) {
      next = from;
      break;
    }
  }
  if (next !== null && next >= last) return { kind: "over" };
  return { kind: "closed", opensAt: next };
}

/** The first instant of a day, in ms, at which its clocks show a time or one after it. */
function firstAt(day: DateTime, time: string): number {
  const [hours, minute] = time.split(":").map(Number) as [number, number];
  const date = hours === 24 ? day.plus({ days: 1 }) : day;
  const hour = hours % 24;
  const at = DateTime.fromObject(
    { year: date.year, month: date.month, day: date.day, hour, minute },
    { zone: date.zone },
  );
  // Where clocks go back a time is shown twice.
  const [first = at] = at.getPossibleOffsets();
  if (first.day === date.day && first.hour === hour && first.minute === minute) {
    return first.toMillis();
  }
  return endOfGap(first);
}

/** The instant at which clocks go forward, given a time that luxon moved over the gap. */
function endOfGap(moved: DateTime): number {
  const offsetAt = (instant: number) => moved.zone.offset(instant);
  let after = moved.toMillis();
  let before = after - DAY_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle) === moved.offset) after = middle;
    else before = middle;
  }
  return after;
}
