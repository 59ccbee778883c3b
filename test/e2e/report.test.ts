// `report`, `compare` and `status` as a person uses them, on a ledger with two campaigns that are
// over.

import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";

import Database from "better-sqlite3";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { OUTCOME_COLUMNS } from "../../src/report/columns.ts";
import {
  COMPARE_KEYS,
  COMPARED_KEYS,
  REPORT_KEYS,
  SUMMARY_KEYS,
} from "../../src/report/json-keys.ts";
import { makeFolder, QUICK_SANDBOX } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const { folder, remove } = makeFolder();
const MAIN = resolve("dist/cli/main.js");
const run = (...args: string[]) => campaign(args, { cwd: folder });
const namesOf = (columns: readonly { name: string }[]) => columns.map(({ name }) => name);

const SPRING = `campaign: spring
${QUICK_SANDBOX}
recipients: { file: spring.csv, phone: phone }
template: { name: offer, language: pt_BR, body: ["{{ first_name }}"] }
`;

/** Enough for many pages. */
const ROWS = 20_000;

beforeAll(async () => {
  mkdirSync(join(folder, "data"));
  const file = join(folder, "data", "ledger.sqlite");
  await (await openSqliteLedger(file)).close();
  const db = new Database(file);
  for (const [id, name, unread] of [
    [1, "spring", 3],
    [2, "summer", 2],
  ] as const) {
    // Every tenth is skipped, the others are delivered, and all but each second or third of them
    // are read.
    db.exec(`
      insert into campaign (id, name, lane, state, frozen, columns, rows, recipients_size, recipients_sha256,
        recipients_modified_ms, created_at, changed_at, receipts_since)
      values (${id}, '${name}', 'sandbox', 'finished', '{}', '["phone","first_name"]', ${ROWS}, 1, 'ab', 1.5,
        1795341500000, 1795341700000, 1795341602000);
      with recursive n(i) as (select 1 union all select i + 1 from n where i < ${ROWS})
      insert into dispatch (campaign_id, row_number, place, line, hash, phone, person, region, value_list, cells, status,
        reason, detail, attempts, claimed_at, accepted_at, delivered_at, read_at, message_id, message_status)
      select ${id}, i, i, i + 1, i, 447700000000 + i, 447700000000 + i, 'GB', iif(s, null, '[]'),
        iif(s, '["=cmd()","<script>alert(1)</script>"]', null),
        case when s then 'skipped' when i % ${unread} = 0 then 'delivered' else 'read' end,
        iif(s, 'missing_value', null), iif(s, 'first_name is empty', null), iif(s, 0, 1),
        iif(s, null, 1795341600000 + i), iif(s, null, 1795341600100 + i), iif(s, null, 1795341602000 + i),
        iif(s or i % ${unread} = 0, null, 1795341662000 + i), iif(s, null, 'wamid.' || i), iif(s, null, 'accepted')
      from (select i, i % 10 = 0 as s from n);
    `);
  }
  db.close();
  writeFileSync(join(folder, "spring.yaml"), SPRING);
});

afterAll(remove);

