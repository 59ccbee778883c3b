// Graph's two limits on sending: messages a second of a number, and messages to one person. No
// clock: instants are arguments, in milliseconds.

/** The window of the throughput limit, in milliseconds. */
const WINDOW_MS = 1_000;
/**
 * What the server lets through above the limit. Requests that left the sender evenly arrive
 * unevenly, because the network and this process's own event loop bunch them; a limit without slack
 * would refuse a sender that keeps it.
 */
const JITTER_SLACK = 0.02;

/** One message per this many milliseconds to one person (Meta, about the platform, 2026-09). */
const PAIR_INTERVAL_MS = 6_000;
/** Messages to one person that may come at once, borrowed from the time after them (same page). */
const PAIR_BURST = 45;
/** Persons remembered before those whose debt is paid are forgotten. */
const PAIR_SWEEP_SIZE = 50_000;

/** Lets a request in, or does not; what is not let in does not count. */
export interface Limit<Subject> {
  admit(subject: Subject, nowMs: number): boolean;
}

/** The throughput limit with its fill, for the usage header. */
export interface Throughput extends Limit<void> {
  /** Requests let in during the second before `nowMs`, in percent of the limit. */
  usage(nowMs: number): number;
}

/** Requests that are let in within any second: the limit with its slack, rounded up. */
export function ceilingOf(perSecond: number): number {
  // Rounding to a tenth of a millionth first: 50 × 1.02 is 51.00000000000001 in floating point.
  return Math.ceil(Number((perSecond * (1 + JITTER_SLACK)).toFixed(7)));
}

/** A sliding window of one second over the requests let in; `null` is no limit. */
export function makeThroughput(perSecond: number | null): Throughput {
  if (perSecond === null) return { admit: () => true, usage: () => 0 };
  const ceiling = ceilingOf(perSecond);
  // The instants of the last `ceiling` admissions: the oldest of them is the only one that has to
  // be looked at.
  const admitted = new Float64Array(ceiling).fill(Number.NEGATIVE_INFINITY);
  let next = 0;
  return {
    admit(_, nowMs) {
      if (nowMs - (admitted[next] as number) < WINDOW_MS) return false;
      admitted[next] = nowMs;
      next = (next + 1) % ceiling;
      return true;
    },
    usage(nowMs) {
      // Admissions are in order from `next` on, so the first one inside the window is found by
      // halving.
      let low = 0;
      let high = ceiling;
      while (low < high) {
        const middle = (low + high) >>> 1;
        const instant = admitted[(next + middle) % ceiling] as number;
        if (nowMs - instant >= WINDOW_MS) low = middle + 1;
        else high = middle;
      }
      return Math.min(100, Math.round(((ceiling - low) / perSecond) * 100));
    },
  };
}

/** The pair limit: one message per six seconds to one person, 45 of them borrowed at most. */
export function makePairLimit(): Limit<string> {
  // By digits: the instant at which everything sent to the person so far is paid for.
  const paidAt = new Map<string, number>();
  let sweepAt = PAIR_SWEEP_SIZE;
  return {
    admit(digits, nowMs) {
      const paid = Math.max(nowMs, paidAt.get(digits) ?? 0);
      if (paid - nowMs > (PAIR_BURST - 1) * PAIR_INTERVAL_MS) return false;
      paidAt.set(digits, paid + PAIR_INTERVAL_MS);
      if (paidAt.size >= sweepAt) {
        for (const [key, instant] of paidAt) if (instant <= nowMs) paidAt.delete(key);
        // Twice what is left, so that sweeping stays cheap however many are still in debt.
        sweepAt = Math.max(PAIR_SWEEP_SIZE, paidAt.size * 2);
      }
      return true;
    },
  };
}

/** The window of the portfolio's limit, in milliseconds (Meta, messaging limits page, 2026-09). */
const DAY_MS = 86_400_000;

/** People that may be reached within the window, by `whatsapp_business_manager_messaging_limit`. */
const TIERS: Record<string, number> = {
  TIER_50: 50,
  TIER_250: 250,
  TIER_1K: 1_000,
  TIER_2K: 2_000,
  TIER_10K: 10_000,
  TIER_100K: 100_000,
};

/** The people that a portfolio reached in the moving 24 hours; an unknown tier is no limit. */
export interface Portfolio {
  /** Counts a person; false when the tier has no room for another one. */
  admit(person: string, tier: string, nowMs: number): boolean;
}

/** A portfolio that has reached no one yet. */
export function makePortfolio(): Portfolio {
  // In order of the last message: people who are out of the window stand at the front.
  const reached = new Map<string, number>();
  return {
    admit(person, tier, nowMs) {
      for (const [key, instant] of reached) {
        if (nowMs - instant < DAY_MS) break;
        reached.delete(key);
      }
      const limit = TIERS[tier] ?? Number.POSITIVE_INFINITY;
      if (!reached.has(person) && reached.size >= limit) return false;
      reached.delete(person);
      reached.set(person, nowMs);
      return true;
    },
  };
}

/** Instants within a moving window, oldest first. */
export interface Window {
  /** How many are within `spanMs` before `nowMs`. */
  count(spanMs: number, nowMs: number): number;
  /** Milliseconds until the oldest one leaves the window; 0 when there is none. */
  untilNext(spanMs: number, nowMs: number): number;
  add(nowMs: number): void;
}

/** A window that remembers as much as `longestMs`. */
export function makeWindow(longestMs: number): Window {
  let instants: number[] = [];
  return {
    count: (spanMs, nowMs) => instants.filter((instant) => nowMs - instant < spanMs).length,
    untilNext(spanMs, nowMs) {
      const oldest = instants.find((instant) => nowMs - instant < spanMs);
      return oldest === undefined ? 0 : oldest + spanMs - nowMs;
    },
    add(nowMs) {
      instants = instants.filter((instant) => nowMs - instant < longestMs);
      instants.push(nowMs);
    },
  };
}
