// The schedule that a manifest sets.

import type { Manifest } from "../manifest/manifest.ts";
import type { Schedule } from "./schedule.ts";

/** The schedule of a manifest: hours and end. */
export function scheduleOf({ hours, ends }: Pick<Manifest, "hours" | "ends">): Schedule {
  return {
    hours: hours ?? null,
    clock: hours?.time_zone ?? "UTC",
    starts: null,
    ends: ends ?? null,
    closed: [],
  };
}
