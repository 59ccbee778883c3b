// What a ledger's file can have wrong with it: damage that SQLite finds, and tables that are not
// those of this version. Fixes nothing.

import type { Database } from "better-sqlite3";
import type { Violation } from "../../domain/ledger/ledger.ts";
import { runAtOnce } from "../engine.ts";
import { EXAMPLES_MAX, makeInvariants } from "../invariants.ts";
import { makeAnswers } from "./answers.ts";
import { SCHEMA } from "./schema.ts";
import { openDatabase } from "./sqlite.ts";

/** What a file of this version has to have, and what would change rows behind our back. */
const SCHEMA_OBJECTS = "select type, name, sql from sqlite_schema where sql is not null";

interface SchemaObject {
  type: string;
  name: string;
  sql: string;
}

/**
 * What SQLite finds damaged in the file, in its words; reads all of it. SQLite 3.53 leaves the list
 * of free pages out where the first object that its hash of the schema names is a view, so that
 * list is asked for apart, with the schema's own table.
 */
export function damageOf(db: Database): string[] {
  return ["integrity_check", "integrity_check(sqlite_schema)"].flatMap((check) =>
    (db.pragma(check) as { integrity_check: string }[]).flatMap(({ integrity_check: line }) =>
      line === "ok" ? [] : line.split("\n"),
    ),
  );
}

/**
 * The rules that do not hold, each with a few places. Reads the whole ledger; of a damaged file the
 * rows are not judged.
 */
export function violations(db: Database): Violation[] {
  const damage = damageOf(db);
  if (damage.length > 0) {
    return [{ invariant: "the file is undamaged", examples: damage.slice(0, EXAMPLES_MAX) }];
  }
  const schema = schemaFaults(db);
  if (schema.length > 0) {
    return [
      { invariant: "its tables, indexes and views are those of this version", examples: schema },
    ];
  }
  return runAtOnce(makeInvariants().violations(), makeAnswers(db, db.name));
}

/** What the owner added besides is theirs, but for triggers. */
function schemaFaults(db: Database): string[] {
  const found = db.prepare(SCHEMA_OBJECTS).all() as SchemaObject[];
  const sqlOf = new Map(found.map(({ type, name, sql }) => [`${type} ${name}`, sql]));
  const missing = wantedObjects().flatMap(({ type, name, sql }) => {
    const has = sqlOf.get(`${type} ${name}`);
    if (has === sql) return [];
    return [`${type} ${name} ${has === undefined ? "is missing" : "is another one"}`];
  });
  const triggers = found.filter(({ type }) => type === "trigger");
  return [...missing, ...triggers.map(({ name }) => `there is a trigger ${name}`)].slice(
    0,
    EXAMPLES_MAX,
  );
}

let wanted: readonly SchemaObject[] | undefined;

function wantedObjects(): readonly SchemaObject[] {
  if (wanted !== undefined) return wanted;
  const empty = openDatabase(":memory:");
  empty.exec(SCHEMA);
  wanted = empty.prepare(SCHEMA_OBJECTS).all() as SchemaObject[];
  empty.close();
  return wanted;
}
