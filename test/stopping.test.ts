// How a run ends when something stops it: the exit code, the one sentence, and the state it leaves.

import { chmodSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { TestSandbox } from "./harness.ts";
import {
  campaign,
  makeFolder,
  numberOf,
  query,
  sandboxEvents,
  scenario,
  start,
  startSandboxProcess,
  statuses,
  writeCsv,
  writeManifest,
} from "./harness.ts";

let folder: string;
let remove: () => void;
let sandbox: TestSandbox;
let env: Record<string, string>;

beforeEach(async () => {
  ({ folder, remove } = makeFolder());
  sandbox = await startSandboxProcess(folder, scenario("latency_ms: { min: 20, max: 40 }"));
  env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
});
afterEach(async () => {
  await sandbox.kill();
  remove();
});

const acceptedBy = (log: string) =>
  sandboxEvents(log).filter((event) => event.event === "accepted");

/** Resolves when the sandbox has accepted so many messages. */
async function acceptedAtLeast(log: string, number: number): Promise<void> {
  while (acceptedBy(log).length < number) await new Promise((next) => setTimeout(next, 20));
}

describe("stopped by a signal", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "%s: records what is in flight, exits 75, goes on",
    async (signal) => {
      writeCsv(folder, 400);
      const manifest = writeManifest(folder, sandbox, { rate: 200 });
      const running = start([manifest], { cwd: folder, env });
      await acceptedAtLeast(sandbox.log, 50);
      running.child.kill(signal);
      const ended = await running.ended;
      expect(ended.code).toBe(75);
      expect(ended.stderr).toMatch(/Interrupted\. The same command goes on/);
      const counts = statuses(folder);
      expect(counts.accepted).toBe(acceptedBy(sandbox.log).length);
      expect(Object.keys(counts).sort()).toEqual(["accepted", "pending"]);
      expect((await campaign([manifest], { cwd: folder, env })).code).toBe(0);
      expect(statuses(folder)).toEqual({ accepted: 400 });
      expect(acceptedBy(sandbox.log)).toHaveLength(400);
    },
  );
});

describe("halted", () => {
  it("by a wrong token, after one attempt", async () => {
    writeCsv(folder, 200);
    const manifest = writeManifest(folder, sandbox);
    const ended = await campaign([manifest, "--json"], {
      cwd: folder,
      env: { WHATSAPP_ACCESS_TOKEN: "EAAwrongtoken" },
    });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/Halted\. Code 190/);
    const summary = JSON.parse(ended.stdout);
    expect(summary).toMatchObject({
      state: "halted",
      halt: { code: "190" },
      rows: 200,
      counts: { pending: 200 },
    });
    expect(query(folder, "select * from attempt")).toHaveLength(1);
    expect(ended.stdout + ended.stderr).not.toContain("EAAwrongtoken");
    // The same command with the right token goes on.
    expect((await campaign([manifest], { cwd: folder, env })).code).toBe(0);
    expect(statuses(folder)).toEqual({ accepted: 200 });
  });

  it("by a template that is paused in mid-run, with at most what is in flight", async () => {
    writeCsv(folder, 600);
    const manifest = writeManifest(folder, sandbox, { rate: 300, inFlight: 16 });
    const running = start([manifest, "--json"], { cwd: folder, env });
    await acceptedAtLeast(sandbox.log, 60);
    await sandbox.patch({
      templates: [
        {
          name: "offer",
          language: "pt_BR",
          category: "MARKETING",
          status: "PAUSED",
          parameter_format: "POSITIONAL",
          components: [{ type: "BODY", text: "Oi {{1}}, use {{2}}." }],
        },
      ],
    });
    const ended = await running.ended;
    expect(ended.code).toBe(3);
    expect(JSON.parse(ended.stdout).halt.code).toBe("132015");
    const refused = sandboxEvents(sandbox.log).filter((event) => event.event === "refused");
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(16);
    expect(Object.keys(statuses(folder)).sort()).toEqual(["accepted", "pending"]);
  });

  it("when every recipient's request is wrong, before the list is burned", async () => {
    writeCsv(folder, 300);
    const manifest = writeManifest(folder, sandbox, { template: "offer" });
    await sandbox.patch({
      templates: [
        {
          name: "offer",
          language: "pt_BR",
          category: "MARKETING",
          status: "APPROVED",
          parameter_format: "POSITIONAL",
          components: [{ type: "BODY", text: "Only {{1}}." }],
        },
      ],
    });
    const ended = await campaign([manifest, "--json"], { cwd: folder, env });
    expect(ended.code).toBe(3);
    const { halt, counts } = JSON.parse(ended.stdout);
    expect(halt.code).toBe("132000");
    expect(counts.failed).toBeLessThanOrEqual(10);
  });
});

