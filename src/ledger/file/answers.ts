// Answers the statements of verbs by SQLite. Each is prepared when it is first asked: the ledger
// has 230 of them, a command asks a few, and preparing all takes 15 ms at each opening.

import type { Database, Statement as Prepared } from "better-sqlite3";
import type { Op } from "../engine.ts";
import { corruptFault } from "./faults.ts";

type AnyStatement = Op<unknown>["statement"];

/**
 * @param path of the file, for the LedgerError `corrupt` that a statement throws which does not
 *   fit: a table or an index is not there
 */
export function makeAnswers(db: Database, path: string): (op: Op<unknown>) => unknown {
  const known = new Map<AnyStatement, Prepared>();

  function prepare(statement: AnyStatement): Prepared {
    try {
      const prepared = db.prepare(statement.sql);
      if (statement.shape === "tuple") prepared.raw();
      else if (statement.shape === "value") prepared.pluck();
      known.set(statement, prepared);
      return prepared;
    } catch (error) {
      if ((error as { code?: unknown }).code !== "SQLITE_ERROR") throw error;
      throw corruptFault(path, error);
    }
  }

  return ({ statement, want, params }) => {
    const prepared = known.get(statement) ?? prepare(statement);
    switch (want) {
      case "get":
        return prepared.get(...params);
      case "all":
        return prepared.all(...params);
      case "run":
        return prepared.run(...params);
    }
  };
}
