// Translates a statement of the ledger for PostgreSQL. Statements are written in the part of SQL
// that it shares with SQLite; what differs still is how parameters are marked, and the hints
// that give SQLite its plan. The functions that only SQLite has are made by PostgreSQL's schema
// document.

import { assert } from "../../domain/common/errors.ts";
import type { ParameterType, Want } from "../engine.ts";

/** How a statement is asked for a set. */
export type SetWant = Extract<Want, `${string}Each`>;

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
    String.raw`(?<hint>\s+indexed\s+by\s+\w+|\bcross\s+(?=join\b))`,
    String.raw`(?<=${BEFORE_OPERAND})\+(?<shielded>\w+)`,
    String.raw`(?<place>\?)`,
    String.raw`@(?<name>\w+)`,
  ].join("|"),
  "gi",
);

/**
 * The statement for PostgreSQL: without `indexed by` and `cross` (a `cross join` must have its
 * `on`); with what keeps it from an index of a text column for the plus that keeps SQLite from it;
 * with `?` and `@name` as `$1`, `$2`, ….
 */
export function toPostgres(sql: string): PostgresStatement {
  const names: string[] = [];
  let places = 0;
  const text = sql.replace(PARTS, (...found) => {
    const { kept, place, shielded, name } = found.at(-1) as Record<string, string | undefined>;
    if (kept !== undefined) return kept;
    if (place !== undefined) {
      places += 1;
      return `$${places}`;
    }
    if (shielded !== undefined) return `(${shielded} || '')`;
    if (name === undefined) return "";
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  assert(places === 0 || names.length === 0, "parameters have either names or places");
  return { text, names: places > 0 ? null : names };
}

/** The last `where` of an update or a delete, which is its own. */
const OWN_WHERE = /\bwhere\b(?!.*\bwhere\b)/s;
/** The row of an insert. */
const VALUES = /\bvalues\s*\(([^()]*)\)/;

/**
 * True of all places; makes PostgreSQL expect one tuple, for which it looks by an index, instead of
 * a hundred, for which it would go through the rows.
 */
const FEW = 'tuple."#" between 1 and 1000000000';

/**
 * The one statement that does for a whole set of tuples what `sql` does for one; its parameter is
 * the JSON of `toSetParameter`. Selects and changes give the place of the tuple, from 1, with each
 * row, as `"#"`.
 */
export function toPostgresSet(sql: string, types: readonly ParameterType[], want: SetWant): string {
  let places = 0;
  const one = toPostgres(sql).text.replace(/\$\d+/g, () => {
    places += 1;
    return `tuple."${places}"`;
  });
  assert(places === types.length, "each parameter of a set has its type");
  const columns = types.map((type, at) => `, "${at + 1}" ${type}`).join("");
  const tuples = `json_to_recordset($1::json) as tuple("#" bigint${columns})`;
  if (want === "getEach") {
    // As the first row of each it is looked up tuple by tuple, by an index: no join is thought of.
    return `select tuple."#", found.* from ${tuples} cross join lateral (${one} limit 1) as found`;
  }
  if (want === "insertEach") {
    return one.replace(VALUES, (_, row: string) => `select ${row} from ${tuples} order by "#"`);
  }
  const by = /^\s*delete\b/.test(one) ? "using" : "from";
  const few = `${by} ${tuples} where ${FEW} and`;
  return `${one.replace(OWN_WHERE, () => few)} returning tuple."#"`;
}

/** A set of tuples as the parameter of the statement of `toPostgresSet`. */
export function toSetParameter(tuples: readonly (readonly unknown[])[]): string {
  const rows = tuples.map((tuple, index) => {
    const columns = tuple.map((value, at) => `,"${at + 1}":${JSON.stringify(value)}`);
    return `{"#":${index + 1}${columns.join("")}}`;
  });
  return `[${rows.join(",")}]`;
}
