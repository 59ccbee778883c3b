// Runs every command of README and docs, in its order, in a folder like a clone, and compares what
// came of it with their transcript and tables.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { SKIP_REASONS, STATUSES } from "../../src/domain/campaign/dispatch.ts";
import { EXIT } from "../../src/domain/common/errors.ts";
import type { TestSandbox } from "../support/harness.ts";
import { makeFolder, query, sandboxEvents, startSandbox } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import { LINES, page, README, SHIPPED } from "../support/readme.pages.ts";
import { blocksOf, codesIn, tableAfter } from "../support/readme.tables.ts";

/** Longer than the shipped campaign takes at 80 a second. */
const LINE_MS = 90_000;

const { folder, remove } = makeFolder();
const outputs = new Map<string, string>();
let sandbox: TestSandbox;

/** Like Meta to the README's own campaign: its number, token and template. */
const SCENARIO = `
phone_number_id: "106540352242922"
waba_id: "102290129340398"
access_token: your-token
templates:
  - name: july_offer
    language: pt_BR
    components: [{ type: BODY, text: "Oi {{1}}, use {{2}}." }]
`;

/** Stands for npm: the scripts that are not the program itself are only looked up. */
const NPM = `#!/bin/sh
case "$1" in
ci | test) exit 0 ;;
run)
  shift
  [ "$1" = --silent ] && shift
  script=$1
  shift
  [ "$script" = campaign ] || exit 0
  [ "$1" = -- ] && shift
  exec "${process.execPath}" "${resolve("dist/cli/main.js")}" "$@"
  ;;
esac
exit 97
`;

/** Stands for what `npm install -g` puts there. */
const CAMPAIGN = `#!/bin/sh
exec "${process.execPath}" "${resolve("dist/cli/main.js")}" "$@"
`;

/** Stands for the sqlite3 shell, which not every machine has. */
const SQLITE = `#!${process.execPath}
const Database = require("${resolve("node_modules/better-sqlite3")}");
const [file, sql] = process.argv.slice(2).filter((word) => !/^(-|\\.timeout)/.test(word));
const db = new Database(file, { readonly: true });
const backup = /^\\.backup (\\S+)$/.exec(sql);
if (backup) db.backup(backup[1]);
else for (const row of db.prepare(sql).raw().all()) console.log(row.join("|"));
`;

beforeAll(async () => {
  cpSync("campaigns", join(folder, "campaigns"), { recursive: true });
  cpSync("package.json", join(folder, "package.json"));
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const shims = { npm: NPM, campaign: CAMPAIGN, npx: "#!/bin/sh\nexit 0\n", sqlite3: SQLITE };
  // The folder's own package.json would make the shims ES modules.
  writeFileSync(join(bin, "package.json"), "{}");
  for (const [name, text] of Object.entries(shims)) {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  mkdirSync(join(folder, "meta"));
  sandbox = await startSandbox(join(folder, "meta"), SCENARIO);
  for (const { path, text, language } of blocksOf(README)) {
    if (path === "" || language === "sh") continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text.replace("https://graph.facebook.com", sandbox.url));
  }
});

afterAll(async () => {
  await sandbox.kill();
  remove();
});

