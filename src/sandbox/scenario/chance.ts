// Chance that is the same in every process: a number between 0 and 1 made from texts. No clock, no
// randomness.

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * A number in [0, 1) that depends on nothing but the seed, the question and the subject, so that
 * the same person meets the same fate in every run. Different questions about one subject are
 * independent of each other.
 */
export function chance(seed: string, question: string, subject: string): number {
  let hash = FNV_OFFSET;
  const text = `${seed}\u0000${question}\u0000${subject}`;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  }
  // FNV alone leaves the high bits of near subjects (consecutive numbers) alike; this is murmur3's
  // last step.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
