// An older ledger, from before rows could name a user id: it is brought to today's schema with all it has, and takes such rows then.

import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect, it } from "vitest";
import { openSqliteLedger } from "../../src/sqlite/ledger.ts";
import { SCHEMA_VERSION } from "../../src/sqlite/migrations.ts";
import { finish, planned, send, sendUser, statuses, T0, turn } from "../ledger.builders.ts";

const OLD = readFileSync(new URL("ledger-3.sql", import.meta.url), "utf8");

it("an older ledger keeps what it has, and takes user ids from then on", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ledger-old-"));
  const file = join(folder, "ledger.sqlite");
  const old = new Sqlite(file);
  old.exec(OLD);
  const before = old.prepare("select * from outcomes").all() as Record<string, unknown>[];
  old.close();
  const ledger = await openSqliteLedger(file);
  try {
    expect(await ledger.violations()).toEqual([]);
    const after = await ledger.outcomes(1, 0, 100);
    const added = (at: number) => ({ clicked_at: null, user_id: at === 0 ? "GB.1" : null });
    expect(after).toEqual(before.map((row, at) => ({ ...row, ...added(at) })));

    // Row 1 was sent to by number, and its answer named GB.1.
    const rows = [sendUser(8, "GB.1"), sendUser(9, "GB.2"), sendUser(10, "GB.2"), send(11)];
    await ledger.plan(1, rows, T0);
    await finish(ledger, 1, 11);
    expect(await statuses(ledger, 1)).toMatchObject({
      1: "accepted",
      7: "pending",
      8: "skipped/duplicate",
      9: "pending",
      10: "skipped/duplicate",
      11: "pending",
    });
    const { claimed, suppressed } = await ledger.turn(turn(1, { claim: 10, now: T0 }));
    expect(claimed.map((one) => one.phone ?? one.userId)).toEqual(["GB.2", "+447700900011"]);
    expect(suppressed).toBe(1);
    expect(await planned(ledger, [sendUser(1, "GB.3")])).toBe(2);
    expect(await ledger.violations()).toEqual([]);
    const db = new Sqlite(file, { readonly: true });
    expect(db.pragma("user_version", { simple: true })).toBe(SCHEMA_VERSION);
    expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
    db.close();
  } finally {
    await ledger.close();
    await rm(folder, { recursive: true });
  }
});

it("a schema that was changed by its words alone is the one that SQLite reads", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ledger-words-"));
  const ledger = await openSqliteLedger(join(folder, "ledger.sqlite"));
  const db = new Sqlite(ledger.file, { readonly: true });
  const sql = db.prepare("select sql from sqlite_schema where name = 'dispatch'").pluck().get();
  expect(sql).not.toContain("then phone is not null");
  expect(sql).toContain("'invalid_number', 'invalid_user_id'");
  db.close();
  await ledger.close();
  await rm(folder, { recursive: true });
});
