// `campaign backup` as the built program: a whole copy beside a campaign at work, which never takes
// the place of anything.

import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import Database from "better-sqlite3";
import { expect } from "vitest";

import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { test as it } from "../support/fixture.ts";
import {
  acceptedBy,
  LONG,
  scenario,
  start,
  startSandbox,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

/** Everything that is wrong with a copy, as nothing but a database. */
async function faultsOf(copy: string): Promise<unknown[]> {
  const ledger = await openSqliteLedger(copy, { readOnly: true });
  const broken = await ledger.violations();
  await ledger.close();
  const db = new Database(copy, { readonly: true });
  const mode = db.pragma("journal_mode", { simple: true });
  const found = db.pragma("integrity_check", { simple: true });
  db.close();
  return [...broken, ...(mode === "delete" ? [] : [mode]), ...(found === "ok" ? [] : [found])];
}

it("copies a ledger at work as it is at one instant, and is not in its way", async ({ folder }) => {
  const sandbox = await startSandbox(folder, scenario("pair_limit: false\n"));
  writeCsv(folder, LONG.people);
  const manifest = writeManifest(folder, sandbox, { rate: 200, inFlight: 16 });
  const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
  const running = start(["run", manifest], { cwd: folder, env });
  await running.until(() => acceptedBy(sandbox.log).length > 20);
  mkdirSync(join(folder, "copies"));
  const copied = await campaign(["backup", "copies/a.sqlite", "--json"], { cwd: folder });
  expect(copied.code, copied.stderr).toBe(0);
  const copy = join(folder, "copies", "a.sqlite");
  expect(JSON.parse(copied.stdout)).toMatchObject({
    ledger: join(folder, "data", "ledger.sqlite"),
    file: copy,
    bytes: statSync(copy).size,
    campaigns: 1,
    rows: LONG.people,
  });
  expect(statSync(copy).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, "copies"))).toEqual(["a.sqlite"]);
  expect(await faultsOf(copy)).toEqual([]);

  const again = await campaign(["backup", "copies/a.sqlite"], { cwd: folder });
  expect(again.code).toBe(2);
  expect(again.stderr).toContain("copies/a.sqlite is there already; nothing was written");

  const { code, stderr } = await running.ended;
  expect(code, stderr).toBe(0);
  expect(acceptedBy(sandbox.log)).toHaveLength(LONG.people);

  // Put back, it is an older copy, and says so before it sends to anybody.
  const file = join(folder, "data", "ledger.sqlite");
  copyFileSync(copy, file);
  const refused = await campaign([manifest], { cwd: folder, env });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("[ledger_went_back]");
  expect(acceptedBy(sandbox.log)).toHaveLength(LONG.people);
});

it("refuses what it cannot do, and leaves nothing behind", async ({ folder }) => {
  const none = await campaign(["backup", "a.sqlite"], { cwd: folder, newLedger: false });
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("there is no ledger at")]);
  const made = await campaign(["suppress", "add", "+5511970000001"], { cwd: folder });
  expect(made.code, made.stderr).toBe(0);
  const before = readdirSync(folder);
  const REFUSED: [name: string, words: string][] = [
    ["-", "needs the name of a file"],
    ["", "needs the name of a file"],
    ["data/ledger.sqlite", "is there already"],
    ["data", "is there already"],
    ["none/a.sqlite", "there is no folder"],
    ["/proc/a.sqlite", "cannot be written"],
  ];
  for (const [name, words] of REFUSED) {
    const ended = await campaign(["backup", name], { cwd: folder });
    expect([name, ended.code, ended.stderr]).toEqual([name, 2, expect.stringContaining(words)]);
  }
  expect(readdirSync(folder)).toEqual(before);

  const file = join(folder, "data", "ledger.sqlite");
  const bytes = readFileSync(file);
  bytes.fill(0, 5 * 4_096, 6 * 4_096);
  writeFileSync(file, bytes);
  const damaged = await campaign(["backup", "a.sqlite"], { cwd: folder });
  expect([damaged.code, damaged.stderr]).toEqual([3, expect.stringContaining("is damaged")]);
  expect(readdirSync(folder)).toEqual(before);
});
