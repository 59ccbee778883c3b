// Boundaries of a test that is looked at several times: how far from no difference it has to be at
// each look, so that all looks together find one that is none with a chance of α.

import { assert } from "../common/errors.ts";
import type { Path } from "./brownian.ts";
import { crossing, START, within } from "./brownian.ts";
import { criticalValue, normalUpper, normalUpperQuantile, twoSidedP } from "./normal.ts";
import { rootOf } from "./roots.ts";

/** The looks that were taken, this one the last of them. */
export interface InterimLook {
  /**
   * The share of the planned information (people who were assigned long enough ago, of all who are
   * planned) at each look so far: above 0, rising. The last may be above 1.
   */
  fractions: readonly number[];
  /** At the last look of the plan all of α that is left is spent, whatever its share. */
  isLast: boolean;
}

/** The one look of a test with one decision time. */
export const ONLY_LOOK: InterimLook = { fractions: [1], isLast: true };

/** A boundary is known as exactly as this. */
const WIDTH = 1e-7;
/** Stands for a boundary that is never reached. */
const FAR = 100;
/** Looks nearer to each other than this share are one. */
const APART_MIN = 1e-4;
/**
 * Standard errors of the smallest and the largest p-value that are looked for, as `spentUntil` has
 * them.
 */
const Z_RANGE = { low: normalUpperQuantile(1 / 4), high: normalUpperQuantile(1e-12 / 4) };

/**
 * The boundaries of O'Brien and Fleming for looks that are equally far apart, in standard errors:
 * 2.797 and 1.977 for two at 5 % (P. C. O'Brien and T. R. Fleming, Biometrics 35, 1979, 549–556;
 * tables in C. Jennison and B. W. Turnbull, Group Sequential Methods, 2000, table 2.3).
 * @param looks 1 to 10
 * @param alpha two-sided
 */
export function obrienFleming(looks: number, alpha = 0.05): number[] {
  assert(Number.isInteger(looks) && looks >= 1 && looks <= 10, `${looks} looks are 1 to 10`);
  const shares = Array.from({ length: looks }, (_, at) => (at + 1) / looks);
  const critical = criticalValue(alpha);
  // In standard errors times √information the boundary is the same at every look.
  const surplus = (bound: number) => {
    let path: Path = START;
    let total = 0;
    for (const [at, share] of shares.entries()) {
      total += crossing(path, share, bound);
      path = within(path, share, bound, shares[at + 1] ?? 1);
    }
    return total - alpha;
  };
  const bound = looks === 1 ? critical : rootOf(surplus, critical, 1.5 * critical, WIDTH);
  return shares.map((share) => bound / Math.sqrt(share));
}

/**
 * The part of α that may be spent until a share of the information, as O'Brien and Fleming's
 * boundaries spend it: each side 2 − 2Φ(z/√t), with z of a quarter of α (K. K. G. Lan and D. L.
 * DeMets, Biometrika 70, 1983, 659–663, with half of α to each side).
 * @param fraction 0 and more; all is spent from 1 on
 */
export function spentUntil(fraction: number, alpha = 0.05): number {
  if (fraction <= 0) return 0;
  return fraction >= 1
    ? alpha
    : 4 * normalUpper(normalUpperQuantile(alpha / 4) / Math.sqrt(fraction));
}

/**
 * The boundary at each look so far, in standard errors, by Lan and DeMets' spending. Looks may be
 * late, early, or more than planned: each spends what its share of the information allows.
 * @param alpha two-sided; divided by the arms where several are held against one
 * @returns ∞ for a look that is too early to find anything
 */
export function boundariesOf({ fractions, isLast }: InterimLook, alpha = 0.05): number[] {
  assert(fractions.length > 0, "a test is looked at");
  const last = fractions.length - 1;
  let path: Path = START;
  let spent = 0;
  return fractions.map((fraction, at) => {
    assert(fraction - path.information >= APART_MIN, "each look has more information");
    const until = isLast && at === last ? alpha : spentUntil(fraction, alpha);
    const bound = boundOf(path, fraction, { before: spent, until });
    spent = until;
    const next = fractions[at + 1];
    if (next !== undefined) path = within(path, fraction, bound * Math.sqrt(fraction), next);
    return bound;
  });
}

/** The boundary at which a look spends α from `before` to `until`. */
function boundOf(
  path: Path,
  fraction: number,
  { before, until }: { before: number; until: number },
): number {
  const share = until - before;
  if (share <= 0) return Number.POSITIVE_INFINITY;
  const root = Math.sqrt(fraction);
  const surplus = (bound: number) => crossing(path, fraction, bound * root) - share;
  // Were nothing crossed before, or all of it again, it would be one of these.
  return rootOf(surplus, criticalValue(until), criticalValue(share), WIDTH);
}

/**
 * The p-value of what is seen at the last of the looks so far: the smallest α whose boundary there
 * is reached. It holds however many looks were planned (repeated p-value; W. Maurer and F. Bretz,
 * Statistics in Biopharmaceutical Research 5, 2013, 311–320), and `holm` may be used on it.
 * @param z standard errors from no difference
 * @returns `twoSidedP` when there is one look
 */
export function lookP(z: number, look: InterimLook): number {
  const size = Math.abs(z);
  if (look.fractions.length === 1 && look.isLast) return twoSidedP(size);
  const surplus = (at: number) =>
    Math.min(FAR, boundariesOf(look, alphaAt(at)).at(-1) as number) - size;
  // In this scale the boundary is nearly a straight line, so that few tries find the place.
  if (surplus(Z_RANGE.low) >= 0) return 1;
  return alphaAt(rootOf(surplus, Z_RANGE.low, Z_RANGE.high, WIDTH));
}

function alphaAt(z: number): number {
  return Math.min(1, 4 * normalUpper(z));
}
