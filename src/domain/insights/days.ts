// Which days of Meta's analytics are those of a campaign. No clock.

import { DAY_MS, dateOf, dayOf, wallClock } from "../common/wall-clock.ts";

/**
 * Meta counts reads and clicks within 7 days of the sending (Meta, analytics page, 2026-06); one
 * more for a night in between.
 */
const DAYS_AFTER = 8;
/** As far back as Meta has analytics of templates (the same page). */
const LOOK_BACK_DAYS = 90;

/** When a campaign sent, instants in ms. */
export interface SendingSpan {
  first: number;
  last: number;
}

/** Days that the operator asked for, YYYY-MM-DD. */
export interface AskedDays {
  since?: string | undefined;
  until?: string | undefined;
}

/** Days, YYYY-MM-DD, the last one included. */
export interface Days {
  since: string;
  until: string;
}

/**
 * The days to ask Meta for: in a zone that is not known before its answer comes, so a day more at
 * both ends.
 * @returns `since` above `until` where Meta has none of them any more
 */
export function daysToAsk({ first, last }: SendingSpan, asked: AskedDays, now: number): Days {
  const today = dayIn("UTC", now);
  const since = asked.since === undefined ? dayIn("UTC", first) - 1 : dayOf(asked.since);
  const until =
    asked.until === undefined ? dayIn("UTC", last) + DAYS_AFTER + 1 : dayOf(asked.until);
  return {
    since: dateOf(Math.max(since, today - LOOK_BACK_DAYS)),
    until: dateOf(Math.min(until, today + 1)),
  };
}

/**
 * The days of the campaign in the account's zone, as far as Meta has them.
 * @param zone null: Meta did not name it, and days are UTC
 */
export function daysOf(
  { first, last }: SendingSpan,
  asked: AskedDays,
  now: number,
  zone: string | null,
): Days & { isWhole: boolean } {
  const clock = zone ?? "UTC";
  const today = dayIn(clock, now);
  const whole = { since: dayIn(clock, first), until: dayIn(clock, last) + DAYS_AFTER };
  const wanted = {
    since: asked.since === undefined ? whole.since : dayOf(asked.since),
    until: asked.until === undefined ? whole.until : dayOf(asked.until),
  };
  const since = Math.max(wanted.since, dayIn("UTC", now) - LOOK_BACK_DAYS);
  const until = Math.min(wanted.until, today);
  return {
    since: dateOf(since),
    until: dateOf(until),
    isWhole: since <= whole.since && until >= Math.min(whole.until, today),
  };
}

/** Whether messages of a span may be counted on these days. */
export function touches({ first, last }: SendingSpan, days: Days, zone: string | null): boolean {
  const clock = zone ?? "UTC";
  const [since, until] = [dayOf(days.since), dayOf(days.until)];
  return dayIn(clock, first) <= until && dayIn(clock, last) + DAYS_AFTER >= since;
}

/** The instant at which a date begins in UTC, in seconds. */
export function secondsOf(date: string): number {
  return (dayOf(date) * DAY_MS) / 1_000;
}

/** The date after this one. */
export function dayAfter(date: string): string {
  return dateOf(dayOf(date) + 1);
}

function dayIn(zone: string, at: number): number {
  return wallClock(zone).dayAt(at);
}
