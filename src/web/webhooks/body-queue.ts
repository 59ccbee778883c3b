// Keeps deliveries in groups: those that come at the same time share one commit, so that a flood
// costs the disk, and the person who else writes to the ledger, no more than some ninety commits a
// second. Looks at nothing in them.

import { setTimeout as sleep } from "node:timers/promises";
import { LedgerError } from "../../domain/campaign/fault.ts";
import type { WebhookBody } from "../../domain/receipts/processing.ts";

/** Deliveries of one commit at most, and their characters: other writers wait for each commit. */
const GROUP_MAX = 500;
const GROUP_CHARS_MAX = 4_000_000;
/**
 * Shortest pause between two commits, in milliseconds; a delivery that comes alone waits for none.
 */
const PAUSE_MS_MIN = 10;
/**
 * How long a ledger that another process keeps locked is tried again, and how often, in
 * milliseconds.
 */
const BUSY_MS_MAX = 5_000;
const BUSY_RETRY_MS = 20;

export interface BodyQueue {
  /** Resolves once the delivery is durable. Rejects as the ledger does; then it is not kept. */
  store(body: WebhookBody): Promise<void>;
  /** Instant since which every commit failed; null while the ledger keeps. */
  failingSince(): number | null;
}

export interface BodyQueueOptions {
  store(bodies: readonly WebhookBody[]): Promise<void>;
  /** A group was kept. */
  onStored(): void;
  /** The first failure after a success. */
  onFailing(error: unknown): void;
  /** The first success after a failure, and how many deliveries were not kept until then. */
  onKeepingAgain(lost: number): void;
}

interface QueuedBody {
  body: WebhookBody;
  resolve(): void;
  reject(error: unknown): void;
}

/** The queue is not bounded here: the receiver bounds what is in flight. */
export function makeBodyQueue(options: BodyQueueOptions): BodyQueue {
  let queue: QueuedBody[] = [];
  let isWorking = false;
  let nextAt = 0;
  let failingSince: number | null = null;
  let failed = 0;

  async function work(): Promise<void> {
    isWorking = true;
    while (queue.length > 0) {
      // At least 0: what else has arrived in this turn of the event loop is let in.
      await sleep(Math.max(0, nextAt - performance.now()));
      const from = performance.now();
      await storeGroup(takeGroup());
      const now = performance.now();
      // As long as the commit took: SQLite gives its lock to the process that asks in the right
      // moment, and a runner asks too.
      nextAt = now + Math.max(PAUSE_MS_MIN, now - from);
    }
    isWorking = false;
  }

  function takeGroup(): QueuedBody[] {
    let chars = 0;
    let size = 0;
    for (const { body } of queue) {
      chars += body.body.length;
      if (size === GROUP_MAX || (size > 0 && chars > GROUP_CHARS_MAX)) break;
      size += 1;
    }
    const group = queue.slice(0, size);
    queue = queue.slice(size);
    return group;
  }

  /** Never throws: the waiting callers get the error. */
  async function storeGroup(group: readonly QueuedBody[]): Promise<void> {
    try {
      await storeWithRetries(group.map(({ body }) => body));
    } catch (error) {
      // Not the ledger's word: something about one of them, which the others must not suffer for.
      if (!(error instanceof LedgerError) && group.length > 1) {
        for (const queued of group) await storeGroup([queued]);
        return;
      }
      if (failingSince === null) options.onFailing(error);
      failingSince ??= Date.now();
      failed += group.length;
      for (const { reject } of group) reject(error);
      return;
    }
    if (failingSince !== null) options.onKeepingAgain(failed);
    failingSince = null;
    failed = 0;
    for (const { resolve } of group) resolve();
    options.onStored();
  }

  async function storeWithRetries(bodies: readonly WebhookBody[]): Promise<void> {
    const until = performance.now() + BUSY_MS_MAX;
    for (;;) {
      try {
        return await options.store(bodies);
      } catch (error) {
        const isBusy = error instanceof LedgerError && error.fault === "busy";
        if (!isBusy || performance.now() > until) throw error;
      }
      await sleep(BUSY_RETRY_MS);
    }
  }

  return {
    store: (body) =>
      new Promise((resolve, reject) => {
        queue.push({ body, resolve, reject });
        if (!isWorking) void work();
      }),
    failingSince: () => failingSince,
  };
}
