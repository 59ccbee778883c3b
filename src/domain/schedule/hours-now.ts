// How a campaign's schedule stands at an instant to the people who wait. No clock.

import type { WaitingZone } from "../campaign/zone-ports.ts";
import { openingsOf } from "./openings.ts";
import type { DayHours, Schedule } from "./schedule.ts";
import { makeZoneBook } from "./zone-book.ts";

/** What a schedule does now. Instants are in ms. */
export interface HoursNow {
  /** Of the day; null where a campaign has a beginning or an end alone. */
  hours: Pick<DayHours, "from" | "to"> | null;
  /** Everybody's own clock counts. */
  isOwnClock: boolean;
  /** People who may not be sent to now; of everybody's own clock those who would be next. */
  people: number;
  /** When the first of them may be; null when no opening is known. */
  opensAt: number | null;
  /** `09:00 in BR`, where the first is; null with one clock for all. */
  opensWhere: string | null;
  /** When the hours end that are open now; null when they are closed, or have no end. */
  closesAt: number | null;
  /** The end has passed for all. */
  isOver: boolean;
}

/**
 * How the schedule stands.
 * @param waiting.pending people who wait, where one clock counts for all
 * @param waiting.zones the same by clock, where everybody's own counts
 * @returns null for a schedule that allows every instant
 */
export function hoursNow(
  schedule: Schedule,
  waiting: { pending: number; zones: readonly WaitingZone[] },
  now: number,
): HoursNow | null {
  const { hours, clock, starts, ends, closed } = schedule;
  if (hours === null && starts === null && ends === null && closed.length === 0) return null;
  const isOwnClock = clock === null;
  const book = isOwnClock ? makeZoneBook(schedule, waiting.zones) : null;
  const opening = book === null ? openingsOf(schedule, null)(now) : book.opening(now);
  const next = book?.next(now) ?? null;
  const isOpen = opening.kind === "open";
  const opensAt = opening.kind === "closed" ? opening.opensAt : null;
  return {
    ...{ hours, isOwnClock, isOver: opening.kind === "over" },
    people: book === null ? (isOpen ? 0 : waiting.pending) : book.waiting(now),
    opensAt: book === null ? opensAt : (next?.at ?? null),
    opensWhere: next?.where ?? null,
    closesAt: isOpen && Number.isFinite(opening.until) ? opening.until : null,
  };
}
