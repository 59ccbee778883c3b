// Builders for the sandbox's tests: a valid message, a running sandbox in a folder of its own.

import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Scenario } from "../../src/sandbox/scenario/scenario.ts";
import { checkScenario } from "../../src/sandbox/scenario/scenario.ts";
import { readSandboxLog } from "../../src/sandbox/server/log.ts";
import type { LogEvent } from "../../src/sandbox/server/log-events.ts";
import type { Sandbox, SandboxOptions } from "../../src/sandbox/server/server.ts";
import { startSandbox } from "../../src/sandbox/server/server.ts";

/** A Brazilian number whose area code (20) belongs to nobody. */
export const ORDINARY = "+5520912345678";

// biome-ignore lint/suspicious/noExplicitAny: tests reach into bodies of every shape, valid or not.
export type Loose = any;

export interface Answered {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** Undefined when the text is not JSON. */
  json: Loose;
}

export interface Running extends Sandbox {
  logFile: string;
  post(body: unknown, options?: PostOptions): Promise<Answered>;
  call(
    method: string,
    path: string,
    body?: string | Buffer,
    headers?: Record<string, string>,
  ): Promise<Answered>;
  /** A GET with the token; `path` after the version, without a slash. */
  get(path: string): Promise<Answered>;
  /** A POST of JSON with the token; the same. */
  change(path: string, body?: unknown): Promise<Answered>;
  patch(scenario: unknown): Promise<Answered>;
  events(): LogEvent[];
  end(): Promise<void>;
}

export interface PostOptions {
  headers?: Record<string, string>;
  id?: string;
  version?: string;
}

/** A scenario from a few keys; throws when they are wrong. */
export function scenarioOf(keys: unknown = {}): Scenario {
  const checked = checkScenario(keys);
  if ("problems" in checked) throw new Error(checked.problems.join("\n"));
  return checked.value;
}

export function componentsOf(name = "Ana", coupon = "FLOR20"): Loose[] {
  return [
    {
      type: "header",
      parameters: [{ type: "image", image: { link: "https://example.com/a.jpg" } }],
    },
    {
      type: "body",
      parameters: [
        { type: "text", text: name },
        { type: "text", text: coupon },
      ],
    },
    { type: "button", sub_type: "url", index: "0", parameters: [{ type: "text", text: coupon }] },
  ];
}

/** A valid message; `changes` says only what differs. `undefined` removes a key. */
export function message(to: string = ORDINARY, changes: Record<string, unknown> = {}): Loose {
  return {
    messaging_product: "whatsapp",
    recipient_type: "individual",
    to,
    type: "template",
    template: {
      name: "spring_sale",
      language: { code: "pt_BR" },
      components: componentsOf(),
    },
    ...changes,
  };
}

export async function start(
  keys: unknown = {},
  options: Partial<SandboxOptions> = {},
): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), "sandbox-"));
  const logFile = options.logFile ?? join(folder, "sandbox.jsonl");
  const sandbox = await startSandbox({ scenario: scenarioOf(keys), ...options, logFile });
  const call: Running["call"] = (method, path, body, headers = {}) =>
    callHttp(sandbox.url + path, method, body, headers);
  return {
    ...sandbox,
    logFile,
    call,
    post(body, { headers, id = sandbox.phoneNumberId, version = "v25.0" } = {}) {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      return call("POST", `/${version}/${id}/marketing_messages`, text, {
        authorization: `Bearer ${sandbox.accessToken}`,
        "content-type": "application/json",
        ...headers,
      });
    },
    get: (path) =>
      call("GET", `/v25.0/${path}`, undefined, { authorization: `Bearer ${sandbox.accessToken}` }),
    change: (path, body = {}) =>
      call("POST", `/v25.0/${path}`, JSON.stringify(body), {
        authorization: `Bearer ${sandbox.accessToken}`,
        "content-type": "application/json",
      }),
    patch: (scenario) => call("PATCH", "/_sandbox", JSON.stringify(scenario)),
    events: () => readSandboxLog(logFile),
    async end() {
      await sandbox.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One request on a connection of its own. Rejects when it ends before the whole answer. */
export function callHttp(
  url: string,
  method: string,
  body?: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const req = request(url, { method, headers, agent: false }, (res) => {
      let text = "";
      res.setEncoding("utf8");
      res.on("data", (chunk: string) => {
        text += chunk;
      });
      res.on("error", reject);
      res.on("end", () => {
        let json: unknown;
        try {
          json = JSON.parse(text);
        } catch {}
        resolve({ status: res.statusCode ?? 0, headers: res.headers, text, json });
      });
    });
    req.on("error", reject);
    req.end(body);
  });
}
