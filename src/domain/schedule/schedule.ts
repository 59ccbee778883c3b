// When a campaign may send. Shapes only.

import type { Moment } from "../manifest/clocks-of-all.ts";

/** Hours of the day. */
export interface DayHours {
  /** HH:MM. */
  from: string;
  /** HH:MM; not after `from` means on the next day. */
  to: string;
  /** mon … sun; left out: every day. */
  days?: readonly string[] | undefined;
}

/** A day on which nothing is sent. */
export interface ClosedDay {
  /** YYYY-MM-DD. */
  date: string;
  /** ISO 3166-1 alpha-2 of the country where; null: everywhere. */
  region: string | null;
}

/** When a campaign may send. */
export interface Schedule {
  /** Null: at any time of any day. */
  hours: DayHours | null;
  /** The one clock of all people, IANA; null: everybody's own. */
  clock: string | null;
  /** Nothing is sent before it; null: from the beginning. */
  starts: Moment | null;
  /** Nothing is sent from it on; null: it never ends. */
  ends: Moment | null;
  closed: readonly ClosedDay[];
}

/** Whether a schedule allows sending at an instant, all in ms. */
export type Opening =
  | { kind: "open"; until: number }
  /** `opensAt` is null when it does not open for as far as is looked ahead. */
  | { kind: "closed"; opensAt: number | null }
  | { kind: "over" };

/** Which zones of a campaign may be sent to at an instant. */
export interface OpenZones {
  /** In the order in which they are claimed: whose hours close first goes first. */
  open: readonly number[];
  /** Zone → when it opens. A hold of such a zone that is due is due then. */
  closed: ReadonlyMap<number, number>;
}
