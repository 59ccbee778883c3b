// Stored webhook bodies, and what processing them changed. Shapes only.

import type { AccountNotice } from "./account-event.ts";

/** A webhook body as it came, to be processed later. */
export interface WebhookBody {
  /** The whole body, unchanged; where one server has several ledgers, the part for this one. */
  body: string;
  receivedAt: number;
  /** Where it came from: `webhook`, or a file's name. */
  source: string;
}

/** What became of one event of a body. */
export type EventEffect =
  /** Something is otherwise in the ledger now. */
  | "applied"
  /** Known already, or overtaken by what was known; nothing changed. */
  | "repeated"
  /** Of an earlier message of a recipient who has got another one since. */
  | "superseded"
  /**
   * Waits until the runner has written down its own answer, or until only one message can be meant.
   */
  | "parked"
  /** Of a message, or from a person, that this ledger knows nothing of. */
  | "unmatched"
  /** About a business number that no campaign of this ledger sends from. */
  | "other_number"
  /** Kept and counted, and of no effect on any message: clicks, account events, other products. */
  | "noted";

/**
 * Event → effect → number. The events are the statuses of receipts (`sent`, `delivered`, `read`,
 * `played`, `failed`), `stop`, `resume` and `signup`, `message` and `tap`, `identity`, `template`,
 * `account`, `limit`, `click`, `landing_page_view`, `action`, `error`, `other`, and `unreadable`
 * for a whole body.
 */
export type EventCounts = Record<string, Partial<Record<EventEffect, number>>>;

/** What one processing of bodies changed. */
export interface Applied {
  bodies: number;
  /** A parked event that was applied now is −1 under `parked` and 1 under what became of it. */
  counts: EventCounts;
  /** Dispatches that were in doubt, and are not any more. */
  settled: number;
  /** Receipts of attempts that this ledger never made: see `wentBack`. */
  lost: number;
  /** Error code → dispatches that receipts failed, and that they held for another try. */
  failed: Record<string, number>;
  held: Record<string, number>;
  /** People put on the suppression list, and taken off it. */
  optOuts: number;
  lifted: number;
  /** True when bodies are left that were not processed yet. */
  more: boolean;
}

/** Everything that was ever kept. */
export interface ReceiptTotals {
  /** Bodies stored, and how many of them are not processed yet. */
  bodies: number;
  waiting: number;
  /** Events that are parked now. */
  parked: number;
  counts: EventCounts;
}

/** Something that Meta reported of an account, a number or a template. */
export interface AccountEvent extends Omit<AccountNotice, "kind" | "at"> {
  id: number;
  /** A kind of account-event.ts. */
  kind: string;
  /** Instant, as Meta reported it; else when it came. */
  at: number;
  /** The body that reported it first. */
  bodyId: number;
}
