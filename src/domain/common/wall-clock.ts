// A clock on a wall: which day it shows at an instant, and when it first shows a time of a day.
//
// luxon answers both; but a simulation asks for thousands of days. So the offset at each midnight
// UTC is remembered, and luxon is asked only about days around which it changes.

import type { Zone } from "luxon";
import { DateTime, FixedOffsetZone, IANAZone } from "luxon";

export const DAY_MS = 24 * 60 * 60_000;
const MINUTE_MS = 60_000;
/** 1970-01-01 was a Thursday. */
const FIRST_WEEKDAY = 3;

/** Days are counted from 1970-01-01. */
export interface WallClock {
  /** The day that the clock shows. @param at instant, ms */
  dayAt(at: number): number;
  /**
   * The first instant, in ms, at which the clock shows a time of a day, or one after it.
   * @param time HH:MM, up to `24:00`
   */
  firstAt(day: number, time: string): number;
  /** The time that the clock shows, HH:MM. @param at instant, ms */
  timeAt(at: number): string;
}

const clocks = new Map<string, WallClock>();

/**
 * @param name IANA name, or an offset such as `-03:00`
 */
export function wallClock(name: string): WallClock {
  const known = clocks.get(name);
  if (known !== undefined) return known;
  const clock = makeWallClock(zoneOf(name));
  clocks.set(name, clock);
  return clock;
}

function zoneOf(name: string): Zone {
  return /^[+-]/.test(name)
    ? (FixedOffsetZone.parseSpecifier(`UTC${name}`) as Zone)
    : IANAZone.create(name);
}

/** Whether a text is the name of a zone that is known here. */
export function isZoneName(name: string): boolean {
  return IANAZone.isValidZone(name);
}

function makeWallClock(zone: Zone): WallClock {
  const atMidnight = new Map<number, number>();
  /** In ms. @param day counted in UTC */
  function offsetAt(day: number): number {
    let offset = atMidnight.get(day);
    if (offset === undefined) {
      offset = zone.offset(day * DAY_MS) * MINUTE_MS;
      atMidnight.set(day, offset);
    }
    return offset;
  }
  /** The offset of all instants that clocks show a day at; undefined when it changes. */
  function offsetAround(day: number): number | undefined {
    const offset = offsetAt(day - 1);
    return offset === offsetAt(day + 2) ? offset : undefined;
  }
  return {
    dayAt(at) {
      const offset = offsetAround(Math.floor(at / DAY_MS)) ?? zone.offset(at) * MINUTE_MS;
      return Math.floor((at + offset) / DAY_MS);
    },
    firstAt(day, time) {
      const shown = day * DAY_MS + minuteOf(time) * MINUTE_MS;
      const offset = offsetAround(Math.floor(shown / DAY_MS));
      return offset === undefined ? firstShown(zone, shown) : shown - offset;
    },
    timeAt: (at) => new Date(at + zone.offset(at) * MINUTE_MS).toISOString().slice(11, 16),
  };
}

/** The minute of the day of a time HH:MM: 540 for `09:00`. */
export function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

/** 0 for Monday. */
export function weekdayOf(day: number): number {
  return (day + FIRST_WEEKDAY) % 7;
}

/** YYYY-MM-DD. */
export function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, "YYYY-MM-DD".length);
}

/** The day of a date YYYY-MM-DD. */
export function dayOf(date: string): number {
  return Date.parse(date) / DAY_MS;
}

/**
 * The first instant at which a zone's clocks show a time or one after it.
 * @param shown that time, as if it were UTC
 */
function firstShown(zone: Zone, shown: number): number {
  const { year, month, day, hour, minute } = DateTime.fromMillis(shown, { zone: "utc" });
  const at = DateTime.fromObject({ year, month, day, hour, minute }, { zone });
  // Where clocks go back a time is shown twice.
  const [first = at] = at.getPossibleOffsets();
  if (first.day === day && first.hour === hour && first.minute === minute) {
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
