// A Graph that quotes the token, the app secret, a phone number and a user id in every text that it
// can: none of them is on any face of the program, nor in the bytes of its ledger.

import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Ended } from "../support/harness.ts";
import { makeFolder, numberOf, query, start, writeCsv, writeManifest } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const TOKEN = 'audit-token/EAAG<1234567890>abcdef"&TOKEN';
const FOREIGN = "EAAJZCmZBx0123456789abcdefghijklmnopqrstuvwxyz";
const APP_SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const NUMBER = "4917612345678";
const USER = "DE.9876543210987";
const BASIC = Buffer.from(`user:${TOKEN}`).toString("base64");
const QUOTE = `token ${TOKEN}, ${TOKEN.slice(0, 20)}\n${TOKEN.slice(20)}, Basic ${BASIC}, ${FOREIGN}, secret ${APP_SECRET}, to +49 176 12345678 (${NUMBER}, ${USER})`;

/** What is looked for: each also as JSON, addresses and pages write it. */
const SECRETS = [
  TOKEN,
  JSON.stringify(TOKEN).slice(1, -1),
  encodeURIComponent(TOKEN),
  TOKEN.replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;"),
  "abcdef",
  BASIC.slice(8, -4),
  FOREIGN,
  APP_SECRET,
];
const PEOPLE = [NUMBER, "176 12345678", USER, "9876543210987"];

type Answer = (request: IncomingMessage, response: ServerResponse, row: number) => void;

const error = (code: number, more: object = {}) => ({
  error: {
    code,
    message: `(#${code}) ${QUOTE}`,
    title: QUOTE,
    error_user_title: QUOTE,
    error_user_msg: QUOTE,
    error_data: { messaging_product: "whatsapp", details: QUOTE },
    fbtrace_id: "AbCdEf",
    ...more,
  },
});

const json = (response: ServerResponse, status: number, body: object) => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
};

/** How each message is answered, by its row. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  "an error of the person": (_request, response) => json(response, 400, error(131026)),
  "an error of the request": (_request, response) => json(response, 400, error(132012)),
  "an error whose details are a text": (_request, response) =>
    json(response, 400, error(131021, { error_data: QUOTE })),
  "an error that says nothing sure": (_request, response) => json(response, 500, error(131000)),
  "a gateway's JSON": (_request, response) => json(response, 403, { error: QUOTE, hint: [QUOTE] }),
  "a proxy's page": (_request, response) => {
    const text = QUOTE.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    response.writeHead(502, { "content-type": "text/html" }).end(`<h1>Bad gateway</h1><p>${text}`);
  },
  "an address": (_request, response) =>
    response.writeHead(400).end(`GET /v25.0/x?access_token=${encodeURIComponent(TOKEN)} failed`),
  "a 200 with more words": (_request, response, row) =>
    json(response, 200, {
      messages: [{ id: `wamid.row${row}`, message_status: QUOTE }],
      contacts: [{ wa_id: numberOf(row).slice(1), user_id: TOKEN }],
    }),
};

let folder: string;
let remove: () => void;
let server: Server;
let answers: Answer[];
let said: string[];

beforeEach(async () => {
  ({ folder, remove } = makeFolder());
  said = [];
  let row = 0;
  server = createServer((request, response) => {
    request.resume().once("end", () => {
      // The person who reads the account is refused, in the same words.
      if (request.method === "GET") return json(response, 400, error(10));
      row += 1;
      (answers[row - 1] as Answer)(request, response, row);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
  remove();
});

async function begin(list: Answer[]): Promise<string> {
  answers = list;
  writeCsv(folder, list.length);
  const { port } = server.address() as AddressInfo;
  return writeManifest(folder, {
    url: `http://127.0.0.1:${port}`,
    phoneNumberId: "106540352242922",
  });
}

async function face(...args: string[]): Promise<Ended> {
  const env = { WHATSAPP_ACCESS_TOKEN: TOKEN, WHATSAPP_APP_SECRET: APP_SECRET };
  const ended = await campaign(args, { cwd: folder, env });
  said.push(`$ ${args.join(" ")}\n${ended.stdout}${ended.stderr}`);
  return ended;
}

/** Every command that shows something of the campaign, and every file that it writes. */
async function everyFace(manifest: string): Promise<void> {
  for (const args of [
    ["status"],
    ["status", "--json"],
    ["status", manifest],
    ["status", manifest, "--json"],
    ["report", manifest],
    ["report", manifest, "--json"],
    ["report", manifest, "--html", "r.html", "--csv", "r.csv", "--jsonl", "r.jsonl"],
    ["report", manifest, "--csv", "-", "--plain"],
    ["rejects", manifest, "--all"],
    ["compare", manifest, "test"],
    ["audit", "--json"],
    ["doctor", "--json"],
    ["check", manifest],
    ["check", manifest, "--json"],
    ["preview", manifest],
    ["account", "show", manifest],
    ["template", "show", manifest],
  ]) {
    await face(...args);
  }
  await livePages();
}

