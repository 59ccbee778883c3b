// The chi-square distribution.

import { assert } from "../common/errors.ts";
import { twoSidedP } from "./normal.ts";

/**
 * The chance of a value above `x`, by the finite sums for whole degrees of freedom (M. Abramowitz
 * and I. A. Stegun, Handbook of Mathematical Functions, 1964, p. 941, 26.4.4 and 26.4.5). All of
 * their terms are positive, so that it is exact to some 13 digits in the tail too.
 * @param x 0 or more
 * @param degrees of freedom: 1 or more, a whole number
 */
export function chiSquareUpper(x: number, degrees: number): number {
  assert(Number.isInteger(degrees) && degrees > 0, `${degrees} degrees of freedom are whole`);
  if (x <= 0) return 1;
  const isOdd = degrees % 2 === 1;
  // Each two degrees more add one term: (x/2)^(d/2 − 1) e^(−x/2) / Γ(d/2).
  let sum = isOdd ? twoSidedP(Math.sqrt(x)) : Math.exp(-x / 2);
  let term = isOdd ? Math.sqrt((2 * x) / Math.PI) * Math.exp(-x / 2) : (x / 2) * Math.exp(-x / 2);
  for (let next = isOdd ? 3 : 4; next <= degrees; next += 2) {
    sum += term;
    term *= x / next;
  }
  return Math.min(1, sum);
}
