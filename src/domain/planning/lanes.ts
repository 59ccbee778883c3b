// Which of a campaign's sending numbers a person is sent to by. Decided when their row is planned,
// and kept with it.

import { stableChance } from "../common/stable-chance.ts";

/** One of a campaign's numbers; its place is its index among them. */
export interface LaneRule {
  lane: string;
  /** A number that is twice as fast gets twice as many people. */
  messagesPerSecond: number;
  /** Regions (ISO 3166-1 alpha-2) whose people go by this number; no two numbers have one. */
  regions: readonly string[];
}

/**
 * The place of the lane that a person goes by: the number that reached them last, then the one
 * whose region it is, then one by a hash of the person, weighted by rate. A number that is added or
 * taken away changes nothing for people of the others (rendezvous hashing).
 * @param person what stands for the person: digits, or a user id
 * @param last the lane that reached them last; undefined when none of these did
 */
export function laneFor(
  rules: readonly LaneRule[],
  person: string,
  region: string | null,
  last: string | undefined,
): number {
  const known = last === undefined ? -1 : rules.findIndex(({ lane }) => lane === last);
  if (known >= 0) return known;
  const own = region === null ? -1 : rules.findIndex(({ regions }) => regions.includes(region));
  if (own >= 0) return own;
  // A number with regions is for these alone, unless every number has some.
  const isFree = ({ regions }: LaneRule): boolean => regions.length === 0;
  const isAnyFree = rules.some(isFree);
  let place = 0;
  let best = Number.NEGATIVE_INFINITY;
  for (const [index, rule] of rules.entries()) {
    if (isAnyFree && !isFree(rule)) continue;
    // The logarithm of the hash raised to 1 over the rate: the highest wins in proportion to the
    // rates.
    const score =
      Math.log(stableChance(`${rule.lane}/${person}`) || Number.MIN_VALUE) / rule.messagesPerSecond;
    if (score > best) [place, best] = [index, score];
  }
  return place;
}
