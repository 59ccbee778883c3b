// Chance that can be had again: the same seed gives the same numbers.

export interface Chance {
  /** From 0 to 1, which is never reached. */
  uniform(): number;
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  /** True in this share of the cases. */
  share(part: number): boolean;
  oneOf<T>(things: readonly T[]): T;
}

/** Mulberry32, which is plenty for choosing instants. */
export function makeChance(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const whole = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    uniform: next,
    whole,
    share: (part) => next() < part,
    oneOf: (things) => things[whole(0, things.length - 1)] as (typeof things)[number],
  };
}
