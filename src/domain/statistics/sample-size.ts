// What a number of people can show, before any of them is sent to.

import { criticalValue, normalCdf, normalQuantile } from "./normal.ts";
import { rootOf } from "./roots.ts";

/** How sure a test is to be. */
export interface Certainty {
  /**
   * The chance of finding a difference that is none, two-sided; default 0.05. Over the arms:
   * α/arms.
   */
  alpha?: number;
  /** The chance of finding a difference that is there; default 0.8. */
  power?: number;
}

/** A part of a person is rounding. */
const PERSON = 0.01;

/**
 * People in each of two equal arms who show a relative difference (J. L. Fleiss, Statistical
 * Methods for Rates and Proportions, 2nd ed. 1981, section 3.2, without the correction for
 * continuity): the test's error by both shares together, the power's by each.
 * @param base the share without the difference, above 0 and below 1
 * @param lift relative: 0.05 is 5 % more, −0.05 is 5 % less
 * @returns null when there is no such share, or no difference
 */
export function peoplePerArm(
  base: number,
  lift: number,
  { alpha = 0.05, power = 0.8 }: Certainty = {},
): number | null {
  const other = base * (1 + lift);
  if (lift === 0 || base <= 0 || base >= 1 || other < 0 || other > 1) return null;
  const { test, truth } = errorsOf(base, other, 1, 1);
  const errors = criticalValue(alpha) * test + normalQuantile(power) * truth;
  return Math.ceil((errors / (other - base)) ** 2 - PERSON);
}

/**
 * The chance that the test by `pooledZ` finds a difference in the direction in which it is, with
 * arms of any size (Fleiss 1981, section 3.4).
 * @param baseOf people of the base
 * @param otherOf people of the other arm
 */
export function powerOf(
  base: number,
  lift: number,
  baseOf: number,
  otherOf: number,
  alpha = 0.05,
): number {
  const other = base * (1 + lift);
  const { test, truth } = errorsOf(base, other, baseOf, otherOf);
  return normalCdf((Math.abs(other - base) - criticalValue(alpha) * test) / truth);
}

/**
 * The smallest relative lift that so many people show: the other way round of `peoplePerArm`, for
 * arms of any size. A small hold-out shows large lifts only.
 * @param base the share of the base, above 0 and below 1
 * @param baseOf people of the base, such as a hold-out
 * @param otherOf people of the other arm
 * @returns null when not even everyone in the other arm would show it
 */
export function smallestLift(
  base: number,
  baseOf: number,
  otherOf: number,
  { alpha = 0.05, power = 0.8 }: Certainty = {},
): number | null {
  if (base <= 0 || base >= 1 || baseOf <= 0 || otherOf <= 0) return null;
  const [critical, reserve] = [criticalValue(alpha), normalQuantile(power)];
  const surplus = (lift: number) => {
    const { test, truth } = errorsOf(base, base * (1 + lift), baseOf, otherOf);
    return base * lift - critical * test - reserve * truth;
  };
  const highest = (1 - base) / base;
  return surplus(highest) < 0 ? null : rootOf(surplus, 0, highest);
}

/** Standard errors of the difference: of the test, were there none, and in truth. */
function errorsOf(base: number, other: number, baseOf: number, otherOf: number) {
  const pooled = (base * baseOf + other * otherOf) / (baseOf + otherOf);
  return {
    test: Math.sqrt(pooled * (1 - pooled) * (1 / baseOf + 1 / otherOf)),
    truth: Math.sqrt((base * (1 - base)) / baseOf + (other * (1 - other)) / otherOf),
  };
}
