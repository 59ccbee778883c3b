// A ledger that moves between a file and a server in the middle of a campaign, by the commands that
// people give. The sandbox's log is the proof.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { test as bare } from "../support/fixture.ts";
import type { TestSandbox } from "../support/harness.ts";
import {
  acceptedBy,
  LONG,
  numberOf,
  scenario,
  start,
  startSandbox,
  stopBodies,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import type { PostgresServer } from "../support/postgres.ts";
import { ledgerUrl, startPostgres } from "../support/postgres.ts";
import { startProxy } from "../support/proxy.ts";

const FILE = "data/ledger.sqlite";
const PEOPLE = 60;

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.end());

interface World {
  sandbox: TestSandbox;
  manifest: string;
  env: Record<string, string>;
  run(...args: string[]): ReturnType<typeof campaign>;
}

const it = bare.extend<{ world: World }>({
  world: async ({ folder }, use) => {
    const sandbox = await startSandbox(folder, scenario("pair_limit: false\n"));
    const env = {
      WHATSAPP_ACCESS_TOKEN: sandbox.token,
      WHATSAPP_APP_SECRET: "0123456789abcdef",
      WHATSAPP_VERIFY_TOKEN: "token of mine",
    };
    writeCsv(folder, PEOPLE);
    const manifest = writeManifest(folder, sandbox, { rate: 40, inFlight: 4 });
    const run = async (...args: string[]) => {
      const ended = await campaign(args, { cwd: folder, env, newLedger: false });
      expect(ended.stdout + ended.stderr).not.toContain("This is a bug");
      return ended;
    };
    await use({ sandbox, manifest, env, run });
  },
});

/** Sends until so many were accepted, and stops as by Ctrl-C. */
async function sendSome(folder: string, world: World, ledger: string, until: number) {
  const { manifest, env, sandbox } = world;
  const args = ["--ledger", ledger, manifest];
  const running = start(args, { cwd: folder, env });
  await running.until(() => acceptedBy(sandbox.log).length >= until);
  running.child.kill("SIGINT");
  const ended = await running.ended;
  expect(ended.code, ended.stderr).toBe(75);
}

describe("a campaign that is half sent", () => {
  it("goes on on a server, and in a file again: nobody twice, nobody lost", async ({
    folder,
    world,
  }) => {
    const { sandbox, manifest, run } = world;
    const url = await ledgerUrl(server);
    await sendSome(folder, world, FILE, 15);
    const there = await run("ledger", "copy", FILE, url, "--json");
    expect(there.code, there.stderr).toBe(0);
    const { password } = new URL(url);
    expect(there.stdout + there.stderr).not.toContain(password);
    const moved = JSON.parse(there.stdout);
    expect(moved).toMatchObject({ tables: { campaign: { rows: 1 }, dispatch: { rows: PEOPLE } } });

    const witness = join(folder, ".state", "campaign", "witness.json");
    const [seen] = Object.values(JSON.parse(readFileSync(witness, "utf8")).numbers);
    expect(seen).toMatchObject({ ledger: moved.ledger_id, path: moved.to });

    await sendSome(folder, world, url, 35);
    const back = await run("ledger", "copy", url, "back.sqlite");
    expect(back.code, back.stderr).toBe(0);
    expect(back.stdout).toMatch(/dispatch +60\n/);
    const ended = await run("--ledger", "back.sqlite", manifest);
    expect(ended.code, ended.stderr).toBe(0);
    expect(acceptedBy(sandbox.log).toSorted()).toEqual(
      Array.from({ length: PEOPLE }, (_, at) => numberOf(at + 1)).toSorted(),
    );
    const audit = JSON.parse((await run("--ledger", "back.sqlite", "audit", "--json")).stdout);
    expect(audit.audits.map(({ action }: { action: string }) => action)).toEqual([
      "move_ledger",
      "move_ledger",
    ]);
    expect((await run("--ledger", "back.sqlite", "doctor")).code).toBe(0);
  });
});

