// What it means that a ledger's database is served by another server than before. No I/O.

/** The id of the finding, and the code of the halt. */
export const FAILED_OVER = "database_failed_over";

/** The histories of a server that differ: its identifier and its timeline, as far as it tells. */
export interface FailedOver {
  /** As the lane was last sent from. */
  from: string;
  to: string;
}

/** How a ledger's server stands. */
export interface ServerState {
  /** Null while it is the one that the lane was last sent from. */
  failedOver: FailedOver | null;
  /** A standby follows it that commits do not wait for. */
  hasAsyncStandby: boolean;
}

/** What a person does about it, in the order in which to try. */
export const FAILED_OVER_TODO =
  "Find out whether the last commits of the old server are there: a standby that commits waited for has them, a restored dump or an " +
  "asynchronous standby may not. Where they may be missing, import the webhook bodies of that time (`campaign receipts import`), which " +
  "settles whom they name. --despite database_failed_over sends to everybody who is still pending: people whose message is missing " +
  "there, and who have no receipt yet, get it again.";

/** One sentence. @param place of the ledger */
export function failedOverSentence({ from, to }: FailedOver, place: string): string {
  return `The ledger ${place} is on another server than it was last sent from, or on a standby that took over (${from}, now ${to}): the last messages may be missing in it.`;
}
