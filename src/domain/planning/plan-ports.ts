// What planning needs of the ledger.

import type { Fingerprint, Frozen, Replanning } from "../campaign/campaign.ts";
import type { KnownRow, PlannedRow } from "../campaign/row.ts";
import type { Cap } from "../limits/cap.ts";
import type {
  IdFaults,
  Move,
  OtherNames,
  PlannedValues,
  PlanRules,
  Replanned,
  RowNames,
} from "./rows.ts";

/** What planning needs of the ledger. */
export interface PlanLedger {
  /** Pages of all dispatches of a campaign, by their numbers: those after `after`. */
  knownRows(campaign: number, after: number, limit: number): Promise<KnownRow[]>;
  /** Other names of people, in the same order; undefined where there are none. */
  otherNames(
    people: readonly { person: string | null; userId: string | null }[],
  ): Promise<(OtherNames | undefined)[]>;
  /** What these dispatches would be sent; of those that wait. */
  plannedValues(campaign: number, numbers: readonly number[]): Promise<PlannedValues[]>;
  /**
   * Rows begin to be planned again, in many transactions: until `finishPlanning` the campaign says
   * so, and its fingerprint is not to be believed. `again`: also rows that did not change.
   */
  beginReplanning(campaign: number, how: Replanning): Promise<void>;
  /**
   * The source has their rows no more: what waits is skipped as `removed`, what was posted stays.
   */
  removeRows(campaign: number, numbers: readonly number[]): Promise<void>;
  moveRows(campaign: number, moves: readonly Move[]): Promise<void>;
  /** Remembers what rows are named by now; of their content nothing changes. */
  renameRows(campaign: number, names: readonly RowNames[], now: number): Promise<void>;
  /** Rows whose id is empty, or stands on an earlier row too. Reads the whole campaign. */
  idFaults(campaign: number): Promise<IdFaults>;
  /**
   * One transaction. Plans rows as the dispatches of these numbers, as `plan` does: new ones, and
   * ones that are `pending`, `held` or `skipped`; others are left alone. Of several rows of one
   * person the first in the source counts, unless another was posted.
   */
  replan(
    campaign: number,
    rows: readonly Replanned[],
    now: number,
    rules?: PlanRules,
  ): Promise<void>;
  /**
   * One transaction, in which `rows` is gone through once. Adds rows that the ledger does not have;
   * rows it has are replaced when they are `pending`, `held` or `skipped` and otherwise left alone.
   * A row to be sent to becomes `skipped` as `opted_out` when its person is suppressed, and as
   * `duplicate` (its detail names the first row) when the campaign has a row for the same person
   * that is not skipped. A number and a user id that stand in one row are remembered as one
   * person's; rows of either are the same person then, as far as that, an answer or a receipt has
   * reported by now.
   */
  plan(campaign: number, rows: Iterable<PlannedRow>, now: number, rules?: PlanRules): Promise<void>;
  /**
   * Planning is complete: freezes the fingerprint and the number of rows; removes never attempted
   * rows beyond it.
   */
  finishPlanning(
    campaign: number,
    plan: { frozen: Frozen; recipients: Fingerprint; columns: string[]; rows: number; now: number },
  ): Promise<void>;
}

/** The names of a person that a row has: digits, and a user id. */
export type PersonNames = Pick<KnownRow, "person" | "userId">;

/** How far the frequency caps of people are used up. */
export interface CapLedger {
  /**
   * When each of the people may get a message of the campaign, by the cap and what the ledger has
   * of other campaigns; null: at once, or the campaign has dealt with them already.
   * @param asker the campaign, which the ledger need not have. Messages of the sandbox count for
   *   one of the sandbox alone
   */
  cappedUntil(
    asker: { campaign: string; isSandbox: boolean },
    by: { cap: Cap; now: number },
    people: readonly PersonNames[],
  ): Promise<(number | null)[]>;
}

/** Campaigns whose people another campaign leaves out. */
export interface ExclusionLedger {
  /**
   * Names of the campaigns whose people the campaign leaves out from now on; those that the ledger
   * does not have are passed over.
   */
  keepExclusions(campaign: number, names: readonly string[]): Promise<void>;
  /**
   * Whether one of these campaigns may have reached each of the people, under any name of theirs.
   */
  reachedByCampaigns(
    names: readonly string[],
    people: readonly { person: string | null; userId: string | null }[],
  ): Promise<boolean[]>;
}
