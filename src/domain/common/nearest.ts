// Finds the known word that a misspelt one was meant to be; never decides anything by itself.

/**
 * Longest word that is compared, in UTF-16 units; a longer one has no nearest (the cost is
 * quadratic).
 */
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
    if (Math.abs(other.length - bare.length) >= best) continue;
    const distance = editDistance(bare, other);
    // A word of one or two letters that shares none with the candidate is not a misspelling of it.
    if (distance < best && distance < Math.max(bare.length, other.length)) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

/**
 * Damerau-Levenshtein distance (optimal string alignment): inserted, deleted, replaced and swapped
 * letters, each counted once.
 */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

function fold(word: string): string {
  return word.toLowerCase().replace(/[-_\s]/g, "");
}
