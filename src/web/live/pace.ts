// How fast a campaign goes and when it will be through, from what was seen in the last seconds.
// Pure.

/** What is left at an instant. */
export interface Sample {
  /** Monotonic ms. */
  at: number;
  /** Dispatches that still have to be posted: pending and claimed. */
  left: number;
}

/** The rate is that of the last seconds, so that a pause shows at once. */
const WINDOW_MS = 10_000;
/** Two looks closer to each other than this say nothing of a rate. */
const SPAN_MIN_MS = 500;

/**
 * The samples with one more; those that are too old go. One before the window is kept, so that it
 * is full.
 */
export function withSample(samples: readonly Sample[], next: Sample): Sample[] {
  const inside = samples.findIndex(({ at }) => at >= next.at - WINDOW_MS);
  const kept = inside === -1 ? samples.slice(-1) : samples.slice(Math.max(0, inside - 1));
  const last = kept.at(-1);
  // Rows were added, or queued again: what was counted before belongs to another race.
  if (last !== undefined && next.left > last.left) return [next];
  return [...kept, next];
}

/** Dispatches a second; null while it cannot be known. */
export function ratePerSecond(samples: readonly Sample[]): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.at - first.at < SPAN_MIN_MS) return null;
  return ((first.left - last.left) / (last.at - first.at)) * 1000;
}

/** Milliseconds until nothing is left; null while it cannot be known. */
export function timeLeftMs(samples: readonly Sample[]): number | null {
  const rate = ratePerSecond(samples);
  const left = samples.at(-1)?.left;
  return rate === null || rate <= 0 || left === undefined ? null : (left / rate) * 1000;
}