describe("the place that a ledger was moved from", () => {
  it("is read, and refuses to send, to receive and to be changed", async ({ folder, world }) => {
    const { manifest, run, sandbox } = world;
    const url = await ledgerUrl(server);
    const shown = url.replace(/:[^:@/]+@/, "@");
    await sendSome(folder, world, FILE, 5);
    const before = acceptedBy(sandbox.log).length;
    expect((await run("ledger", "copy", FILE, url)).code).toBe(0);
    const from = join(folder, FILE);

    writeFileSync(join(folder, "bodies.jsonl"), stopBodies(1).join("\n"));
    const changes = [
      ["suppress", "add", numberOf(1)],
      ["cancel", manifest, "--yes"],
      ["purge", "--older-than", "1d", "--yes"],
      ["receipts", "import", "bodies.jsonl"],
      ["webhooks", "--port", "0"],
    ];
    for (const args of changes) {
      const { code, stderr } = await run("--ledger", from, ...args);
      expect([args[0], code, stderr]).toEqual([args[0], 2, expect.stringContaining(shown)]);
    }
    const refused = await run("--ledger", from, "run", manifest, "--json");
    expect(refused.code).toBe(2);
    const [problem] = JSON.parse(refused.stdout).error.problems;
    expect(problem.id).toBe("ledger_moved");
    expect(problem.message).toContain(shown);
    expect(acceptedBy(sandbox.log)).toHaveLength(before);

    const status = await run("--ledger", from, "status", manifest, "--json");
    expect(status.code).toBe(0);
    expect(JSON.parse(status.stdout).rows).toBe(PEOPLE);
    expect(status.stderr).toContain(`was moved to ${shown}`);
    const doctor = await run("--ledger", from, "doctor");
    expect(doctor.code).toBe(3);
    expect(doctor.stdout).toContain(`moved: it was moved to ${shown}`);

    const again = await run("ledger", "copy", FILE, url);
    expect(again.code).toBe(0);
    expect(again.stdout).toContain("nothing was left to do");
    const other = await run("ledger", "copy", FILE, "other.sqlite");
    expect(other.code).toBe(2);
    expect(existsSync(join(folder, "other.sqlite"))).toBe(false);
  });
});

describe("a ledger stays where it is", () => {
  it("while a run is at work, whose process is named", async ({ folder, world }) => {
    const { env, sandbox, run } = world;
    writeCsv(folder, LONG.people);
    const manifest = writeManifest(folder, sandbox, LONG.pace);
    const running = start([manifest], { cwd: folder, env });
    await running.until(() => acceptedBy(sandbox.log).length > 0);
    const refused = await run("ledger", "copy", FILE, "other.sqlite", "--json");
    expect(refused.code).toBe(75);
    const [problem] = JSON.parse(refused.stdout).error.problems;
    expect(problem.message).toContain(`process ${running.child.pid} on ${hostname()}`);
    running.child.kill("SIGINT");
    expect((await running.ended).code).toBe(75);
    expect((await run("ledger", "copy", FILE, "other.sqlite")).code).toBe(0);
  });

  it("where the other place has something already, or is none", async ({ folder, world }) => {
    const { run } = world;
    await sendSome(folder, world, FILE, 1);
    writeFileSync(join(folder, "notes.txt"), "mine");
    for (const to of ["notes.txt", FILE, "https://example.com/x", "~/x"]) {
      expect((await run("ledger", "copy", FILE, to)).code).toBe(2);
    }
    expect(readFileSync(join(folder, "notes.txt"), "utf8")).toBe("mine");
    expect((await run("ledger", "copy", "nothing.sqlite", "x.sqlite")).code).toBe(2);
    expect((await run("--ledger", FILE, "doctor")).code).toBe(0);
  });
});

describe("a copy that is killed", () => {
  it("leaves the server empty, and does all of it when it is given again", async ({
    folder,
    world,
  }) => {
    const { env, run, manifest, sandbox } = world;
    await sendSome(folder, world, FILE, 5);
    let isFrozen = false;
    const proxy = await startProxy(server.port, {
      seen(way, bytes, { freeze }) {
        if (way !== "toServer" || !bytes.includes("copy-attempt")) return;
        freeze();
        isFrozen = true;
      },
    });
    const url = await ledgerUrl(server, proxy.port);
    const copying = start(["ledger", "copy", FILE, url], { cwd: folder, env, newLedger: false });
    await copying.until(() => isFrozen);
    copying.child.kill("SIGKILL");
    await copying.ended;
    await proxy.close();
    const direct = new URL(url);
    direct.port = String(server.port);
    expect((await run("--ledger", direct.href, "status")).stderr).toContain("(none there yet)");
    expect((await run("ledger", "copy", FILE, direct.href)).code).toBe(0);
    expect((await run("--ledger", direct.href, "run", manifest)).code).toBe(0);
    expect(acceptedBy(sandbox.log)).toHaveLength(PEOPLE);
    expect(new Set(acceptedBy(sandbox.log)).size).toBe(PEOPLE);
  });

  it("leaves a file that nobody takes for a ledger, and does all of it again", async ({
    folder,
    world,
  }) => {
    const { env, run } = world;
    writeCsv(folder, 20_000);
    await sendSome(folder, world, FILE, 5);
    mkdirSync(join(folder, "to"));
    const to = join(folder, "to", "ledger.sqlite");
    const copying = start(["ledger", "copy", FILE, to], { cwd: folder, env, newLedger: false });
    await copying.until(() => existsSync(`${to}-journal`));
    copying.child.kill("SIGKILL");
    await copying.ended;
    const refused = await run("--ledger", to, "suppress", "add", numberOf(1));
    expect(refused.code).toBe(2);
    const again = await run("ledger", "copy", FILE, to);
    expect(again.code, again.stderr).toBe(0);
    expect((await run("--ledger", to, "doctor")).code).toBe(0);
  });
});
