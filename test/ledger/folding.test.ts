// How far the ledger's one file is behind what was committed, for those who copy it or lose its
// log.

import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "better-sqlite3";
import Sqlite from "better-sqlite3";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import type { Folding } from "../../src/ledger/file/connection.ts";
import { makeFolding } from "../../src/ledger/file/connection.ts";

const EVERY_MS = 50;

let folder: string;
let db: Database;
let folding: Folding;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ledger-folding-"));
  db = new Sqlite(join(folder, "file.sqlite"));
  db.pragma("journal_mode = wal");
  db.exec("create table t (a)");
  folding = makeFolding(db, { everyMs: EVERY_MS });
  folding.now();
});
afterEach(() => {
  folding.end();
  db.close();
  rmSync(folder, { recursive: true });
});

function commit(): void {
  db.exec("insert into t values (1)");
  folding.afterCommit();
}

/** What a copy of the one file has. */
function rowsInFile(): number {
  const copy = join(folder, "copy.sqlite");
  for (const end of ["", "-wal", "-shm"]) rmSync(copy + end, { force: true });
  copyFileSync(db.name, copy);
  const read = new Sqlite(copy, { readonly: true });
  try {
    return read.prepare("select count(*) from t").pluck().get() as number;
  } finally {
    read.close();
  }
}

const fileHas = (rows: number) => vi.waitUntil(() => rowsInFile() === rows, { timeout: 60_000 });

it("has the last commit after a while, when none follows", async () => {
  commit();
  commit();
  expect(rowsInFile()).toBe(0);
  await fileHas(2);
  commit();
  await fileHas(3);
});

it("has what came during a long reading once that is over, without another commit", async () => {
  const reader = new Sqlite(db.name);
  reader.exec("begin");
  reader.prepare("select count(*) from t").get();
  commit();
  commit();
  const tried = vi.spyOn(db, "pragma");
  await vi.waitUntil(() => tried.mock.calls.length > 2, { timeout: 60_000 });
  expect(rowsInFile()).toBe(0);
  reader.close();
  await fileHas(2);
  tried.mockRestore();
});

it("folds nothing inside of a transaction", async () => {
  db.exec("begin");
  db.exec("insert into t values (1)");
  folding.now();
  expect(db.inTransaction).toBe(true);
  db.exec("commit");
  folding.afterCommit();
  await fileHas(1);
});
