// What a test says, in words.

import { count, plural } from "../common/numbers.ts";
import type { Interval, Share } from "../common/proportion.ts";
import type { ShareVerdict } from "./two-shares.ts";

/** Before the decision time a test has no result. */
export const WAITING_TEXT = "Waiting: no winner before the decision time.";

/** So many decimals of a point at most. */
const DECIMALS_MAX = 4;

/** A difference to put in words. */
interface Compared {
  name: string;
  share: Share;
  against: Share;
  /** Of the shares, 0 to 1. */
  difference: number;
  interval: Interval;
  verdict: ShareVerdict;
}

/**
 * A difference: `b clicks 6.1% against 5.2%: +0.9 points (0.2 to 1.6)`, with as many decimals as
 * the interval is wide.
 * @param verb third person, what people of an arm do
 */
export function comparisonText(compared: Compared, verb: string): string {
  const { name, share, against, difference, interval, verdict } = compared;
  if (share.of <= 0 || against.of <= 0) return `${name}: no people to compare`;
  const points = pointsBy(interval);
  const text =
    `${name} ${verb} ${points(share.number / share.of)}% against ` +
    `${points(against.number / against.of)}%: ${pointsText(difference, interval, " points")}`;
  return verdict === "too_few" ? `${text}, too few people` : text;
}

/** A difference in points: `+0.9 (0.2 to 1.6)`. @param unit behind the difference */
export function pointsText(difference: number, interval: Interval, unit = ""): string {
  const points = pointsBy(interval);
  const sign = difference > 0 ? "+" : "";
  return `${sign}${points(difference)}${unit} (${points(interval.low)} to ${points(interval.high)})`;
}

/** A share in points, with as many decimals as an interval is wide. */
function pointsBy(interval: Interval): (value: number) => string {
  const decimals = decimalsOf(interval);
  return (value) => minus((100 * value).toFixed(decimals));
}

/** The result over all arms: `b wins: …`, or `Cannot tell: …`. */
export function decidedText(winner: string | null, comparisons: readonly string[]): string {
  return `${winner === null ? "Cannot tell" : `${winner} wins`}: ${comparisons.join("; ")}.`;
}

/**
 * That a split is broken: which arm has how many people, and how many it was to have.
 * @param expected in the order of `arms`
 */
export function brokenSplitText(
  arms: readonly { name: string; of: number }[],
  expected: readonly number[],
): string {
  const parts = arms.map(
    ({ name, of }, at) =>
      `${name} has ${plural(of, "person", "people")} of ${count(Number(expected[at]))}`,
  );
  return `The split is broken, no result: ${parts.join(", ")} by the planned shares.`;
}

/** One decimal of a point; more where the interval is so narrow that it would not be seen. */
function decimalsOf({ low, high }: Interval): number {
  const half = 50 * (high - low);
  if (half <= 0) return 1;
  return Math.min(DECIMALS_MAX, Math.max(1, Math.ceil(-Math.log10(half))));
}

/** A typographic minus, and none before zero. */
function minus(text: string): string {
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}
