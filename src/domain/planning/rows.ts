// Rows as planning compares them with the ledger. Shapes only.

import type { HoldOut, Split } from "../arms/split.ts";
import type { PlannedRow } from "../campaign/row.ts";
import type { LaneRule } from "./lanes.ts";

/**
 * What each row to be sent to gets when it is planned, beside its values, and keeps. Of a campaign
 * that sets nothing, nothing.
 */
export interface PlanRules {
  /** Of a campaign with several numbers, in the order of their places. */
  lanes?: readonly LaneRule[];
  /** Rows go in a random order. */
  isShuffled?: boolean;
  /** Who is kept out. */
  holdOuts?: readonly HoldOut[];
  /** Which people are in which arm; these go before the others. */
  split?: Split;
  /** Rows have zones: the campaign goes by everybody's own clock. */
  hasZones?: boolean;
  /** Region → what a message there may cost, in millionths of the budget's currency. */
  prices?: Readonly<Record<string, number>>;
}

/** Other names of a person than those that a row gives. */
export interface OtherNames {
  /** Digits. */
  persons: readonly number[];
  userIds: readonly string[];
  isForgotten: boolean;
}

/** What a dispatch that waits would be sent. */
export interface PlannedValues {
  number: number;
  phone: string | null;
  userId: string | null;
  values: string;
}

/** Where the row of a dispatch is now. */
export interface Move {
  number: number;
  place: number;
  line: number;
  /** Null: as it was. */
  hash: number | null;
}

/** Rows of a source whose ids do not name them for good: how many, and the first few. */
export interface IdFaults {
  empty: { rows: number; first: number[] };
  /** An earlier row has the same id. */
  repeated: { rows: number; first: number[] };
}

/** What the row of a dispatch is named by. */
export interface RowNames {
  number: number;
  recipientId: string | null;
  /** Digits. A number and a user id that stand in one row are one person's. */
  person: string | null;
  userId: string | null;
}

/** A row with the dispatch that it is planned as. */
export interface Replanned {
  number: number;
  row: PlannedRow;
}
