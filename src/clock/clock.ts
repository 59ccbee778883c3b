// The only clock of the program: wall time for records, monotonic time for pace and deadlines, and
// waiting.

import type { Clock } from "../domain/sending/pace.ts";

/** A timer longer than this fires at once in Node (a signed 32-bit number of milliseconds). */
const TIMER_MAX_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep(delayMs, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      // A timer of 0 ms is one of 1 ms; this lets what has arrived be read, and no more.
      if (delayMs === 0) return void setImmediate(resolve);
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(Math.max(0, delayMs), TIMER_MAX_MS));
      signal?.addEventListener("abort", done, { once: true });
    });
  },
  timer(delayMs, wake) {
    const timer = setTimeout(wake, Math.min(Math.max(0, delayMs), TIMER_MAX_MS));
    return () => clearTimeout(timer);
  },
};
