// The relative difference of two shares.

import type { Share } from "../common/proportion.ts";
import { criticalValue } from "./normal.ts";
import { rootOf } from "./roots.ts";

/** By how much a share is above another one, relative to it: 0.1 is 10 % more. */
export interface Lift {
  /** Null where none of the base did it. */
  lift: number | null;
  /** −1 at least. */
  low: number;
  /** Null: no upper bound, as where none of the base did it. */
  high: number | null;
}

/** Two-sided 95 %. */
const Z = criticalValue(0.05);
/** Logarithms of the ratios among which a bound is looked for. */
const LOG_MAX = 25;

/**
 * The lift of b over a, with the score interval of a ratio of two shares (P. A. R. Koopman,
 * Biometrics 40, 1984, 513–517; recommended for small numbers by Fagerland, Lydersen and Laake,
 * Statistical Methods in Medical Research 24, 2015, 224–254). It is honest where few of the base
 * did it: it widens to no upper bound, where the interval of a logarithm breaks down. It holds 0
 * exactly when the test by `pooledZ` finds no difference.
 * @param a the base
 * @param z standard errors to each side
 * @returns null when one of the two has no people
 */
export function liftOf(a: Share, b: Share, z = Z): Lift | null {
  if (a.of <= 0 || b.of <= 0) return null;
  if (a.number <= 0 && b.number <= 0) return { lift: null, low: -1, high: null };
  const boundAt = (score: number) =>
    Math.exp(rootOf((log) => scoreOf(a, b, Math.exp(log)) - score, -LOG_MAX, LOG_MAX));
  return {
    lift: a.number <= 0 ? null : (b.number / b.of) * (a.of / a.number) - 1,
    low: b.number <= 0 ? -1 : boundAt(z) - 1,
    high: a.number <= 0 ? null : boundAt(-z) - 1,
  };
}

/**
 * How many standard errors the shares are from being `ratio` to 1, with the errors of the likeliest
 * shares that are (O. S. Miettinen and M. Nurminen, Statistics in Medicine 4, 1985, 213–226).
 */
function scoreOf(a: Share, b: Share, ratio: number): number {
  const squared = (a.of + b.of) * ratio;
  const linear = b.of * ratio + b.number + a.of + a.number * ratio;
  const constant = a.number + b.number;
  const root = Math.sqrt(Math.max(0, linear * linear - 4 * squared * constant));
  const base = (2 * constant) / (linear + root);
  const other = Math.min(1, ratio * base);
  const error = Math.sqrt(
    (other * (1 - other)) / b.of + (ratio * ratio * base * (1 - base)) / a.of,
  );
  const distance = b.number / b.of - (ratio * a.number) / a.of;
  return error > 0 ? distance / error : Math.sign(distance) * Number.MAX_VALUE;
}
