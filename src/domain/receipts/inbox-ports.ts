// What the receiver, the processing of its webhook bodies, and the witness need of the ledger.

import type { ServerState } from "../campaign/failed-over.ts";
import type { AccountEvent, Applied, ReceiptTotals, WebhookBody } from "./processing.ts";
import type { WentBack } from "./went-back.ts";

/** What the receiver, and what processes its webhook bodies, need of the ledger. */
export interface InboxLedger {
  /** Keeps webhook bodies; they are durable when it returns, and nothing of them is looked at. */
  storeWebhookBodies(bodies: readonly WebhookBody[]): Promise<void>;
  /**
   * One transaction: processes the oldest bodies that were not processed yet, each once, until
   * about `limit` events are done (a body is never cut in two), and before them what was parked and
   * can be applied by now. Receipts are matched by message id, whatever else they name; else by our
   * key (a key of another program matches nothing); else, where exactly one dispatch of the
   * recipient is in doubt, by recipient and time. A `claimed` dispatch is its runner's: its
   * receipts are parked. A key of this ledger with an attempt that it never made settles that
   * dispatch, and counts as `lost`.
   * @param stopWords what people write to be left alone, beside the built-in words and the
   * campaigns' own
   */
  processWebhookBodies(options: {
    limit: number;
    now: number;
    stopWords?: readonly string[];
  }): Promise<Applied>;
  receiptTotals(): Promise<ReceiptTotals>;
  /**
   * What receipts proved: that this ledger is older than what was sent from it. It stops every
   * campaign of the lane, and of every other lane of its kind (real numbers, or the sandbox). Null
   * without proof, or when a person overrode it.
   */
  wentBack(lane: string): Promise<WentBack | null>;
  /**
   * A person decided to send all the same; proof of a message that is sent later stops campaigns
   * again.
   */
  overrideWentBack(lane: string, now: number): Promise<void>;
  /**
   * The newest events of accounts, numbers and templates, newest first: those that concern a
   * campaign (by its template, account or number, as far as these are known), or all of them
   * (null).
   */
  accountEvents(campaign: number | null, limit: number): Promise<AccountEvent[]>;
  /**
   * Words of the campaign's own by which people ask to be left alone, beside those of every
   * campaign; replaces those of before.
   */
  keepStopWords(campaign: number, words: readonly string[]): Promise<void>;
  /**
   * How often a person of the campaign is tried whom Meta refuses for its limit per person, for
   * receipts that come later.
   */
  keepCappedTries(campaign: number, tries: number): Promise<void>;
}

/** Whether the server of a ledger is the one that a lane was last sent from. */
export interface ServerLedger {
  /** How the server stands towards a lane; null where the ledger is a file. */
  serverState(lane: string): Promise<ServerState | null>;
  /** A person decided to send from this server. */
  acceptServer(lane: string): Promise<void>;
}

/** What the witness compares with its own record: see witness.ts. */
export interface WitnessLedger {
  /**
   * Lane → number of its last turn that claimed, of every lane that ever had one. An older copy of
   * a ledger has lower ones.
   */
  turnNumbers(): Promise<Record<string, number>>;
  /**
   * Raises them: a person decided to go on with an older copy, and its next turn is a new one all
   * the same.
   */
  raiseTurnNumbers(numbers: Readonly<Record<string, number>>): Promise<void>;
}
