// Translates a statement of the ledger for PostgreSQL. Statements are written in the part of SQL
// that it shares with SQLite; what differs still is how parameters are marked, and the hints by
// which SQLite is told its plan. The functions that only SQLite has are made by PostgreSQL's schema
// document.

import { assert } from "../../domain/common/errors.ts";

/** A statement as PostgreSQL takes it. */
export interface PostgresStatement {
  text: string;
  /** Names of the parameters $1, $2, …; null where the parameters have places instead of names. */
  names: readonly string[] | null;
}

/** Comes before an operand, so that a plus behind it is no addition. */
const BEFORE_OPERAND = String.raw`(?:[(,=<>]|\b(?:and|or|not|on|where|when|then|else|select|by))\s*`;

const PARTS = new RegExp(
  [
    // Strings, quoted names and comments stay as they are.
    String.raw`(?<kept>'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*[^]*?\*/)`,
    String.raw`(?<hint>\s+indexed\s+by\s+\w+|\bcross\s+(?=join\b)|(?<=${BEFORE_OPERAND})\+(?=\w))`,
    String.raw`(?<place>\?)`,
    String.raw`@(?<name>\w+)`,
  ].join("|"),
  "gi",
);

/**
 * The statement for PostgreSQL: without `indexed by`, `cross` (a `cross join` must have its `on`)
 * and the plus that keeps SQLite from an index; with `?` and `@name` as `$1`, `$2`, ….
 */
export function toPostgres(sql: string): PostgresStatement {
  const names: string[] = [];
  let places = 0;
  const text = sql.replace(PARTS, (...found) => {
    const { kept, place, name } = found.at(-1) as Record<string, string | undefined>;
    if (kept !== undefined) return kept;
    if (place !== undefined) {
      places += 1;
      return `$${places}`;
    }
    if (name === undefined) return "";
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  assert(places === 0 || names.length === 0, "parameters have either names or places");
  return { text, names: places > 0 ? null : names };
}
