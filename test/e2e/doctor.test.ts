// `campaign doctor` on ledgers that are sound, broken, damaged, another program's, or too open, as
// the built program.

import { chmodSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { makeFolder } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

interface Check {
  check: string;
  verdict: "ok" | "warn" | "bad";
  found: string;
  advice: string | null;
}

let folder: string;
let remove: () => void;
let file: string;

beforeEach(() => {
  ({ folder, remove } = makeFolder());
  file = join(folder, "data", "ledger.sqlite");
});
afterEach(() => remove());

/** A ledger with one campaign that waits to be sent to three people. */
async function makeLedger(now = Date.now()): Promise<void> {
  const ledger = await openSqliteLedger(file);
  const draft = { name: "spring", lane: "sandbox", frozen: {}, columns: ["phone"], now };
  const { id } = await ledger.createCampaign(draft);
  const rows = [1, 2, 3].map((row) => ({
    row,
    line: row + 1,
    hash: row,
    phone: `+551197000000${row}`,
    person: `551197000000${row}`,
    userId: null,
    recipientId: null,
    region: "BR",
    verdict: { kind: "send" as const, values: "[]" },
    cells: "[]",
  }));
  await ledger.plan(id, rows, now);
  const recipients = { size: 1, modifiedMs: 1, sha256: "00" };
  await ledger.finishPlanning(id, { frozen: {}, recipients, columns: ["phone"], rows: 3, now });
  await ledger.close();
}

function sql(text: string): void {
  const db = new Database(file);
  db.exec(text);
  db.close();
}

async function examine(): Promise<{ code: number | null; checks: Check[]; stderr: string }> {
  const { code, stdout, stderr } = await campaign(["doctor", "--json"], { cwd: folder });
  expect(stdout, stderr).not.toBe("");
  return { code, stderr, checks: (JSON.parse(stdout) as { checks: Check[] }).checks };
}

const not = (checks: Check[], verdict: Check["verdict"]) =>
  checks.filter((one) => one.verdict !== verdict);

describe("doctor", () => {
  it("says that there is no ledger yet, and makes none", async () => {
    const { code, checks } = await examine();
    expect(code).toBe(0);
    expect(checks.find((one) => one.check === "ledger")?.found).toMatch(/none yet/);
    expect(checks.map((one) => one.check)).toEqual(
      expect.arrayContaining(["node", "sqlite", "clock", "disk"]),
    );
  });

  it("is content with a sound ledger, and leaves it as it is", async () => {
    await makeLedger();
    const { code, checks, stderr } = await examine();
    expect(not(checks, "ok")).toEqual([]);
    expect(code).toBe(0);
    expect(stderr).toBe("All is well.\n");
    expect(checks.find((one) => one.check === "ledger")?.found).toMatch(/1 campaign, 3 rows/);
  });

  it("prints a line for each, with what to do", async () => {
    await makeLedger();
    chmodSync(file, 0o644);
    const { code, stdout } = await campaign(["doctor"], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {4}node: \d+/m);
    expect(stdout).toMatch(/^warn {2}mode: others may open .*\n {6}→ Run `chmod 600/m);
  });

  it.each([
    [
      "a count of attempts that is wrong",
      "update dispatch set attempts = 4 where row_number = 2",
      /number of attempts/,
    ],
    ["a row that is missing", "delete from dispatch where row_number = 2", /without a hole/],
    [
      "an open dispatch of a finished campaign",
      "update campaign set state = 'finished'",
      /no open dispatch/,
    ],
  ])("finds %s, and exits 3", async (_, change, invariant) => {
    await makeLedger();
    sql(change);
    const { code, checks } = await examine();
    expect(code).toBe(3);
    const wrong = not(checks, "ok");
    for (const one of wrong) expect(one).toMatchObject({ check: "rule", verdict: "bad" });
    const found = wrong.map((one) => one.found).join("\n");
    expect(found).toMatch(invariant);
    expect(found).not.toMatch(/5511970/);
  });

  it("finds a damaged file", async () => {
    await makeLedger();
    truncateSync(file, 20_000);
    const { code, checks } = await examine();
    expect(code).toBe(3);
    expect(not(checks, "ok")).toMatchObject([{ check: "ledger", verdict: "bad" }]);
  });

  it.each([
    ["another program's database", "create table mine (x)", /not a ledger/],
    ["a newer version's ledger", "pragma user_version = 99", /newer version/],
  ])("tells %s", async (name, change, sentence) => {
    if (name.startsWith("another")) mkdirSync(join(folder, "data"), { mode: 0o700 });
    else await makeLedger();
    sql(change);
    chmodSync(file, 0o600);
    const { code, checks } = await examine();
    expect(code).toBe(3);
    expect(not(checks, "ok")[0]?.found).toMatch(sentence);
  });

  it("warns of an .env that others may read, and refuses one that nobody can", async () => {
    writeFileSync(join(folder, ".env"), "WHATSAPP_ACCESS_TOKEN=EAAsecretsecret\n", { mode: 0o644 });
    chmodSync(join(folder, ".env"), 0o644);
    const open = await examine();
    expect(open.code).toBe(0);
    expect(not(open.checks, "ok")).toMatchObject([{ check: ".env", verdict: "warn" }]);
    expect(JSON.stringify(open.checks)).not.toContain("EAAsecret");
    chmodSync(join(folder, ".env"), 0o600);
    expect(not((await examine()).checks, "ok")).toEqual([]);
  });

  it("finds an .env that is no file", async () => {
    mkdirSync(join(folder, ".env"));
    const { code, checks } = await examine();
    expect(code).toBe(3);
    expect(not(checks, "ok")).toMatchObject([{ check: ".env", verdict: "bad" }]);
  });

  it("warns of a ledger that was used in the future", async () => {
    await makeLedger(Date.now() + 3_600_000);
    const { code, checks } = await examine();
    expect(code).toBe(0);
    expect(not(checks, "ok")).toMatchObject([{ check: "clock", verdict: "warn" }]);
  });
});
