// The random order in which a campaign with a ramp sends. Lists are sorted by age and value: their
// first rows are not like the others.

import { stableChance } from "../common/stable-chance.ts";

/** Buckets go from 1 to this. */
const BUCKETS = 2 ** 31;

/**
 * The place of a person in the random order of a campaign: the same in every process and version.
 * Who comes early in one campaign does not in the next.
 * @param person what stands for the person: digits, or a user id
 * @returns 1 to 2^31
 */
export function bucketOf(campaign: string, person: string): number {
  return 1 + Math.floor(stableChance(`${campaign}/${person}`) * BUCKETS);
}
