// Two shares: their difference with its interval, and whether chance alone explains it.

import type { Interval, Share } from "../common/proportion.ts";
import { wilson } from "../common/proportion.ts";
import { criticalValue } from "./normal.ts";

/** What the difference of two shares says. */
export type ShareVerdict =
  /** The second share is higher, and chance alone hardly explains it. */
  | "higher"
  | "lower"
  /** Chance alone may explain the difference, or its absence. */
  | "no_sure_difference"
  /** Too few people, or too few of either kind, to say anything. */
  | "too_few";

/** Fewer people than that say nothing, whatever they did. */
const PEOPLE_MIN = 30;
/**
 * As many are expected on either side of a share before it is judged: the usual rule for two
 * shares (W. G. Cochran, Biometrics 10, 1954, 417–451).
 */
const EXPECTED_MIN = 5;

/** Two-sided 95 %. */
const Z = criticalValue(0.05);

/**
 * True when two shares are of too few people to compare, or of enough people of whom nearly all, or
 * nearly none, did the same.
 */
export function areTooFew(a: Share, b: Share): boolean {
  const fewest = Math.min(a.of, b.of);
  const pooled = (a.number + b.number) / (a.of + b.of);
  return fewest < PEOPLE_MIN || fewest * Math.min(pooled, 1 - pooled) < EXPECTED_MIN;
}

/**
 * The interval of the difference b less a of two shares, by the hybrid score method (R. G.
 * Newcombe, Statistics in Medicine 17, 1998, 873–890, method 10). It stays between −1 and 1, and
 * holds for shares near none and near all.
 * @param z standard errors to each side: `criticalValue(alpha)`, or the boundary of a look
 * @returns null when one of the two has no people
 */
export function newcombe(a: Share, b: Share, z = Z): Interval | null {
  const around = wilson(a.number, a.of, z);
  const beside = wilson(b.number, b.of, z);
  if (around === null || beside === null) return null;
  const first = a.number / a.of;
  const second = b.number / b.of;
  return {
    low: second - first - Math.hypot(second - beside.low, around.high - first),
    high: second - first + Math.hypot(beside.high - second, first - around.low),
  };
}

/**
 * The difference b less a of two shares in standard errors, these by the share of both together:
 * the square is Pearson's χ² of the four numbers (K. Pearson, Philosophical Magazine 50, 1900,
 * 157–175). `twoSidedP` makes the p-value of it.
 * @returns 0 when all did the same, or one of the two has no people
 */
export function pooledZ(a: Share, b: Share): number {
  if (a.of <= 0 || b.of <= 0) return 0;
  const pooled = (a.number + b.number) / (a.of + b.of);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / a.of + 1 / b.of));
  return error > 0 ? (b.number / b.of - a.number / a.of) / error : 0;
}
