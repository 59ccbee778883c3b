// Student's t distribution.

import { assert } from "../common/errors.ts";
import { normalUpperQuantile } from "./normal.ts";

/** Below this many the series is not exact to five digits. */
const DEGREES_MIN = 30;

/**
 * The value that is exceeded with a chance, by the series from the normal quantile (M. Abramowitz
 * and I. A. Stegun, Handbook of Mathematical Functions, 1964, p. 949, 26.7.5). Off by less than
 * 1e-5 for chances of 0.0005 and more.
 * @param chance above 0, below 1
 * @param degrees of freedom: 30 or more
 */
export function studentUpperQuantile(chance: number, degrees: number): number {
  assert(degrees >= DEGREES_MIN, `${degrees} degrees of freedom are ${DEGREES_MIN} or more`);
  const z = normalUpperQuantile(chance);
  const square = z * z;
  const first = (z * (square + 1)) / 4;
  const second = (z * (3 + square * (16 + 5 * square))) / 96;
  const third = (z * (-15 + square * (17 + square * (19 + 3 * square)))) / 384;
  const fourth =
    (z * (-945 + square * (-1920 + square * (1482 + square * (776 + 79 * square))))) / 92_160;
  return z + (first + (second + (third + fourth / degrees) / degrees) / degrees) / degrees;
}
