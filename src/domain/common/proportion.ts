// Parts of a whole, reported honestly: with an interval where few were counted. No words but the
// per cent sign.

import { decimal } from "./numbers.ts";

/** Of `of` people, `number`. */
export interface Share {
  number: number;
  of: number;
}

/** Where a figure may really lie; of a share, both are between 0 and 1. */
export interface Interval {
  low: number;
  high: number;
}

/** Two-sided 95 %. */
const Z = 1.959964;

/**
 * Below this many, a share is shown with its interval: at 1,000 it is some 3 points to each side at
 * most.
 */
const SMALL_SAMPLE = 1_000;

/**
 * The interval of a share, 95 % unless asked otherwise, by Wilson's score, which stays within 0 and
 * 1 and holds for few and for none. (E. B. Wilson, 1927; recommended for small samples by Brown,
 * Cai and DasGupta, 2001.)
 * @param count how many of `of`; at most `of`
 * @param z standard errors to each side
 * @returns null when nobody was counted
 */
export function wilson(count: number, of: number, z = Z): Interval | null {
  if (of <= 0) return null;
  const share = Math.min(1, Math.max(0, count / of));
  const square = z * z;
  const middle = (share + square / (2 * of)) / (1 + square / of);
  const spread = Math.sqrt((share * (1 - share)) / of + square / (4 * of * of));
  const half = (z * spread) / (1 + square / of);
  // Exactly 0 and 1 at the ends: rounding must not leave a hair's breadth beyond what was counted.
  return {
    low: count <= 0 ? 0 : Math.max(0, middle - half),
    high: count >= of ? 1 : Math.min(1, middle + half),
  };
}

/** The interval where one is worth telling: of a small sample. */
export function intervalOf(count: number, of: number): Interval | null {
  return of < SMALL_SAMPLE ? wilson(count, of) : null;
}

/** An interval as per cent, such as `91.2–96.0%`. */
export function percentRange({ low, high }: Interval): string {
  return `${decimal(100 * low)}–${decimal(100 * high)}%`;
}
