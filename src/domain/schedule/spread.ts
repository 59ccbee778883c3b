// How slow a campaign goes that is spread over a time: evenly over the open time that is left.

import { wallClock } from "../common/wall-clock.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { totalRate, zoneOf } from "../manifest/manifest.ts";
import type { ZoneOpenings } from "./openings.ts";
import { openTime } from "./simulate.ts";

/** Slower than this no campaign goes: a message that is claimed must not wait for long. */
const LEAST_PER_SECOND = 0.1;

/**
 * Messages a second at which those who are left are sent to evenly; Infinity where the manifest
 * spreads nothing, and once the time is over.
 * @param course.firstAt when the first message was claimed, ms; null before
 * @param course.opening of the campaign
 */
export function spreadRate(
  manifest: Pick<Manifest, "rate" | "hours">,
  left: number,
  course: { now: number; firstAt: number | null; opening: ZoneOpenings },
): number {
  const { spread, until } = manifest.rate;
  const { now, firstAt, opening } = course;
  let restMs: number;
  if (spread !== undefined) {
    restMs = spread - (firstAt === null ? 0 : openTime({ opening }, firstAt, now));
  } else if (until !== undefined) {
    const clock = wallClock(zoneOf(manifest));
    restMs = openTime({ opening }, now, clock.firstAt(clock.dayAt(now), until));
  } else return Number.POSITIVE_INFINITY;
  if (restMs <= 0) return Number.POSITIVE_INFINITY;
  return Math.max(LEAST_PER_SECOND, (left * 1000) / restMs);
}

/** Messages a second of all numbers together, with what a manifest spreads. */
export function plannedRate(
  manifest: Pick<Manifest, "account" | "rate" | "hours">,
  people: number,
  course: { now: number; opening: ZoneOpenings },
): number {
  return Math.min(totalRate(manifest), spreadRate(manifest, people, { ...course, firstAt: null }));
}
