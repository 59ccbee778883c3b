// A ledger in a file as one end of a copy.

import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { Database } from "better-sqlite3";
import { LedgerError } from "../../domain/campaign/fault.ts";
import type { CopySource, CopyTarget } from "../copy/sides.ts";
import type { Row, Table } from "../copy/tables.ts";
import { quoted, selectAll } from "../copy/tables.ts";
import { BUSY_TIMEOUT_MS, closeConnection, openConnection } from "./connection.ts";
import { ledgerFault } from "./faults.ts";
import { cannotKeep, makeFolder, makeTables, syncFolder } from "./making.ts";
import { lookAt, newPathOf } from "./ownership.ts";
import { damageOf } from "./soundness.ts";
import { openDatabase } from "./sqlite.ts";

/** Only tables whose ids are never given out again keep it. */
const KEEP_LAST_ID = `
  insert into sqlite_sequence (name, seq)
  select @name, @id from sqlite_schema
  where type = 'table' and name = @name and sql like '%autoincrement%'
`;

/** Rows of a page. */
const PAGE = 2_000;
/** Pages are written when the transaction ends, as far as this holds them. */
const CACHE_KIB = 64_000;

/**
 * Opens the ledger in a file to be copied, and keeps everybody else from writing to it.
 * @throws LedgerError as opening a ledger does
 */
export async function openFileSource(file: string): Promise<CopySource> {
  const connection = await openConnection(file, {
    readOnly: false,
    busyTimeoutMs: BUSY_TIMEOUT_MS,
    isGuest: false,
  });
  const { db, watch } = connection;
  try {
    db.exec("begin immediate");
  } catch (error) {
    closeConnection(connection);
    throw ledgerFault(error, file);
  }
  return {
    ...sideOf(db, file),
    ledgerId: db.prepare("select ledger_id from meta").pluck().get() as string,
    async move(to) {
      try {
        if (!db.inTransaction) db.exec("begin immediate");
        db.prepare("update meta set moved_to = ?").run(to);
        db.exec("commit");
        watch.requireInPlace();
      } catch (error) {
        throw ledgerFault(error, file);
      }
    },
    close: async () => closeConnection(connection),
  };
}

/**
 * Makes the file of a ledger that is copied. An interrupted copy leaves a file that is no ledger,
 * and that SQLite empties here.
 * @throws LedgerError; `not_a_ledger` when there is something in the file
 */
export async function openFileTarget(file: string): Promise<CopyTarget> {
  let db: Database | undefined;
  try {
    makeFolder(dirname(file));
    const path = newPathOf(file);
    if (lookAt(file) === "nothing") closeSync(openSync(path, "a", 0o600));
    db = openDatabase(path);
    begin(db, file);
    return targetOf(db, file, path);
  } catch (error) {
    db?.close();
    throw ledgerFault(error, file);
  }
}

function begin(db: Database, file: string): void {
  db.pragma("synchronous = full");
  db.pragma("fullfsync = on");
  db.pragma(`cache_size = -${CACHE_KIB}`);
  db.exec("begin exclusive");
  const tables = db.prepare("select count(*) from sqlite_schema").pluck().get() as number;
  if (tables > 0) throw targetTaken(file);
  makeTables(db);
}

function targetTaken(file: string): LedgerError {
  return new LedgerError(
    "not_a_ledger",
    `${file} has something in it, and a ledger is copied to a new place only. Name another file.`,
  );
}

function targetOf(db: Database, file: string, path: string): CopyTarget {
  const inserts = new Map<Table, ReturnType<Database["prepare"]>>();
  const insertOf = (table: Table) => {
    const known = inserts.get(table);
    if (known !== undefined) return known;
    const { name, columns } = table;
    const places = columns.map(() => "?").join(", ");
    const made = db.prepare(
      `insert into ${name} (${columns.map(quoted).join(", ")}) values (${places})`,
    );
    inserts.set(table, made);
    return made;
  };
  const faulty = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw ledgerFault(error, file);
    }
  };
  return {
    ...sideOf(db, file),
    insert: async (table, rows) =>
      faulty(() => {
        const statement = insertOf(table);
        for (const row of rows) statement.run(row);
      }),
    async setLastId({ name }, id) {
      db.prepare("delete from sqlite_sequence where name = ?").run(name);
      db.prepare(KEEP_LAST_ID).run({ name, id });
    },
    async prepareToCheck() {
      const [damage] = damageOf(db);
      if (damage !== undefined)
        throw new LedgerError("io", `${file} was not written whole: ${damage}.`);
    },
    commit: async () =>
      faulty(() => {
        db.exec("commit");
        const mode = db.pragma("journal_mode = wal", { simple: true });
        if (mode !== "wal") throw cannotKeep(file, mode);
        syncFolder(dirname(path));
      }),
    close: async () => void db.close(),
  };
}

function sideOf(db: Database, file: string) {
  return {
    place: file,
    async *pages(table: Table) {
      let page: Row[] = [];
      for (const row of db.prepare(selectAll(table)).raw().iterate()) {
        page.push(row as Row);
        if (page.length < PAGE) continue;
        yield page;
        page = [];
      }
      if (page.length > 0) yield page;
    },
    column: async (sql: string) => db.prepare(sql).pluck().all(),
    async lastId({ name, hasIds }: Table) {
      if (!hasIds) return 0;
      const kept = db.prepare("select seq from sqlite_sequence where name = ?").pluck().get(name);
      const highest = db.prepare(`select max(id) from ${name}`).pluck().get();
      return Math.max(Number(kept ?? 0), Number(highest ?? 0));
    },
  };
}
