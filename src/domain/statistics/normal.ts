// The standard normal distribution, to some 15 digits, and in its tails to some 13 of their own: a
// look early in a test asks for chances of one in millions.

import { assert } from "../common/errors.ts";

const ROOT_OF_TWO_PI = Math.sqrt(2 * Math.PI);
/** From here on the continued fraction is used; below it the series. */
const TAIL_FROM = 2.5;
/**
 * Terms of the continued fraction: so many over z, and four more, are exact to a double from
 * `TAIL_FROM` on.
 */
const FRACTION_TERMS = 150;
/** A start that is off by 4.5e-4 is exact to a double after two. */
const HALLEY_STEPS = 3;

/** The density at `z`. */
function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / ROOT_OF_TWO_PI;
}

/** The chance of a value of at most `z`. */
export function normalCdf(z: number): number {
  return normalUpper(-z);
}

/**
 * The chance of a value above `z`. Near the middle by the power series, in the tail by the
 * continued fraction (M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions, 1964, p.
 * 932, 26.2.11 and 26.2.14). Its error is below 1e-15, and below 1e-13 of the chance itself.
 */
export function normalUpper(z: number): number {
  if (z < 0) return 1 - normalUpper(-z);
  if (z < TAIL_FROM) return 0.5 - normalDensity(z) * oddSeries(z);
  if (z === Number.POSITIVE_INFINITY) return 0;
  let fraction = z;
  for (let term = 4 + Math.ceil(FRACTION_TERMS / z); term > 0; term -= 1)
    fraction = z + term / fraction;
  return normalDensity(z) / fraction;
}

/** z + z³/3 + z⁵/(3·5) + … */
function oddSeries(z: number): number {
  let term = z;
  let sum = z;
  for (let odd = 3; term > sum * Number.EPSILON; odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return sum;
}

/**
 * The value that is not exceeded with a chance: 1.96 for 0.975.
 * @param chance 0 to 1, which give −∞ and ∞
 */
export function normalQuantile(chance: number): number {
  return chance < 0.5 ? -normalUpperQuantile(chance) : normalUpperQuantile(1 - chance);
}

/**
 * The value that is exceeded with a chance: 1.96 for 0.025. Begins with Abramowitz and Stegun, p.
 * 933, 26.2.23, and is made exact by Halley's method.
 * @param chance 0 to 1, as small as a double holds
 */
export function normalUpperQuantile(chance: number): number {
  assert(chance >= 0 && chance <= 1, `${chance} is a chance`);
  if (chance > 0.5) return -normalUpperQuantile(1 - chance);
  if (chance === 0) return Number.POSITIVE_INFINITY;
  const root = Math.sqrt(-2 * Math.log(chance));
  const above = 2.515517 + root * (0.802853 + root * 0.010328);
  const below = 1 + root * (1.432788 + root * (0.189269 + root * 0.001308));
  let z = root - above / below;
  for (let step = 0; step < HALLEY_STEPS; step += 1) {
    const newton = (normalUpper(z) - chance) / normalDensity(z);
    z += newton / (1 - (z * newton) / 2);
  }
  return z;
}

/**
 * How many standard errors a two-sided interval or test reaches to each side: 1.96 for 0.05.
 * @param alpha the chance of an error, such as 0.05
 */
export function criticalValue(alpha: number): number {
  return normalUpperQuantile(alpha / 2);
}

/** The two-sided p-value of so many standard errors. */
export function twoSidedP(z: number): number {
  return Math.min(1, 2 * normalUpper(Math.abs(z)));
}
