// Chance that is the same in every process: a number between 0 and 1 made from texts. No clock, no
// randomness.

import { stableChance } from "../../domain/common/stable-chance.ts";

/**
 * A number in [0, 1) that depends on nothing but the seed, the question and the subject, so that
 * the same person meets the same fate in every run. Different questions about one subject are
 * independent of each other.
 */
export function chance(seed: string, question: string, subject: string): number {
  return stableChance(`${seed}\u0000${question}\u0000${subject}`);
}
