// The sandbox as a server on loopback: starts it, sends each request to the part that answers it,
// and closes it.

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { performance } from "node:perf_hooks";

import type { TemplateDefinition } from "../../domain/message/template.ts";
import type { CountedMessage } from "../insights/counted.ts";
import { makeCounted } from "../insights/counted.ts";
import { errorBody, unknownObject } from "../messages/graph-errors.ts";
import { makeJudge } from "../messages/judge.ts";
import type { Faults } from "../scenario/faults.ts";
import { makeFaults } from "../scenario/faults.ts";
import { numbersOf } from "../scenario/own-numbers.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { checkScenario, defaultScenario } from "../scenario/scenario.ts";
import { accountEvents } from "../webhooks/account-events.ts";
import type { Handshake } from "../webhooks/deliver.ts";
import type { DeliverReceipt } from "../webhooks/webhook-scheduler.ts";
import { makeWebhookScheduler } from "../webhooks/webhook-scheduler.ts";
import type { Answer } from "./answer.ts";
import { send } from "./answer.ts";
import type { SandboxContext } from "./context.ts";
import { describe, isLoopback, newCounters, patchScenario } from "./control.ts";
import { readBody, readBytes, takeMessage } from "./exchange.ts";
import { openSandboxLog } from "./log.ts";
import { makeManagement, stampOf, takeCall } from "./management.ts";
import { MAX_UPLOAD_BYTES } from "./media.ts";

/** An idle connection is kept this long, in milliseconds; longer than clients keep theirs. */
const KEEP_ALIVE_MS = 65_000;
const MESSAGES_PATH = /^\/(v\d{1,3}\.\d{1,2})\/([^/]{1,64})\/(marketing_messages|messages)$/;
const VERSIONED_PATH = /^\/(v\d{1,3}\.\d{1,2})\/(.{1,200})$/;
/** The one call that is often made without a version. */
const DEBUG_PATH = /^\/(?:(v\d{1,3}\.\d{1,2})\/)?(debug_token)$/;
/** Largest body of a call that uploads nothing, in bytes. */
const MAX_CALL_BYTES = 1_048_576;
const NEWEST_VERSION = "v26.0";
const CONTROL_PATH = "/_sandbox";

export interface SandboxOptions {
  /** 0, the default, is any free port. */
  port?: number;
  /** 127.0.0.1 when left out. */
  host?: string;
  /** The append-only log; made when it is not there, gone on with when it is. */
  logFile: string;
  scenario?: Scenario;
  /** Logs of other sandboxes: their messages are counted in analytics, and change nothing else. */
  countedLogs?: readonly string[];
  /** Added to the scenario's; one of the same name and language takes its place. */
  templates?: TemplateDefinition[];
  /** Given the body of every update; they are in the log in any case. */
  deliver?: DeliverReceipt;
  /** Reported of every try of the handshake with the webhook. */
  onHandshake?: (handshake: Handshake) => void;
}

export interface Sandbox {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  url: string;
  /** The first number. */
  phoneNumberId: string;
  /** All numbers of the account, the first one first. */
  phoneNumberIds: string[];
  wabaId: string;
  accessToken: string;
  /**
   * How many updates are yet to be posted to the webhook within so many milliseconds, those
   * included that it has not answered with 200.
   */
  pending(withinMs: number): number;
  /** Closes every connection at once, answered or not, and then the log. */
  close(): Promise<void>;
}

/**
 * Starts the sandbox. Rejects with the system's error when the port is taken or the log cannot be
 * opened.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const scenario = withTemplates(options.scenario ?? defaultScenario(), options.templates ?? []);
  const log = openSandboxLog(options.logFile);
  const context = makeContext(scenario, log, options);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (req, res) => {
    route(context, req, res);
  });
  const host = options.host ?? "127.0.0.1";
  try {
    await listen(server, options.port ?? 0, host);
  } catch (error) {
    log.close();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const { boot } = log;
  const { seed } = scenario;
  log.write([{ event: "started", at: now(), boot, pid: process.pid, url, seed }]);
  context.scheduler.recall(options.logFile);
  context.scheduler.expect(scenario.inbound, now());
  let closing: Promise<void> | undefined;
  return {
    url,
    phoneNumberId: scenario.phone_number_id,
    phoneNumberIds: [...numbersOf(scenario).keys()],
    wabaId: scenario.waba_id,
    accessToken: scenario.access_token,
    pending: context.scheduler.pending,
    close() {
      closing ??= close(server, context);
      return closing;
    },
  };
}

interface ServerContext extends SandboxContext {
  readonly messages: () => readonly CountedMessage[];
  /** Since when the sandbox plays, in milliseconds. */
  readonly startMs: number;
}

