// Instants as commands print them: in the campaign's zone, else in this machine's, and the zone
// named once in an output.

import { systemClock } from "../../clock/clock.ts";
import type { Calendar } from "../../domain/common/calendar.ts";
import { calendarOf, instant, inZone } from "../../domain/common/calendar.ts";
import { ownZoneOf } from "../../domain/manifest/clocks-of-all.ts";
import type { Manifest } from "../../domain/manifest/manifest.ts";

/** The instants of one output. */
export interface Times {
  calendar: Calendar;
  /**
   * `tomorrow 14:40`; with the whole date where no terminal shows it, since nothing is known of
   * when it is read.
   */
  at(at: number): string;
  /** The same, and the first time with its zone. */
  named(at: number): string;
  /** A text whose instants are in this zone: the first time with the zone. */
  inZone(text: string): string;
}

const known = new Map<string, Times>();

/** Begins the output of a command: its zone is named again. */
export function startTimes(): void {
  known.clear();
}

/**
 * The instants of this command's output.
 * @param loaded the campaign's manifest: its hours name its zone; left out, or without one: this
 * machine's zone
 */
export function timesOf(loaded?: { manifest: Pick<Manifest, "hours"> }): Times {
  const zone = ownZoneOf(loaded?.manifest ?? {}) ?? ownZone();
  const times = known.get(zone) ?? makeTimes(zone, isAtTerminal() ? systemClock.now() : null);
  known.set(zone, times);
  return times;
}

/** @param now null: the whole date always */
export function makeTimes(zone: string, now: number | null): Times {
  const calendar = calendarOf(zone);
  let isNamed = false;
  const times: Times = {
    calendar,
    at: (at) => instant(at, calendar, now),
    named: (at) => times.inZone(times.at(at)),
    inZone(text) {
      if (isNamed) return text;
      isNamed = true;
      return inZone(text, calendar.zone);
    },
  };
  return times;
}

function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function isAtTerminal(): boolean {
  return process.stdout.isTTY === true && process.stderr.isTTY === true;
}
