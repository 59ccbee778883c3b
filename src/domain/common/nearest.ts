// Finds the known word that a misspelt one was meant to be.

import { distance } from "fastest-levenshtein";

/** Longest word that is compared, in UTF-16 units; a longer one has no nearest. */
const MAX_LENGTH = 100;

/**
 * The candidate nearest to `word`, or undefined when none is near enough to be worth suggesting.
 * Case, `-`, `_` and blanks do not count as a difference, so `maxInFlight` finds `max_in_flight`.
 * Takes and gives the candidates as written; of two that are equally near, the first.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > MAX_LENGTH) return undefined;
  const bare = fold(word);
  // A third of the letters may differ: `coupom` finds `coupon`, but `from` does not find `file`.
  let best = Math.max(1, Math.floor(bare.length / 3)) + 1;
  let found: string | undefined;
  for (const candidate of candidates) {
    if (candidate.length > MAX_LENGTH || candidate === word) continue;
    const other = fold(candidate);
    const far = differences(bare, other);
    // A word of one or two letters that shares none with the candidate is not a misspelling of it.
    if (far < best && far < Math.max(bare.length, other.length)) {
      best = far;
      found = candidate;
    }
  }
  return found;
}

/** Letters inserted, deleted or replaced; two swapped letters count once. */
function differences(a: string, b: string): number {
  const far = distance(a, b);
  return far > 1 && sorted(a) === sorted(b) ? far - 1 : far;
}

function sorted(word: string): string {
  return [...word].sort().join("");
}

function fold(word: string): string {
  return word.toLowerCase().replace(/[-_\s]/g, "");
}
