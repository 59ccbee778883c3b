// Loads SQLite: the only place that makes a connection. The library is built for one version of
// Node and one system.

import type { Database, Options } from "better-sqlite3";
import Sqlite from "better-sqlite3";
import { OperatorError } from "../../domain/common/errors.ts";

/**
 * Opens a database.
 * @throws OperatorError when the library cannot be loaded by this Node; else what SQLite says
 */
export function openDatabase(file: string, options: Options = {}): Database {
  try {
    return new Sqlite(file, options);
  } catch (error) {
    throw engineProblem(error) ?? error;
  }
}

/**
 * Version of SQLite, such as `3.50.4`.
 * @throws OperatorError when the library cannot be loaded
 */
export function engineVersion(): string {
  const db = openDatabase(":memory:");
  try {
    return db.prepare("select sqlite_version()").pluck().get() as string;
  } finally {
    db.close();
  }
}

/** What the operator does about a library that cannot be loaded; undefined for any other error. */
function engineProblem(error: unknown): OperatorError | undefined {
  const { code, message = "" } = error as { code?: unknown; message?: string };
  const isMissing = /Could not locate the bindings file|MODULE_NOT_FOUND/.test(message);
  if (code !== "ERR_DLOPEN_FAILED" && code !== "MODULE_NOT_FOUND" && !isMissing) return undefined;
  const built = /NODE_MODULE_VERSION (\d+)[\s\S]*?NODE_MODULE_VERSION (\d+)/.exec(message);
  const why =
    built !== null
      ? `better-sqlite3 is built for another version of Node than ${process.version}`
      : isMissing || code === "MODULE_NOT_FOUND"
        ? "better-sqlite3 is not built yet"
        : `better-sqlite3 cannot be loaded (${message.split("\n")[0]?.slice(0, 200)})`;
  return new OperatorError({
    message: why,
    hint: "Run `npm rebuild better-sqlite3`, or `npm ci` with this Node. Nothing was sent.",
  });
}
