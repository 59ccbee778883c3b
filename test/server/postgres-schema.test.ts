// The two documents of the schema describe the same ledger.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SCHEMA } from "../../src/ledger/file/schema.ts";
import { POSTGRES_SCHEMA } from "../../src/ledger/postgres/postgres-schema.ts";
import { BothEngines } from "./both-engines.ts";

let both: BothEngines;
beforeAll(async () => {
  both = await BothEngines.open();
});
afterAll(async () => {
  await both.close();
});

/** PostgreSQL's types of SQLite's. */
const TYPES: Readonly<Record<string, string>> = {
  INTEGER: "bigint",
  REAL: "double precision",
  TEXT: "text",
  BLOB: "bytea",
  // Of names of people, which are texts.
  ANY: "text",
};

interface Column {
  table: string;
  name: string;
  type: string;
  isNullable: boolean;
  initially: string | null;
  isGiven: boolean;
}

/** Columns of every table, in order. `isGiven`: the engine gives ids out. */
function columnsOfSqlite(): Column[] {
  const tables = both.sqlite
    .prepare<[], { name: string; sql: string }>(
      "select name, sql from sqlite_schema where type = 'table' and name not like 'sqlite_%'",
    )
    .all();
  return tables.flatMap(({ name: table, sql }) =>
    (both.sqlite.pragma(`table_info(${table})`) as Record<string, unknown>[]).map((column) => ({
      table,
      name: String(column.name),
      type: TYPES[String(column.type).toUpperCase()] ?? `${table}.${column.name}: ${column.type}`,
      isNullable: column.notnull === 0 && column.pk === 0,
      initially: column.dflt_value as string | null,
      isGiven: column.name === "id" && sql.includes("id integer primary key"),
    })),
  );
}

async function columnsOfPostgres(): Promise<(Column & { collation: string | null })[]> {
  const { rows } = await both.postgres.query(`
    select table_name as "table", column_name as name, data_type as type,
      is_nullable = 'YES' as "isNullable", column_default as initially,
      is_identity = 'YES' as "isGiven", collation_name as collation
    from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_schema = current_schema and table_type = 'BASE TABLE'
    order by table_name, ordinal_position
  `);
  return rows.map((row) => ({
    ...row,
    isNullable: row.isNullable === 1,
    isGiven: row.isGiven === 1,
  }));
}

/** Statements of a document that begin so, without comments, on one line each. */
function statementsOf(document: string, kind: string): string[] {
  const bare = document.replace(/--[^\n]*/g, "").replace(/\s+/g, " ");
  return bare.split(";").flatMap((text) => (text.trim().startsWith(kind) ? [text.trim()] : []));
}

