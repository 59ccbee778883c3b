// One call to Graph that is not a message, from its first byte to its answer: counted against the
// hourly limit, decided, written down, carried out, answered. Never looks at a message.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Refusal } from "../messages/graph-errors.ts";
import { errorBody, httpStatusOf, unknownObject } from "../messages/graph-errors.ts";
import type { Window } from "../scenario/limits.ts";
import { makeWindow } from "../scenario/limits.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { readNode } from "./account.ts";
import type { Answer, Stamp } from "./answer.ts";
import { send, sendFault } from "./answer.ts";
import type { Call } from "./call.ts";
import type { Change, Posted } from "./changes.ts";
import { decideChange } from "./changes.ts";
import type { Management, SandboxContext } from "./context.ts";
import { count } from "./control.ts";
import { usageHeader } from "./exchange.ts";
import { isRefusal } from "./fields.ts";
import type { LogEntry } from "./log-events.ts";
import { refusedToken } from "./token.ts";

const HOUR_MS = 3_600_000;

const DAY_MS = 86_400_000;

const MINUTE_MS = 60_000;

/** Subcode of Graph's rate limits (OpenAPI v23.0). */
const RATE_LIMITED = 2446079;

const HTTP_TOO_MANY = 429;

/** Remembers calls, edits and uploads; `scenario` gives the limits as they are. */
export function makeManagement(scenario: () => Scenario): Management {
  const calls = makeWindow(HOUR_MS);
  const edits = new Map<string, Window>();
  let lastUploadMs = 0;
  return {
    admit({ management: { calls_per_hour: limit } }, nowMs) {
      if (limit !== null && calls.count(HOUR_MS, nowMs) >= limit) return false;
      calls.add(nowMs);
      return true;
    },
    usage({ management: { calls_per_hour: limit } }, nowMs) {
      if (limit === null) return { percent: 0, minutes: 0 };
      const used = calls.count(HOUR_MS, nowMs);
      const percent = limit === 0 ? 100 : Math.min(100, Math.round((used / limit) * 100));
      const untilMs = used < limit ? 0 : calls.untilNext(HOUR_MS, nowMs);
      return { percent, minutes: Math.ceil(untilMs / MINUTE_MS) };
    },
    edited(templateId, nowMs) {
      const window = edits.get(templateId) ?? makeWindow(DAY_MS);
      window.add(nowMs);
      edits.set(templateId, window);
    },
    isWornOut(templateId, nowMs) {
      const { per_hour: perHour, per_day: perDay } = scenario().template_edits;
      const window = edits.get(templateId);
      const used = (spanMs: number): number => window?.count(spanMs, nowMs) ?? 0;
      return used(HOUR_MS) >= perHour || used(DAY_MS) >= perDay;
    },
    uploadInstant(nowMs) {
      lastUploadMs = Math.max(Math.floor(nowMs), lastUploadMs + 1);
      return lastUploadMs;
    },
  };
}

/** Takes a call: one line in the log, then the change, then the answer or the fault. */
export function takeCall(
  context: SandboxContext,
  req: IncomingMessage,
  res: ServerResponse,
  call: Call & { version: string },
  posted: Posted,
): void {
  const { scenario, log, management, counters } = context;
  const { method, path, query, nowMs, version } = call;
  const traceId = `A${log.boot}${log.nextSeq().toString(36)}`;
  counters.management += 1;
  const fault = context.managementFaults.meet(undefined, path.split("/")[0]);
  if (fault !== undefined) count(counters.faults, fault.kind);
  const isDropped = fault?.accepts === false;
  const change: Change = isDropped
    ? { answer: { code: 131000 }, body: null }
    : decide(context, call, tokenOf(req, query), posted);
  const { answer } = change;
  const refusal = isRefusal(answer) ? answer : undefined;
  const http = refusal === undefined ? 200 : httpOf(scenario, refusal);
  const entry: LogEntry = {
    event: "management",
    at: Math.round(nowMs * 1_000) / 1_000,
    method,
    path,
    fields: query.get("fields"),
    http: isDropped ? null : http,
    code: isDropped ? null : (refusal?.code ?? null),
    ...(fault && { fault: fault.kind }),
  };
  log.append({ entry, body: JSON.stringify(change.body ?? null) }, (isWritten) => {
    // What cannot be written down must not have happened.
    if (!isWritten) {
      res.socket?.resetAndDestroy();
      return;
    }
    if (change.next !== undefined) context.change(change.next);
    if (change.edited !== undefined) management.edited(change.edited, nowMs);
    const body = refusal === undefined ? JSON.stringify(answer) : errorBody(refusal, traceId);
    const ready: Answer = { http, body };
    const stamp = stampOf(context, { version, nowMs, traceId });
    if (fault === undefined) send(res, ready, stamp, 0);
    else sendFault(res, fault.kind, ready, stamp);
  });
}

/** What every answer to a management call carries. */
export function stampOf(
  context: SandboxContext,
  { version, nowMs, traceId }: { version: string; nowMs: number; traceId: string },
): Stamp {
  const { percent, minutes } = context.management.usage(context.scenario, nowMs);
  return {
    usage: usageHeader(context.scenario.waba_id, percent, minutes),
    appUsage: `{"call_count":${percent},"total_cputime":0,"total_time":0}`,
    traceId,
    version,
  };
}

function decide(
  context: SandboxContext,
  call: Call,
  authorization: string | undefined,
  posted: Posted,
): Change {
  const { scenario, management } = context;
  const { method, path, nowMs } = call;
  const refuse = (answer: Refusal): Change => ({ answer, body: null });
  const badToken = refusedToken(authorization, scenario, call);
  if (badToken !== undefined) return refuse(badToken);
  // The calls that count (Meta, about the platform, 2026-09): the account's own and its lists'.
  const isCounted = path === scenario.waba_id || path.startsWith(`${scenario.waba_id}/`);
  if (isCounted && !management.admit(scenario, nowMs)) return refuse(overLimit(scenario));
  if (method === "GET") return { answer: readNode(scenario, call), body: null };
  if (method === "POST") return decideChange(scenario, call, posted, management);
  return refuse(unknownObject(path.split("/")[0] ?? "", "post"));
}

function overLimit({ management }: Scenario): Refusal {
  return { code: management.refusal_code, subcode: RATE_LIMITED, isTransient: true };
}

/** Graph takes the token in the address, too. */
function tokenOf(req: IncomingMessage, query: URLSearchParams): string | undefined {
  const token = query.get("access_token");
  return req.headers.authorization ?? (token === null ? undefined : `Bearer ${token}`);
}

function httpOf(scenario: Scenario, { code, subcode }: Refusal): number {
  // The OpenAPI has 429 for these (v23.0), Meta's page had 400 (2025-12).
  const isThrottled = subcode === RATE_LIMITED && scenario.throttle_http_status === HTTP_TOO_MANY;
  return isThrottled ? HTTP_TOO_MANY : httpStatusOf(code);
}
