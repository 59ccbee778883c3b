// The ledger's empty schema on SQLite and on PostgreSQL, and the same statement asked of both.

import type { Database } from "better-sqlite3";
import Sqlite from "better-sqlite3";
import pg from "pg";
import { SCHEMA } from "../../src/ledger/file/schema.ts";
import { toPostgres } from "../../src/ledger/postgres/dialect.ts";
import { POSTGRES_SCHEMA } from "../../src/ledger/postgres/postgres-schema.ts";
import { sharedPostgres } from "../support/postgres.ts";

export type Row = Record<string, unknown>;
export type Params = unknown[] | Record<string, unknown>;

/** Numbers and truth values as SQLite gives them; by the id of PostgreSQL's type. */
const READERS: Readonly<Record<number, (text: string) => unknown>> = {
  [pg.types.builtins.BOOL]: (text) => (text === "t" ? 1 : 0),
  [pg.types.builtins.INT4]: Number,
  [pg.types.builtins.INT8]: Number,
  [pg.types.builtins.NUMERIC]: Number,
  [pg.types.builtins.FLOAT8]: Number,
};

export class BothEngines {
  readonly sqlite: Database;
  readonly postgres: pg.Client;

  private constructor(sqlite: Database, postgres: pg.Client) {
    this.sqlite = sqlite;
    this.postgres = postgres;
  }

  static async open(): Promise<BothEngines> {
    const sqlite = new Sqlite(":memory:");
    sqlite.pragma("foreign_keys = on");
    sqlite.exec(SCHEMA);
    const server = await sharedPostgres();
    const postgres = new pg.Client({
      connectionString: server.url({ schema: await server.schema() }),
      types: { getTypeParser: (id: number) => READERS[id] ?? pg.types.getTypeParser(id) } as never,
    });
    await postgres.connect();
    await postgres.query(POSTGRES_SCHEMA);
    return new BothEngines(sqlite, postgres);
  }

  async close(): Promise<void> {
    this.sqlite.close();
    await this.postgres.end();
  }

  /** The rows of a statement: those of SQLite first. */
  async ask(sql: string, params: Params = []): Promise<[Row[], Row[]]> {
    const { text, names } = toPostgres(sql);
    const values = Array.isArray(params) ? params : (names ?? []).map((name) => params[name]);
    const { rows } = await this.postgres.query(text, values);
    const prepared = this.sqlite.prepare<unknown[], Row>(sql);
    return [Array.isArray(params) ? prepared.all(...params) : prepared.all(params), rows];
  }

  /** Changes both; gives how many rows each changed, SQLite first. */
  async change(sql: string, params: unknown[] = []): Promise<[number, number | null]> {
    const { rowCount } = await this.postgres.query(toPostgres(sql).text, params);
    return [this.sqlite.prepare(sql).run(...params).changes, rowCount];
  }
}
