// The counts of a campaign as the ledger adds them up. Shapes only.

import type { Status } from "../campaign/dispatch.ts";
import type { WaitingZone } from "../campaign/zone-ports.ts";
import type { MoneyTally } from "../cost/money.ts";
import type { OptOutCounts } from "../receipts/engagement.ts";

/** Dispatches that are held for one reason. */
export interface HoldCount {
  reason: string;
  number: number;
  /** Earliest and latest instant of their next tries. */
  nextAt: number;
  lastAt: number;
}

/** What became of the recipients of one of several sending numbers. */
export interface LaneCounts {
  lane: string;
  counts: Partial<Record<Status, number>>;
}

/** Counts of a campaign. */
export interface LedgerTally {
  rows: number;
  /** Every status with at least one dispatch; the numbers add up to `rows`. */
  counts: Partial<Record<Status, number>>;
  /** Skip reason, hold reason or error code → number. */
  reasons: Record<string, number>;
  /** Error code → number of `failed` dispatches: what `retry` can queue again. */
  failures: Record<string, number>;
  /** Accepted and later, by `message_status` where Meta gave one. */
  messageStatuses: Record<string, number>;
  /**
   * The same of those of which no receipt came since: what Meta holds back is there, and nothing
   * that went out meanwhile.
   */
  withoutReceipt: Record<string, number>;
  /** ISO region → number of dispatches that are not skipped. */
  regions: Record<string, number>;
  /** Why dispatches are held, most first; add up to `counts.held`. */
  holds: HoldCount[];
  /** Who waits by which clock; nobody where all people go by the campaign's. */
  zones: WaitingZone[];
  money: MoneyTally;
  reached: ReachTally;
  optOuts: OptOutCounts;
}

/** How far the recipients of a campaign got, each counted at every step that was reached. */
export interface ReachTally {
  /** Not skipped. */
  toSend: number;
  /**
   * Of these, with a request made or perhaps made; not those who wait for one again, or were
   * cancelled.
   */
  sentTo: number;
  /** Taken by Meta, by its answer or a receipt; also when it failed or expired since. */
  accepted: number;
  /** Delivered or read. */
  delivered: number;
  read: number;
  /**
   * Tapped a quick reply other than an opt-out, or opened a link, as far as it is known whose it
   * was.
   */
  clicked: number;
  /**
   * The first claim that still counts, and the last answer that took a message; null without one.
   */
  firstClaimAt: number | null;
  lastAcceptedAt: number | null;
  /**
   * Ms between the two, without the whole minutes in which no message was taken: pauses, nights,
   * waits for the daily limit.
   */
  sendingMs: number;
}