/** Every page of the live page that a link leads to. */
async function livePages(): Promise<void> {
  const password = "the-password-of-the-page";
  const running = start(["serve", "--port", "0", "--no-webhooks"], {
    cwd: folder,
    env: { CAMPAIGN_SERVE_PASSWORD: password, WHATSAPP_ACCESS_TOKEN: TOKEN },
  });
  const { url } = JSON.parse(await running.line()) as { url: string };
  const body = new URLSearchParams({ password });
  const login = await fetch(`${url}/login`, { method: "POST", body, redirect: "manual" });
  const cookie = login.headers.getSetCookie().map((one) => one.split(";")[0]);
  const seen = new Set(["/"]);
  for (const path of seen) {
    const page = await fetch(url + path, { headers: { cookie: cookie.join("; ") } });
    const text = await page.text();
    said.push(`$ GET ${path}\n${text}`);
    if (!page.headers.get("content-type")?.includes("html")) continue;
    for (const [, link = ""] of text.matchAll(/href="(\/[^"#]*)"/g)) {
      if (!link.includes("logout")) seen.add(link.replaceAll("&amp;", "&"));
    }
  }
  expect([...seen].filter((path) => path.startsWith("/campaigns/test"))).not.toEqual([]);
  running.child.kill("SIGTERM");
  const ended = await running.ended;
  said.push(`$ serve\n${ended.stdout}${ended.stderr}`);
}

function found(needles: readonly string[], text: string): string[] {
  return needles.filter((needle) => text.includes(needle));
}

function expectNothing(): void {
  for (const text of said) expect(found([...SECRETS, ...PEOPLE], text), text).toEqual([]);
  for (const name of ["log.jsonl", "r.html", "r.csv", "r.jsonl"]) {
    expect(found([...SECRETS, ...PEOPLE], readFileSync(join(folder, name), "utf8")), name).toEqual(
      [],
    );
  }
  // The ledger, what lies beside it, and the free places of both.
  for (const { name, bytes } of dataFiles()) expect(found(SECRETS, bytes), name).toEqual([]);
}

function dataFiles(): { name: string; bytes: string }[] {
  return readdirSync(join(folder, "data"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => ({
      name,
      bytes: readFileSync(join(parentPath, name), "latin1"),
    }));
}

describe("what Meta quotes of secrets and people", () => {
  it("is nowhere, whatever the answer to a message", async () => {
    const manifest = await begin(Object.values(ANSWERS));
    const ended = await face(
      "run",
      manifest,
      "--json",
      "--log-file",
      "log.jsonl",
      "--log-level",
      "trace",
    );
    expect(ended.code, ended.stderr).toBe(0);
    expect(JSON.parse(ended.stdout).counts).toEqual({ accepted: 1, failed: 3, unknown: 4 });
    await everyFace(manifest);
    expectNothing();
    const texts = query<{ text: string | null }>(
      folder,
      "select error_message as text from outcomes where status <> 'accepted' order by row_number",
    );
    for (const { text } of texts) expect(text).toMatch(/\*\*\*|something went wrong at Meta/);
    for (const { name, bytes } of dataFiles()) expect(found(PEOPLE, bytes), name).toEqual([]);
  });

  it("is nowhere when it halts the campaign, and what the token is refused for is still said", async () => {
    const manifest = await begin([(_request, response) => json(response, 401, error(190))]);
    const ended = await face("run", manifest, "--log-file", "log.jsonl", "--log-level", "trace");
    expect(ended.code, ended.stderr).toBe(3);
    expect(ended.stderr).toMatch(/^Halted\. Code 190: .*token \*\*\*.* to \*\*\*78/m);
    await everyFace(manifest);
    expectNothing();
  });

  it("is nowhere when receipts and events of the account say it", async () => {
    const accepted = Array.from({ length: 3 }, () => ANSWERS["a 200 with more words"] as Answer);
    const manifest = await begin(accepted);
    const ran = await face("run", manifest, "--log-file", "log.jsonl");
    expect(ran.code, ran.stderr).toBe(0);
    const failed = (row: number, code: number) => ({
      id: `wamid.row${row}`,
      status: "failed",
      timestamp: String(Math.floor(Date.now() / 1000)),
      recipient_id: numberOf(row).slice(1),
      errors: [{ code, title: QUOTE, message: QUOTE, error_data: { details: QUOTE } }],
    });
    const change = (field: string, value: object) => ({
      object: "whatsapp_business_account",
      entry: [{ id: "1", changes: [{ field, value }] }],
    });
    const messages = (value: object) =>
      change("messages", {
        messaging_product: "whatsapp",
        metadata: { phone_number_id: "106540352242922" },
        ...value,
      });
    const lines = [
      messages({ statuses: [failed(1, 131026)] }),
      messages({ statuses: [failed(2, 131042)] }),
      // About a message of nobody: this body is kept.
      messages({ statuses: [{ ...failed(9, 131026), recipient_id: "5511900000099" }] }),
      messages({ errors: [{ code: 130429, title: FOREIGN, message: QUOTE }] }),
      change("message_template_status_update", {
        event: "REJECTED",
        message_template_name: "offer",
        message_template_language: "pt_BR",
        reason: QUOTE,
      }),
      change("account_alerts", { alert_type: "OTHER", alert_description: QUOTE }),
    ];
    writeFileSync(
      join(folder, "bodies.jsonl"),
      lines.map((one) => `${JSON.stringify(one)}\n`).join(""),
    );
    const imported = await face("receipts", "import", "bodies.jsonl", "--json");
    expect(imported.code).toBe(0);
    await everyFace(manifest);
    expectNothing();
    const texts = query<{ text: string }>(
      folder,
      `select error_message as text from dispatch where error_message is not null
      union all select sentence from campaign_stop union all select reason from account_event
      where reason is not null union all select detail from account_event where detail is not null`,
    );
    expect(texts.length).toBeGreaterThanOrEqual(4);
    for (const { text } of texts) {
      expect(text).toContain("***");
      expect(found(PEOPLE, text)).toEqual([]);
    }
  });
});
