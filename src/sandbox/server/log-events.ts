// The lines of the sandbox's log, by kind.

import type { FaultKind } from "../scenario/scenario.ts";
import type { Act } from "../webhooks/people.ts";

/** What every line about a request has. */
interface RequestFacts {
  /** Number of the line in this log, from 1, going on over restarts. */
  seq: number;
  /**
   * When the request's headers had arrived: milliseconds since the epoch with fraction, never going
   * back.
   */
  at: number;
  /** The sending number that was posted to, whether it is there or not. */
  phone_number_id: string;
  /** The recipient as understood, E.164 with `+`; null when `to` was not readable as a number. */
  to: string | null;
  /** `to` as posted. */
  raw_to: string | null;
  /** `biz_opaque_callback_data` as posted. */
  key: string | null;
  template: string | null;
  language: string | null;
  policy: string | null;
  /** Left out: posted to the Marketing Messages API. */
  api?: "cloud";
  /** The fault that the answer met, if any. */
  fault?: FaultKind;
  /** The whole body; as text when it was not JSON. */
  body: unknown;
}

export interface AcceptedEvent extends RequestFacts {
  event: "accepted";
  id: string;
  path: "marketing_lite" | "marketing";
  message_status: "accepted" | "held_for_quality_assessment";
  wa_id: string | null;
  /** Error code of the receipt that it fails by; left out when it does not fail. */
  fails_with?: number;
}

interface RefusedEvent extends RequestFacts {
  event: "refused";
  http: number;
  code: number;
  details: string;
}

/**
 * A request that met a fault before it was processed: nothing accepted, and no answer from Meta's
 * own.
 */
interface FaultEvent extends RequestFacts {
  /** `dropped` when there was no answer at all. */
  event: "dropped" | "fault";
  fault: FaultKind;
}

/** A call that is not a message: a read, a change, an upload. */
export interface ManagementEvent {
  event: "management";
  seq: number;
  at: number;
  method: string;
  /** After the version: `100000000000002/message_templates`. */
  path: string;
  /** The `fields` that were asked for. */
  fields: string | null;
  /** Null when a fault kept it from being answered by Graph itself. */
  http: number | null;
  /** Error code of the answer. */
  code: number | null;
  fault?: FaultKind;
  /** What was posted; of a file `{type, bytes, filename, id}`. */
  body: unknown;
}

interface StartedEvent {
  event: "started";
  seq: number;
  at: number;
  /** Random id of this start; it is part of every message id. */
  boot: string;
  pid: number;
  url: string;
  seed: string;
}

export interface ReceiptEvent {
  event: "receipt";
  seq: number;
  at: number;
  id: string;
  status: "sent" | "delivered" | "read" | "failed";
  /** Error code of `failed`. */
  code: number | null;
  /** The webhook's body as Meta would post it. */
  body: unknown;
}

/**
 * What is posted to a webhook that is no receipt: what people do, what changes about the account.
 */
interface NoticeEvent {
  event: "notice";
  seq: number;
  at: number;
  field: string;
  /** `click`, `stop`, …; null for an event that is not an act on a message. */
  act: Act | null;
  /** The message that it was done with; null without one. */
  id: string | null;
  /** The webhook's body as Meta would post it. */
  body: unknown;
}

/** One posting of a delivery to the webhook. */
export interface PostedWebhook {
  event: "webhook";
  seq: number;
  at: number;
  /** Number of the delivery since the start; it keeps it when it is posted again. */
  delivery: number;
  /** From 1. */
  attempt: number;
  /** Status of the answer; null when there was none. */
  http: number | null;
  /** Why there was none: `ECONNREFUSED`, `timeout`, …. */
  cause: string | null;
  /** The lines that it reports, by their `seq`. */
  updates: number[];
  /** These were answered with 200 before, and come a second time. */
  again?: true;
  /** It is not posted any more. */
  gave_up?: true;
}

/** One try of the handshake. */
export interface HandshakeEvent {
  event: "handshake";
  seq: number;
  at: number;
  url: string;
  ok: boolean;
  http: number | null;
  cause: string | null;
}

/** The sandbox was closed. Only where a webhook is posted to. */
interface EndedEvent {
  event: "ended";
  seq: number;
  at: number;
  /** Updates that the webhook was not reported, or did not answer with 200. */
  pending: number;
}

/**
 * One line of the log. A request is one line, written when it was decided and before it was
 * answered.
 */
export type LogEvent =
  | StartedEvent
  | AcceptedEvent
  | RefusedEvent
  | FaultEvent
  | ReceiptEvent
  | NoticeEvent
  | PostedWebhook
  | HandshakeEvent
  | EndedEvent
  | ManagementEvent;

/** An event without what the log adds itself. */
export type LogEntry = LogEvent extends infer Event
  ? Event extends LogEvent
    ? Omit<Event, "seq" | "body">
    : never
  : never;