describe("the network", () => {
  it("gone for a while: nobody is lost, nobody twice, and the run goes on by itself", async () => {
    writeCsv(folder, 300);
    const manifest = writeManifest(folder, sandbox, { rate: 150 });
    const running = start([manifest], { cwd: folder, env });
    await acceptedAtLeast(sandbox.log, 40);
    const port = Number(new URL(sandbox.url).port);
    await sandbox.kill();
    await running.saw(/no network/);
    sandbox = await startSandboxProcess(folder, scenario("latency_ms: { min: 20, max: 40 }"), port);
    const ended = await running.ended;
    expect(ended.code, ended.stderr).toBe(0);
    const numbers = acceptedBy(sandbox.log).map((event) => event.to);
    expect(new Set(numbers).size).toBe(numbers.length);
    const counts = statuses(folder);
    expect((counts.accepted ?? 0) + (counts.unknown ?? 0)).toBe(300);
    // Only what was in flight when the server died is in doubt.
    expect(counts.unknown ?? 0).toBeLessThanOrEqual(64);
  });

  it("never answers clearly: feels its way, then halts", async () => {
    writeCsv(folder, 100);
    await sandbox.patch({ faults: [{ on: { every: 1 }, do: "html_403" }] });
    const ended = await campaign([writeManifest(folder, sandbox)], { cwd: folder, env });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/no clear answer/);
    expect(statuses(folder)).toEqual({ unknown: 10, pending: 90 });
  });

  it("speaks no HTTP: what was written is unknown, and nothing is repeated", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => socket.end("SSH-2.0-nonsense\r\n"));
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    writeCsv(folder, 30);
    const ended = await campaign([writeManifest(folder, { ...sandbox, url })], {
      cwd: folder,
      env,
    });
    server.close();
    expect(ended.code).toBe(3);
    expect(statuses(folder)).toEqual({ unknown: 10, pending: 20 });
  });
});

describe("two runners", () => {
  it("on one campaign: one sends, the other says who does, and exits 75", async () => {
    writeCsv(folder, 200);
    const manifest = writeManifest(folder, sandbox, { rate: 150 });
    const both = [start([manifest], { cwd: folder, env }), start([manifest], { cwd: folder, env })];
    const ended = await Promise.all(both.map((one) => one.ended));
    expect(ended.map((one) => one.code).sort()).toEqual([0, 75]);
    const loser = ended.find((one) => one.code === 75);
    expect(loser?.stderr).toMatch(/held by process \d+/);
    expect(acceptedBy(sandbox.log)).toHaveLength(200);
  });

  it("on one number with two campaigns: the second exits 75", async () => {
    writeCsv(folder, 200);
    const one = writeManifest(folder, sandbox, { rate: 100 });
    const two = writeManifest(folder, sandbox, { name: "two.yaml", campaign: "other" });
    const running = start([one], { cwd: folder, env });
    await acceptedAtLeast(sandbox.log, 1);
    const second = await campaign([two], { cwd: folder, env });
    expect(second.code).toBe(75);
    expect(second.stderr).toContain("“test”");
    running.child.kill("SIGKILL");
    await running.ended;
    // The kernel has freed the lock: the next run gets it at once.
    expect((await campaign([two], { cwd: folder, env })).code).toBe(0);
  });
});