function makeContext(
  initial: Scenario,
  log: SandboxContext["log"],
  { deliver, onHandshake, logFile, countedLogs = [] }: SandboxOptions,
): ServerContext {
  let scenario = initial;
  let faults: Faults = makeFaults(initial);
  let managementFaults = managementFaultsOf(initial);
  const startMs = now();
  const judge = makeJudge(initial, startMs);
  const counted = makeCounted([...countedLogs, logFile]);
  const scheduler = makeWebhookScheduler({
    log,
    now,
    scenario: () => scenario,
    ...(deliver && { deliver }),
    ...(onHandshake && { onHandshake }),
  });
  return {
    get scenario() {
      return scenario;
    },
    get faults() {
      return faults;
    },
    get managementFaults() {
      return managementFaults;
    },
    management: makeManagement(() => scenario),
    startMs,
    messages: () => counted(scenario),
    judge,
    log,
    scheduler,
    counters: newCounters(),
    change(next) {
      // Faults that were not touched go on counting where they were.
      const isSame = (key: "seed" | "faults" | "management_faults"): boolean =>
        JSON.stringify(next[key]) === JSON.stringify(scenario[key]);
      if (!isSame("seed") || !isSame("faults")) faults = makeFaults(next);
      if (!isSame("seed") || !isSame("management_faults")) {
        managementFaults = managementFaultsOf(next);
      }
      judge.change(next, now());
      const before = scenario;
      scenario = next;
      scheduler.report(accountEvents(before, next, now()));
      const known = new Set(before.inbound.map((one) => JSON.stringify(one)));
      scheduler.expect(
        next.inbound.filter((one) => !known.has(JSON.stringify(one))),
        now(),
      );
      scheduler.changed();
    },
  };
}

function managementFaultsOf({ seed, management_faults: faults }: Scenario): Faults {
  return makeFaults({ seed, faults });
}

function route(context: ServerContext, req: IncomingMessage, res: ServerResponse): void {
  const url = req.url ?? "/";
  const cut = url.indexOf("?");
  const path = cut === -1 ? url : url.slice(0, cut);
  const message = req.method === "POST" ? MESSAGES_PATH.exec(path) : null;
  if (message !== null) {
    const [, version = "", phoneNumberId = "", name] = message;
    const api = name === "messages" ? ("cloud" as const) : ("marketing" as const);
    const arrival = { version, phoneNumberId, api, nowMs: now() };
    readBody(req, res, (text) => takeMessage(context, req, res, arrival, text));
    return;
  }
  if (path === CONTROL_PATH && isLoopback(req.socket.remoteAddress)) {
    control(context, req, res);
    return;
  }
  const [, version = NEWEST_VERSION, node] =
    DEBUG_PATH.exec(path) ?? VERSIONED_PATH.exec(path) ?? [];
  if (node === undefined) {
    req.resume();
    // Graph takes the first part of any path for an object's id.
    const refusal = unknownObject(path.split("/")[1] ?? "", req.method === "POST" ? "post" : "get");
    const http = path === "/" || req.method === "GET" ? 404 : 400;
    const stamp = plainStamp(context);
    send(res, { http, body: errorBody(refusal, stamp.traceId) }, stamp, 0);
    return;
  }
  const call = {
    method: req.method ?? "GET",
    path: node,
    query: new URLSearchParams(cut === -1 ? "" : url.slice(cut + 1)),
    url: `http://${req.headers.host ?? "localhost"}${path}`,
    startMs: context.startMs,
    messages: context.messages,
    nowMs: now(),
    version,
  };
  const isUpload = node.endsWith("/media");
  const maxBytes = isUpload ? MAX_UPLOAD_BYTES : MAX_CALL_BYTES;
  const contentType = req.headers["content-type"];
  readBytes(req, res, maxBytes, (bytes) => {
    if (!isUpload) takeCall(context, req, res, call, { contentType, bytes, form: undefined });
    else {
      void readForm(contentType, bytes).then((form) =>
        takeCall(context, req, res, call, { contentType, bytes, form }),
      );
    }
  });
}

/**
 * The fields of a form; undefined when the body is none. Node reads boundaries of 27 to 70
 * characters.
 */
async function readForm(contentType = "", bytes: Buffer): Promise<FormData | undefined> {
  const headers = { "content-type": contentType };
  return new Response(bytes, { headers }).formData().catch(() => undefined);
}

function control(context: ServerContext, req: IncomingMessage, res: ServerResponse): void {
  const stamp = plainStamp(context);
  readBody(req, res, (text) => {
    let answer: Answer = { http: 405, body: '{"problems":["only GET and PATCH"]}' };
    if (req.method === "PATCH") {
      const patched = patchScenario(context.scenario, text);
      if ("value" in patched) context.change(patched.value);
      else answer = { http: 400, body: JSON.stringify(patched) };
    }
    if (req.method === "GET" || (req.method === "PATCH" && answer.http !== 400)) {
      const counters = { ...context.counters, ...context.scheduler.counts() };
      answer = { http: 200, body: describe(context.scenario, counters) };
    }
    send(res, answer, stamp, 0);
  });
}

function plainStamp(context: SandboxContext): ReturnType<typeof stampOf> {
  return stampOf(context, {
    version: NEWEST_VERSION,
    nowMs: now(),
    traceId: `A${context.log.boot}G`,
  });
}

/**
 * Milliseconds since the epoch with fraction. The wall clock at the start, then a clock that never
 * goes back.
 */
function now(): number {
  return performance.timeOrigin + performance.now();
}

/** A template that the scenario's schema refuses is the program's own mistake, and throws. */
function withTemplates(scenario: Scenario, templates: readonly TemplateDefinition[]): Scenario {
  if (templates.length === 0) return scenario;
  const isNamed = (name: string, language: string): boolean =>
    templates.some((one) => one.name === name && one.language === language);
  const others = scenario.templates.filter((one) => !isNamed(one.name, one.language));
  const checked = checkScenario({ ...scenario, templates: [...others, ...templates] });
  if ("problems" in checked) throw new Error(`sandbox template: ${checked.problems.join("; ")}`);
  return checked.value;
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function close(server: Server, context: SandboxContext): Promise<void> {
  context.scheduler.close();
  return new Promise((resolve) => {
    server.close(() => {
      context.log.close();
      resolve();
    });
    server.closeAllConnections();
  });
}
