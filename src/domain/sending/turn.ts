// A turn of the ledger: outcomes recorded and the next dispatches claimed, in one transaction.
// Shapes only.

import type { AttemptRecord, Claim } from "../campaign/attempt.ts";
import type { Stop } from "../campaign/campaign.ts";
import type { TurnCap } from "../limits/cap.ts";
import type { OpenZones } from "../schedule/schedule.ts";

/**
 * One turn of the runner: what came back since the last turn, and how many dispatches it can post
 * now.
 */
export interface Turn {
  campaign: number;
  /** Place of the lane among those of the campaign; left out: 0, the first. */
  lane?: number;
  now: number;
  record: AttemptRecord[];
  /** Claims that were never posted and are handed back (their attempt is not counted). */
  release: { row: number; attempt: number }[];
  /** How many dispatches to claim at most; 0 only records. */
  claim: number;
  /** Set when permits were used: the lane's limit must survive this process. */
  pace?: PaceRecord;
  /**
   * Most people whom messages of this campaign's portfolio may have reached in any 24 hours when
   * the turn is over; left out: any number. All campaigns of a portfolio count together, a person
   * once.
   */
  peopleMax?: number;
  /** The frequency cap; left out: off. */
  cap?: TurnCap;
  /** People up to the end of each step of a ramp; left out: no ramp. */
  rampSizes?: readonly number[];
  /** Of a campaign that goes by everybody's own clock; left out: all rows are of zone 0. */
  zones?: OpenZones;
}

/** What outlives a process of a lane's pace. */
export interface PaceRecord {
  lane: string;
  /** Instant up to which requests may have been started. */
  usedUntil: number;
  /** 0 < factor ≤ 1: what Meta's throttling has left of the configured rate. */
  factor: number;
}

export interface TurnResult {
  /** Holds that are due first; then in row order, or in the random order of the campaign. */
  claimed: Claim[];
  /**
   * The number of this turn on its lane, which goes up with each turn that claims; null when it
   * claimed nothing.
   */
  number: number | null;
  /**
   * Dispatches that the claim skipped because their person is suppressed by now, because Meta
   * refuses their country, because their frequency cap is used up, or because a number and a user
   * id of two rows are known by now to be one person's, who got or gets the message by the other
   * row.
   */
  suppressed: number;
  /** Dispatches that the claim held until the frequency cap of their person is free. */
  held: number;
  /** Records that did not apply, because the dispatch was no longer claimed under that attempt. */
  stale: number;
  /** True when no dispatch is left to claim now (some may be held for later). */
  drained: boolean;
  /** Of the zones that the turn was given as open, those of which none is pending any more. */
  emptyZones?: number[];
  /** Set when fewer were claimed than could be, since the next one would be a person too many. */
  full: Full | null;
  /** Set when the campaign is to be stopped; nothing was claimed then. */
  stop: Stop | null;
  /** The campaign was cancelled: it never claims anything again. */
  cancelled: boolean;
}

/** What leaves no room for any next person. */
export type Full = DailyLimitFull | BudgetFull | RampFull;

export interface DailyLimitFull {
  by: "daily_limit";
  /** People whom messages may have reached in the last 24 hours. */
  people: number;
  /** When the first of them leaves the 24 hours. */
  freeAt: number;
}

/** The step of a ramp is through. */
interface RampFull {
  by: "ramp";
  /** From 0. */
  step: number;
  people: number;
  /** Not known: it depends on what becomes of the messages. */
  freeAt: null;
}

/** The campaign's budget; amounts in millionths of its currency's unit. */
export interface BudgetFull {
  by: "budget";
  most: number;
  currency: string;
  /** What the campaign's messages may cost, or more. */
  spent: number;
  /** It is not known what the next message costs. */
  isUnpriced: boolean;
  /**
   * When `spent` may be counted again, which may show that there is room; null: it was counted in
   * this very turn.
   */
  freeAt: number | null;
}

/** What the runner asks for when `drained`. */
export interface Remaining {
  pending: number;
  claimed: number;
  held: number;
  /** Earliest instant at which a held dispatch is due; null without one. */
  nextDueAt: number | null;
  /** True when a message of the campaign was ever accepted. */
  accepted: boolean;
}
