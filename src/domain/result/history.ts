// The history of one person, and one message, as the ledger gives them to the person who answers
// for them. Shapes only.

import type { MetaAnswer } from "../campaign/attempt.ts";
import type { Status } from "../campaign/dispatch.ts";
import type { SuppressionRecord } from "../campaign/suppression.ts";

/** Everything the ledger knows of a person. All instants are milliseconds since the epoch. */
export interface History {
  /** E.164 with `+`: the number asked for, and those that WhatsApp keeps as the same account. */
  phones: string[];
  /** Business-scoped user ids behind which the person was seen. */
  userIds: string[];
  /** Newest campaign first. */
  dispatches: DispatchHistory[];
  /** True when there are more dispatches than were read. */
  isCut: boolean;
  suppressions: SuppressionRecord[];
  /**
   * The person's data was erased on request; they are known again by a hash only, and are left
   * alone.
   */
  isForgotten: boolean;
  /** What the person said last of marketing, by each way. */
  consents: ConsentHistory[];
}

export interface ConsentHistory {
  /**
   * `switch`: the one in WhatsApp; `message`: the person wrote it, or tapped a button that says it.
   */
  channel: "switch" | "message";
  value: "stop" | "resume";
  saidAt: number;
}

/** One row of a campaign, with everything that was done for it. */
export interface DispatchHistory {
  campaign: string;
  /** Of the file as it is now; null when it has the row no more. */
  row: number | null;
  /** 1-based line of the CSV. */
  line: number;
  phone: string | null;
  userId: string | null;
  recipientId: string | null;
  region: string | null;
  status: Status;
  /** Why it is skipped or held. */
  reason: string | null;
  detail: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  messageId: string | null;
  messageStatus: string | null;
  path: string | null;
  heldUntil: number | null;
  claimedAt: number | null;
  acceptedAt: number | null;
  sentAt: number | null;
  deliveredAt: number | null;
  readAt: number | null;
  failedAt: number | null;
  /** In order. */
  attempts: AttemptHistory[];
  /** Quick replies tapped under its message, in order. */
  taps: TapHistory[];
  /** Links of its message that were followed, in order. */
  clicks: ClickHistory[];
}

export interface AttemptHistory extends MetaAnswer {
  /** 1 for the first. */
  attempt: number;
  /** Null when the request never began to be written. */
  startedAt: number | null;
  endedAt: number;
  outcome: "accepted" | "refused" | "not_sent" | "unknown";
  /** Where it led. */
  next: string;
  messageId: string | null;
}

export interface ClickHistory {
  /** Of the message, as Meta calls it; null when it was not reported. */
  component: string | null;
  clickedAt: number;
}

export interface TapHistory {
  label: string | null;
  tappedAt: number;
}

/** What makes the message of one row: enough to draw it as it reads. */
export interface MessageRecord {
  /** Of the file as it is now; null when it has the row no more. */
  row: number | null;
  phone: string | null;
  userId: string | null;
  status: Status;
  /** Why it is skipped or held. */
  reason: string | null;
  /** JSON array of the rendered values; null for a row that is skipped. */
  values: string | null;
  /** The template as the last run saw it at Meta, JSON; null when no run read it. */
  /** The arm of the test that it is in, or gets; 0 without. */
  arm: number;
  definitions: string | null;
}
