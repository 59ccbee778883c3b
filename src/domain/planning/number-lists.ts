// Lists of small whole numbers by a numeric key, packed into typed arrays: a million entries in
// some 25 MB, where a Map of arrays needs ten times that. Pure.

/** Slots for each key: fewer make the search longer. */
const ROOM = 2;

/** Lists by key; a number stands in one list at most. */
export interface NumberLists {
  /** Puts a number at the front of the list of a key. */
  addFirst(key: number, number: number): void;
  /**
   * The first number of a list that is not taken, or 0. Numbers that are taken stay so: they are
   * forgotten here.
   */
  first(key: number, isTaken: (number: number) => boolean): number;
}

/**
 * @param keys how many different keys there are at most
 * @param last the largest number; the smallest is 1
 */
export function makeNumberLists(keys: number, last: number): NumberLists {
  let size = 16;
  while (size < keys * ROOM) size *= 2;
  const slots = new Float64Array(size);
  const heads = new Int32Array(size);
  const isUsed = new Uint8Array(size);
  const next = new Int32Array(last + 1);

  function slotOf(key: number): number {
    let slot = spread(key) & (size - 1);
    while (isUsed[slot] === 1 && slots[slot] !== key) slot = (slot + 1) & (size - 1);
    return slot;
  }

  return {
    addFirst(key, number) {
      const slot = slotOf(key);
      if (isUsed[slot] === 0) {
        isUsed[slot] = 1;
        slots[slot] = key;
      }
      next[number] = heads[slot] as number;
      heads[slot] = number;
    },
    first(key, isTaken) {
      const slot = slotOf(key);
      if (isUsed[slot] === 0) return 0;
      let number = heads[slot] as number;
      while (number !== 0 && isTaken(number)) number = next[number] as number;
      heads[slot] = number;
      return number;
    },
  };
}

/** Two numbers below 2^53 as one of 52 bits. */
export function mix(a: number, b: number): number {
  const low = Math.imul(lowOf(a) ^ Math.imul(lowOf(b), 0x85ebca6b), 0xc2b2ae35);
  const high = Math.imul(highOf(a) ^ Math.imul(highOf(b), 0x27d4eb2f), 0x165667b1);
  const first = spread32(low ^ Math.imul(high, 0x9e3779b1));
  const second = spread32(high ^ Math.imul(low, 0x85ebca77) ^ 0x5bd1e995);
  return (first >>> 0) + 4_294_967_296 * (second & 0xf_ffff);
}

function spread(key: number): number {
  return spread32(lowOf(key) ^ Math.imul(highOf(key), 0x9e3779b1));
}

function spread32(value: number): number {
  const once = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  const twice = Math.imul(once ^ (once >>> 15), 0x2c1b3c6d);
  return twice ^ (twice >>> 16);
}

/** The lower 32 bits, of negative numbers too. */
function lowOf(number: number): number {
  return number | 0;
}

function highOf(number: number): number {
  return Math.floor(number / 4_294_967_296) | 0;
}
