// Applies what was kept of Meta's webhooks, in the background, a piece at a time, so that a runner
// beside this hardly waits. Decides nothing about what they mean.

import type { InboxLedger } from "../../domain/receipts/inbox-ports.ts";
import type { Applied } from "../../domain/receipts/processing.ts";
import type { Clock } from "../../domain/sending/pace.ts";

/**
 * How long a transaction is to be, in milliseconds, and the events that it is given for that; the
 * second follows the first. Over a network even an empty transaction takes long: there a piece is
 * to take so many times as long as the shortest one so far, or nearly all of the time would go to
 * round trips.
 */
const PIECE_MS = 10;
const SHORTEST_TIMES = 2;
const EVENTS_FIRST = 100;
const EVENTS_MIN = 20;
const EVENTS_MAX = 5_000;
/** At most so much more than the piece before. */
const EVENTS_GROWTH = 2;
/** Pause after a piece that left nothing: what comes in one by one is applied together. */
const GATHER_MS = 20;
/** Shortest pause between two pieces, in milliseconds. */
const PAUSE_MS_MIN = 1;
/**
 * How often it is looked without being woken: a parked receipt may be applied once a runner has
 * written down its answer, and other processes keep deliveries too.
 */
const LOOK_MS = 1_000;
/** After an error: the first pause, and the longest, in milliseconds. */
const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 30_000;

export interface ApplyingOptions {
  clock: Clock;
  /** As in Ledger.processWebhookBodies. */
  stopWords?: readonly string[];
  onApplied?(applied: Applied): void;
  /** A piece could not be applied; nothing of it was, and it is tried again after a while. */
  onError(error: unknown): void;
}

export interface Applying {
  /** Something was kept. */
  wake(): void;
  /**
   * Resolves at a moment when nothing waits to be applied (what is parked does not count), or when
   * it was closed.
   */
  settled(): Promise<void>;
  /**
   * Instant since which the oldest of what is not applied has waited, or a little before; null when
   * nothing waits.
   */
  behindSince(): number | null;
  /** Ends after the piece that is being applied. */
  close(): Promise<void>;
}

/** Begins with what was kept and not applied by any process before. */
export function startApplying(
  ledger: Pick<InboxLedger, "processWebhookBodies">,
  options: ApplyingOptions,
): Applying {
  const { clock, stopWords } = options;
  const end = new AbortController();
  let limit = EVENTS_FIRST;
  let shortestMs = Number.POSITIVE_INFINITY;
  let retryMs = RETRY_MS_MIN;
  let behindSince: number | null = null;
  let wokenAt: number | null = clock.now();
  let endWait = () => {};
  let waiters: (() => void)[] = [];

  const settle = () => {
    const settled = waiters;
    waiters = [];
    for (const resolve of settled) resolve();
  };

  /**
   * One transaction; the milliseconds to wait before the next one, or null when nothing is left.
   */
  async function applyPiece(): Promise<number | null> {
    const from = clock.monotonic();
    let applied: Applied;
    try {
      applied = await ledger.processWebhookBodies({
        limit,
        now: clock.now(),
        ...(stopWords === undefined ? {} : { stopWords }),
      });
    } catch (error) {
      options.onError(error);
      const pauseMs = retryMs;
      retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
      return pauseMs;
    }
    retryMs = RETRY_MS_MIN;
    const tookMs = clock.monotonic() - from;
    shortestMs = Math.min(shortestMs, tookMs);
    if (applied.more) {
      behindSince ??= clock.now();
      limit = nextLimit(limit, tookMs, shortestMs);
    } else {
      behindSince = null;
      settle();
    }
    options.onApplied?.(applied);
    // As long as it took: SQLite gives its lock to the process that asks in the right moment, and a
    // runner asks too.
    if (applied.more) return Math.max(PAUSE_MS_MIN, tookMs);
    return wokenAt === null ? null : Math.max(GATHER_MS, tookMs);
  }

  async function work(): Promise<void> {
    while (!end.signal.aborted) {
      behindSince ??= wokenAt;
      wokenAt = null;
      const pauseMs = await applyPiece();
      if (pauseMs !== null) await clock.sleep(pauseMs, end.signal);
      else if (!end.signal.aborted) await waitForMore();
    }
    settle();
  }

  function waitForMore(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.timer(LOOK_MS, resolve);
      endWait = () => {
        cancel();
        resolve();
      };
    });
  }

  const worked = work();
  return {
    wake() {
      wokenAt ??= clock.now();
      endWait();
    },
    settled: () =>
      new Promise((resolve) => {
        if (end.signal.aborted || (behindSince === null && wokenAt === null)) resolve();
        else waiters.push(resolve);
      }),
    behindSince: () => behindSince ?? wokenAt,
    async close() {
      end.abort();
      endWait();
      await worked;
    },
  };
}

/** The events that would have taken as long as a piece is to. */
function nextLimit(limit: number, tookMs: number, shortestMs: number): number {
  const pieceMs = Math.max(PIECE_MS, SHORTEST_TIMES * shortestMs);
  const grown = Math.min((limit * pieceMs) / Math.max(tookMs, 0.1), limit * EVENTS_GROWTH);
  return Math.round(Math.min(EVENTS_MAX, Math.max(EVENTS_MIN, grown)));
}
