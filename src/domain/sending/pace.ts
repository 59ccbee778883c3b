// How fast: the window that a limit of N a second allows, and what Meta's throttling leaves of it.
// Pure; instants are arguments.

import type { PaceRecord } from "./turn.ts";

/** Time as the program sees it; the one implementation is in timing/clock.ts. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. Jumps when a person sets it, or after sleep. */
  now(): number;
  /** Milliseconds that never go back; the zero is arbitrary. */
  monotonic(): number;
  /** Waits; ends early, without an error, when the signal is aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls `wake` once after a while, unless what it returns is called first. */
  timer(delayMs: number, wake: () => void): () => void;
}

/** A request on its way, as its pacer counts it. */
interface Passage {
  /** The request begins to be written; counts once. */
  begins(): void;
  /** It ended, or will never begin; said once. */
  leaves(): void;
}

/** One sending phone number's permission to post; the one implementation is in timing/pacer.ts. */
export interface Pacer {
  /** Requests that may be in flight besides those that are. */
  room(): number;
  inFlight(): number;
  /**
   * Takes one permit if it can be had now. Every permit must be used by `enter`, or given back by
   * `giveBack`.
   */
  permitNow(): boolean;
  /**
   * Waits for one permit; one caller at a time. False when the signal was aborted first, or the
   * pacer was closed.
   */
  permit(signal: AbortSignal): Promise<boolean>;
  giveBack(): void;
  /** Uses a permit: one request more is in flight until it leaves. Only where there is `room`. */
  enter(): Passage;
  /** Meta refused for speed. Returns the part of the configured rate that is left. */
  throttled(): number;
  /**
   * The part of the configured rate that is allowed now: below 1 for a while after Meta refused for
   * speed.
   */
  factor(): number;
  /** Requests a second that are allowed now; Infinity without a limit. */
  rate(): number;
  /** For the ledger: what the next process must know. Wall clock. */
  record(): PaceRecord;
  /** Gives no more permits, and lets the process end. */
  close(): Promise<void>;
}

/** A throttle cuts the rate to this part of itself … */
const CUT = 0.7;
/** … at most once in this time, since a burst of refusals is one event … */
const CUT_EVERY_MS = 1000;
/** … never below this part of the configured rate … */
const FLOOR = 0.05;
/** … and after this rest … */
const REST_MS = 2000;
/** … this part of the configured rate comes back every second. */
const RECOVER_PER_SECOND = 0.05;

/** What is left of a configured rate; all instants monotonic milliseconds. */
export interface Throttle {
  /** 0 < factor ≤ 1. */
  factor: number;
  cutAt: number;
  /** Instant up to which recovery is counted in. */
  recoveredAt: number;
}

/** Starts with what an earlier run left. */
export function startThrottle(factor: number, now: number): Throttle {
  const safe = Number.isFinite(factor) ? Math.min(1, Math.max(FLOOR, factor)) : 1;
  return { factor: safe, cutAt: Number.NEGATIVE_INFINITY, recoveredAt: now };
}

/**
 * Meta refused for speed: cuts the rate. Returns true when this refusal counted. Changes
 * `throttle`.
 */
export function cut(throttle: Throttle, now: number): boolean {
  recover(throttle, now);
  if (now - throttle.cutAt < CUT_EVERY_MS) return false;
  throttle.factor = Math.max(FLOOR, throttle.factor * CUT);
  throttle.cutAt = now;
  throttle.recoveredAt = now + REST_MS;
  return true;
}

/** Lets the rate come back with time. Returns the factor now. Changes `throttle`. */
export function recover(throttle: Throttle, now: number): number {
  const elapsed = now - throttle.recoveredAt;
  if (elapsed > 0 && throttle.factor < 1) {
    throttle.factor = Math.min(1, throttle.factor + (elapsed / 1000) * RECOVER_PER_SECOND);
    throttle.recoveredAt = now;
  }
  return throttle.factor;
}

