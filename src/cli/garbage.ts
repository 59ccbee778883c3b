// How much garbage V8 may gather before it is cleaned up. Left to itself it doubles the memory of a run of some minutes first.

import { setFlagsFromString } from "node:v8";

/**
 * When cleaning up begins beside the work, and when at the latest, in percent of the way from the last cleaning to the limit of
 * the heap (V8 11 to 13). Measured with 1,000,000 rows: 208 MB at most instead of 240 to 285, at the same speed.
 */
const FLAGS = ["--incremental-marking-soft-trigger=10", "--incremental-marking-hard-trigger=30"];

/** For all threads of the process, also those that begin later. */
export function cleanUpEarly(): void {
  for (const flag of FLAGS) setFlagsFromString(flag);
}
