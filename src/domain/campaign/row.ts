// A row of the source as planning hands it to the ledger, and as the ledger knows it. Shapes only.

import type { PlanningReason, Status } from "./dispatch.ts";

/** A recipient as planning hands it to the ledger. */
export interface PlannedRow {
  /** 1-based number of the data row: blank lines and the header do not count. */
  row: number;
  /** 1-based line of the file on which the row begins. */
  line: number;
  /** 52-bit fingerprint of the row's raw cells. */
  hash: number;
  /** E.164 with `+`; null when it could not be read for sure. */
  phone: string | null;
  /**
   * Digits that stand for the person behind the number (see `personOf` in person.ts); null with
   * `phone`.
   */
  person: string | null;
  /**
   * The business-scoped user id that the row gives, such as `BR.1234`; it is sent to only without a
   * phone. Else null.
   */
  userId: string | null;
  /**
   * What names the row for good: its cell of the column that `recipients.id` names. Null without
   * one.
   */
  recipientId: string | null;
  /** ISO 3166-1 alpha-2, or null. */
  region: string | null;
  /**
   * The zone of the person, see `zoneOfPerson`; left out where all people go by the campaign's
   * clock.
   */
  zone?: string;
  verdict:
    | {
        kind: "send";
        /** JSON array of the rendered values, in the order of the template's slots. */
        values: string;
      }
    | {
        kind: "skip";
        reason: PlanningReason;
        /** One sentence for the person who fixes the file. */
        detail: string;
      };
  /**
   * JSON array of the row's cells as read; kept only for rows that are skipped, so that they can be
   * fixed.
   */
  cells: string;
}

/** Who waits and gets a message in a language, where each row gives its own. */
export interface WaitingLanguage {
  /** Meta's code. */
  language: string;
  people: number;
  /** Numbers of the first few of their rows. */
  rows: number[];
}

/** What planning has to know of a dispatch that is in the ledger already. */
export interface KnownRow {
  /** The dispatch's own, from 1 without a hole. */
  number: number;
  /** Where its row was in the source; null when that had it no more. */
  place: number | null;
  line: number;
  /** Null when what the recipient gave was erased, and this with it. */
  hash: number | null;
  /** Digits. */
  person: number | null;
  userId: string | null;
  recipientId: string | null;
  status: Status;
  reason: string | null;
}
