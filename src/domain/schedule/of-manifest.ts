// The schedule that a manifest sets.

import { calendarOf, stamp } from "../common/calendar.ts";
import { plural } from "../common/numbers.ts";
import { DAY_MS, dayOf, minuteOf, wallClock } from "../common/wall-clock.ts";
import type { Moment } from "../manifest/clocks-of-all.ts";
import { isByRecipient } from "../manifest/clocks-of-all.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { zoneOf } from "../manifest/manifest.ts";
import type { ClosedDay, Schedule } from "./schedule.ts";

/**
 * The schedule of a manifest.
 * @param closed the days of `hours.except`, its files read
 */
export function scheduleOf(
  manifest: Pick<Manifest, "hours" | "starts" | "ends">,
  closed: readonly ClosedDay[],
): Schedule {
  const { hours = null, starts = null, ends = null } = manifest;
  const clock = isByRecipient(manifest) ? null : zoneOf(manifest);
  return { hours, clock, starts, ends, closed };
}

/** The instant, in ms, from which a moment has passed by every clock. */
export function passedEverywhere(moment: Moment): number {
  if (typeof moment === "number") return moment;
  const [date = "", time = ""] = moment.split("T");
  return wallClock("-12:00").firstAt(dayOf(date), time);
}

const OWN_CLOCK = "by everybody's own clock";

/** A moment as people read it. @param zone in which an instant is shown */
export function momentText(moment: Moment, zone: string): string {
  return typeof moment === "number" ? stamp(moment, zone) : `${wallText(moment)} ${OWN_CLOCK}`;
}

/** What clocks show, without the words whose clocks. */
function wallText(moment: string): string {
  const [date = "", time = ""] = moment.split("T");
  return calendarOf("UTC").minute(dayOf(date) * DAY_MS + minuteOf(time) * 60_000);
}

/** Hours of the day with their days: `09:00 to 20:00 America/Sao_Paulo, mon tue`; null: none. */
export function hoursText({ hours, clock }: Pick<Schedule, "hours" | "clock">): string | null {
  if (hours === null) return null;
  const days = hours.days === undefined ? "" : `, ${hours.days.join(" ")}`;
  return `${hours.from} to ${hours.to} ${clock ?? OWN_CLOCK}${days}`;
}

/**
 * A schedule in one line: `from 1 Dec 2026, 09:00 UTC, until 21 Dec 2026, 00:00 UTC; 09:00 to 20:00
 * by everybody's own clock`; null for one that allows every instant.
 * @param zone in which instants are shown
 */
export function scheduleText(schedule: Schedule, zone: string): string | null {
  const { starts, ends, closed } = schedule;
  const hours = hoursText(schedule);
  // Beside hours of everybody's own clock the words stand once.
  const text = (moment: Moment) =>
    typeof moment === "string" && hours !== null ? wallText(moment) : momentText(moment, zone);
  const span = [
    ...(starts === null ? [] : [`from ${text(starts)}`]),
    ...(ends === null ? [] : [`until ${text(ends)}`]),
  ].join(" ");
  const without =
    closed.length === 0 ? null : `not on ${plural(closed.length, "day")} of \`except\``;
  const parts = [span === "" ? null : span, hours, without].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join("; ");
}
