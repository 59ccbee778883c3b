// The schedule that a manifest sets.

import { calendarOf, stamp } from "../common/calendar.ts";
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

/** A moment as people read it. @param zone in which an instant is shown */
export function momentText(moment: Moment, zone: string): string {
  if (typeof moment === "number") return stamp(moment, zone);
  const [date = "", time = ""] = moment.split("T");
  const shown = dayOf(date) * DAY_MS + minuteOf(time) * 60_000;
  return `${calendarOf("UTC").minute(shown)} by everybody's own clock`;
}
