// Stopping the program as the README starts it: through `npm run`, whose shell is dash on Debian
// and bash elsewhere; by supervisors, by timeout(1), at a terminal, and by a terminal that is
// closed. The sandbox's log is the proof.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect } from "vitest";

import { test as it } from "../support/fixture.ts";
import type { Running, TestSandbox } from "../support/harness.ts";
import {
  makeFolder,
  numberOf,
  query,
  sandboxEvents,
  scenario,
  start,
  startSandbox,
  statuses,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import { startProgram } from "../support/programs.ts";

/** A run ends long before all of them are posted to. */
const PEOPLE = 5_000;
const RATE = 50;
const IN_FLIGHT = 32;
/** Longer than two signals may be apart to be the same request. */
const APART_MS = 1_200;
const SHELLS = ["/bin/dash", "/bin/bash"].filter((shell) => existsSync(shell));
const HAS_TERMINAL = process.platform === "linux" && existsSync("/usr/bin/script");
const SECRETS = { WHATSAPP_APP_SECRET: "app-secret", WHATSAPP_VERIFY_TOKEN: "verify-token" };

let sandbox: TestSandbox;
const ground = makeFolder();
beforeAll(async () => {
  const slow = scenario("latency_ms: { min: 150, max: 300 }\npair_limit: false\n");
  sandbox = await startSandbox(ground.folder, slow);
});
afterAll(ground.remove);

let lists = 0;

/** A campaign whose people no other test has. */
function campaignOf(folder: string): { manifest: string; accepted(): number } {
  lists += 1;
  const first = lists * PEOPLE;
  writeCsv(folder, PEOPLE, "list.csv", first);
  const options = { rate: RATE, inFlight: IN_FLIGHT };
  const manifest = join(folder, writeManifest(folder, sandbox, options));
  const [from, to] = [numberOf(first), numberOf(first + PEOPLE)];
  const isOurs = (event: Record<string, unknown>) =>
    event.event === "accepted" && String(event.to) >= from && String(event.to) < to;
  return { manifest, accepted: () => sandboxEvents(sandbox.log).filter(isOurs).length };
}

function acceptedBy({ log }: TestSandbox): number {
  return sandboxEvents(log).filter(({ event }) => event === "accepted").length;
}

function environment(shell?: string): Record<string, string> {
  return {
    ...SECRETS,
    WHATSAPP_ACCESS_TOKEN: sandbox.token,
    npm_config_update_notifier: "false",
    ...(shell !== undefined && { npm_config_script_shell: shell }),
  };
}

/** `npm run campaign -- …`, with everything of it in the folder. */
function npmRun(folder: string, args: string[]): string[] {
  const ledger = join(folder, "data", "ledger.sqlite");
  return [
    "--prefix",
    resolve("."),
    "run",
    "campaign",
    "--",
    "--new-ledger",
    "--ledger",
    ledger,
    ...args,
  ];
}

function startNpm(folder: string, shell: string, args: string[]): Running {
  return startProgram("npm", npmRun(folder, args), { cwd: folder, env: environment(shell) });
}

/** The same at a terminal of its own; what is written to stdin is typed there. */
function startAtTerminal(folder: string, command: string[], shell?: string): Running {
  // The shell must not stand between: at a real terminal it is in a group of its own.
  const line = `exec ${command.map((word) => `'${word}'`).join(" ")}`;
  const options = { cwd: folder, env: environment(shell), stdin: "pipe" as const };
  return startProgram("script", ["--quiet", "--return", "--command", line, "/dev/null"], options);
}

/** Processes that were started by npm, and npm. */
function signalGroup({ child }: Running, signal: NodeJS.Signals): void {
  process.kill(-(child.pid as number), signal);
}

/** Where a server listens, as JSON or, at a terminal, in words. */
const URL_LINE = /(http:\/\/127\.0\.0\.1:\d+)/;
const FINISHING = /finishing the requests in flight/;

/** What a run leaves that was stopped as it should be. */
function expectStopped(folder: string, accepted: number): void {
  expect(statuses(folder)).toEqual({ accepted, pending: PEOPLE - accepted });
  expect(query(folder, "select state from campaign")).toEqual([{ state: "stopped" }]);
}

describe.concurrent.each(SHELLS)("run through npm and %s", (shell) => {
  it.for<[string, (running: Running) => void]>([
    ["SIGTERM to npm", ({ child }) => child.kill("SIGTERM")],
    ["SIGINT to npm", ({ child }) => child.kill("SIGINT")],
    ["SIGTERM to the group", (running) => signalGroup(running, "SIGTERM")],
    ["SIGINT to the group", (running) => signalGroup(running, "SIGINT")],
    [
      "SIGTERM to npm and then to the group, as timeout(1) does",
      (running) => {
        running.child.kill("SIGTERM");
        signalGroup(running, "SIGTERM");
        signalGroup(running, "SIGCONT");
      },
    ],
  ])("exits 75 and leaves nobody in doubt: %s", async ([, signal], { folder }) => {
    const { manifest, accepted } = campaignOf(folder);
    const running = startNpm(folder, shell, ["run", manifest]);
    await running.until(() => accepted() >= 20);
    signal(running);
    await running.saw(FINISHING);
    const before = accepted();
    const ended = await running.ended;
    expect(ended.code, ended.stderr).toBe(75);
    expect(ended.stderr).not.toContain("Quit.");
    expect(accepted()).toBeLessThanOrEqual(before + IN_FLIGHT);
    expectStopped(folder, accepted());
  });

  it.for(["SIGHUP", "SIGKILL"] as const)(
    "stops by itself when npm ends without a word: %s",
    async (signal, { folder }) => {
      const { manifest, accepted } = campaignOf(folder);
      const running = startNpm(folder, shell, ["run", manifest]);
      await running.until(() => accepted() >= 20);
      running.child.kill(signal);
      const ended = await running.ended;
      expect(ended.signal).toBe(signal);
      expect(ended.stderr).toContain("npm has ended: finishing the requests in flight");
      expectStopped(folder, accepted());
    },
  );

  it.runIf(HAS_TERMINAL)("exits 75 after one Ctrl-C at a terminal", async ({ folder }) => {
    const { manifest, accepted } = campaignOf(folder);
    const command = ["npm", ...npmRun(folder, ["run", manifest, "--yes"])];
    const running = startAtTerminal(folder, command, shell);
    await running.until(() => accepted() >= 20);
    running.child.stdin?.write("\u0003");
    await running.saw(FINISHING);
    const before = accepted();
    const ended = await running.ended;
    expect(ended.code, ended.stdout).toBe(75);
    expect(ended.stdout).not.toContain("Quit.");
    expect(accepted()).toBeLessThanOrEqual(before + IN_FLIGHT);
    expectStopped(folder, accepted());
  });

  it.runIf(HAS_TERMINAL)(
    "leaves nobody in doubt when the terminal is closed",
    async ({ folder }) => {
      const { manifest, accepted } = campaignOf(folder);
      const command = ["npm", ...npmRun(folder, ["run", manifest, "--yes"])];
      const running = startAtTerminal(folder, command, shell);
      await running.until(() => accepted() >= 20);
      running.child.kill("SIGKILL");
      await running.gone();
      expectStopped(folder, accepted());
    },
  );

  it.for([
    ["serve", "--port", "0"],
    ["webhooks", "--port", "0"],
    ["sandbox", "--port", "0", "--log", "FOLDER/other.jsonl"],
  ])("%s ends with 0, and its port with it", async (words, { folder }) => {
    const args = words.map((word) => word.replace("FOLDER", folder));
    const ways: ((running: Running) => void)[] = [
      ({ child }) => child.kill("SIGTERM"),
      (running) => signalGroup(running, "SIGINT"),
    ];
    for (const signal of ways) {
      const running = startNpm(folder, shell, args);
      const url = await addressOf(running);
      signal(running);
      const ended = await running.ended;
      expect(ended.code, ended.stderr).toBe(0);
      expect(ended.stderr).not.toContain("Quit.");
      await expect(fetch(url)).rejects.toThrow();
    }
    if (!HAS_TERMINAL) return;
    const running = startAtTerminal(folder, ["npm", ...npmRun(folder, args)], shell);
    const url = await addressOf(running);
    running.child.stdin?.write("\u0003");
    expect((await running.ended).code).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
    const closed = startAtTerminal(folder, ["npm", ...npmRun(folder, args)], shell);
    const last = await addressOf(closed);
    closed.child.kill("SIGKILL");
    await closed.gone();
    await expect(fetch(last)).rejects.toThrow();
  });
});

/** Where a server listens, once it does; npm prints lines of its own first. */
async function addressOf(running: Running): Promise<string> {
  await running.saw(URL_LINE);
  return URL_LINE.exec(running.output())?.[1] ?? "";
}

describe.concurrent("run by itself", () => {
  it.for(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "takes two %s within a second for one",
    async (signal, { folder }) => {
      const { manifest, accepted } = campaignOf(folder);
      const running = start([manifest], { cwd: folder, env: environment() });
      await running.until(() => accepted() >= 20);
      running.child.kill(signal);
      await sleep(5);
      running.child.kill(signal);
      const ended = await running.ended;
      expect(ended.code, ended.stderr).toBe(75);
      expect(ended.stderr.match(/finishing the requests in flight/g)).toHaveLength(1);
      expectStopped(folder, accepted());
    },
  );

  it("quits at a second signal, and the next run says who is in doubt", async ({ folder }) => {
    mkdirSync(join(folder, "meta"));
    const never = scenario("latency_ms: { min: 600000, max: 600000 }\n");
    const silent = await startSandbox(join(folder, "meta"), never);
    writeCsv(folder, 100);
    const manifest = writeManifest(folder, silent, { rate: RATE, inFlight: 8 });
    const running = start([manifest], { cwd: folder, env: environment() });
    await running.until(() => acceptedBy(silent) >= 1);
    running.child.kill("SIGTERM");
    await running.saw(/SIGTERM: finishing .* Send a second signal to quit now\./);
    await sleep(APART_MS);
    running.child.kill("SIGTERM");
    const ended = await running.ended;
    expect(ended.code).toBe(75);
    expect(ended.stderr).toContain("Quit. The next run records the requests in flight as unknown.");
    const { claimed } = statuses(folder);
    expect(claimed).toBeGreaterThanOrEqual(1);
    const next = start([manifest, "--limit", "0"], { cwd: folder, env: environment() });
    expect((await next.ended).code).toBe(75);
    expect(statuses(folder)).toEqual({ unknown: claimed, pending: 100 - (claimed ?? 0) });
  });

  it("quits with 75 while another program locks the ledger", async ({ folder }) => {
    const { manifest, accepted } = campaignOf(folder);
    const running = start([manifest], { cwd: folder, env: environment() });
    await running.until(() => accepted() >= 20);
    const db = new Database(join(folder, "data", "ledger.sqlite"));
    db.exec("begin immediate");
    running.child.kill("SIGTERM");
    await running.saw(FINISHING);
    await sleep(APART_MS);
    running.child.kill("SIGTERM");
    const ended = await running.ended;
    db.exec("rollback");
    db.close();
    expect([ended.code, ended.signal], ended.stderr).toEqual([75, null]);
    expect(ended.stderr).toContain("Quit.");
  });

  it("goes on after it was stopped and continued", async ({ folder }) => {
    const { manifest, accepted } = campaignOf(folder);
    const running = start([manifest], { cwd: folder, env: environment() });
    await running.until(() => accepted() >= 20);
    running.child.kill("SIGSTOP");
    await sleep(APART_MS);
    const before = accepted();
    running.child.kill("SIGCONT");
    await running.until(() => accepted() >= before + 20);
    running.child.kill("SIGTERM");
    expect((await running.ended).code).toBe(75);
    expectStopped(folder, accepted());
  });

  it("sends to everybody although nothing reads its output", async ({ folder }) => {
    lists += 1;
    writeCsv(folder, 60, "list.csv", lists * PEOPLE);
    const manifest = writeManifest(folder, sandbox, { rate: 200 });
    const args = ["--log-level", "debug", manifest, "--json"];
    const running = start(args, { cwd: folder, env: environment() });
    running.child.stdout?.destroy();
    running.child.stderr?.destroy();
    expect((await running.ended).code).toBe(0);
    expect(statuses(folder)).toEqual({ accepted: 60 });
  });
});

describe.concurrent("other commands", () => {
  it.runIf(HAS_TERMINAL)("a question is answered by no signal", async ({ folder }) => {
    const { manifest, accepted } = campaignOf(folder);
    const main = resolve("dist/cli/main.js");
    const asked = async () => {
      const running = startAtTerminal(folder, [process.execPath, main, "--new-ledger", manifest]);
      await running.saw(/from\s+\+\d[\s\S]*number\s+id\s+\d+\.\s+Send\?\s+\[y\/N\]/);
      return running;
    };
    const stopped = await asked();
    await stopped.until(() => query(folder, "select 1 from campaign").length === 1);
    stopped.child.stdin?.write("\u0003");
    expect((await stopped.ended).code).toBe(75);
    const closed = await asked();
    closed.child.kill("SIGKILL");
    await closed.gone();
    expect(accepted()).toBe(0);
    expect(statuses(folder)).toEqual({ pending: PEOPLE });
  });

  it("suppress import keeps what it has read, exits 75, and the same command adds the rest", async ({
    folder,
  }) => {
    const entries = 150_000;
    const lines = Array.from({ length: entries }, (_, at) => numberOf(at));
    writeFileSync(join(folder, "optouts.csv"), `phone\n${lines.join("\n")}\n`);
    const args = ["suppress", "import", "optouts.csv"];
    const running = start(args, { cwd: folder });
    const file = join(folder, "data", "ledger.sqlite");
    const onList = () =>
      query<{ n: number }>(folder, "select count(*) as n from suppression")[0]?.n ?? 0;
    await running.until(() => existsSync(file) && hasTable(file));
    // From here on it waits, until the signal was sent.
    const db = new Database(file);
    db.exec("begin immediate");
    running.child.kill("SIGTERM");
    db.exec("rollback");
    db.close();
    const ended = await running.ended;
    expect(ended.code, ended.stderr).toBe(75);
    expect(ended.stderr).toContain("Interrupted: the same command imports the rest.");
    expect(onList()).toBeGreaterThan(0);
    expect(onList()).toBeLessThan(entries);
    expect(query<{ detail: string }>(folder, "select detail from audit")[0]?.detail).toContain(
      "interrupted",
    );
    expect((await start(args, { cwd: folder }).ended).code).toBe(0);
    expect(onList()).toBe(entries);
  });
});

function hasTable(file: string): boolean {
  const db = new Database(file, { readonly: true });
  try {
    const found = db.prepare("select 1 from sqlite_master where name = 'suppression'").get();
    return found !== undefined;
  } finally {
    db.close();
  }
}