describe("opting out while the campaign runs", () => {
  it("is in force from the next claim on", async () => {
    writeCsv(folder, 400);
    const manifest = writeManifest(folder, sandbox, { rate: 150 });
    const running = start([manifest], { cwd: folder, env });
    await acceptedAtLeast(sandbox.log, 20);
    const added = await campaign(["suppress", "add", numberOf(399), numberOf(400)], {
      cwd: folder,
      env,
    });
    expect(added.code, added.stderr).toBe(0);
    expect((await running.ended).code).toBe(0);
    const to = acceptedBy(sandbox.log).map((event) => event.to);
    expect(to).not.toContain(numberOf(399));
    expect(to).not.toContain(numberOf(400));
    expect(
      query(folder, "select row_number, status, reason from outcomes where row_number > 398"),
    ).toEqual([
      { row_number: 399, status: "skipped", reason: "opted_out" },
      { row_number: 400, status: "skipped", reason: "opted_out" },
    ]);
  });
});

describe("the ledger", () => {
  it("cannot be written: says so, exits 3, posts nothing", async () => {
    writeCsv(folder, 20);
    writeFileSync(
      join(folder, "not-a-ledger.sqlite"),
      "this is no database, and long enough to be read as one".repeat(50),
    );
    const manifest = writeManifest(folder, sandbox);
    const ended = await campaign(["--ledger", "not-a-ledger.sqlite", manifest], {
      cwd: folder,
      env,
    });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain("not-a-ledger.sqlite");
    expect(acceptedBy(sandbox.log)).toHaveLength(0);
  });

  it.skipIf(process.getuid?.() === 0)("in a folder without permission: exits 3", async () => {
    writeCsv(folder, 20);
    chmodSync(folder, 0o500);
    const ended = await campaign([writeManifest(folder, sandbox)], { cwd: folder, env });
    chmodSync(folder, 0o700);
    expect(ended.code).toBe(3);
  });
});

describe("limits of a run", () => {
  it("--limit posts so many and exits 75; the next run sends the rest", async () => {
    writeCsv(folder, 50);
    const manifest = writeManifest(folder, sandbox);
    const first = await campaign([manifest, "--limit", "10"], { cwd: folder, env });
    expect(first.code).toBe(75);
    expect(statuses(folder)).toEqual({ accepted: 10, pending: 40 });
    expect((await campaign([manifest], { cwd: folder, env })).code).toBe(0);
    expect(acceptedBy(sandbox.log)).toHaveLength(50);
  });

  it("outside its hours it sends nothing, exits 75 and says when it goes on", async () => {
    writeCsv(folder, 10);
    const from = new Date(Date.now() + 2 * 3_600_000).toISOString().slice(11, 16);
    const to = new Date(Date.now() + 3 * 3_600_000).toISOString().slice(11, 16);
    const more = `hours: { from: "${from}", to: "${to}", time_zone: UTC }\n`;
    const ended = await campaign([writeManifest(folder, sandbox, { more })], { cwd: folder, env });
    expect(ended.code).toBe(75);
    expect(ended.stderr).toMatch(new RegExp(`again at .*${from}`));
    expect(acceptedBy(sandbox.log)).toHaveLength(0);
  });

  it("after its end nobody who waits gets it, and the campaign is finished", async () => {
    writeCsv(folder, 10);
    const more = "ends: 2020-01-01\n";
    const ended = await campaign([writeManifest(folder, sandbox, { more })], { cwd: folder, env });
    expect(ended.code).toBe(0);
    expect(acceptedBy(sandbox.log)).toHaveLength(0);
  });

  it("throttled by Meta it slows down and loses nobody", async () => {
    writeCsv(folder, 200);
    await sandbox.patch({ throughput: 60 });
    const ended = await campaign([writeManifest(folder, sandbox, { rate: 100 })], {
      cwd: folder,
      env,
    });
    expect(ended.code, ended.stderr).toBe(0);
    expect(statuses(folder)).toEqual({ accepted: 200 });
    expect(acceptedBy(sandbox.log)).toHaveLength(200);
    const codes = query<{ code: number }>(
      folder,
      "select distinct code from attempt where code is not null",
    );
    expect(codes).toEqual([{ code: 130429 }]);
  });
});
