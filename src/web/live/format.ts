// Instants as the live page writes them.

import type { Calendar } from "../../domain/common/calendar.ts";
import { calendarOf, instant } from "../../domain/common/calendar.ts";
import type { Html } from "../../domain/common/html.ts";
import { html } from "../../domain/common/html.ts";
import type { When } from "../../domain/result/campaign-standing.ts";

/** Instants of one page: the server's zone, which the page names once, and now. */
export interface Times {
  calendar: Calendar;
  now: number;
  /** `today 14:40`. */
  when: When;
  /** The same with its machine-readable form; a dash for none. */
  tag(at: number | null): Html;
}

/** Makes the instants of a page. @param zone an IANA name */
export function timesOf(zone: string, now: number): Times {
  const calendar = calendarOf(zone);
  const when: When = (at) => instant(at, calendar, now);
  return {
    calendar,
    now,
    when,
    tag: (at) =>
      at === null || !Number.isFinite(at)
        ? html`–`
        : html`<time datetime="${new Date(at).toISOString()}">${when(at)}</time>`,
  };
}

/** `São Paulo time`; `UTC`. */
export function zoneName(zone: string): string {
  const place = zone.split("/").at(-1)?.replaceAll("_", " ") ?? zone;
  return zone === "UTC" ? "UTC" : `${place} time`;
}
