// Sends answers as Graph does, late or spoilt where the scenario wants it. Never decides what the
// answer is.

import type { ServerResponse } from "node:http";

import { unreachable } from "../../domain/common/errors.ts";
import { errorBody } from "../messages/graph-errors.ts";
import type { FaultKind } from "../scenario/scenario.ts";

/** Time between two bytes of a slow body, in milliseconds. */
const SLOW_BYTE_MS = 50;
const JSON_TYPE = "application/json; charset=UTF-8";
const HTML_TYPE = "text/html; charset=utf-8";

/** An answer that is ready to go out. */
export interface Answer {
  http: number;
  body: string;
  type?: string;
}

/** What every answer of one request carries. */
export interface Stamp {
  /** `x-business-use-case-usage`. */
  usage: string;
  /** `x-app-usage`; messages do not count there. */
  appUsage?: string;
  traceId: string;
  /** `v25.0`. */
  version: string;
}

/**
 * Sends an answer after a delay in milliseconds; nothing happens when the client has gone by then.
 */
export function send(res: ServerResponse, answer: Answer, stamp: Stamp, delayMs: number): void {
  // A timer is never quicker than a millisecond, so no delay is no timer.
  if (delayMs <= 0) sendNow(res, answer, stamp);
  else setTimeout(sendNow, delayMs, res, answer, stamp).unref();
}

/** Plays a fault; `answer` is what would have been sent without it. */
export function sendFault(
  res: ServerResponse,
  kind: FaultKind,
  answer: Answer,
  stamp: Stamp,
): void {
  const { traceId } = stamp;
  switch (kind) {
    case "drop_before_reading":
      // A reset and not an orderly end: what a dying process or a firewall does.
      res.socket?.resetAndDestroy();
      break;
    case "drop_after_accepting":
      res.socket?.destroy();
      break;
    case "hang":
      break;
    case "error_500":
      sendNow(res, { http: 500, body: "", type: "text/plain" }, stamp);
      break;
    case "error_500_meta":
      sendNow(res, { http: 500, body: errorBody({ code: 131000 }, traceId) }, stamp);
      break;
    case "error_503_meta":
      sendNow(res, { http: 503, body: errorBody({ code: 131016 }, traceId) }, stamp);
      break;
    case "html_403":
      sendNow(res, page(403, "Forbidden"), stamp);
      break;
    case "html_429":
      sendNow(res, page(429, "Too Many Requests"), stamp);
      break;
    case "garbage_answer":
      sendNow(res, { http: 200, body: "\u0000<not json", type: JSON_TYPE }, stamp);
      break;
    case "slow_body":
      sendSlowly(res, answer, stamp);
      break;
    case "cut_answer":
      sendHalf(res, answer, stamp);
      break;
    default:
      unreachable(kind);
  }
}

function sendNow(res: ServerResponse, answer: Answer, stamp: Stamp): void {
  if (res.destroyed) return;
  writeHead(res, answer, stamp);
  res.end(answer.body);
}

function sendHalf(res: ServerResponse, answer: Answer, stamp: Stamp): void {
  writeHead(res, answer, stamp);
  const half = answer.body.slice(0, Math.floor(answer.body.length / 2));
  // An orderly end would wait for the other half; the headers have promised all of it.
  res.write(half, () => res.socket?.destroy());
}

function sendSlowly(res: ServerResponse, answer: Answer, stamp: Stamp): void {
  writeHead(res, answer, stamp);
  res.flushHeaders();
  const bytes = Buffer.from(answer.body);
  let sent = 0;
  const timer = setInterval(() => {
    const isOver = res.destroyed || sent === bytes.length;
    if (!isOver) res.write(bytes.subarray(sent, sent + 1));
    sent += 1;
    if (!isOver) return;
    clearInterval(timer);
    res.end();
  }, SLOW_BYTE_MS).unref();
}

function writeHead(res: ServerResponse, answer: Answer, stamp: Stamp): void {
  res.writeHead(answer.http, [
    "Content-Type",
    answer.type ?? JSON_TYPE,
    "Content-Length",
    String(Buffer.byteLength(answer.body)),
    "Facebook-Api-Version",
    stamp.version,
    "X-Business-Use-Case-Usage",
    stamp.usage,
    "X-Fb-Trace-Id",
    stamp.traceId,
    ...(stamp.appUsage === undefined ? [] : ["X-App-Usage", stamp.appUsage]),
  ]);
}

function page(http: number, title: string): Answer {
  const head = `<head><title>${http} ${title}</title></head>`;
  const body = `<!DOCTYPE html><html>${head}<body>${title}</body></html>`;
  return { http, body, type: HTML_TYPE };
}
