// The random order in which a campaign with a ramp or a test sends. Lists are sorted by age and
// value: their first rows are not like the others.

import { stableChance } from "../common/stable-chance.ts";

/** Buckets go from 1 to this. */
const BUCKETS = 2 ** 31;

/** Buckets of people who are in an arm of a test; those of the rest come behind them. */
export const ARM_BUCKETS = BUCKETS / 2;

/**
 * The place of a person in the random order of a campaign: the same in every process and version.
 * Who comes early in one campaign does not in the next.
 * @param person what stands for the person: digits, or a user id
 * @returns 1 to 2^31
 */
export function bucketOf(campaign: string, person: string): number {
  return 1 + Math.floor(stableChance(`${campaign}/${person}`) * BUCKETS);
}

/**
 * The same in a campaign with a test: its arms first, interleaved, then the rest.
 * @param arm from 1; 0: the rest
 * @returns 1 to ARM_BUCKETS, or ARM_BUCKETS + 1 to 2^31
 */
export function testBucketOf(campaign: string, person: string, arm: number): number {
  const place = Math.ceil(bucketOf(campaign, person) / 2);
  return arm > 0 ? place : ARM_BUCKETS + place;
}