function shell(line: string) {
  const { WHATSAPP_ACCESS_TOKEN: _, CAMPAIGN_LEDGER: __, ...rest } = process.env;
  const env = { ...rest, XDG_STATE_HOME: join(folder, "state") };
  return spawn("sh", ["-c", line], {
    cwd: folder,
    env: { ...env, PATH: `${join(folder, "bin")}:${process.env.PATH}`, HOME: folder },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
}

/** The arguments of a line that a shell gives to the program as they stand; null: others. */
function plainArguments(line: string): string[] | null {
  const [, words] =
    /^(?:campaign|npm run (?:--silent )?campaign --) ([\w\s./,:=+-]+)$/.exec(line) ?? [];
  return words?.trim().split(/\s+/) ?? null;
}

async function runLine(line: string): Promise<{ code: number | null; output: string }> {
  const args = plainArguments(line);
  if (args !== null) {
    const env = { XDG_STATE_HOME: join(folder, "state") };
    const ended = await campaign(args, { cwd: folder, env, newLedger: false });
    return { code: ended.code, output: ended.stdout + ended.stderr };
  }
  const child = shell(line);
  let output = "";
  child.stdout.on("data", (data) => {
    output += data;
  });
  child.stderr.on("data", (data) => {
    output += data;
  });
  const [code] = await once(child, "close");
  return { code, output };
}

/** A server never ends by itself: it is up once it tells its address. */
async function runServer(line: string): Promise<void> {
  const child = shell(line.replace(/--port \d+/, "--port 0"));
  const [first] = await Promise.race([
    once(child.stdout, "data"),
    once(child, "close").then(() => ["it ended"]),
  ]);
  expect(String(first)).toContain('"url":"http://127.0.0.1:');
  process.kill(-(child.pid as number), "SIGTERM");
  await once(child, "close");
}

describe("the commands of the README", () => {
  it.for(LINES)("$line", { timeout: LINE_MS }, async ({ line, exits }) => {
    if (/ (sandbox|webhooks|serve) --port /.test(line)) return runServer(line);
    const { code, output } = await runLine(line);
    outputs.set(line, output);
    expect(code, output).toBe(exits);
    expect(output).not.toContain("This is a bug");
  });

  it("shows what the shipped run prints", () => {
    const [transcript] = blocksOf(README).filter((block) => block.language === "console");
    // The transcript is of a terminal, where lines have no time, and of another day.
    const printed = (outputs.get(SHIPPED) ?? "")
      .replace(/^\d{4}-\S+Z /gm, "")
      .replace(/\d+ \w{3} 2\d{3}, \d\d:\d\d/g, "2 Apr 2026, 09:01")
      .split("\n");
    for (const line of transcript?.text.trimEnd().split("\n") ?? []) {
      // What is left out, and the command itself; the figures of the moment differ each time.
      if (line.startsWith("$ ") || line.trim() === "…") continue;
      if (line.startsWith("sending: ")) {
        expect(printed.some((one) => /^sending: .* of 1,957 /.test(one))).toBe(true);
        expect(line).toMatch(/^sending: [\d,]+ of 1,957 · 80\/s · \d+ s left · 0 failed · 2 held$/);
      } else expect(printed).toContain(line);
    }
    const rows = query<{ status: string; number: number }>(
      folder,
      "select status, count(*) as number from outcomes where campaign = 'spring-2026' group by 1",
    );
    expect(Object.fromEntries(rows.map((row) => [row.status, row.number]))).toEqual({
      accepted: 1,
      sent: 2,
      delivered: 717,
      read: 1146,
      failed: 89,
      skipped: 83,
    });
  });

  it("sent the README's own campaign once to each, by the server's log", () => {
    const posted = sandboxEvents(sandbox.log).flatMap((one) =>
      one.event === "accepted" ? [one.to] : [],
    );
    expect(posted).toHaveLength(7);
    expect(new Set(posted).size).toBe(7);
    const reasons = query<{ reason: string }>(
      folder,
      "select reason from outcomes where campaign = 'july-2026' and status = 'skipped' order by 1",
    );
    expect(reasons.map((row) => row.reason)).toEqual(["invalid_number", "us_number"]);
  });

  it("put a line into cron that works", async () => {
    const [block] = blocksOf(README).filter((one) => one.language === "cron");
    const entry = block?.text.split("\n").find((line) => !line.startsWith("#")) ?? "";
    const [, command = ""] = /^(?:[\d*/,-]+\s+){5}(.+)$/.exec(entry) ?? [];
    expect(command).toMatch(/^cd \/srv\/campaigns && npm run --silent campaign -- .* --yes /);
    const { code, output } = await runLine(command.replace("/srv/campaigns", folder));
    expect(code, output).toBe(0);
  });
});

describe("the tables of the README", () => {
  const firstCodes = (heading: string) =>
    tableAfter(README, heading).flatMap(([cell = ""]) => codesIn(cell));

  it("have every status, reason, exit code, column and key", async () => {
    expect(firstCodes("## Statuses")).toEqual(STATUSES);
    expect(firstCodes("## Reasons").sort()).toEqual([...SKIP_REASONS].sort());
    const exits = tableAfter(README, "## Cron and exit codes").map(([code]) => Number(code));
    expect(exits).toEqual(Object.values(EXIT));
    const columns = query<{ name: string }>(folder, "pragma table_info(outcomes)");
    expect(firstCodes("## The view `outcomes`")).toEqual(columns.map((column) => column.name));
    const json = (...args: string[]) =>
      campaign([...args, "--json"], { cwd: folder }).then((ended) => JSON.parse(ended.stdout));
    const status = await json("status", "campaigns/spring.yaml");
    expect(firstCodes("## `--json`")).toEqual(Object.keys(status));
    const others = [
      await json("check", "campaigns/spring.yaml"),
      await json("status"),
      await json("suppress", "list"),
      await json("doctor"),
    ];
    const section = page("docs/output.md");
    for (const key of others.flatMap(Object.keys))
      expect(section).toMatch(new RegExp(`\\b${key}\\b`));
  });
});
