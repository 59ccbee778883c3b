// PostgreSQL takes every statement of the ledger, and reads its parameters and columns as meant.

import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { toPostgres, toPostgresSet } from "../../src/ledger/postgres/dialect.ts";
import { PLANNING } from "../../src/ledger/postgres/server.ts";
import { BothEngines } from "./both-engines.ts";
import type { LedgerStatements } from "./ledger-statements.ts";
import { ledgerStatements } from "./ledger-statements.ts";

/**
 * What a parameter may be. One beside a small number alone would be taken for an `integer`, which
 * holds no instant, and needs a cast.
 */
const PARAMETERS = ["bigint", "text", "double precision", "bytea"];

/** What a column may be: all that the readers of both-engines.ts know. */
const { BOOL, INT4, INT8, NUMERIC, FLOAT8, TEXT, BYTEA } = pg.types.builtins;
const COLUMNS: readonly number[] = [BOOL, INT4, INT8, NUMERIC, FLOAT8, TEXT, BYTEA];

let both: BothEngines;
let statements: string[];
let sets: LedgerStatements["sets"];
beforeAll(async () => {
  both = await BothEngines.open();
  both.sqlite.function("name_hash", { deterministic: true }, (name) => name);
  ({ statements, sets } = await ledgerStatements());
});
afterAll(async () => {
  await both.close();
});

/** What fails of all statements, with the statement. */
async function faults(look: (sql: string) => Promise<string | undefined>): Promise<string[]> {
  const found: string[] = [];
  for (const sql of statements) {
    const fault = await look(sql).catch((error: Error) => error.message);
    if (fault !== undefined) found.push(`${fault}: ${sql}`);
  }
  return found;
}

/** The parameters of a statement for PostgreSQL that have no names. */
function placesOf(text: string): string[] {
  return text.match(/\$\d+/g) ?? [];
}

it("finds the ledger's statements", () => {
  expect(statements.length).toBeGreaterThan(390);
  const claims = statements.filter((sql) => sql.includes("order by held_until, row_number"));
  expect(claims.length).toBe(24);
});

it("prepares every one, with parameters that hold what SQLite's hold", async () => {
  const problems = await faults(async (sql) => {
    await both.postgres.query(`prepare one as ${toPostgres(sql).text}`);
    const { rows } = await both.postgres.query<{ type: string }>(
      "select unnest(parameter_types)::text as type from pg_prepared_statements where name = 'one'",
    );
    await both.postgres.query("deallocate one");
    return rows.map(({ type }) => type).find((type) => !PARAMETERS.includes(type));
  });
  expect(problems).toEqual([]);
});

it("makes no table in memory of all rows to look for one, but to look through the whole ledger", async () => {
  await both.postgres.query("set plan_cache_mode = force_generic_plan");
  const problems = await faults(async (sql) => {
    const { text, names } = toPostgres(sql);
    await both.postgres.query(`prepare one as ${text}`);
    const nulls = (names ?? placesOf(text)).map(() => "null").join(", ");
    const { rows } = await both.postgres.query<Record<"QUERY PLAN", string>>(
      `explain execute one${nulls && `(${nulls})`}`,
    );
    await both.postgres.query("deallocate one");
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    return plan.includes("hashed SubPlan") && !sql.endsWith("limit 10") ? plan : undefined;
  });
  expect(problems).toEqual([]);
});

it("looks up each tuple of a set by an index, also where it plans for a small table", async () => {
  await both.postgres.query(`
    begin;
    insert into campaign (name, lane, state, frozen, columns, created_at, changed_at)
    values ('plans', 'sandbox', 'planning', '{}', '[]', 1, 1);
    insert into dispatch (
      campaign_id, row_number, place, line, hash, phone, person, status, value_list
    ) select id, n, n, n, n, n, n, 'pending', '[]'
    from campaign, generate_series(1, 1000) as n where name = 'plans';
    analyze dispatch;
  `);
  for (const setting of PLANNING) await both.postgres.query(`set local ${setting}`);
  const plans = new Map<string, string>();
  for (const [sql, types] of sets) {
    if (sql.trim().startsWith("insert")) continue;
    const want = /^(select|with)\b/.test(sql.trim()) ? "getEach" : "changeEach";
    await both.postgres.query(`prepare one as ${toPostgresSet(sql, types, want)}`);
    const { rows } = await both.postgres.query<Record<"QUERY PLAN", string>>(
      "explain execute one('[]')",
    );
    await both.postgres.query("deallocate one");
    plans.set(sql, rows.map((row) => row["QUERY PLAN"]).join("\n"));
  }
  await both.postgres.query("rollback");
  expect(plans.size).toBeGreaterThan(14);
  // Of a campaign there are few, however many it sends to.
  const through = [...plans].filter(([, plan]) => /Seq Scan on (?!campaign\b)/.test(plan));
  expect(through).toEqual([]);
  const claimed = [...plans].filter(([sql]) => sql.includes("+status"));
  expect(claimed.length).toBeGreaterThan(10);
  for (const [, plan] of claimed) expect(plan).toContain("using dispatch_pkey");
});

it("gives the columns of every one that reads the names that SQLite gives them", async () => {
  const problems = await faults(async (sql) => {
    const { text, names } = toPostgres(sql);
    const prepared = both.sqlite.prepare(sql);
    if (!prepared.readonly) return undefined;
    const values = (names ?? placesOf(text)).map(() => null);
    const { fields } = await both.postgres.query(text, values);
    const columns = prepared.columns();
    const wrong = fields.find(({ name, dataTypeID }, at) => {
      const wanted = columns[at]?.name ?? "";
      // An expression without a name is not asked for by one.
      return (
        (/^(?!null$)[a-z]\w*$/i.test(wanted) && name !== wanted) || !COLUMNS.includes(dataTypeID)
      );
    });
    return wrong && `${wrong.name} (${wrong.dataTypeID})`;
  });
  expect(problems).toEqual([]);
});
