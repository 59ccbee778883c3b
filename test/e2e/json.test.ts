// `--json` of every command of the program: exactly one JSON document on stdout, with `error` where
// the exit code is not 0. A command that is not in the table fails the first test.

import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import type { Command } from "commander";
import { describe, expect } from "vitest";

import { buildProgram } from "../../src/cli/program.ts";
import { test as it } from "../support/fixture.ts";
import type { Ended } from "../support/harness.ts";
import {
  numberOf,
  QUICK_SANDBOX,
  query,
  start,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const M = "campaign.yaml";
const ENV = { WHATSAPP_ACCESS_TOKEN: "EAAtoken-of-nobody" };
const HOOKS = { WHATSAPP_APP_SECRET: "secret", WHATSAPP_VERIFY_TOKEN: "token" };

interface Row {
  /** Arguments that are right. */
  args: string[];
  /** What it reads first, and so what may be wrong with it. */
  reads: ("manifest" | "ledger" | "file" | "meta")[];
  /** Exit code on a campaign of which one of two people was sent to. */
  ends?: number;
  /** The id of its error then; `limit` when left out. */
  error?: string;
  isServer?: boolean;
}

/** In the order in which they are run on one campaign. */
const COMMANDS: Readonly<Record<string, Row>> = {
  run: { args: [M, "--limit", "1"], reads: ["manifest", "ledger", "meta"], ends: 75 },
  check: { args: [M], reads: ["manifest", "ledger", "meta"] },
  preview: { args: [M], reads: ["manifest"] },
  "send-test": { args: [M, "--to", numberOf(9), "--yes"], reads: ["manifest", "ledger", "meta"] },
  status: { args: [M], reads: ["manifest", "ledger"] },
  report: { args: [M], reads: ["manifest", "ledger"] },
  // Meta is asked where something was sent: test/e2e/insights.test.ts.
  insights: { args: [M], reads: ["manifest", "ledger"] },
  compare: { args: [M, M], reads: ["manifest", "ledger"] },
  rejects: { args: [M], reads: ["manifest", "ledger"] },
  retry: { args: [M, "--code", "131026"], reads: ["manifest", "ledger"] },
  resolve: { args: [M, "--unknown", "give-up"], reads: ["manifest", "ledger"] },
  // Its campaign has no test.
  decide: {
    args: [M, "--rest", "b"],
    reads: ["manifest", "ledger"],
    ends: 2,
    error: "invalid_input",
  },
  pause: { args: [M], reads: ["manifest", "ledger"] },
  unpause: { args: [M], reads: ["manifest", "ledger"] },
  move: {
    // Its campaign has one number.
    args: [M, "--from", "100000000000001", "--to", "100000000000009"],
    reads: ["manifest", "ledger"],
    ends: 2,
    error: "invalid_input",
  },
  cancel: { args: [M, "--yes"], reads: ["manifest", "ledger"] },
  work: { args: ["--once"], reads: ["ledger"] },
  "suppress add": { args: [numberOf(7)], reads: ["ledger"] },
  "suppress list": { args: [], reads: ["ledger"] },
  "suppress check": { args: [numberOf(7)], reads: ["ledger"] },
  "suppress export": { args: [], reads: ["ledger"] },
  "suppress import": { args: ["optouts.csv"], reads: ["file", "ledger"] },
  "suppress remove": { args: [numberOf(7)], reads: ["ledger"] },
  "receipts import": { args: ["bodies.jsonl"], reads: ["file", "ledger"] },
  "conversions import": { args: ["orders.csv"], reads: ["file", "ledger"] },
  "template list": { args: [M], reads: ["manifest", "meta"] },
  "template show": { args: [M], reads: ["manifest", "meta"] },
  "template set-ttl": { args: [M, "24h"], reads: ["manifest", "meta"] },
  "template set-max-price": { args: [M, "0.06USD", "--yes"], reads: ["manifest", "meta"] },
  "template optimise": { args: [M, "--opt-out", "image_touchups"], reads: ["manifest", "meta"] },
  "account show": { args: [M], reads: ["manifest", "meta"] },
  "account insights": { args: ["on", M, "--yes"], reads: ["manifest", "meta"] },
  "account cloud-marketing": { args: ["off", M, "--yes"], reads: ["manifest", "meta"] },
  forget: { args: [numberOf(9), "--yes"], reads: ["ledger"] },
  purge: { args: ["--older-than", "1d", "--yes"], reads: ["ledger"] },
  history: { args: [numberOf(7)], reads: ["ledger"] },
  audit: { args: [], reads: ["ledger"] },
  backup: { args: ["copy.sqlite"], reads: ["ledger"] },
  doctor: { args: [], reads: [] },
  webhooks: { args: ["--port", "0"], reads: ["ledger"], isServer: true },
  serve: { args: ["--port", "0"], reads: ["ledger"], isServer: true },
  sandbox: { args: ["--port", "0"], reads: [], isServer: true },
  init: { args: ["--sandbox", "--manifest", "try/campaign.yaml"], reads: [] },
  // The last one: it moves the ledger away from all others. It reads the one that its argument names.
  "ledger copy": { args: ["data/ledger.sqlite", "moved.sqlite"], reads: [] },
};

const names = Object.keys(COMMANDS);
const reading = (what: Row["reads"][number]) =>
  names.filter((name) => COMMANDS[name]?.reads.includes(what));
const lineOf = (name: string, args?: string[]) => [
  ...name.split(" "),
  ...(args ?? (COMMANDS[name] as Row).args),
  "--json",
];

function leaves(command: Command, path = ""): string[] {
  if (command.commands.length === 0) return [path];
  return command.commands.flatMap((one) => leaves(one, `${path} ${one.name()}`.trim()));
}

const { program } = buildProgram({
  begins() {},
  beforeQuit() {},
  stop: new AbortController().signal,
});

interface Failure {
  id: string;
  message: string;
  problems: { file: string | null; line: number | null; message: string; remedy: string | null }[];
}

/** The one document; its `error` is there exactly where the exit code is not 0. */
function documentOf(ended: Ended, what: string): Record<string, unknown> & { error?: Failure } {
  let document: Record<string, unknown> & { error?: Failure };
  try {
    document = JSON.parse(ended.stdout);
  } catch {
    throw new Error(`${what}: stdout is no JSON document: ${ended.stdout}\n${ended.stderr}`);
  }
  expect([what, typeof document]).toEqual([what, "object"]);
  expect([what, ended.code === 0]).toEqual([what, document.error === undefined]);
  if (document.error !== undefined) expectFailure(document.error, what);
  return document;
}

function expectFailure(error: Failure, what: string): void {
  expect([what, error]).toEqual([
    what,
    {
      id: expect.stringMatching(/^[a-z0-9_]+$/),
      message: expect.stringMatching(/\S/),
      next: expect.toSatisfy((next) => next === null || /^campaign \S/.test(String(next))),
      again: expect.any(Boolean),
      problems: expect.any(Array),
    },
  ]);
  for (const problem of error.problems) {
    expect(Object.keys(problem)).toEqual(["id", "file", "line", "column", "message", "remedy"]);
  }
}

function writeSandboxCampaign(folder: string, rows = 2): void {
  writeCsv(folder, rows);
  const template = "template: { name: offer, language: pt_BR, body: [a, b] }";
  const recipients = "recipients: { file: list.csv, phone: phone }";
  writeFileSync(join(folder, M), `campaign: test\n${QUICK_SANDBOX}\n${recipients}\n${template}\n`);
  writeFileSync(join(folder, "optouts.csv"), `phone\n${numberOf(8)}\n`);
  writeFileSync(
    join(folder, "orders.csv"),
    `order_id,phone,ordered_at\n1,${numberOf(8)},2026-11-27T09:30Z\n`,
  );
  writeFileSync(
    join(folder, "bodies.jsonl"),
    '{"object":"whatsapp_business_account","entry":[]}\n',
  );
}

/** Starts a server, and ends it once it has printed where it listens. */
async function serve(line: string[], folder: string): Promise<Ended> {
  const running = start(line, { cwd: folder, env: HOOKS });
  await running.line();
  running.child.kill("SIGTERM");
  return running.ended;
}

/** Whether a run has made its ledger and claimed a message in it. */
function isSending(folder: string): boolean {
  if (!existsSync(join(folder, "data", "ledger.sqlite"))) return false;
  return query(folder, "select 1 from dispatch where claimed_at > 0").length > 0;
}

describe("--json", () => {
  it("has every command of the program in this table", () => {
    const texts = ["schema", "completion"];
    expect(leaves(program).toSorted()).toEqual([...names, ...texts].toSorted());
  });

  it("gives one document for every command that does what it is asked for", async ({ folder }) => {
    writeSandboxCampaign(folder);
    for (const name of names) {
      const { args, ends = 0, error = "limit", isServer } = COMMANDS[name] as Row;
      const line = lineOf(name, args);
      const ended = await (isServer
        ? serve(line, folder)
        : campaign(line, { cwd: folder, env: HOOKS }));
      const document = documentOf(ended, name);
      expect([name, ended.code, document.error?.id]).toEqual([
        name,
        ends,
        ends === 0 ? undefined : error,
      ]);
    }
  });

  it("gives the rows of lists, and of what is written to files their number", async ({
    folder,
  }) => {
    writeSandboxCampaign(folder);
    writeFileSync(join(folder, "list.csv"), "phone,first_name,coupon\n12,Ana,\n", { flag: "a" });
    const json = async (...args: string[]) => {
      const ended = await campaign([...args, "--json"], { cwd: folder });
      expect([args, ended.code, ended.stderr]).toEqual([args, 0, expect.any(String)]);
      return JSON.parse(ended.stdout) as Record<string, unknown>;
    };
    await campaign(["suppress", "add", numberOf(1)], { cwd: folder });
    expect((await json("suppress", "export")).suppressions).toMatchObject([{ phone: numberOf(1) }]);
    const exported = await json("suppress", "export", "--csv", "o.csv");
    expect(exported).toEqual({ file: "o.csv", entries: 1, forgotten: 0 });
    writeCsv(folder, 3);
    writeFileSync(join(folder, "list.csv"), "12,Ana,\n", { flag: "a" });
    await json("run", M);
    const all = await json("rejects", M, "--all");
    expect(all).toEqual({
      campaign: "test",
      rejects: [
        expect.objectContaining({ row: 1, reason: "opted_out" }),
        {
          row: 4,
          line: 5,
          reason: "invalid_number",
          detail: expect.any(String),
          cells: { phone: "12", first_name: "Ana", coupon: "" },
        },
      ],
    });
    const written = await json("rejects", M, "--csv", "r.csv");
    expect(written).toEqual({ campaign: "test", file: "r.csv", rows: 1 });
    expect(readFileSync(join(folder, "r.csv"), "utf8").split("\r\n")).toHaveLength(3);
    const both = await campaign(["rejects", M, "--csv", "-", "--json"], { cwd: folder });
    expect(documentOf(both, "both").error).toMatchObject({ id: "usage" });
  });

  describe("when it fails", () => {
    it("an option that there is not", async ({ folder }) => {
      for (const name of names) {
        const ended = await campaign([...lineOf(name), "--no-such-option"], { cwd: folder });
        const { error } = documentOf(ended, name);
        expect([name, ended.code, error?.id]).toEqual([name, 2, "usage"]);
        expect(error?.problems[0]?.remedy).toContain(`campaign ${name} --help`);
      }
    });

    it("an argument that is missing, or one too many", async ({ folder }) => {
      for (const name of names) {
        const needs = ["suppress add", "suppress remove", "suppress check"].includes(name);
        const args = needs ? [] : ["x", "y", ...(COMMANDS[name] as Row).args];
        const ended = await campaign(lineOf(name, args), { cwd: folder });
        expect([name, ended.code, documentOf(ended, name).error?.id]).toEqual([name, 2, "usage"]);
      }
    });

    it("a command that there is not", async ({ folder }) => {
      const groups = program.commands.filter((one) => one.commands.length > 0);
      const lines = [
        ["no-such-command"],
        ["chek", M],
        ["help", "chek"],
        ["list.csv"],
        [],
        ...groups.map((one) => [one.name()]),
        ...groups.map((one) => [one.name(), "no-such-command"]),
      ];
      for (const line of lines) {
        const ended = await campaign([...line, "--json"], { cwd: folder });
        const what = line.join(" ");
        expect([what, ended.code, documentOf(ended, what).error?.id]).toEqual([what, 2, "usage"]);
      }
    });

    it("a manifest that is not there, is a folder, or is wrong", async ({ folder }) => {
      mkdirSync(join(folder, "folder.yaml"));
      writeFileSync(join(folder, "bad.yaml"), "campaign: test\naccount: sandbox\nrecipient: {}\n");
      for (const name of reading("manifest")) {
        for (const [file, line] of [
          ["none.yaml", null],
          ["folder.yaml", null],
          ["bad.yaml", 3],
        ] as const) {
          const args = (COMMANDS[name] as Row).args.map((one) => (one === M ? file : one));
          const ended = await campaign(lineOf(name, args), { cwd: folder });
          const { error } = documentOf(ended, `${name} ${file}`);
          expect([name, file, ended.code, error?.id]).toEqual([name, file, 2, "invalid_input"]);
          const problem = error?.problems.find((one) => one.line === line);
          expect(problem).toMatchObject({ file, remedy: expect.stringMatching(/\S/) });
        }
      }
    });

    it("a ledger that is damaged, or is none", async ({ folder }) => {
      writeSandboxCampaign(folder);
      await campaign(["suppress", "add", numberOf(1)], { cwd: folder });
      const bytes = readFileSync(join(folder, "data", "ledger.sqlite"));
      writeFileSync(join(folder, "damaged.sqlite"), bytes.fill(0xff, 100));
      writeFileSync(join(folder, "other.sqlite"), "phone,first_name\n".repeat(10));
      for (const name of reading("ledger")) {
        for (const [file, code, id] of [
          ["damaged.sqlite", 3, "ledger_corrupt"],
          ["other.sqlite", 2, "ledger_not_a_ledger"],
        ] as const) {
          const line = [...lineOf(name), "--ledger", file];
          const ended = await campaign(line, { cwd: folder, env: HOOKS });
          const { error } = documentOf(ended, `${name} ${file}`);
          expect([name, file, ended.code, error?.id]).toEqual([name, file, code, id]);
        }
      }
      const ended = await campaign(["doctor", "--json", "--ledger", "damaged.sqlite"], {
        cwd: folder,
      });
      expect(documentOf(ended, "doctor")).toMatchObject({ bad: 1, error: { id: "ledger" } });
    });

    it("no ledger, and nobody said that there is to be one", async ({ folder }) => {
      writeSandboxCampaign(folder);
      const none = [
        ...["audit", "check", "history", "run", "send-test", "purge"],
        ...["suppress check", "suppress export", "suppress list"],
      ];
      for (const name of reading("ledger").filter((name) => !none.includes(name))) {
        const ended = await campaign(lineOf(name), { cwd: folder, env: HOOKS, newLedger: false });
        const { error } = documentOf(ended, name);
        expect([name, ended.code]).toEqual([name, 2]);
        expect(["new_ledger", "no_ledger", "unknown_campaign"]).toContain(error?.id);
      }
    });

    it("a file that is not there", async ({ folder }) => {
      for (const name of reading("file")) {
        const ended = await campaign(lineOf(name, ["none.csv"]), { cwd: folder });
        const { error } = documentOf(ended, name);
        expect([name, ended.code, error?.problems[0]?.file]).toEqual([name, 2, "none.csv"]);
      }
    });

    it("what nobody agreed to", async ({ folder }) => {
      writeSandboxCampaign(folder);
      expect((await campaign(["run", M, "--limit", "1"], { cwd: folder })).code).toBe(75);
      // Insights are on in the sandbox, and a test reaches nobody: there is nothing to agree to.
      const free = ["account insights", "send-test"];
      const asking = names.filter(
        (name) => COMMANDS[name]?.args.includes("--yes") && !free.includes(name),
      );
      expect(asking.length).toBeGreaterThan(3);
      for (const name of asking) {
        const args = (COMMANDS[name] as Row).args.filter((one) => one !== "--yes");
        const ended = await campaign(lineOf(name, args), { cwd: folder });
        const { error } = documentOf(ended, name);
        expect([name, ended.code, error?.id]).toEqual([name, 2, "not_agreed"]);
      }
    });

    it("Meta's refusal, and a Meta that is not there", async ({ folder }) => {
      const server = createServer((request, response) => {
        request.resume().once("end", () => {
          const error = { code: 190, message: "no", type: "OAuthException" };
          response.writeHead(401, { "content-type": "application/json" });
          response.end(JSON.stringify({ error }));
        });
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      writeCsv(folder, 2);
      const account = { url: `http://127.0.0.1:${port}`, phoneNumberId: "106540352242922" };
      writeManifest(folder, account);
      const yaml = readFileSync(join(folder, M), "utf8");
      writeFileSync(
        join(folder, M),
        yaml.replace("account:\n", 'account:\n  waba_id: "102290129340398"\n'),
      );
      const sending = ["run", "send-test"];
      for (const name of reading("meta")) {
        const ended = await campaign(lineOf(name), { cwd: folder, env: ENV });
        const document = documentOf(ended, name);
        // A token that Meta does not take halts a run, whose first message proves it.
        const expected = sending.includes(name) ? 3 : 2;
        expect([name, ended.code]).toEqual([name, expected]);
        expect(JSON.stringify(document)).toContain("190");
      }
      server.close();
      // The port that is free now may become another test's; on this one nobody listens.
      const away = readFileSync(join(folder, M), "utf8").replace(`:${port}`, ":9");
      writeFileSync(join(folder, M), away);
      for (const name of reading("meta").filter((name) => !sending.includes(name))) {
        const ended = await campaign(lineOf(name), { cwd: folder, env: ENV });
        const { error } = documentOf(ended, name);
        expect([name, ended.code, error?.id]).toEqual([name, 75, "meta_unreachable"]);
      }
    });

    it("a lane that another run holds, and a run that is stopped", async ({ folder }) => {
      writeSandboxCampaign(folder, 500);
      const yaml = readFileSync(join(folder, M), "utf8");
      const rate = "rate: { messages_per_second: 2 }\n";
      writeFileSync(join(folder, M), `${yaml}${rate}`);
      writeFileSync(join(folder, "other.yaml"), `${yaml.replace("test", "other")}${rate}`);
      const first = start(["run", M, "--json"], { cwd: folder });
      await first.until(() => isSending(folder));
      for (const file of [M, "other.yaml"]) {
        const second = await campaign(["run", file, "--json"], { cwd: folder });
        expect(second.code).toBe(75);
        expect(documentOf(second, file).error?.id).toBe("busy");
      }
      first.child.kill("SIGTERM");
      const ended = await first.ended;
      expect(ended.code).toBe(75);
      expect(documentOf(ended, "stopped")).toMatchObject({
        state: "stopped",
        rows: 500,
        error: { id: "interrupted" },
      });
    });
  });
});
