// Answers the statements of verbs by SQLite. Each is prepared when it is first asked: the ledger
// has 230 of them, a command asks a few, and preparing all takes 15 ms at each opening.
//
// A set is gone through one tuple after the other: that costs a third of one statement that takes
// its rows as JSON. Only inserts gain by going together.

import type { Database, Statement as Prepared } from "better-sqlite3";
import type { Op } from "../engine.ts";
import { corruptFault } from "./faults.ts";

type AnyStatement = Op<unknown>["statement"];
type Tuples = readonly (readonly unknown[])[];

/** Rows that are inserted by one statement. */
const GROUP = 20;
/** The row of an insert that is asked for sets. */
const VALUES = /\bvalues\s*(\([^()]*\))/;
/**
 * SQLite plans for the value of a bare parameter there, and prepares the whole statement again at
 * every call (3.53, measured: 6.2 µs of a look that takes 1.5 otherwise).
 */
const BARE_LIMIT = /\b(limit|offset) ([?@]\w*)/g;

/**
 * @param path of the file, for the LedgerError `corrupt` that a statement throws which does not
 *   fit: a table or an index is not there
 */
export function makeAnswers(db: Database, path: string): (op: Op<unknown>) => unknown {
  const known = new Map<AnyStatement, Prepared>();
  const groups = new Map<AnyStatement, Prepared>();

  function prepareSql(sql: string): Prepared {
    try {
      return db.prepare(sql.replace(BARE_LIMIT, "$1 ($2 + 0)"));
    } catch (error) {
      if ((error as { code?: unknown }).code !== "SQLITE_ERROR") throw error;
      throw corruptFault(path, error);
    }
  }

  function prepare(statement: AnyStatement): Prepared {
    const prepared = prepareSql(statement.sql);
    if (prepared.reader && statement.shape === "tuple") prepared.raw();
    else if (prepared.reader && statement.shape === "value") prepared.pluck();
    known.set(statement, prepared);
    return prepared;
  }

  function prepareGroup(statement: AnyStatement): Prepared {
    const rows = (_: string, row: string) => `values ${Array(GROUP).fill(row).join(", ")}`;
    const prepared = prepareSql(statement.sql.replace(VALUES, rows));
    groups.set(statement, prepared);
    return prepared;
  }

  function insertEach(statement: AnyStatement, tuples: Tuples): void {
    let index = 0;
    for (; tuples.length - index >= GROUP; index += GROUP) {
      const group = groups.get(statement) ?? prepareGroup(statement);
      group.run(tuples.slice(index, index + GROUP).flat());
    }
    for (; index < tuples.length; index += 1) {
      (known.get(statement) ?? prepare(statement)).run(tuples[index]);
    }
  }

  return ({ statement, want, params }) => {
    if (want === "insertEach") return insertEach(statement, params as Tuples);
    // A set of none prepares nothing.
    if ((want === "getEach" || want === "changeEach") && params.length === 0) return [];
    const prepared = known.get(statement) ?? prepare(statement);
    switch (want) {
      case "get":
        return prepared.get(...params);
      case "all":
        return prepared.all(...params);
      case "run":
        return prepared.run(...params);
      case "getEach":
        return params.map((tuple) => prepared.get(tuple));
      case "changeEach":
        return params.map((tuple) => prepared.run(tuple).changes > 0);
    }
  };
}
