// How long people waited, counted as it comes and reported in quantiles and spans. Never keeps a
// single wait.

import { duration } from "../common/numbers.ts";
import type { Waits } from "./report-data.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Ends of the histogram's spans: each is two to six times the one before. */
const SPAN_ENDS_MS: readonly number[] = [
  2 * SECOND,
  5 * SECOND,
  15 * SECOND,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  HOUR,
  3 * HOUR,
  12 * HOUR,
  DAY,
  3 * DAY,
];

/**
 * Up to `most` milliseconds a wait is counted up to the next whole `stepMs`; the steps divide the
 * spans' ends. Meta tells instants by the whole second. Together some 2,500 steps.
 */
export const WAIT_STEPS: readonly { most: number; stepMs: number }[] = [
  { most: 5 * MINUTE, stepMs: SECOND },
  { most: HOUR, stepMs: 5 * SECOND },
  { most: DAY, stepMs: 2 * MINUTE },
  { most: 40 * DAY, stepMs: HOUR },
];

/** Wait, up to its step, in ms → number. */
export type WaitCounter = Map<number, number>;

/**
 * Adds waits that were counted to their steps; one below zero, of two clocks that differ, counts as
 * none.
 */
export function addWait(counter: WaitCounter, waitMs: number, number: number): void {
  const wait = Math.max(0, waitMs);
  counter.set(wait, (counter.get(wait) ?? 0) + number);
}

/** Quantiles and histogram of what was counted. */
export function waitsOf(counter: WaitCounter): Waits {
  const sorted = [...counter].sort((a, b) => a[0] - b[0]);
  const number = sorted.reduce((sum, [, count]) => sum + count, 0);
  const quantile = (part: number): number | null => {
    let sum = 0;
    for (const [wait, count] of sorted) {
      sum += count;
      if (sum >= part * number) return wait;
    }
    return null;
  };
  const starts = [0, ...SPAN_ENDS_MS];
  const histogram = starts.map((from, index) => {
    const to = SPAN_ENDS_MS[index] ?? null;
    const inside = sorted.filter(
      ([wait]) => (wait > from || from === 0) && (to === null || wait <= to),
    );
    return { from, to, number: inside.reduce((sum, [, count]) => sum + count, 0) };
  });
  return { number, p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99), histogram };
}

const SECOND_MS = 1_000;

/** A waiting time; Meta reports its instants by the whole second. */
export function waitText(ms: number): string {
  return ms < SECOND_MS ? "a second" : duration(ms);
}
