// One posted message from its first byte to its answer: reads it, has it judged, writes it down,
// and only then answers. Never decides by itself whether a message is accepted.

import type { IncomingMessage, ServerResponse } from "node:http";
import { detailsOf, errorBody } from "../messages/graph-errors.ts";
import type { Accepted, Refused } from "../messages/judge.ts";
import type { Glance } from "../messages/payload.ts";
import { glance } from "../messages/payload.ts";
import { chance } from "../scenario/chance.ts";
import type { Fault } from "../scenario/faults.ts";
import { playedBy } from "../scenario/own-numbers.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Api } from "../scenario/scenario-shares.ts";
import type { Answer, Stamp } from "./answer.ts";
import { send, sendFault } from "./answer.ts";
import type { SandboxContext } from "./context.ts";
import { count } from "./control.ts";
import type { LogEntry } from "./log-events.ts";

/** Largest body that is read, in bytes; a message is about a thousandth of it. */
const MAX_BODY_BYTES = 1_048_576;

/** How long the answer is kept back whose first receipt comes before it, in milliseconds. */
const EARLY_MS = 1_000;

/** What is known of a request when its headers have arrived. */
export interface Arrival {
  api: Api;
  phoneNumberId: string;
  /** `v25.0`. */
  version: string;
  nowMs: number;
}

/** Reads a body as text and hands it on, as `readBytes` does. */
export function readBody(
  req: IncomingMessage,
  res: ServerResponse,
  whenRead: (text: string) => void,
): void {
  readBytes(req, res, MAX_BODY_BYTES, (bytes) => whenRead(bytes.toString("utf8")));
}

/**
 * Reads a body and hands it on; a client that goes away, or sends more than `maxBytes`, ends the
 * exchange.
 */
export function readBytes(
  req: IncomingMessage,
  res: ServerResponse,
  maxBytes: number,
  whenRead: (bytes: Buffer) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  req.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) req.destroy();
    else chunks.push(chunk);
  });
  req.on("end", () => whenRead(Buffer.concat(chunks)));
  // Without a listener a connection cut in the middle of a body would end the process.
  req.on("error", () => res.destroy());
}

/** Takes a posted message: one line in the log, then the answer or the fault. */
export function takeMessage(
  context: SandboxContext,
  req: IncomingMessage,
  res: ServerResponse,
  arrival: Arrival,
  text: string,
): void {
  const { scenario, judge, log, counters } = context;
  const body = parseJson(text);
  const posted = glance(body, playedBy(scenario, arrival.phoneNumberId));
  const seq = log.nextSeq();
  const traceId = `A${log.boot}${seq.toString(36)}`;
  const usage = usageHeader(scenario.waba_id, judge.usage(arrival.phoneNumberId, arrival.nowMs));
  const stamp = { usage, traceId, version: arrival.version };
  counters.requests += 1;
  const fault = context.faults.meet(posted.digits, arrival.phoneNumberId);
  if (fault !== undefined) count(counters.faults, fault.kind);
  const facts = factsOf(arrival, posted, fault);
  const logBody = body === undefined ? JSON.stringify(text) : oneLine(text, body);

  // What cannot be written down must not have happened: nothing accepted, nothing answered.
  const refuseSilently = (): unknown => res.socket?.resetAndDestroy();

  if (fault?.accepts === false) {
    const event = fault.kind === "drop_before_reading" ? "dropped" : "fault";
    const entry = { event, ...facts, fault: fault.kind } as const;
    log.append({ entry, body: logBody }, (isWritten) => {
      if (isWritten) sendFault(res, fault.kind, { http: 500, body: "" }, stamp);
      else refuseSilently();
    });
    return;
  }
  const decision = judge.decide({
    authorization: req.headers.authorization,
    phoneNumberId: arrival.phoneNumberId,
    api: arrival.api,
    contentType: req.headers["content-type"],
    body,
    nowMs: arrival.nowMs,
  });
  // The id and its line share their number, so that no id can be given twice.
  const id = `wamid.${Buffer.from(`${log.boot}.${seq}`).toString("base64url")}`;
  log.append({ entry: entryOf(decision, facts, id), body: logBody }, (isWritten) => {
    if (!isWritten) {
      refuseSilently();
      return;
    }
    if (decision.kind === "accepted") {
      counters.accepted += 1;
      const { phoneNumberId, nowMs } = arrival;
      context.scheduler.plan({ ...decision, id, key: posted.key, phoneNumberId }, nowMs);
    } else count(counters.refused, decision.refusal.code);
    const answer = answerOf(decision, id, scenario, traceId);
    const isEarly = decision.kind === "accepted" && decision.fate.receiptPattern === "early";
    answerLate(context, res, { answer, stamp, fault, seq, moreMs: isEarly ? EARLY_MS : 0 });
  });
}

