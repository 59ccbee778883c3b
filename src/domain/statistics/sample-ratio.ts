// Did the arms get the people that they were to get?

import { assert } from "../common/errors.ts";
import { chiSquareUpper } from "./chi-square.ts";

/**
 * Below this p-value a split is broken: sound ones are once in a thousand (A. Fabijan and others,
 * "Diagnosing Sample Ratio Mismatch in Online Controlled Experiments", KDD 2019).
 */
export const BROKEN_SPLIT_P = 0.001;

/** An arm as it was planned and as it came. */
export interface SplitArm {
  /** Above 0; in any unit, such as per cent of the list. */
  planned: number;
  /** Assigned people. */
  people: number;
}

/** The people that an arm was to get of all that came, by the planned shares. */
export function expectedPeople(arms: readonly SplitArm[]): number[] {
  const planned = arms.reduce((sum, arm) => sum + arm.planned, 0);
  const people = arms.reduce((sum, arm) => sum + arm.people, 0);
  assert(
    arms.every((arm) => arm.planned > 0),
    "each arm has a planned share",
  );
  return arms.map((arm) => (people * arm.planned) / planned);
}

/**
 * The p-value of the split, by Pearson's χ² against the planned shares (Philosophical Magazine 50,
 * 1900, 157–175).
 * @returns 1 for fewer than two arms, or no people
 */
export function splitP(arms: readonly SplitArm[]): number {
  const expected = expectedPeople(arms);
  if (arms.length < 2 || arms.every(({ people }) => people === 0)) return 1;
  const terms = arms.map(
    ({ people }, at) => (people - Number(expected[at])) ** 2 / Number(expected[at]),
  );
  return chiSquareUpper(
    terms.reduce((sum, term) => sum + term, 0),
    arms.length - 1,
  );
}
