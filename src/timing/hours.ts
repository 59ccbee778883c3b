// When a campaign may send: hours of the day in a time zone, and an end. It reads no clock.

import { DateTime } from "luxon";

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

export type Opening =
  | { kind: "open"; until: number }
  | { kind: "closed"; opensAt: number | null }
  | { kind: "over" };

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/** Days ahead that are searched for the next opening. */
const SEARCH_DAYS = 8;

/**
 * Tells whether sending is allowed at an instant.
 * @param hours left out: always
 * @param ends instant after which nothing is sent; null: never ends
 * @param now instant, ms
 */
export function openingAt(hours: Hours | undefined, ends: number | null, now: number): Opening {
  if (ends !== null && now >= ends) return { kind: "over" };
  const last = ends ?? Number.POSITIVE_INFINITY;
  if (hours === undefined) return { kind: "open", until: last };
  const today = DateTime.fromMillis(now, { zone: hours.time_zone }).startOf("day");
  let next: number | null = null;
  // Yesterday's hours may reach into today when they cross midnight.
  for (let ahead = -1; ahead <= SEARCH_DAYS; ahead += 1) {
    const day = today.plus({ days: ahead });
    if (hours.days !== undefined && !hours.days.includes(DAYS[day.weekday - 1] as string)) continue;
    const from = atTime(day, hours.from);
    let to = atTime(day, hours.to);
    if (to <= from) to = atTime(day.plus({ days: 1 }), hours.to);
    if (now >= from && now < to) return { kind: "open", until: Math.min(to, last) };
    if (from > now && next === null) next = from;
  }
  if (next !== null && next >= last) return { kind: "over" };
  return { kind: "closed", opensAt: next };
}

function atTime(day: DateTime, time: string): number {
  const [hour, minute] = time.split(":").map(Number) as [number, number];
  // Of a time that a change of clocks skips, luxon takes the instant just after.
  return day.set({ hour, minute, second: 0, millisecond: 0 }).toMillis();
}