function answerLate(
  context: SandboxContext,
  res: ServerResponse,
  what: { answer: Answer; stamp: Stamp; fault: Fault | undefined; seq: number; moreMs: number },
): void {
  const { seed, latency_ms: latency } = context.scenario;
  const { answer, stamp, fault, seq, moreMs } = what;
  const spread = latency.max - latency.min;
  const part = spread === 0 ? 0 : chance(seed, "latency", `${seq}`);
  const delayMs = latency.min + spread * part + moreMs;
  if (fault === undefined) send(res, answer, stamp, delayMs);
  // A fault comes at once: latency before it would only make tests slow.
  else sendFault(res, fault.kind, answer, stamp);
}

function factsOf(
  arrival: Arrival,
  posted: Glance,
  fault: Fault | undefined,
): Omit<Extract<LogEntry, { event: "refused" }>, "event" | "http" | "code" | "details"> {
  return {
    // Whole microseconds: more digits would be noise.
    at: Math.round(arrival.nowMs * 1_000) / 1_000,
    phone_number_id: arrival.phoneNumberId,
    to: posted.digits === undefined ? null : `+${posted.digits}`,
    raw_to: posted.to ?? null,
    key: posted.key ?? null,
    template: posted.template ?? null,
    language: posted.language ?? null,
    policy: posted.policy ?? null,
    ...(arrival.api === "cloud" && { api: arrival.api }),
    ...(fault && { fault: fault.kind }),
  };
}

function entryOf(
  decision: Accepted | Refused,
  facts: ReturnType<typeof factsOf>,
  id: string,
): LogEntry {
  if (decision.kind === "refused") {
    const { code, details } = decision.refusal;
    const { http } = decision;
    return { event: "refused", ...facts, http, code, details: details ?? detailsOf(code) };
  }
  const { path, waId, fate } = decision;
  return {
    event: "accepted",
    ...facts,
    id,
    path,
    message_status: statusOf(decision),
    wa_id: waId ?? null,
    ...(fate.failsWith !== null && { fails_with: fate.failsWith }),
  };
}

/** The documented reply (Meta, send marketing messages page, 2026-05), or the error envelope. */
function answerOf(
  decision: Accepted | Refused,
  id: string,
  scenario: Scenario,
  traceId: string,
): Answer {
  if (decision.kind === "refused") {
    return { http: decision.http, body: errorBody(decision.refusal, traceId) };
  }
  const { input, waId, userId, fate } = decision;
  const withStatus = scenario.message_status === "always" || fate.isHeld;
  const body = {
    messaging_product: "whatsapp",
    contacts: [{ input, ...(waId && { wa_id: waId }), ...(userId && { user_id: userId }) }],
    messages: [{ id, ...(withStatus && { message_status: statusOf(decision) }) }],
  };
  return { http: 200, body: JSON.stringify(body) };
}

function statusOf({ fate }: Accepted): "accepted" | "held_for_quality_assessment" {
  return fate.isHeld ? "held_for_quality_assessment" : "accepted";
}

/**
 * Meta's usage header (about the platform, 2026-09); `minutes` until calls are let in again. [?]
 * Which `type` WhatsApp has is not documented.
 */
export function usageHeader(wabaId: string, percent: number, minutes = 0): string {
  return (
    `{"${wabaId}":[{"type":"whatsapp","call_count":${percent},"total_cputime":0,` +
    `"total_time":0,"estimated_time_to_regain_access":${minutes}}]}`
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A body as it was posted when it fits on a line of the log, or the same data on one line. */
function oneLine(text: string, body: unknown): string {
  return /[\r\n]/.test(text) ? JSON.stringify(body) : text;
}
