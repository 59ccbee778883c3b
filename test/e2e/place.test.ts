// Which ledger a command works with, as the built program: the same from every folder, named, and
// never made in silence.

import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import type { StartOptions, TestSandbox } from "../support/harness.ts";
import {
  makeFolder,
  sandboxEvents,
  scenario,
  startSandbox,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const PEOPLE = 12;

interface World {
  /** With a client's project in it: `client/campaigns/sale.yaml`. */
  folder: string;
  sandbox: TestSandbox;
  run(cwd: string, args: string[], options?: Partial<StartOptions>): ReturnType<typeof campaign>;
}

const it = test.extend<{ world: World }>({
  // biome-ignore lint/correctness/noEmptyPattern: the shape that vitest asks for.
  world: async ({}, use) => {
    const made = makeFolder();
    const folder = realpathSync(made.folder);
    const sandbox = await startSandbox(folder, scenario());
    const campaigns = join(folder, "client", "campaigns");
    mkdirSync(campaigns, { recursive: true });
    mkdirSync(join(folder, "elsewhere"));
    writeFileSync(join(folder, "client", "package.json"), "{}");
    writeFileSync(join(folder, "client", ".env"), `WHATSAPP_ACCESS_TOKEN=${sandbox.token}\n`);
    writeCsv(campaigns, PEOPLE);
    writeManifest(campaigns, sandbox, { name: "sale.yaml" });
    const env = { XDG_STATE_HOME: join(folder, "state") };
    const run: World["run"] = (cwd, args, options = {}) =>
      campaign(args, { cwd: join(folder, cwd), env, newLedger: false, ...options });
    await use({ folder, sandbox, run });
    await sandbox.kill();
    made.remove();
  },
});

/** A person for every message that the server took. */
const takenBy = (log: string): unknown[] =>
  sandboxEvents(log).flatMap(({ event, to }) => (event === "accepted" ? [to] : []));

const FROM: [cwd: string, manifest: string][] = [
  ["client", "campaigns/sale.yaml"],
  ["client/campaigns", "sale.yaml"],
  [".", "client/campaigns/sale.yaml"],
  ["elsewhere", "../client/campaigns/sale.yaml"],
];

describe.concurrent("the same manifest", () => {
  it("finds the same ledger from every folder, and posts to nobody twice", async ({ world }) => {
    const { folder, sandbox, run } = world;
    const file = join(folder, "client", "data", "ledger.sqlite");
    for (const [index, [cwd, manifest]] of FROM.entries()) {
      const args = [manifest, "--json", ...(index === 0 ? ["--new-ledger"] : [])];
      const ended = await run(cwd, args);
      expect(ended.code, ended.stderr).toBe(0);
      expect(JSON.parse(ended.stdout)).toMatchObject({ state: "finished", ledger: file });
      expect(ended.stderr).toContain(`ledger: ${file}${index === 0 ? " (none there yet)" : ""}\n`);
    }
    expect(takenBy(sandbox.log)).toHaveLength(PEOPLE);
    expect(new Set(takenBy(sandbox.log)).size).toBe(PEOPLE);
    for (const [cwd, manifest] of FROM) {
      const status = await run(cwd, ["status", manifest, "--json"]);
      expect(JSON.parse(status.stdout)).toMatchObject({ ledger: file, rows: PEOPLE });
      expect(status.stderr).toBe(`ledger: ${file}\n`);
    }
    const check = await run("elsewhere", ["check", FROM[3]?.[1] as string, "--json"]);
    expect(JSON.parse(check.stdout)).toMatchObject({ ledger: file, already: { waiting: 0 } });
    const all = await run("client/campaigns", ["status", "--json"]);
    expect(JSON.parse(all.stdout)).toMatchObject({ ledger: file, campaigns: [{ rows: PEOPLE }] });
  });
});

describe.concurrent("a ledger that is not there yet", () => {
  const MANIFEST = "campaigns/sale.yaml";

  it("stops a real run where nobody can be asked, and is not made", async ({ world }) => {
    const { folder, sandbox, run } = world;
    const file = join(folder, "client", "data", "ledger.sqlite");
    const refused = await run("client", [MANIFEST]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`blocker: There is no ledger at ${file}.`);
    expect(refused.stderr).toMatch(/\[new_ledger\]\n {2}→ .*--new-ledger/);
    const check = await run("client", ["check", MANIFEST, "--json"]);
    expect(check.code, check.stderr).toBe(0);
    expect(check.stderr).toContain(
      `ledger: ${file} (none there yet: a run asks, or needs --new-ledger)`,
    );
    expect(JSON.parse(check.stdout)).toMatchObject({ ledger: file, already: null });
    expect(existsSync(join(folder, "client", "data"))).toBe(false);
    expect(takenBy(sandbox.log)).toEqual([]);
    const despite = await run("client", [MANIFEST, "--despite", "new_ledger"]);
    expect(despite.code, despite.stderr).toBe(0);
    expect(takenBy(sandbox.log)).toHaveLength(PEOPLE);
  });

  it("is made by no command that reads", async ({ world }) => {
    const { folder, run } = world;
    const before = readdirSync(join(folder, "client"));
    const ends = [
      [["status"], 0],
      [["status", MANIFEST], 2],
      [["report", MANIFEST], 2],
      [["preview", MANIFEST], 0],
      [["rejects", MANIFEST], 2],
      [["compare", MANIFEST, "other"], 2],
      [["suppress", "list"], 0],
      [["suppress", "export"], 0],
      [["audit"], 0],
      [["doctor"], 0],
      [["purge", "--older-than", "90d", "--dry-run"], 0],
      [["pause", MANIFEST], 2],
      [["retry", MANIFEST, "--code", "131026"], 2],
      [["resolve", MANIFEST, "--unknown", "give-up"], 2],
      [["cancel", MANIFEST, "--yes"], 2],
      [["purge", "--older-than", "90d", "--yes"], 2],
      [["forget", "+5511970000001", "--yes"], 2],
    ] as const;
    for (const [args, code] of ends) {
      const ended = await run("client", [...args]);
      expect([args, ended.code, ended.stderr]).toEqual([args, code, ended.stderr]);
    }
    expect(readdirSync(join(folder, "client"))).toEqual(before);
  });

  it("is made by a command that writes only with --new-ledger", async ({ world }) => {
    const { folder, run } = world;
    writeFileSync(
      join(folder, "client", "log.jsonl"),
      '{"object":"whatsapp_business_account","entry":[]}\n',
    );
    writeFileSync(join(folder, "client", "out.csv"), "phone\n+5511970000001\n");
    const secrets = { WHATSAPP_APP_SECRET: "secret-of-the-app", WHATSAPP_VERIFY_TOKEN: "words" };
    const env = { XDG_STATE_HOME: join(folder, "state"), ...secrets };
    const commands = [
      ["suppress", "add", "+5511970000001"],
      ["suppress", "import", "out.csv"],
      ["receipts", "import", "log.jsonl"],
      ["webhooks", "--port", "0"],
      ["serve", "--port", "0"],
    ];
    for (const args of commands) {
      const refused = await run("client", args, { env });
      expect([args, refused.code]).toEqual([args, 2]);
      expect(refused.stderr).toContain("[new_ledger]");
    }
    expect(existsSync(join(folder, "client", "data"))).toBe(false);
    const made = await run("client", ["suppress", "add", "+5511970000001", "--new-ledger"]);
    expect(made.code, made.stderr).toBe(0);
    const first = await run("client", [MANIFEST, "--json"]);
    expect(JSON.parse(first.stdout).reasons).toEqual({ opted_out: 1 });
  });

  it("is made by a sandbox run, which names it", async ({ world }) => {
    const { folder, run } = world;
    writeFileSync(
      join(folder, "elsewhere", "try.yaml"),
      "campaign: try\naccount: sandbox\nrecipients: { file: ../client/campaigns/list.csv, phone: phone }\ntemplate: { name: offer, language: pt_BR, body: [A, B] }\n",
    );
    const ended = await run("client", ["../elsewhere/try.yaml", "--limit", "1", "--json"]);
    const file = join(folder, "elsewhere", "data", "ledger.sqlite");
    expect(ended.stderr).toContain(`ledger: ${file} (none there yet)\n`);
    expect(existsSync(file)).toBe(true);
  });
});

describe.concurrent("what is not known to be ours", () => {
  const others: [string, (path: string) => unknown][] = [
    ["an empty file", (path) => writeFileSync(path, "", { mode: 0o644 })],
    ["a text", (path) => writeFileSync(path, "a person's notes\n".repeat(20), { mode: 0o644 })],
    ["a named pipe", (path) => execFileSync("mkfifo", ["-m", "644", path])],
    ["a folder", (path) => mkdirSync(path, { mode: 0o755 })],
    ["a link to a folder", (path) => symlinkSync("/", path)],
    ["a device", (path) => execFileSync("mknod", ["-m", "666", path, "c", "1", "3"])],
  ];
  it.for(others)("is refused and left as it is: %s", async ([title, make], { world, skip }) => {
    const { folder, run } = world;
    // Only root makes devices.
    skip(title === "a device" && process.getuid?.() !== 0);
    const path = join(folder, "client", "theirs");
    make(path);
    const looks = () => {
      const { ino, mode, size, mtimeMs } = statSync(path);
      return { ino, mode, size, mtimeMs, beside: readdirSync(join(folder, "client")) };
    };
    const before = looks();
    const commands = [
      ["status"],
      ["doctor"],
      ["check", "campaigns/sale.yaml"],
      ["run", "campaigns/sale.yaml"],
      ["suppress", "add", "+5511970000001"],
      ["audit"],
      ["webhooks", "--port", "0"],
    ];
    for (const args of commands) {
      const ended = await run("client", ["--ledger", "theirs", ...args]);
      const isRead =
        title === "an empty file" && ["status", "audit", "check"].includes(args[0] ?? "");
      expect([args, ended.code, ended.stderr]).toEqual([
        args,
        args[0] === "doctor" ? (title === "an empty file" ? 0 : 3) : isRead ? 0 : 2,
        ended.stderr,
      ]);
      expect(looks()).toEqual(before);
    }
  });
});

describe.concurrent("a path that leads nowhere", () => {
  const paths: [string, (folder: string) => string][] = [
    ["a name that is too long", () => "n".repeat(300)],
    [
      "a circle of links",
      (folder) => {
        symlinkSync("circle", join(folder, "client", "circle"));
        return "circle";
      },
    ],
  ];
  it.for(paths)("is named, and no bug: %s", async ([, make], { world }) => {
    const { folder, run, sandbox } = world;
    const path = make(folder);
    for (const args of [
      ["status"],
      ["check", "campaigns/sale.yaml"],
      ["run", "campaigns/sale.yaml", "--new-ledger"],
      ["audit"],
    ]) {
      const ended = await run("client", ["--ledger", path, ...args]);
      expect([args, ended.code, ended.stderr]).toEqual([args, 3, ended.stderr]);
      expect(ended.stderr).toContain("does not lead to a file");
    }
    for (const args of [
      ["report", "campaigns/sale.yaml", "--csv", path],
      ["run", "campaigns/sale.yaml", "--new-ledger", "--log-file", path],
      ["receipts", "import", path],
    ]) {
      const ended = await run("client", args);
      expect([args, ended.code, ended.stderr]).toEqual([args, 2, ended.stderr]);
    }
    expect(takenBy(sandbox.log)).toEqual([]);
  });
});
