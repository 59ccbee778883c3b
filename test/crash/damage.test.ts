// A ledger that is damaged, in many ways, as the built program meets it: whatever `doctor` calls
// damaged sends to nobody, by a server's own log.

import {
  copyFileSync,
  existsSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import type { Database } from "better-sqlite3";
import Sqlite from "better-sqlite3";
import { expect } from "vitest";

import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { turn } from "../ledger/conformance/builders.ts";
import { test as it } from "../support/fixture.ts";
import { acceptedBy, scenario, startSandbox, writeCsv, writeManifest } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const PEOPLE = 1_500;
const SENT = 20;
const PAGE = 4_096;

function sql(file: string, work: (db: Database) => void): void {
  const db = new Sqlite(file);
  try {
    work(db);
  } finally {
    db.close();
  }
}

function exec(...texts: string[]): (file: string) => void {
  return (file) =>
    sql(file, (db) => {
      db.unsafeMode(true);
      db.pragma("foreign_keys = off");
      for (const text of texts) db.exec(text);
    });
}

/** Numbers of the leaf pages of a table or index. */
function leavesOf(file: string, name: string): number[] {
  const db = new Sqlite(file, { readonly: true });
  try {
    return db
      .prepare("select pageno from dbstat where name = ? and pagetype = 'leaf' order by pageno")
      .pluck()
      .all(name) as number[];
  } finally {
    db.close();
  }
}

function bytes(change: (all: Buffer, file: string) => void): (file: string) => void {
  return (file) => {
    const all = readFileSync(file);
    change(all, file);
    writeFileSync(file, all);
  };
}

const pageOf = (all: Buffer, page: number) => all.subarray((page - 1) * PAGE, page * PAGE);
const middle = (pages: number[]) => pages[Math.floor(pages.length / 2)] as number;

const DAMAGES: [title: string, damage: (file: string) => void][] = [
  ["cut off in the middle", (file) => truncateSync(file, 30 * PAGE)],
  ["cut off within a page", (file) => truncateSync(file, readFileSync(file).length - 100)],
  [
    "a page of recipients zeroed",
    bytes((all, file) => {
      pageOf(all, middle(leavesOf(file, "dispatch"))).fill(0);
    }),
  ],
  [
    "a page of an index zeroed",
    bytes((all, file) => {
      pageOf(all, middle(leavesOf(file, "dispatch_person"))).fill(0);
    }),
  ],
  [
    "two pages swapped",
    bytes((all, file) => {
      const pages = leavesOf(file, "dispatch");
      const [one, other] = [pageOf(all, pages[2] as number), pageOf(all, pages[9] as number)];
      const kept = Buffer.from(one);
      other.copy(one);
      kept.copy(other);
    }),
  ],
  [
    "bytes of a page overwritten",
    bytes((all, file) => {
      pageOf(all, middle(leavesOf(file, "dispatch"))).fill(0x5a, 40, 400);
    }),
  ],
  ["the first bytes overwritten", bytes((all) => all.write("damaged!"))],
  ["the size of its pages overwritten", bytes((all) => all.writeUInt16BE(3, 16))],
  [
    "the list of free pages pointing to a page in use",
    bytes((all) => {
      all.writeUInt32BE(7, 32);
      all.writeUInt32BE(1, 36);
    }),
  ],
  [
    "a row that no rule of its table allows",
    exec(
      "pragma ignore_check_constraints = on",
      "update dispatch set status = 'sending' where row_number = 900",
    ),
  ],
  [
    "attempts that are not borne out",
    exec("update dispatch set attempts = 3 where row_number = 5"),
  ],
  ["a row deleted", exec("delete from dispatch where row_number = 900")],
  ["the answers deleted", exec("delete from attempt")],
  ["an index dropped that keeps people apart", exec("drop index dispatch_person")],
  ["an index dropped that is asked by name", exec("drop index dispatch_pending")],
  ["a table dropped", exec("drop table consent")],
  [
    "a table with another rule",
    exec(
      "pragma writable_schema = on",
      "update sqlite_schema set sql = replace(sql, 'attempts >= 0', 'attempts >= 1') where name = 'dispatch'",
    ),
  ],
  [
    "the roots of two indexes swapped",
    exec(
      "pragma writable_schema = on",
      `update sqlite_schema set rootpage = (
       select sum(rootpage) from sqlite_schema where name in ('dispatch_person', 'dispatch_claimed')
     ) - rootpage where name in ('dispatch_person', 'dispatch_claimed')`,
    ),
  ],
  [
    "a trigger added",
    exec("create trigger t after update on dispatch begin update campaign set rows = rows; end"),
  ],
  [
    "the log of another ledger beside it",
    (file) => {
      const other = `${file}.other`;
      copyFileSync(file, other);
      sql(other, (db) => {
        db.exec("pragma foreign_keys = off; delete from attempt; delete from dispatch; vacuum");
        db.exec("update meta set ledger_id = 'other'");
        writeFileSync(`${file}-wal`, readFileSync(`${other}-wal`));
      });
      rmSync(other);
    },
  ],
];

it(`sends to nobody in ${DAMAGES.length} states that doctor calls damaged`, async ({ folder }) => {
  const sandbox = await startSandbox(folder, scenario("pair_limit: false\n"));
  writeCsv(folder, PEOPLE);
  const manifest = writeManifest(folder, sandbox);
  const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
  const run = (...args: string[]) => campaign(args, { cwd: folder, env });
  const first = await run(manifest, "--limit", String(SENT));
  expect(first.code, first.stderr).toBe(75);
  const file = join(folder, "data", "ledger.sqlite");
  const whole = join(folder, "whole.sqlite");
  copyFileSync(file, whole);
  for (const [title, damage] of DAMAGES) {
    for (const end of ["-wal", "-shm"]) rmSync(file + end, { force: true });
    copyFileSync(whole, file);
    damage(file);
    const [ended, doctor] = await Promise.all([
      run(manifest, "--limit", "1", "--json"),
      run("doctor", "--json"),
    ]);
    const said = ended.stderr;
    expect([title, ended.code === 2 || ended.code === 3, said]).toEqual([title, true, said]);
    expect([title, said]).toEqual([title, expect.stringMatching(/damaged|is not a ledger/)]);
    expect([title, doctor.code]).toEqual([title, 3]);
    const bad = JSON.parse(doctor.stdout).checks.filter(
      (one: { verdict: string }) => one.verdict === "bad",
    );
    expect([title, JSON.stringify(bad)]).toEqual([
      title,
      expect.stringMatching(/damaged|it does not hold|is not a ledger/),
    ]);
    expect([title, acceptedBy(sandbox.log).length]).toEqual([title, SENT]);
  }
  // The same file undamaged sends: put back, it is looked through once.
  for (const end of ["-wal", "-shm"]) rmSync(file + end, { force: true });
  copyFileSync(whole, file);
  const again = await run(manifest, "--limit", "1");
  expect([again.code, again.stderr]).toEqual([75, expect.stringContaining("Checking the ledger")]);
  const more = await run(manifest, "--limit", "1");
  expect([more.code, more.stderr]).toEqual([
    75,
    expect.not.stringContaining("Checking the ledger"),
  ]);
  expect(acceptedBy(sandbox.log)).toHaveLength(SENT + 2);
  // What is kept to be quick is no damage: it is counted again.
  exec("update campaign set tally = json_set(tally, '$.tally.rows', 7) where tally like '{%'")(
    file,
  );
  const counted = await run("doctor");
  expect([counted.code, counted.stdout]).toEqual([
    0,
    expect.stringMatching(/warn +rule: .*counts/),
  ]);
  expect((await run(manifest, "--limit", "1")).code).toBe(75);
  expect((await run("doctor")).stdout).toMatch(/ok +rules/);
  expect(acceptedBy(sandbox.log)).toHaveLength(SENT + 3);
  expect(existsSync(`${file}.locks`)).toBe(true);
});

it("sends to nobody from an older copy beside the log of the newer ledger", async ({ folder }) => {
  const sandbox = await startSandbox(folder, scenario("pair_limit: false\n"));
  writeCsv(folder, PEOPLE);
  const manifest = writeManifest(folder, sandbox);
  const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
  const run = (...args: string[]) => campaign(args, { cwd: folder, env });
  const file = join(folder, "data", "ledger.sqlite");
  expect((await run(manifest, "--limit", "20")).code).toBe(75);
  const copy = await campaign(["backup", "copy.sqlite"], { cwd: folder });
  expect(copy.code, copy.stderr).toBe(0);
  expect((await run(manifest, "--limit", "400")).code).toBe(75);
  // What a kill right after a turn leaves: the last turn stands in the log alone.
  const ledger = await openSqliteLedger(file);
  const [{ id = 0 } = {}] = await ledger.listCampaigns();
  expect((await ledger.turn(turn(id, { claim: 3 }))).claimed).toHaveLength(3);
  const log = readFileSync(`${file}-wal`);
  await ledger.close();
  expect(log.length).toBeGreaterThan(0);
  copyFileSync(join(folder, "copy.sqlite"), file);
  writeFileSync(`${file}-wal`, log);
  for (const command of ["run", "check"]) {
    const ended = await run(command, manifest);
    expect([command, ended.code === 2 || ended.code === 3, ended.stderr]).toEqual([
      command,
      true,
      expect.stringMatching(/is damaged|ledger_went_back/),
    ]);
  }
  expect(acceptedBy(sandbox.log)).toHaveLength(420);
});