/** Every CHECK of a table with its name, if it has one, and its condition. */
function checksOf(table: string): string[] {
  const checks: string[] = [];
  for (const found of table.matchAll(/(constraint \w+ )?check \(/g)) {
    const from = found.index + found[0].length;
    let depth = 1;
    let to = from;
    for (; depth > 0; to += 1) {
      if (table[to] === "(") depth += 1;
      if (table[to] === ")") depth -= 1;
    }
    checks.push(`${found[1] ?? ""}${table.slice(from, to - 1).trim()}`);
  }
  return checks;
}

/** The tables of a document with their CHECKs, as the document writes them. */
function checks(document: string): Record<string, string[]> {
  const tables = statementsOf(document, "create table");
  return Object.fromEntries(
    tables.map((text) => [/^create table (\w+)/.exec(text)?.[1] ?? text, checksOf(text)]),
  );
}

/** The indexes of a document; a parenthesis more or less around an expression is none. */
function indexes(document: string): string[] {
  const made = ["create index", "create unique index"].flatMap((kind) =>
    statementsOf(document, kind),
  );
  return made.map((text) => text.replace(/[()]/g, " ").replace(/ +,/g, ",").replace(/ +/g, " "));
}

/** Keys as PostgreSQL writes them. */
function keysOfSqlite(): string[] {
  const tables = new Set(columnsOfSqlite().map(({ table }) => table));
  return [...tables].flatMap((table) => [
    ...primaryKeyOf(table),
    ...uniqueKeysOf(table),
    ...foreignKeysOf(table),
  ]);
}

function primaryKeyOf(table: string): string[] {
  const columns = both.sqlite.pragma(`table_info(${table})`) as { name: string; pk: number }[];
  const key = columns.filter(({ pk }) => pk > 0).toSorted((one, other) => one.pk - other.pk);
  return [`${table} PRIMARY KEY (${key.map(({ name }) => name).join(", ")})`];
}

function uniqueKeysOf(table: string): string[] {
  const all = both.sqlite.pragma(`index_list(${table})`) as { name: string; origin: string }[];
  return all.flatMap(({ name, origin }) => {
    if (origin !== "u") return [];
    const columns = both.sqlite.pragma(`index_info(${name})`) as { name: string }[];
    return [`${table} UNIQUE (${columns.map((column) => column.name).join(", ")})`];
  });
}

function foreignKeysOf(table: string): string[] {
  const parts = both.sqlite.pragma(`foreign_key_list(${table})`) as {
    id: number;
    table: string;
    from: string;
    to: string;
    on_delete: string;
  }[];
  return parts.flatMap(({ id, table: other, on_delete: action }, at) => {
    // Every column of a key is a part of its own.
    const key = parts.filter((part) => part.id === id);
    if (parts.findIndex((part) => part.id === id) !== at) return [];
    const from = key.map((part) => part.from).join(", ");
    const to = key.map((part) => part.to).join(", ");
    const end = action === "NO ACTION" ? "" : ` ON DELETE ${action}`;
    return [`${table} FOREIGN KEY (${from}) REFERENCES ${other}(${to})${end}`];
  });
}

describe("PostgreSQL's schema", () => {
  it("has the same tables and columns, in the same order, as null as those of SQLite", async () => {
    const found = await columnsOfPostgres();
    const tables = [...new Set(columnsOfSqlite().map(({ table }) => table))].toSorted();
    const wanted = tables.flatMap((name) =>
      columnsOfSqlite().filter(({ table }) => table === name),
    );
    expect(found.map(({ collation: _, ...column }) => column)).toEqual(wanted);
  });

  it("compares every text byte by byte", async () => {
    const texts = (await columnsOfPostgres()).filter(({ type }) => type === "text");
    expect(texts.filter(({ collation }) => collation !== "C")).toEqual([]);
    expect(texts.length).toBeGreaterThan(90);
  });

  it("has the same CHECKs", async () => {
    const wanted = checks(SCHEMA);
    expect(checks(POSTGRES_SCHEMA)).toEqual(wanted);
    const { rows } = await both.postgres.query(`
      select count(*) as number from pg_constraint
      where contype = 'c' and connamespace = current_schema::regnamespace
    `);
    expect(rows).toEqual([{ number: Object.values(wanted).flat().length }]);
  });

  it("has the same keys", async () => {
    const { rows } = await both.postgres.query<{ key: string }>(`
      select conrelid::regclass || ' ' || pg_get_constraintdef(oid) as key from pg_constraint
      where contype in ('p', 'u', 'f') and connamespace = current_schema::regnamespace
    `);
    expect(rows.map(({ key }) => key).toSorted()).toEqual(keysOfSqlite().toSorted());
  });

  it("has the same indexes", async () => {
    const wanted = indexes(SCHEMA);
    expect(indexes(POSTGRES_SCHEMA)).toEqual(wanted);
    const { rows } = await both.postgres.query<{ name: string }>(`
      select indexname as name from pg_indexes where schemaname = current_schema
        and indexname not in (select conname from pg_constraint)
    `);
    const names = wanted.map((text) => /index (\w+) on/.exec(text)?.[1] ?? text);
    expect(rows.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  });

  it("has the same view", async () => {
    const { rows } = await both.postgres.query<{ name: string }>(`
      select column_name as name from information_schema.columns
      where table_schema = current_schema and table_name = 'outcomes' order by ordinal_position
    `);
    const columns = both.sqlite.pragma("table_info(outcomes)") as { name: string }[];
    expect(rows.map(({ name }) => name)).toEqual(columns.map(({ name }) => name));
  });
});
