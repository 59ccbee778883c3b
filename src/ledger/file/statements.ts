// Statements that are prepared when they are first used: the ledger has 230 of them, a command uses
// a few, and preparing all takes 15 ms at each opening; `check` opens a ledger five times.

import type { Database, RunResult, Statement } from "better-sqlite3";
import { corruptFault } from "./faults.ts";

/**
 * From now on `db.prepare` gives statements that are prepared when they are first used.
 * @param path of the file, for the LedgerError `corrupt` that the use of a statement throws which
 *   does not fit: a table or an index is not there
 */
export function prepareLazily(db: Database, path: string): void {
  const prepare = db.prepare.bind(db);
  const lazily = (sql: string) =>
    new LazyStatement(() => {
      try {
        return prepare<unknown[], unknown>(sql);
      } catch (error) {
        if ((error as { code?: unknown }).code !== "SQLITE_ERROR") throw error;
        throw corruptFault(path, error);
      }
    });
  db.prepare = lazily as unknown as Database["prepare"];
}

/** What the ledger uses of a statement. */
class LazyStatement {
  private readonly prepare: () => Statement;
  private mode: "pluck" | "raw" | undefined;
  private prepared: Statement | undefined;

  constructor(prepare: () => Statement) {
    this.prepare = prepare;
  }

  pluck(): this {
    this.mode = "pluck";
    return this;
  }

  raw(): this {
    this.mode = "raw";
    return this;
  }

  run(...values: unknown[]): RunResult {
    return this.statement().run(...values);
  }

  get(...values: unknown[]): unknown {
    return this.statement().get(...values);
  }

  all(...values: unknown[]): unknown[] {
    return this.statement().all(...values);
  }

  iterate(...values: unknown[]): IterableIterator<unknown> {
    return this.statement().iterate(...values);
  }

  private statement(): Statement {
    if (this.prepared !== undefined) return this.prepared;
    const statement = this.prepare();
    if (this.mode !== undefined) statement[this.mode]();
    this.prepared = statement;
    return statement;
  }
}
