// The tables of a ledger with their columns, as its schema document makes them. Both engines have
// the same ones, in the same order.

import { SCHEMA } from "../file/schema.ts";
import { openDatabase } from "../file/sqlite.ts";

/** A table of the ledger's contract. */
export interface Table {
  name: string;
  columns: readonly string[];
  /** Columns of the primary key. */
  key: readonly string[];
  /** Columns of bytes, which JSON cannot hold. */
  bytes: readonly string[];
  /** The engine gives out its ids, in the column `id`. */
  hasIds: boolean;
}

/** A value as SQLite gives it. */
export type Value = string | number | Uint8Array | null;

/** A row's values, in the order of the columns. */
export type Row = readonly Value[];

interface ColumnInfo {
  name: string;
  type: string;
  pk: number;
}

/** Every table, those that others refer to before these. */
export function ledgerTables(): Table[] {
  const db = openDatabase(":memory:");
  try {
    db.exec(SCHEMA);
    const made = "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'";
    const names = db.prepare(`${made} order by rowid`).pluck().all() as string[];
    return names.map((name) => {
      const columns = db.pragma(`table_info(${name})`) as ColumnInfo[];
      const key = columns.filter(({ pk }) => pk > 0).toSorted((one, other) => one.pk - other.pk);
      return {
        name,
        columns: columns.map((column) => column.name),
        key: key.map((column) => column.name),
        bytes: columns.flatMap((column) => (column.type === "BLOB" ? [column.name] : [])),
        hasIds: key.length === 1 && key[0]?.name === "id" && key[0].type === "INTEGER",
      };
    });
  } finally {
    db.close();
  }
}

/** SQL: the rows of a table in the order of its key, the same on both engines. */
export function selectAll({ name, columns, key }: Table): string {
  return `select ${columns.map(quoted).join(", ")} from ${name} order by ${key.map(quoted).join(", ")}`;
}

/** SQL: a column's name, which may be a word of the language. */
export function quoted(name: string): string {
  return `"${name}"`;
}

/**
 * A row as JSON that PostgreSQL can read: an object without what is null, bytes as text, and what
 * its text cannot hold as what is unreadable.
 */
export function rowText({ columns, bytes }: Table, row: Row): string {
  const record: Record<string, Value> = {};
  for (let at = 0; at < columns.length; at += 1) {
    const value = row[at] ?? null;
    if (value === null) continue;
    const name = columns[at] as string;
    record[name] =
      typeof value === "string"
        ? value.replaceAll("\0", "\uFFFD")
        : bytes.includes(name)
          ? `\\x${Buffer.from(value as Uint8Array).toString("hex")}`
          : value;
  }
  return JSON.stringify(record);
}
