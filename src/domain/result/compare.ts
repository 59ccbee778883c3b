// Two campaigns side by side: how far their recipients got, and whether the difference is more than
// chance. Arithmetic only.

import type { Interval, Share } from "../common/proportion.ts";
import type { ShareVerdict } from "../statistics/two-shares.ts";
import { areTooFew, newcombe } from "../statistics/two-shares.ts";
import type { Base, Counted, FigureName } from "./figures.ts";
import { BASES, figuresOf } from "./figures.ts";

/** What the difference of two campaigns says. */
export type DifferenceVerdict =
  | ShareVerdict
  /** Of one of the two nobody is known to have got it: its receipts may be missing. */
  | "no_receipts";

/** The second share less the first, in percentage points, with its 95 % interval. */
export interface Difference {
  /** Null, as the bounds, where one of the two has nobody at all, or no receipts. */
  points: number | null;
  low: number | null;
  high: number | null;
  verdict: DifferenceVerdict;
}

export interface ComparedShare {
  /** A step of the funnel, a skip reason or an error code. */
  name: string;
  /** What the share is a part of. */
  partOf: Base;
  a: Share;
  b: Share;
  difference: Difference;
}

/** What is compared of a campaign. */
export interface ComparedSide extends Counted {
  reached: Counted["reached"] & { toSend: number; accepted: number };
  /** Skip reason → number. */
  skipped: Record<string, number>;
  /** Error code → number of recipients that failed with it. */
  failures: Record<string, number>;
}

export interface Comparison {
  funnel: ComparedShare[];
  /** By number in both together, most first. */
  skipped: ComparedShare[];
  failures: ComparedShare[];
}

/** What is not known of a campaign whose receipts did not come. */
const REPORTED_BY_RECEIPTS: ReadonlySet<string> = new Set([
  "delivered",
  "read",
  "clicked",
  "opted_out",
]);
const NO_RECEIPTS: Difference = { points: null, low: null, high: null, verdict: "no_receipts" };

/** The figures that are compared, in the order in which people get that far. */
const STEPS = [
  "sent_to",
  "delivered",
  "read",
  "clicked",
  "opted_out",
] as const satisfies readonly FigureName[];

/** Compares two campaigns; every difference is b less a. */
export function compareCampaigns(a: ComparedSide, b: ComparedSide): Comparison {
  const bothReported = a.reached.delivered > 0 && b.reached.delivered > 0;
  const compared = (name: string, partOf: Base, first: Share, second: Share): ComparedShare => {
    const isReported = REPORTED_BY_RECEIPTS.has(name);
    const difference = isReported && !bothReported ? NO_RECEIPTS : differenceOf(first, second);
    return { name, partOf, a: first, b: second, difference };
  };
  const [figuresA, figuresB] = [figuresOf(a), figuresOf(b)];
  const step = (name: FigureName) => compared(name, BASES[name], figuresA[name], figuresB[name]);
  const ofRows = (name: string, part: (side: ComparedSide) => number): ComparedShare =>
    compared(name, "rows", { number: part(a), of: a.rows }, { number: part(b), of: b.rows });
  const accepted = ({ reached }: ComparedSide): Share => ({
    number: reached.accepted,
    of: reached.sentTo,
  });
  const [sentTo, ...others] = STEPS.map(step);
  const funnel = [
    ofRows("to_send", ({ reached }) => reached.toSend),
    sentTo as ComparedShare,
    compared("accepted", "sent_to", accepted(a), accepted(b)),
    ...others,
  ];
  const skipped = keysOf(a.skipped, b.skipped).map((reason) =>
    ofRows(reason, (side) => side.skipped[reason] ?? 0),
  );
  const failures = keysOf(a.failures, b.failures).map((code) =>
    ofRows(code, (side) => side.failures[code] ?? 0),
  );
  return { funnel, skipped, failures };
}

/** The difference b less a of two shares, with its 95 % interval by `newcombe`. */
export function differenceOf(a: Share, b: Share): Difference {
  const interval = newcombe(a, b);
  if (interval === null) return { points: null, low: null, high: null, verdict: "too_few" };
  return {
    points: 100 * (b.number / b.of - a.number / a.of),
    low: 100 * interval.low,
    high: 100 * interval.high,
    verdict: areTooFew(a, b) ? "too_few" : verdictOf(interval),
  };
}

function verdictOf({ low, high }: Interval): DifferenceVerdict {
  if (low > 0) return "higher";
  return high < 0 ? "lower" : "no_sure_difference";
}

function keysOf(a: Record<string, number>, b: Record<string, number>): string[] {
  const sum = (key: string) => (a[key] ?? 0) + (b[key] ?? 0);
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.sort((left, right) => sum(right) - sum(left) || (left < right ? -1 : 1));
}
