// A copy of a ledger that others write to meanwhile.

import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterEach, beforeEach, expect, it } from "vitest";

import { backUpLedger } from "../../src/ledger/file/backup.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { planned, send } from "./conformance/builders.ts";

/** Enough for several pieces. */
const ROWS = 60_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ledger-backup-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("is of one instant, and does not begin again when a person commits between two pieces", async () => {
  const file = join(folder, "ledger.sqlite");
  const copy = join(folder, "copy.sqlite");
  const ledger = await openSqliteLedger(file);
  await planned(
    ledger,
    Array.from({ length: ROWS }, (_, at) => send(at + 1)),
  );
  const other = new Sqlite(file);
  let pieces = 0;
  await backUpLedger(file, copy, ({ kind }) => {
    if (kind === "checking") return;
    pieces += 1;
    expect(pieces).toBeLessThan(1_000);
    other.exec("update dispatch set hash = hash + 1 where row_number <= 500");
    other
      .prepare(
        "insert into audit (at, actor, action, subject, detail) values (1, 'a', 'b', 'c', '{}')",
      )
      .run();
    expect(existsSync(copy)).toBe(false);
  });
  expect(pieces).toBeGreaterThan(2);
  const copied = await openSqliteLedger(copy, { readOnly: true });
  expect(await copied.audits(null, 10)).toEqual([]);
  expect((await copied.listCampaigns())[0]).toMatchObject({ rows: ROWS });
  expect(await copied.violations()).toEqual([]);
  await copied.close();
  expect(await ledger.audits(null, 10_000)).toHaveLength(pieces);
  other.close();
  await ledger.close();
});

it("leaves nothing when it is stopped", async () => {
  const file = join(folder, "ledger.sqlite");
  const ledger = await openSqliteLedger(file);
  await planned(ledger, [send(1), send(2)]);
  await ledger.close();
  const before = readdirSync(folder);
  const stopped = backUpLedger(file, join(folder, "copy.sqlite"), () => {
    throw new Error("stopped");
  });
  await expect(stopped).rejects.toThrow("stopped");
  expect(readdirSync(folder)).toEqual(before);
});
