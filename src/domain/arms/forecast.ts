// What a test can show with the people that it has, before anything is sent.

import { count, plural } from "../common/numbers.ts";
import { smallestLift } from "../statistics/sample-size.ts";
import type { TestRule } from "./decide-test.ts";
import type { TestMetric } from "./split.ts";

/** Shares that campaigns often have; what a list can show follows from one. */
const BASES: Readonly<Record<TestMetric, { share: number; noun: string }>> = {
  delivered: { share: 0.8, noun: "delivery" },
  read: { share: 0.5, noun: "reading" },
  clicked: { share: 0.05, noun: "clicks" },
  replied: { share: 0.02, noun: "replies" },
  converted: { share: 0.02, noun: "orders" },
};

/** What a test can show. */
export interface TestForecast {
  /** The share that it is worked out for. */
  base: number;
  /** The smallest relative difference to the first arm, found in four of five tests; null: none. */
  lift: number | null;
  /** One sentence, without its full stop. */
  sentence: string;
}

/**
 * What a test can show with so many people in each arm, by its smallest one.
 * @param people in the order of the arms
 */
export function forecastTest({ metric, arms }: TestRule, people: readonly number[]): TestForecast {
  const [first = 0, ...others] = people;
  const least = Math.min(...others, first);
  const { share, noun } = BASES[metric];
  const alpha = 0.05 / Math.max(1, arms.length - 1);
  const lift = smallestLift(share, first, Math.min(...others), { alpha });
  const who = `With ${plural(least, "person", "people")} an arm`;
  const sentence =
    lift === null
      ? `${who}, no difference of ${noun} shows`
      : `${who}, a difference of ${noun} from ${count(100 * share)}% shows from +${percentOf(lift)} on`;
  return { base: share, lift, sentence };
}

/** `22%`, `3.1%`: two figures. */
function percentOf(share: number): string {
  return `${Number((100 * share).toPrecision(2))}%`;
}
