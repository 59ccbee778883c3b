// Hands out permission to post: bottleneck spaces bundles of permits, the window holds the limit
// exactly, and what is in flight is counted. It knows nothing of messages.

import Bottleneck from "bottleneck";

import { assert } from "../domain/common/errors.ts";
import type { Clock, Pacer } from "../domain/sending/pace.ts";
import {
  began,
  bundleFor,
  cut,
  neverBegan,
  permitted,
  recover,
  startThrottle,
  startWindow,
  windowDelay,
} from "../domain/sending/pace.ts";
import type { PaceRecord } from "../domain/sending/turn.ts";

export interface PacerOptions {
  lane: string;
  /** null: no limit (for measurements). */
  messagesPerSecond: number | null;
  maxInFlight: number;
  /** What the ledger has of the lane, written by an earlier process. */
  before: PaceRecord | undefined;
  clock: Clock;
  /** Less than the rate of the lane, for now, in messages a second; left out: never. */
  most?: () => number;
  /** Left out: bottleneck's, with timers of its own. */
  spacing?: Spacing;
}

/** Keeps bundles of permits apart. */
export interface Spacing {
  /**
   * Waits until the next bundle may be handed out; rejects when `stop` comes first.
   * @param everyMs least time from that bundle to the one after it
   */
  next(everyMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** A clock that was set back must not make a lane wait for hours. */
const BEFORE_MAX_MS = 2000;
/** Wall clocks have whole milliseconds, and a request arrives a moment after it begins. */
const HAND_OVER_MARGIN_MS = 10;

/**
 * Permits that were not used in time may be used up to so much later, all at once; the window holds
 * the limit.
 */
const MADE_UP_MS = 200;

/** A bundle of permits that comes so much later than it is due, in milliseconds, does not come. */
const LATE_MS = 500;

/**
 * Gives out permits to post at a lane's rate. Continues the pace that the ledger has, so that a
 * restart stays below the rate.
 */
export function makePacer(options: PacerOptions): Pacer {
  const { clock, messagesPerSecond } = options;
  const unlimited = messagesPerSecond === null;
  const configured = messagesPerSecond ?? 1;
  const window = startWindow();
  const throttle = startThrottle(options.before?.factor ?? 1, clock.monotonic());
  const spacing = options.spacing ?? bottleneckSpacing(bundleFor(configured).everyMs, clock);
  let inFlight = 0;
  let permits = 0;
  let coming = 0;
  let bundleCame = () => {};
  let isClosed = false;
  let lastBegin = options.before?.usedUntil ?? 0;
  let wake: (() => void) | null = null;

  // The earlier process used the lane until `usedUntil`: a whole window must pass before this one
  // adds to it.
  const quiet = Math.min(
    (options.before?.usedUntil ?? 0) + 1000 + HAND_OVER_MARGIN_MS - clock.now(),
    BEFORE_MAX_MS,
  );
  const openAt = clock.monotonic() + Math.max(0, quiet);

  const factorNow = () => recover(throttle, clock.monotonic());
  const rateNow = () =>
    Math.min(configured * factorNow(), options.most?.() ?? Number.POSITIVE_INFINITY);

  /**
   * Asks for bundles before they are needed, so that those that this process was too busy for keep
   * their distance from one another.
   */
  function askForBundles(): void {
    const bundle = bundleFor(rateNow());
    const most = bundle.permits * Math.max(1, Math.floor(MADE_UP_MS / bundle.everyMs));
    while (permits + coming < most && !isClosed) {
      coming += bundle.permits;
      spacing.next(bundle.everyMs).then(() => comes(bundle.permits), close);
    }
  }

  function comes(bundlePermits: number): void {
    coming -= bundlePermits;
    permits += bundlePermits;
    bundleCame();
  }

  function close(): void {
    isClosed = true;
    bundleCame();
  }

  /** Waits for the next bundle, or for the signal. */
  async function waitForBundle(signal: AbortSignal): Promise<void> {
    const came = new Promise<void>((resolve) => {
      bundleCame = resolve;
    });
    askForBundles();
    // Listeners are taken off again: AbortSignal.any and Promise.race would gather on a signal that
    // lives for hours.
    signal.addEventListener("abort", bundleCame);
    await came;
    signal.removeEventListener("abort", bundleCame);
  }

  function take(): void {
    permits -= 1;
    permitted(window);
  }

  function permitNow(): boolean {
    if (unlimited) return true;
    if (isClosed || permits === 0 || openAt > clock.monotonic()) return false;
    if (windowDelay(window, rateNow(), clock.monotonic()) > 0) return false;
    take();
    return true;
  }

  async function permit(signal: AbortSignal): Promise<boolean> {
    if (unlimited) return !signal.aborted;
    if (openAt > clock.monotonic()) await clock.sleep(openAt - clock.monotonic(), signal);
    while (!signal.aborted && !isClosed) {
      if (permits === 0) {
        await waitForBundle(signal);
        continue;
      }
      const delay = windowDelay(window, rateNow(), clock.monotonic());
      if (delay <= 0) {
        take();
        return true;
      }
      if (delay === Number.POSITIVE_INFINITY) await nextBegin(signal);
      else await clock.sleep(Math.ceil(delay), signal);
    }
    return false;
  }

  /**
   * Waits until a permitted request begins or is given up; looks again after a while in any case.
   */
  async function nextBegin(signal: AbortSignal): Promise<void> {
    const waited = new AbortController();
    const end = () => waited.abort();
    wake = end;
    signal.addEventListener("abort", end);
    await clock.sleep(1000, waited.signal);
    signal.removeEventListener("abort", end);
    wake = null;
  }

  return {
    room: () => options.maxInFlight - inFlight,
    inFlight: () => inFlight,
    permitNow,
    permit,
    giveBack() {
      if (unlimited) return;
      neverBegan(window);
      wake?.();
    },
    enter() {
      assert(inFlight < options.maxInFlight, "there is room for a request that enters");
      inFlight += 1;
      let isWaiting = true;
      return {
        begins() {
          if (!isWaiting) return;
          isWaiting = false;
          lastBegin = clock.now();
          if (unlimited) return;
          began(window, clock.monotonic());
          wake?.();
        },
        leaves() {
          inFlight -= 1;
          if (!isWaiting || unlimited) return;
          isWaiting = false;
          neverBegan(window);
          wake?.();
        },
      };
    },
    throttled() {
      cut(throttle, clock.monotonic());
      return throttle.factor;
    },
    factor: factorNow,
    rate: () => (unlimited ? Number.POSITIVE_INFINITY : rateNow()),
    close() {
      close();
      return spacing.stop();
    },
    record: () => ({ lane: options.lane, usedUntil: lastBegin, factor: throttle.factor }),
  };
}

async function noWork(): Promise<void> {}

function bottleneckSpacing(everyMs: number, clock: Clock): Spacing {
  const make = (minTime: number) => new Bottleneck({ minTime });
  const end = (limiter: Bottleneck) => limiter.stop({ dropWaitingJobs: true });
  const waiting = new Set<() => void>();
  let limiter = make(everyMs);
  let before = everyMs;
  return {
    async next(nextMs) {
      if (nextMs !== before) limiter.updateSettings({ minTime: nextMs });
      const lateMs = Math.max(before, nextMs) + LATE_MS;
      before = nextMs;
      const asked = limiter;
      const came = await new Promise<"in time" | "late" | "never">((resolve) => {
        const ends = (how: "in time" | "late" | "never") => {
          cancel();
          waiting.delete(never);
          resolve(how);
        };
        const never = () => ends("never");
        const cancel = clock.timer(lateMs, () => ends("late"));
        waiting.add(never);
        // Those of a limiter that is replaced come at once.
        const dropped = () => ends(limiter === asked ? "never" : "in time");
        asked.schedule(noWork).then(() => ends("in time"), dropped);
      });
      if (came === "never") throw new Error("no bundle is handed out any more");
      if (came === "in time" || limiter !== asked) return;
      // Bottleneck counts by the wall clock: set back by an hour, it would wait for that hour.
      limiter = make(nextMs);
      void end(asked);
    },
    stop() {
      for (const never of waiting) never();
      return end(limiter);
    },
  };
}
