// The zones of a campaign as a run of it sees them: which are open now, who waits in them, and when
// the next one opens. It keeps what it found until that changes.

import type { WaitingZone } from "../campaign/zone-ports.ts";
import { DAY_MS, wallClock } from "../common/wall-clock.ts";
import type { ZoneOpenings } from "./openings.ts";
import { openingsOf } from "./openings.ts";
import { readZone } from "./person-zone.ts";
import type { Opening, OpenZones, Schedule } from "./schedule.ts";

/** A hold of a zone of which no opening is known is looked at again after this. */
const LOOK_AGAIN_MS = DAY_MS;

/** People who wait for their hours. */
interface NextZone {
  at: number;
  /** Where those are whose hours begin next, with the time there: `09:00 in BR`. */
  where: string;
}

/** The zones of a campaign that goes by everybody's own clock. */
export interface ZoneBook {
  /** Which zones a turn may claim from. */
  zonesAt(now: number): OpenZones;
  isOpen(zone: number, now: number): boolean;
  /** Nobody is pending in these any more. */
  empty(zones: readonly number[]): void;
  /** People may be pending in a zone again. */
  refill(zone: number): void;
  /** Who waits, as the ledger has it now. */
  see(zones: readonly WaitingZone[]): void;
  /** Of all zones with people: open when one is, over when all are. */
  opening(now: number): Opening;
  /** Pending people of zones that are closed. */
  waiting(now: number): number;
  /** The next zone with people that opens; null when none does. */
  next(now: number): NextZone | null;
}

interface Zone {
  zone: number;
  clocks: string;
  openings: ZoneOpenings;
  pending: number;
  hasPending: boolean;
  hasPeople: boolean;
}

/** @param zones of the campaign, all of them */
export function makeZoneBook(schedule: Schedule, zones: readonly WaitingZone[]): ZoneBook {
  const all = new Map<number, Zone>();
  let found: OpenZones | undefined;
  let holdsUntil = Number.NEGATIVE_INFINITY;
  let holdsFrom = 0;
  const peopled = () => [...all.values()].filter(({ hasPeople }) => hasPeople);

  function see(seen: readonly WaitingZone[]): void {
    for (const { zone, clocks, pending, held } of seen) {
      const openings = all.get(zone)?.openings ?? openingsOf(schedule, clocks);
      const waits = { pending, hasPending: pending > 0, hasPeople: pending + held > 0 };
      all.set(zone, { zone, clocks, openings, ...waits });
    }
    found = undefined;
  }

  function look(now: number): OpenZones {
    const open: { zone: number; until: number }[] = [];
    const closed = new Map<number, number>();
    let until = now + LOOK_AGAIN_MS;
    for (const { zone, openings, hasPending } of all.values()) {
      const opening = openings(now);
      if (opening.kind === "open") {
        until = Math.min(until, opening.until);
        if (hasPending) open.push({ zone, until: opening.until });
      } else {
        const opensAt = (opening.kind === "closed" && opening.opensAt) || now + LOOK_AGAIN_MS;
        until = Math.min(until, opensAt);
        closed.set(zone, opensAt);
      }
    }
    open.sort((one, other) => one.until - other.until || one.zone - other.zone);
    [holdsFrom, holdsUntil] = [now, until];
    return { open: open.map(({ zone }) => zone), closed };
  }

  see(zones);
  return {
    see,
    zonesAt(now) {
      if (found === undefined || now < holdsFrom || now >= holdsUntil) found = look(now);
      return found;
    },
    isOpen: (zone, now) => all.get(zone)?.openings(now).kind === "open",
    empty(empties) {
      for (const zone of empties) {
        const known = all.get(zone);
        if (known !== undefined) known.hasPending = false;
      }
      if (empties.length > 0) found = undefined;
    },
    refill(zone) {
      const known = all.get(zone);
      if (known === undefined || known.hasPending) return;
      Object.assign(known, { hasPending: true, hasPeople: true });
      found = undefined;
    },
    opening(now) {
      const openings = peopled().map((zone) => zone.openings(now));
      if (openings.length > 0 && openings.every(({ kind }) => kind === "over")) {
        return { kind: "over" };
      }
      let until = Number.POSITIVE_INFINITY;
      let opensAt: number | null = null;
      for (const opening of openings) {
        if (opening.kind === "open") until = Math.min(until, opening.until);
        else if (opening.kind === "closed" && opening.opensAt !== null) {
          opensAt = Math.min(opensAt ?? opening.opensAt, opening.opensAt);
        }
      }
      const isOpen = openings.length === 0 || openings.some(({ kind }) => kind === "open");
      return isOpen ? { kind: "open", until } : { kind: "closed", opensAt };
    },
    waiting(now) {
      const closed = [...all.values()].filter(({ openings }) => openings(now).kind !== "open");
      return closed.reduce((sum, { pending }) => sum + pending, 0);
    },
    next(now) {
      let next: { at: number; clocks: string } | null = null;
      for (const { clocks, openings } of peopled()) {
        const opening = openings(now);
        if (opening.kind !== "closed" || opening.opensAt === null) continue;
        if (next === null || opening.opensAt < next.at) next = { at: opening.opensAt, clocks };
      }
      return next === null ? null : { at: next.at, where: whereOf(next.clocks, next.at) };
    },
  };
}

/** `09:00 in BR`, by the first of the zone's clocks. */
function whereOf(zone: string, at: number): string {
  const { region, clocks } = readZone(zone);
  const [clock = "UTC"] = clocks;
  return `${wallClock(clock).timeAt(at)} in ${region ?? clock}`;
}
