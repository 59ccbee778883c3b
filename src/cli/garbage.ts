// How much garbage V8 may gather before it is cleaned up. Left to itself it doubles the memory of a
// run of some minutes first.

import { setFlagsFromString } from "node:v8";

/**
 * When cleaning up begins beside the work, and when at the latest, in percent of the way from the
 * last cleaning to the limit of the heap (V8 11 to 13). Measured with 1,000,000 rows: 208 MB at
 * most instead of 240 to 285. While sending, which needs less, it may begin later: it takes a
 * fiftieth of the time there.
 */
const TRIGGERS = { planning: { soft: 10, hard: 30 }, sending: { soft: 30, hard: 60 } };

/** For all threads of the process, also those that begin later. */
export function cleanUpEarly(during: keyof typeof TRIGGERS): void {
  const { soft, hard } = TRIGGERS[during];
  setFlagsFromString(`--incremental-marking-soft-trigger=${soft}`);
  setFlagsFromString(`--incremental-marking-hard-trigger=${hard}`);
}
