// How a run ends when something stops it: the exit code, the one sentence, and the state it leaves.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmdirSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Database from "better-sqlite3";

import { describe, expect } from "vitest";

import { test } from "../support/fixture.ts";
import type { Running, TestSandbox } from "../support/harness.ts";
import {
  acceptedBy,
  claimedAtMost,
  LONG,
  numberOf,
  query,
  sandboxEvents,
  scenario,
  start,
  startSandboxProcess,
  statuses,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

/** Each test has a folder and a sandbox of its own, so that all of them can run side by side. */
const it = test.extend<{ world: World }>({
  world: async ({ folder }, use) => {
    const sandbox = await startSandboxProcess(folder, SCENARIO);
    const world = { folder, sandbox, env: { WHATSAPP_ACCESS_TOKEN: sandbox.token } };
    await use(world);
  },
});

interface World {
  folder: string;
  sandbox: TestSandbox;
  env: Record<string, string>;
}

const SCENARIO = scenario("latency_ms: { min: 20, max: 40 }");

/** Starts a campaign that is at work for minutes; resolves in its middle. */
async function startLong(
  { folder, sandbox, env }: World,
  options: Parameters<typeof writeManifest>[2] = {},
): Promise<Running> {
  writeCsv(folder, LONG.people);
  const manifest = writeManifest(folder, sandbox, { ...LONG.pace, ...options });
  const running = start([manifest, "--json"], { cwd: folder, env });
  await running.until(() => acceptedBy(sandbox.log).length >= 10);
  return running;
}

describe.concurrent("stopped by a signal", () => {
  it.for(["SIGINT", "SIGTERM"] as const)(
    "%s: records what is in flight, exits 75, goes on",
    async (signal, { world }) => {
      const { folder, sandbox, env } = world;
      const running = await startLong(world);
      running.child.kill(signal);
      const ended = await running.ended;
      expect(ended.code).toBe(75);
      expect(ended.stderr).toMatch(/Interrupted\. The same command goes on/);
      const counts = statuses(folder);
      expect(counts.accepted).toBe(acceptedBy(sandbox.log).length);
      expect(Object.keys(counts).sort()).toEqual(["accepted", "pending"]);
      const manifest = writeManifest(folder, sandbox);
      expect((await campaign([manifest], { cwd: folder, env })).code).toBe(0);
      expect(statuses(folder)).toEqual({ accepted: LONG.people });
      expect(acceptedBy(sandbox.log)).toHaveLength(LONG.people);
    },
  );
});

describe.concurrent("halted", () => {
  it("by a wrong token, after one attempt", async ({ world: { folder, sandbox, env } }) => {
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

  it("by a template that is paused in mid-run, with at most what is in flight", async ({
    world,
  }) => {
    const { folder, sandbox } = world;
    const running = await startLong(world);
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

  it("when every recipient's request is wrong, before the list is burned", async ({
    world: { folder, sandbox, env },
  }) => {
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

describe.concurrent("the network", () => {
  it("gone for a while: nobody is lost, nobody twice, and the run goes on by itself", async ({
    world,
  }) => {
    const { folder, sandbox, env } = world;
    const running = await startLong(world);
    const port = Number(new URL(sandbox.url).port);
    await sandbox.kill();
    await running.saw(/no network/);
    const before = acceptedBy(sandbox.log).length;
    world.sandbox = await startSandboxProcess(folder, SCENARIO, port);
    await running.until(() => acceptedBy(sandbox.log).length >= before + 10);
    running.child.kill("SIGTERM");
    expect((await running.ended).code).toBe(75);
    const manifest = writeManifest(folder, world.sandbox);
    expect((await campaign([manifest], { cwd: folder, env })).code).toBe(0);
    const numbers = acceptedBy(sandbox.log);
    expect(new Set(numbers).size).toBe(numbers.length);
    const counts = statuses(folder);
    expect((counts.accepted ?? 0) + (counts.unknown ?? 0)).toBe(LONG.people);
    // Only what was in flight when the server died is in doubt.
    expect(counts.unknown ?? 0).toBeLessThanOrEqual(LONG.pace.inFlight);
  });

  it("never answers clearly: feels its way, one at a time, and repeats nothing", async ({
    world: { folder, sandbox, env },
  }) => {
    writeCsv(folder, 100);
    await sandbox.patch({ faults: [{ on: { every: 1 }, do: "html_403" }] });
    const running = start([writeManifest(folder, sandbox)], { cwd: folder, env });
    await running.saw(/lost answers in a row/);
    running.child.kill("SIGTERM");
    expect((await running.ended).code).toBe(75);
    const counts = statuses(folder);
    // At the tenth it halts; the pauses before that add up to most of a minute.
    expect(counts.unknown).toBeLessThan(10);
    expect((counts.unknown ?? 0) + (counts.pending ?? 0)).toBe(100);
    const to = sandboxEvents(sandbox.log).flatMap((event) => (event.to ? [event.to] : []));
    expect(new Set(to).size).toBe(to.length);
  });

  it("speaks no HTTP: what was written is unknown, and nothing is repeated", async ({
    world: { folder, sandbox, env },
  }) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => socket.end("SSH-2.0-nonsense\r\n"));
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    writeCsv(folder, 30);
    const manifest = writeManifest(folder, { ...sandbox, url });
    const running = start([manifest, "--limit", "3"], { cwd: folder, env });
    const ended = await running.ended;
    server.close();
    expect(ended.code).toBe(75);
    expect(ended.stderr).toContain("3 recipients are unknown");
    expect(statuses(folder)).toEqual({ unknown: 3, pending: 27 });
  });
});

describe.concurrent("two runners", () => {
  it("on one campaign: one sends, the other says who does, and exits 75", async ({
    world: { folder, sandbox, env },
  }) => {
    writeCsv(folder, LONG.people);
    const manifest = writeManifest(folder, sandbox, LONG.pace);
    const both = [start([manifest], { cwd: folder, env }), start([manifest], { cwd: folder, env })];
    const loser = await Promise.race(both.map((one) => one.ended));
    expect(loser.code).toBe(75);
    expect(loser.stderr).toMatch(/held by process \d+/);
    for (const { child } of both) child.kill("SIGTERM");
    const ended = await Promise.all(both.map((one) => one.ended));
    expect(ended.filter(({ stderr }) => /held by/.test(stderr))).toHaveLength(1);
    const numbers = acceptedBy(sandbox.log);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it("on one number with two campaigns: the second exits 75", async ({ world }) => {
    const { folder, sandbox, env } = world;
    const running = await startLong(world);
    const two = writeManifest(folder, sandbox, { name: "two.yaml", campaign: "other" });
    const second = await campaign([two], { cwd: folder, env });
    expect(second.code).toBe(75);
    expect(second.stderr).toContain('"test"');
    running.child.kill("SIGKILL");
    await running.ended;
    // The kernel has freed the lock: the next run gets it at once.
    expect((await campaign([two], { cwd: folder, env })).code).toBe(0);
  });
});

describe.concurrent("opting out while the campaign runs", () => {
  it("is in force from the next claim on", async ({ world }) => {
    const { folder, sandbox, env } = world;
    const running = await startLong(world);
    const people = Array.from({ length: LONG.people }, (_, at) => numberOf(at + 1));
    const added = await campaign(["suppress", "add", ...people], { cwd: folder, env });
    const before = acceptedBy(sandbox.log).length;
    expect(added.code, added.stderr).toBe(0);
    expect((await running.ended).code).toBe(0);
    const posted = acceptedBy(sandbox.log).length;
    expect(posted - before).toBeLessThanOrEqual(claimedAtMost(LONG.pace));
    const reasons =
      "select reason, count(*) as people from outcomes where reason is not null group by 1";
    expect(query(folder, reasons)).toEqual([{ reason: "opted_out", people: LONG.people - posted }]);
  });
});

describe.concurrent("the ledger", () => {
  it("is none: says so, exits 2, posts nothing", async ({ world: { folder, sandbox, env } }) => {
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
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("not-a-ledger.sqlite");
    expect(acceptedBy(sandbox.log)).toHaveLength(0);
  });

  it.skipIf(!canMount())(
    "on a full disk: exits 3, posts no more, and goes on when there is space",
    async ({ world: { folder, sandbox, env } }) => {
      const disk = join(folder, "disk");
      mkdirSync(disk);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=400k", "tmpfs", disk]);
      try {
        writeCsv(folder, 3000);
        const manifest = writeManifest(folder, sandbox, { rate: 1000 });
        // So little is left that planning fits, and the attempts do not.
        const ledger = join(disk, "ledger.sqlite");
        const args = ["--ledger", ledger, manifest];
        const full = await campaign(args, { cwd: folder, env });
        expect(full.code, full.stderr).toBe(3);
        expect(full.stderr).toMatch(/full|space/);
        execFileSync("mount", ["-o", "remount,size=64m", disk]);
        const ended = await campaign([...args, "--json"], { cwd: folder, env });
        expect(ended.code, ended.stderr).toBe(0);
        const to = acceptedBy(sandbox.log);
        expect(new Set(to).size).toBe(to.length);
        const { counts } = JSON.parse(ended.stdout);
        expect((counts.accepted ?? 0) + (counts.unknown ?? 0)).toBe(3000);
      } finally {
        execFileSync("umount", ["-l", disk]);
      }
    },
  );

  it("locked by another program for a while: waits, loses nothing", async ({ world }) => {
    const { folder, sandbox } = world;
    const running = await startLong(world);
    const db = new Database(join(folder, "data", "ledger.sqlite"));
    db.exec("begin immediate");
    await running.saw(/Waiting: .* is kept locked by another program/);
    const before = acceptedBy(sandbox.log).length;
    db.exec("rollback");
    db.close();
    await running.until(() => acceptedBy(sandbox.log).length >= before + 10);
    running.child.kill("SIGTERM");
    const ended = await running.ended;
    expect(ended.code, ended.stderr).toBe(75);
    const accepted = acceptedBy(sandbox.log).length;
    expect(statuses(folder)).toEqual({ accepted, pending: LONG.people - accepted });
  });
});

describe.concurrent("limits of a run", () => {
  it("--limit posts so many and exits 75; the next run sends the rest", async ({
    world: { folder, sandbox, env },
  }) => {
    writeCsv(folder, 50);
    const manifest = writeManifest(folder, sandbox);
    const first = await campaign([manifest, "--limit", "10"], { cwd: folder, env });
    expect(first.code).toBe(75);
    expect(statuses(folder)).toEqual({ accepted: 10, pending: 40 });
    expect((await campaign([manifest], { cwd: folder, env })).code).toBe(0);
    expect(acceptedBy(sandbox.log)).toHaveLength(50);
  });

  it("outside its hours it sends nothing, exits 75 and says when it goes on", async ({
    world: { folder, sandbox, env },
  }) => {
    writeCsv(folder, 10);
    const from = new Date(Date.now() + 2 * 3_600_000).toISOString().slice(11, 16);
    const to = new Date(Date.now() + 3 * 3_600_000).toISOString().slice(11, 16);
    const more = `hours: { from: "${from}", to: "${to}", time_zone: UTC }\n`;
    const ended = await campaign([writeManifest(folder, sandbox, { more })], { cwd: folder, env });
    expect(ended.code).toBe(75);
    expect(ended.stderr).toMatch(new RegExp(`Next try: .*${from}`));
    expect(acceptedBy(sandbox.log)).toHaveLength(0);
  });

  it("refuses an end that passed before the campaign began", async ({
    world: { folder, sandbox, env },
  }) => {
    writeCsv(folder, 10);
    const more = "ends: 2020-01-01\n";
    const manifest = writeManifest(folder, sandbox, { more });
    for (const args of [[manifest], ["check", manifest]]) {
      const ended = await campaign(args, { cwd: folder, env });
      expect(ended.code).toBe(2);
      expect(ended.stderr).toMatch(
        /campaign\.yaml:\d+:7: the campaign's end passed on 2 Jan 2020, 00:00/,
      );
    }
  });

  it("after its end nobody who waits gets it, and the campaign is finished", async ({
    world: { folder, sandbox, env },
  }) => {
    writeCsv(folder, 10);
    await campaign([writeManifest(folder, sandbox), "--limit", "4"], { cwd: folder, env });
    const manifest = writeManifest(folder, sandbox, { more: "ends: 2020-01-01\n" });
    const ended = await campaign([manifest], { cwd: folder, env });
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain("status. 6 recipients were not sent to.");
    expect(statuses(folder)).toEqual({ accepted: 4, cancelled: 6 });
    expect(acceptedBy(sandbox.log)).toHaveLength(4);
  });

  it("halts on a wrong phone number id at the first attempt, and fails nobody", async ({
    world: { folder, sandbox, env },
  }) => {
    writeCsv(folder, 30);
    const manifest = writeManifest(folder, { ...sandbox, phoneNumberId: "999999999" });
    const ended = await campaign([manifest], { cwd: folder, env });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain("Correct account.phone_number_id");
    expect(statuses(folder)).toEqual({ pending: 30 });
  });

  it("throttled by Meta it slows down and loses nobody", async ({
    world: { folder, sandbox, env },
  }) => {
    writeCsv(folder, 30);
    await sandbox.patch({ throughput: 3 });
    const manifest = writeManifest(folder, sandbox, { rate: 20 });
    const ended = await campaign([manifest], { cwd: folder, env });
    expect(ended.code, ended.stderr).toBe(0);
    expect(statuses(folder)).toEqual({ accepted: 30 });
    expect(acceptedBy(sandbox.log)).toHaveLength(30);
    const codes = query<{ code: number }>(
      folder,
      "select distinct code from attempt where code is not null",
    );
    expect(codes).toEqual([{ code: 130429 }]);
  });
});

/** A disk of its own needs the right to mount one. */
function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "campaign-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], { stdio: "ignore" });
    execFileSync("umount", [folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}
