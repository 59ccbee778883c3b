// Opens a ledger on a PostgreSQL server: that the server keeps what it commits, and that the
// schema is ours and of this version, made where there is none.

import type { ClientBase, ClientConfig, Pool } from "pg";
import pg from "pg";
import { LedgerError } from "../../domain/campaign/fault.ts";
import { otherSchema } from "../explained-fault.ts";
import { SCHEMA_VERSION } from "../file/schema.ts";
import { makeLedgerId } from "../ledger-id.ts";
import { requireHere } from "../moved.ts";
import { LEASE_MS, LEASE_TABLE } from "./lease.ts";
import type { PostgresPlace } from "./place.ts";
import { isWithoutTls, postgresFault } from "./postgres-faults.ts";
import { POSTGRES_SCHEMA } from "./postgres-schema.ts";
import { requireSafe, requireSession } from "./server-safety.ts";
import type { Tls } from "./tls.ts";
import { tlsWays } from "./tls.ts";

/** Connections of one process: a turn, its receiver, a page, and one that keeps the lease. */
const POOL_MAX = 8;
/** An address that answers nothing. */
const CONNECT_TIMEOUT_MS = 10_000;
/** A statement whose answer does not come: the network is cut. */
const QUERY_TIMEOUT_MS = 60_000;
/** The comment on a ledger's schema, before the version. */
const MARK = "campaign ledger, schema ";
/** Two starters that make the schema at once wait for each other by this lock. */
const MAKER_LOCK = 2;

/**
 * How statements are planned. Compiling a claim takes seconds, and planning a statement again more
 * than the statement itself. All of them are written for look-ups by an index, as SQLite joins: a
 * plan that was made while a table was small would go through all of it when it has grown.
 */
export const PLANNING: readonly string[] = [
  ...["jit=off", "plan_cache_mode=force_generic_plan"],
  ...["enable_seqscan=off", "enable_hashjoin=off", "enable_mergejoin=off"],
];

const { types } = pg;
const BOOL = types.builtins.BOOL;
const INT8 = types.builtins.INT8;
const NUMERIC = types.builtins.NUMERIC;

/**
 * Values as SQLite gives them: a number for any number, 0 and 1 for a truth. Every integer of a
 * ledger is exact in a double.
 */
const READERS: Readonly<Record<number, (text: string) => unknown>> = {
  [BOOL]: (text) => (text === "t" ? 1 : 0),
  [INT8]: Number,
  [NUMERIC]: Number,
};

/** What a ledger's schema says of it. */
export interface SchemaFound {
  ledgerId: string;
  /** Where the ledger is now; null while it is here. */
  movedTo: string | null;
}

export interface PostgresConnection extends SchemaFound {
  pool: Pool;
}

/**
 * Connects, and makes the schema where there is none and `make` allows it.
 * @param now instant in ms; for the day on which a new ledger was made
 * @returns undefined where there is no ledger
 * @throws LedgerError `unreachable`, `no_rights`, `untrusted`, `old_server`, `unsafe`,
 *   `newer_schema`, `older_schema`, `not_a_ledger`, `moved`; OperatorError as `tlsWays`
 */
export async function connectPostgres(
  place: PostgresPlace,
  options: { make: boolean; readOnly: boolean; allowUnsafe: boolean; now: number },
): Promise<PostgresConnection | undefined> {
  return byTls(place, async (tls) => {
    const pool = makePool(place, { readOnly: options.readOnly, tls });
    try {
      const found = await openOver(pool, place, options);
      if (found === undefined) await pool.end();
      return found;
    } catch (error) {
      await pool.end().catch(() => {});
      throw error;
    }
  });
}

async function openOver(
  pool: Pool,
  place: PostgresPlace,
  options: { make: boolean; readOnly: boolean; allowUnsafe: boolean; now: number },
): Promise<PostgresConnection | undefined> {
  const client = await pool.connect();
  try {
    await requireSession(client, place);
    if (!options.readOnly && !options.allowUnsafe) await requireSafe(client, place);
    const found = await openSchema(client, place, options);
    if (found === undefined) return undefined;
    if (!options.readOnly) requireHere(place.shown, found.movedTo);
    return { pool, ...found };
  } finally {
    client.release();
  }
}

/**
 * Connects in the ways that a place allows, one after the other.
 * @throws LedgerError for what the server or the way to it refuse; OperatorError as `tlsWays`
 */
export async function byTls<T>(
  place: PostgresPlace,
  connect: (tls: Tls) => Promise<T>,
): Promise<T> {
  const ways = tlsWays(place.tls);
  for (const [at, tls] of ways.entries()) {
    try {
      return await connect(tls);
    } catch (error) {
      if (at + 1 < ways.length && isWithoutTls(error)) continue;
      throw postgresFault(error, place.shown);
    }
  }
  throw new Error("there is a way to connect");
}

