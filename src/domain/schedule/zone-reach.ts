// Who of a campaign that goes by everybody's own clock can be reached when, and who cannot.

import type { WaitingZone } from "../campaign/zone-ports.ts";
import { DAY_MS } from "../common/wall-clock.ts";
import { openingsOf } from "./openings.ts";
import { readZone } from "./person-zone.ts";
import type { Schedule } from "./schedule.ts";
import type { Group, GroupEnd } from "./simulate.ts";
import { longestOpening } from "./simulate.ts";

/** People of one zone. */
export interface ZonePeople {
  /** Text as `zoneOfPerson` returns it. */
  clocks: string;
  people: number;
}

/** What becomes of the people of a zone; keys as in `--json`. */
export interface ZoneReach {
  /** ISO 3166-1 alpha-2; null when not known. */
  region: string | null;
  /** Every clock that they may live by; empty when nothing is known. */
  clocks: readonly string[];
  /** Their rows name a clock that cannot be read. */
  unread: boolean;
  people: number;
  /** For how long their hours are open at a time, in hours; 0: never. */
  open_hours: number;
  /** When the first and the last of them are sent to; ISO 8601 UTC, null when none is. */
  first_at: string | null;
  last_at: string | null;
  not_reached: number;
}

/** Days that are looked at for the longest opening: two weeks, since days may be left out. */
const LOOK_MS = 14 * DAY_MS;

/** The groups of a simulation: the zones of a campaign, or all of its people as one. */
export function groupsOf(
  schedule: Schedule,
  people: number,
  zones: readonly ZonePeople[] | null,
): Group[] {
  if (zones === null) return [{ people, opening: openingsOf(schedule, null) }];
  return zones.map(({ clocks, people: some }) => ({
    people: some,
    opening: openingsOf(schedule, clocks),
  }));
}

/**
 * What becomes of each zone, most people first.
 * @param played the groups as `groupsOf` gives them, and their ends
 * @param startAt instant, ms
 */
export function reachOf(
  zones: readonly ZonePeople[],
  played: { groups: readonly Group[]; ends: readonly GroupEnd[] },
  startAt: number,
): ZoneReach[] {
  const reach = zones.flatMap(({ clocks: text, people }, at): ZoneReach[] => {
    const [group, end] = [played.groups[at], played.ends[at]];
    if (people === 0 || group === undefined || end === undefined) return [];
    const { region, clocks, isUnread } = readZone(text);
    const openMs = Math.min(DAY_MS, longestOpening(group, startAt, LOOK_MS));
    return [
      {
        ...{ region, clocks, unread: isUnread, people },
        open_hours: Math.round((openMs / DAY_MS) * 24 * 100) / 100,
        first_at: iso(end.firstAt),
        last_at: iso(end.lastAt),
        not_reached: end.left,
      },
    ];
  });
  return reach.sort((one, other) => other.people - one.people);
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(Math.ceil(at)).toISOString();
}

/**
 * The zones of those whom a run would still send to: who waits in the ledger, and as many more as
 * are new, spread as the list of today is.
 * @param left how many they are together
 */
export function zonesLeft(
  { waiting, today }: { waiting: readonly WaitingZone[]; today: readonly WaitingZone[] },
  left: number,
): ZonePeople[] {
  const people = new Map<string, number>();
  let rest = left;
  for (const { clocks, pending, held } of waiting) {
    const here = Math.min(rest, pending + held);
    people.set(clocks, here);
    rest -= here;
  }
  const all = today.reduce((sum, { pending, held }) => sum + pending + held, 0);
  let share = rest;
  for (const { clocks, pending, held } of today) {
    const more = Math.min(share, Math.ceil((rest * (pending + held)) / Math.max(1, all)));
    people.set(clocks, (people.get(clocks) ?? 0) + more);
    share -= more;
  }
  return [...people].flatMap(([clocks, some]) => (some > 0 ? [{ clocks, people: some }] : []));
}
