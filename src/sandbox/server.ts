// The sandbox as a server on loopback: starts it, sends each request to the part that answers it,
// and closes it.

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { performance } from "node:perf_hooks";

import type { TemplateDefinition } from "../template.ts";
import { answerGet } from "./account.ts";
import type { Answer, Stamp } from "./answer.ts";
import { send } from "./answer.ts";
import { describe, isLoopback, newCounters, patchScenario } from "./control.ts";
import type { Desk } from "./exchange.ts";
import { readBody, takeMessage, usageHeader } from "./exchange.ts";
import type { Faults } from "./faults.ts";
import { makeFaults } from "./faults.ts";
import { errorBody } from "./graph-errors.ts";
import { makeJudge, unknownObject } from "./judge.ts";
import { openSandboxLog } from "./log.ts";
import type { DeliverReceipt } from "./receipts.ts";
import { makeReceipts } from "./receipts.ts";
import type { Scenario } from "./scenario.ts";
import { defaultScenario } from "./scenario.ts";

/** An idle connection is kept this long, in milliseconds; longer than clients keep theirs. */
const KEEP_ALIVE_MS = 65_000;
const MESSAGES_PATH = /^\/(v\d{1,3}\.\d{1,2})\/([^/]{1,64})\/marketing_messages$/;
const VERSIONED_PATH = /^\/(v\d{1,3}\.\d{1,2})\/(.{1,200})$/;
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
  /** Added to the scenario's; one of the same name and language takes its place. */
  templates?: TemplateDefinition[];
  /** Given every receipt's webhook body; receipts are in the log in any case. */
  deliver?: DeliverReceipt;
}

export interface Sandbox {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  url: string;
  phoneNumberId: string;
  wabaId: string;
  accessToken: string;
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
  const desk = makeDesk(scenario, log, options.deliver);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (req, res) => {
    route(desk, req, res);
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
  let closing: Promise<void> | undefined;
  return {
    url,
    phoneNumberId: scenario.phone_number_id,
    wabaId: scenario.waba_id,
    accessToken: scenario.access_token,
    close() {
      closing ??= close(server, desk);
      return closing;
    },
  };
}

interface ServerDesk extends Desk {
  change(scenario: Scenario): void;
}

function makeDesk(
  initial: Scenario,
  log: Desk["log"],
  deliver: DeliverReceipt | undefined,
): ServerDesk {
  let scenario = initial;
  let faults: Faults = makeFaults(initial);
  const judge = makeJudge(initial);
  const receipts = makeReceipts({
    log,
    now,
    scenario: () => scenario,
    ...(deliver && { deliver }),
  });
  return {
    get scenario() {
      return scenario;
    },
    get faults() {
      return faults;
    },
    judge,
    log,
    receipts,
    counters: newCounters(),
    change(next) {
      // Faults that were not touched go on counting where they were.
      const sameFaults = JSON.stringify(next.faults) === JSON.stringify(scenario.faults);
      if (!sameFaults || next.seed !== scenario.seed) faults = makeFaults(next);
      judge.change(next);
      scenario = next;
    },
  };
}

function route(desk: ServerDesk, req: IncomingMessage, res: ServerResponse): void {
  const url = req.url ?? "/";
  const cut = url.indexOf("?");
  const path = cut === -1 ? url : url.slice(0, cut);
  const message = req.method === "POST" ? MESSAGES_PATH.exec(path) : null;
  if (message !== null) {
    const [, version = "", phoneNumberId = ""] = message;
    const arrival = { version, phoneNumberId, nowMs: now() };
    readBody(req, res, (text) => takeMessage(desk, req, res, arrival, text));
    return;
  }
  if (path === CONTROL_PATH && isLoopback(req.socket.remoteAddress)) {
    control(desk, req, res);
    return;
  }
  req.resume();
  const [, version = NEWEST_VERSION, node] = VERSIONED_PATH.exec(path) ?? [];
  const stamp = stampOf(desk, version);
  if (node === undefined) {
    // Graph takes the first part of any path for an object's id.
    const refusal = unknownObject(path.split("/")[1] ?? "", req.method === "POST" ? "post" : "get");
    const http = path === "/" || req.method === "GET" ? 404 : 400;
    send(res, { http, body: errorBody(refusal, stamp.traceId) }, stamp, 0);
    return;
  }
  if (req.method !== "GET") {
    const refusal = unknownObject(node.split("/")[0] ?? "", "post");
    send(res, { http: 400, body: errorBody(refusal, stamp.traceId) }, stamp, 0);
    return;
  }
  const query = new URLSearchParams(cut === -1 ? "" : url.slice(cut + 1));
  const { authorization } = req.headers;
  send(res, answerGet(desk.scenario, node, query, authorization, stamp.traceId), stamp, 0);
}

function control(desk: ServerDesk, req: IncomingMessage, res: ServerResponse): void {
  const stamp = stampOf(desk, NEWEST_VERSION);
  readBody(req, res, (text) => {
    let answer: Answer = { http: 405, body: '{"problems":["only GET and PATCH"]}' };
    if (req.method === "PATCH") {
      const patched = patchScenario(desk.scenario, text);
      if ("value" in patched) desk.change(patched.value);
      else answer = { http: 400, body: JSON.stringify(patched) };
    }
    if (req.method === "GET" || (req.method === "PATCH" && answer.http !== 400)) {
      const counters = { ...desk.counters, receipts: desk.receipts.told() };
      answer = { http: 200, body: describe(desk.scenario, counters) };
    }
    send(res, answer, stamp, 0);
  });
}

function stampOf(desk: Desk, version: string): Stamp {
  const usage = usageHeader(desk.scenario.waba_id, desk.judge.usage(now()));
  return { usage, version, traceId: `A${desk.log.boot}G` };
}

/**
 * Milliseconds since the epoch with fraction. The wall clock at the start, then a clock that never
 * goes back.
 */
function now(): number {
  return performance.timeOrigin + performance.now();
}

function withTemplates(scenario: Scenario, templates: TemplateDefinition[]): Scenario {
  const isNamed = (name: string, language: string): boolean =>
    templates.some((one) => one.name === name && one.language === language);
  const others = scenario.templates.filter((one) => !isNamed(one.name, one.language));
  const added = templates.map((one) => ({ ...one, syncing: false }));
  return { ...scenario, templates: [...others, ...added] } as Scenario;
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

function close(server: Server, desk: Desk): Promise<void> {
  desk.receipts.close();
  return new Promise((resolve) => {
    server.close(() => {
      desk.log.close();
      resolve();
    });
    server.closeAllConnections();
  });
}