/**
 * Bundles are handed out at most this often in a second: Bottleneck runs about 350 jobs a second at
 * best, and each costs about as much CPU as a message.
 */
const BUNDLES_PER_SECOND = 50;

/**
 * The bundle of permits to hand out at once, and the time between bundles.
 * @param rate requests a second
 */
export function bundleFor(rate: number): { permits: number; everyMs: number } {
  const permits = Math.max(1, Math.ceil(rate / BUNDLES_PER_SECOND));
  return { permits, everyMs: (1000 * permits) / rate };
}

/**
 * A window that is never exceeded: among any `capacity` + 1 requests in a row, the last begins to
 * be written at least `spanMs` after the first.
 *
 * A permit alone cannot promise that: a request may wait for its connection after it was permitted,
 * and then begin together with later ones. So the window counts the requests that began within the
 * last `spanMs` and those that are permitted and have not begun yet; a permit is given only while
 * the sum is below the capacity.
 */
export interface RateWindow {
  /** Permitted and not yet begun. */
  waiting: number;
  /** Begin instants, a ring. */
  begun: Float64Array;
  head: number;
  size: number;
}

/**
 * Largest capacity of a window: Meta's ceiling is 1,000 messages a second and number (throughput
 * page, 2026-09).
 */
const CAPACITY_MAX = 4096;

/** A window in which nothing has begun yet. */
export function startWindow(): RateWindow {
  return { waiting: 0, begun: new Float64Array(CAPACITY_MAX), head: 0, size: 0 };
}

/**
 * A request begins to be written a moment after it says so, and arrives another moment later; two
 * such moments must not make a second shorter. At a low rate one request too many is more than the
 * 2 % that the server may see beyond the rate, so its seconds are a little longer.
 */
const MARGIN_MS = 1;
const LOW_RATE = 100;
const LOW_RATE_MARGIN_MS = 13;

/**
 * Capacity and span of the window for a rate: whole requests, at least one, over a second or a
 * little more.
 */
function windowOf(rate: number): { capacity: number; spanMs: number } {
  const capacity = Math.min(CAPACITY_MAX, Math.max(1, Math.floor(rate)));
  const marginMs = rate <= LOW_RATE ? LOW_RATE_MARGIN_MS : MARGIN_MS;
  return { capacity, spanMs: (rate >= 1 ? 1000 : 1000 / rate) + marginMs };
}

/**
 * How long until the next request may be permitted.
 * @returns 0 when it may be now; Infinity when only a request that has not begun yet can make room
 */
export function windowDelay(window: RateWindow, rate: number, now: number): number {
  const { capacity, spanMs } = windowOf(rate);
  // A request that began exactly `spanMs` ago has left the window.
  while (window.size > 0 && now - at(window, 0) >= spanMs) drop(window);
  if (window.size + window.waiting < capacity) return 0;
  const over = window.size + window.waiting - capacity;
  if (over >= window.size) return Number.POSITIVE_INFINITY;
  return at(window, over) + spanMs - now;
}

/** A permit was given. */
export function permitted(window: RateWindow): void {
  window.waiting += 1;
}

/** A permitted request begins to be written. */
export function began(window: RateWindow, now: number): void {
  window.waiting -= 1;
  // With the ring full the oldest is given up; that can only happen above the ceiling of any rate.
  if (window.size === CAPACITY_MAX) drop(window);
  window.begun[(window.head + window.size) % CAPACITY_MAX] = now;
  window.size += 1;
}

/** A permitted request will never begin. */
export function neverBegan(window: RateWindow): void {
  window.waiting -= 1;
}

function at(window: RateWindow, index: number): number {
  return window.begun[(window.head + index) % CAPACITY_MAX] as number;
}

function drop(window: RateWindow): void {
  window.head = (window.head + 1) % CAPACITY_MAX;
  window.size -= 1;
}
