// One row of a campaign's result, as exports and rejects have it. Shapes only.

import type { Status } from "../campaign/dispatch.ts";

/** One row of the public view `outcomes`; instants are ISO 8601 UTC text. */
export interface OutcomeRow {
  campaign: string;
  /** Where the row is in the file now, from 1; null when the file has it no more. */
  row_number: number | null;
  phone: string | null;
  region: string | null;
  status: Status;
  reason: string | null;
  error_code: string | null;
  error_message: string | null;
  message_id: string | null;
  message_status: string | null;
  attempts: number;
  path: string | null;
  claimed_at: string | null;
  accepted_at: string | null;
  sent_at: string | null;
  delivered_at: string | null;
  read_at: string | null;
  failed_at: string | null;
  user_id: string | null;
  /** The first click on a link of the message, of those whose message can be known. */
  clicked_at: string | null;
  /** What names the row for good, where the manifest names the column of it. */
  recipient_id: string | null;
  /** Id of the sending number at Meta, or `sandbox`. */
  lane: string;
  /** The arm of the campaign's test; null for people in none. */
  arm: string | null;
  /** What the message cost by its receipts, in the currency's unit; null: not reported. */
  cost: number | null;
  /** ISO 4217. */
  currency: string | null;
  /** Meta's code of the language that the row gives its template; null where no row gives one. */
  language: string | null;
}

/** Some rows of many. */
export interface RowPage<T> {
  rows: T[];
  /** Where the next page begins; null after the last one. */
  next: number | null;
}

/** A skipped row as `rejects` exports it. */
export interface RejectRow {
  /** The dispatch's own number. */
  number: number;
  /** Fingerprint of the row as the file has it. */
  hash: number;
  /** Null when the file has the row no more. */
  row: number | null;
  line: number;
  reason: string;
  detail: string;
  cells: string[];
}