describe("report", () => {
  it("writes page, rows and rejects at once, and says how large they are", async () => {
    const ended = await run(
      ...["report", "spring.yaml", "--html", "page.html", "--csv", "rows.csv", "--delimiter", ";"],
      ...["--rejects", "rejects.csv", "--jsonl", "-"],
    );
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout.trimEnd().split("\n")).toHaveLength(ROWS);
    expect(ended.stderr).toMatch(/^20,000 rows in rows\.csv \(\d\.\d MB\)\.$/m);
    expect(ended.stderr).toMatch(/^2,000 rows in rejects\.csv \(\d+ kB\)\.$/m);
    expect(ended.stderr).toMatch(/page\.html \(\d+ kB\)\.$/m);
    const text = readFileSync(join(folder, "rows.csv"), "utf8");
    const rows = parse(text, { bom: true, delimiter: ";" }) as string[][];
    expect(rows[0]).toEqual(namesOf(OUTCOME_COLUMNS));
    expect(rows).toHaveLength(ROWS + 1);
    expect(rows[1]?.[2]).toBe("'+447700000001");
    const rejects = readFileSync(join(folder, "rejects.csv"), "utf8");
    expect(rejects.split("\r\n").slice(0, 2)).toEqual([
      "\uFEFFrow_number,line,reason,detail,phone,first_name",
      "10,11,missing_value,first_name is empty,'=cmd(),<script>alert(1)</script>",
    ]);
    const page = readFileSync(join(folder, "page.html"), "utf8");
    expect(page).toMatch(/^<!doctype html>/i);
    expect(page).not.toContain("<script>alert");
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("has the documented keys as JSON", async () => {
    const ended = await run("report", "spring.yaml", "--json");
    expect(ended.code, ended.stderr).toBe(0);
    const document = JSON.parse(ended.stdout);
    expect(Object.keys(document)).toEqual([...namesOf(SUMMARY_KEYS), "ledger", "report"]);
    expect(Object.keys(document.report)).toEqual(namesOf(REPORT_KEYS));
    expect(document).toMatchObject({
      campaign: "spring",
      state: "finished",
      rows: ROWS,
      funnel: { to_send: 18_000, accepted: 18_000, delivered: 18_000, read: 12_000 },
      report: { funnel: { delivered: 18_000 }, receipts_since: "2026-11-22T10:00:02.000Z" },
    });
    expect(ended.stdout).not.toContain("447700000001");
  });

  it("is there to be read, within 80 columns", async () => {
    const ended = await run("report", "spring.yaml");
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).toMatch(
      /^Reached: 18,000 sent to → 18,000 delivered \(100%\) → 12,000 read \(66\.7% of\s+these\)\.$/m,
    );
    expect(ended.stdout).toMatch(/Rows to fix: 2,000 rows\. .*campaign\s+rejects\s+spring\.yaml/);
    for (const line of ended.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("puts one thing on stdout at most", async () => {
    const ended = await run("report", "spring.yaml", "--json", "--csv", "-");
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("--csv -, --json");
  });

  it.skipIf(!existsSync("/dev/full")).each([["--csv", "-"], ["--html", "-"], ["--json"], []])(
    "says that a full disk has not taken it: %s %s",
    async (...options) => {
      const full = openSync("/dev/full", "w");
      const child = spawn(process.execPath, [MAIN, "report", "spring.yaml", ...options], {
        cwd: folder,
        stdio: ["ignore", full, "pipe"],
      });
      closeSync(full);
      let stderr = "";
      child.stderr?.on("data", (data) => {
        stderr += data;
      });
      const [code] = await once(child, "close");
      expect([code, stderr.split("\n")[0]]).toEqual([2, "stdout cannot be written (ENOSPC)"]);
    },
  );

  it.skipIf(!existsSync("/proc/self/fd"))("takes /dev/stdout for the pipe it is", async () => {
    // As /dev/stdout is made; the real one would be lost to the whole machine.
    symlinkSync("/proc/self/fd/1", join(folder, "stdout"));
    const line = `"${process.execPath}" "${MAIN}" report spring.yaml --jsonl stdout | cat`;
    const child = spawn("sh", ["-c", line], { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
    let lines = 0;
    for await (const data of child.stdout ?? []) lines += String(data).split("\n").length - 1;
    expect(lines).toBe(ROWS);
    expect(lstatSync(join(folder, "stdout")).isSymbolicLink()).toBe(true);
  });

  it("lets nobody's text steer the terminal", async () => {
    const db = new Database(join(folder, "data", "ledger.sqlite"));
    const text = "\u001b[2Jgone\u009b2J\u202e";
    db.prepare(
      "update campaign set state = 'halted', halt_code = 'x', halt_sentence = ? where id = 2",
    ).run(text);
    db.close();
    writeFileSync(join(folder, "summer.yaml"), SPRING.replace("spring", "summer"));
    await run("suppress", "add", "+447700900001", "--reason", text);
    for (const args of [
      ["status", "summer.yaml"],
      ["report", "summer.yaml"],
      ["suppress", "list"],
    ]) {
      const { stdout } = await run(...args);
      expect(stdout).toContain("[2Jgone");
      expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
    }
  });

  it("that is interrupted exits 75 and leaves nothing half", async () => {
    const args = [MAIN, "report", "spring.yaml", "--csv", "half.csv", "--jsonl", "-"];
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    // It waits for its reader, and nobody reads more than the beginning.
    await once(child.stdout, "readable");
    expect(readdirSync(folder).filter((name) => name.startsWith("half"))).toEqual([
      `half.csv.${child.pid}.part`,
    ]);
    child.kill("SIGINT");
    await once(child.stderr, "data");
    child.stdout.resume();
    const [code] = await once(child, "close");
    expect(code).toBe(75);
    expect(readdirSync(folder).filter((name) => name.startsWith("half"))).toEqual([]);
  });
});

describe("compare", () => {
  it("takes a manifest and a name, and tells the difference", async () => {
    const ended = await run("compare", "spring.yaml", "summer", "--json");
    expect(ended.code, ended.stderr).toBe(0);
    const document = JSON.parse(ended.stdout);
    expect(Object.keys(document)).toEqual(namesOf(COMPARE_KEYS));
    expect(Object.keys(document.funnel[4])).toEqual(namesOf(COMPARED_KEYS));
    expect(document.funnel[4]).toMatchObject({
      name: "read",
      part_of: "delivered",
      a: { number: 12_000, of: 18_000, percent: 66.667 },
      b: { number: 10_000, of: 18_000, percent: 55.556 },
      points: -11.111,
      verdict: "lower",
    });
    const read = await run("compare", "spring", "summer");
    expect(read.stdout).toMatch(
      /^ {2}read +12,000 66\.7% {2}10,000 55\.6% {2}−11\.1 \(−12\.1 to −10\.1\) lower$/m,
    );
  });

  it("names the nearest campaign when there is none of that name", async () => {
    const ended = await run("compare", "spring", "sumer");
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/"sumer" is not in the ledger[\s\S]*Did you mean summer\?/);
  });
});

describe("status", () => {
  it("lists all campaigns, oldest first, as a table and as summaries", async () => {
    const ended = await run("status");
    const shown = ended.stdout.replace(/\s+/g, " ");
    expect(shown).toMatch(
      /^campaign state rows .*spring \* Finished .* 20,000 18,000 100% 66\.7% summer \* \w+ 20,000 18,000 100% 55\.6%/,
    );
    const { campaigns } = JSON.parse((await run("status", "--json")).stdout);
    expect(campaigns.map((one: object) => Object.keys(one))).toEqual([
      namesOf(SUMMARY_KEYS),
      namesOf(SUMMARY_KEYS),
    ]);
  });
});