function makePool(place: PostgresPlace, session: { readOnly: boolean; tls: Tls }): Pool {
  const pool = new pg.Pool({
    ...clientConfig(place, session),
    // What is sent without waiting for what is before goes out at once.
    pipeline: true,
    max: POOL_MAX,
    allowExitOnIdle: true,
  });
  // A connection that breaks while nobody uses it is replaced when the next one is needed.
  pool.on("error", () => {});
  // One that breaks between two statements of a transaction fails the next of them.
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** How a client connects to the server of a place, and what it sets in its session. */
export function clientConfig(
  { host, port, user, password, database, schema, options, leaseMs = LEASE_MS }: PostgresPlace,
  { readOnly, tls }: { readOnly: boolean; tls: Tls },
): ClientConfig {
  const settings = [options, `-c search_path=${schema}`];
  // What is claimed must be on the disk before it is posted, whatever the server has as default.
  settings.push("-c synchronous_commit=on", "-c timezone=UTC");
  settings.push(...PLANNING.map((setting) => `-c ${setting}`));
  // A transaction whose process was stopped, or cut off, keeps others from the lane and from every
  // write: it ends well before the lease does.
  settings.push(`-c idle_in_transaction_session_timeout=${Math.ceil(leaseMs / 2)}`);
  if (readOnly) settings.push("-c default_transaction_read_only=on");
  return {
    ...{ host, port, user, database },
    // Without one the client looks it up in the file of passwords.
    ...(password !== undefined && { password }),
    ssl: tls,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    application_name: "campaign",
    options: settings.join(" ").trim(),
    types: { getTypeParser: readerOf as typeof types.getTypeParser },
    keepAlive: true,
  };
}

function readerOf(type: number, format?: "text" | "binary"): unknown {
  return READERS[type] ?? types.getTypeParser(type, format as "text");
}

/** Makes the schema where there is none and `make` allows it; undefined where there is none. */
async function openSchema(
  client: ClientBase,
  place: PostgresPlace,
  { make, now }: { make: boolean; now: number },
): Promise<SchemaFound | undefined> {
  const found = await findSchema(client, place);
  if (found !== undefined || !make) return found;
  await client.query("begin");
  try {
    if (await makeSchema(client, place)) {
      await client.query("insert into meta (only_row, ledger_id, created_at) values (1, $1, $2)", [
        makeLedgerId(),
        Math.round(now),
      ]);
    }
    const { command } = await client.query("commit");
    if (command !== "COMMIT") throw new Error("the schema was not made");
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  }
  return findSchema(client, place);
}

/**
 * Makes the tables of a ledger, all but the row of `meta`, in the transaction of its caller.
 * @returns false when there is a ledger already: another starter may have made it while this one
 *   waited
 */
export async function makeSchema(client: ClientBase, place: PostgresPlace): Promise<boolean> {
  const lock = `select pg_advisory_xact_lock(hashtext($1), ${MAKER_LOCK})`;
  await client.query(lock, [place.schema]);
  if ((await findSchema(client, place)) !== undefined) return false;
  // Who owns the schema may have no right to make one.
  const { rows } = await client.query("select from pg_namespace where nspname = $1", [
    place.schema,
  ]);
  if (rows.length === 0) await client.query(`create schema ${place.schema}`);
  await client.query(POSTGRES_SCHEMA + LEASE_TABLE);
  await client.query(`comment on schema ${place.schema} is '${MARK}${SCHEMA_VERSION}'`);
  return true;
}

/**
 * What stands in the schema of a place; undefined where there is nothing.
 * @throws LedgerError when it is not ours, or of another version
 */
export async function findSchema(
  client: ClientBase,
  place: PostgresPlace,
): Promise<SchemaFound | undefined> {
  const { rows } = await client.query<{ tables: number; mark: string | null }>(
    `select (select count(*) from pg_class where relnamespace = n.oid and relkind = 'r') as tables,
      obj_description(n.oid, 'pg_namespace') as mark
    from pg_namespace n where nspname = $1`,
    [place.schema],
  );
  const [found] = rows;
  if (found === undefined || found.tables === 0) return undefined;
  if (!found.mark?.startsWith(MARK)) {
    const sentence = `has other tables in its schema ${place.schema}. Name another schema: ?schema=NAME.`;
    throw new LedgerError("not_a_ledger", `The ledger ${place.shown} ${sentence}`);
  }
  const version = Number(found.mark.slice(MARK.length));
  if (version !== SCHEMA_VERSION) throw otherSchema(place.shown, version);
  const meta = await client.query<SchemaFound>(
    `select ledger_id as "ledgerId", moved_to as "movedTo" from meta`,
  );
  const [known] = meta.rows;
  if (known !== undefined) return known;
  const sentence = "has lost its id. Restore the database from its backup.";
  throw new LedgerError("corrupt", `The ledger ${place.shown} ${sentence}`);
}
