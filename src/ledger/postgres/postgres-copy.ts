// A ledger on a PostgreSQL server as one end of a copy.

import pg from "pg";
import { LedgerError } from "../../domain/campaign/fault.ts";
import type { CopySource, CopyTarget } from "../copy/sides.ts";
import { UncertainCommit } from "../copy/sides.ts";
import type { Row, Table, Value } from "../copy/tables.ts";
import { quoted, rowText, selectAll } from "../copy/tables.ts";
import { toPostgres } from "./dialect.ts";
import type { PostgresPlace } from "./place.ts";
import { readPostgresUrl } from "./place.ts";
import { postgresFault } from "./postgres-faults.ts";
import { byTls, clientConfig, findSchema, makeSchema } from "./server.ts";
import { requireSafe, requireSession } from "./server-safety.ts";
import { WRITER_LOCK } from "./transactions.ts";

/** Rows of a page. */
const PAGE = 2_000;
/** A copy is one long transaction, and some of its statements read a million rows. */
const NO_LIMITS = `
  set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0
`;

/**
 * Opens the ledger of a URL to be copied, and keeps everybody else from writing to it.
 * @throws LedgerError as opening a ledger does
 */
export async function openServerSource(url: string): Promise<CopySource> {
  const place = readPostgresUrl(url);
  const client = await connect(place);
  return guarded(client, place, async () => {
    const found = await findSchema(client, place);
    if (found === undefined) {
      throw new LedgerError("not_a_ledger", `There is no ledger at ${place.shown}.`);
    }
    // Of the session, and before the transaction: its snapshot has what the last writer wrote.
    await client.query(`select pg_advisory_lock(${WRITER_LOCK})`);
    await client.query("begin isolation level repeatable read");
    let isOpen = true;
    return {
      ...sideOf(client, place),
      ledgerId: found.ledgerId,
      move: (to) =>
        faulty(place, async () => {
          if (!isOpen) await client.query("begin");
          isOpen = false;
          await client.query("update meta set moved_to = $1", [to]);
          await commit(client);
        }),
    };
  });
}

/**
 * Makes a ledger at a URL, to be filled by a copy. An interrupted copy leaves nothing.
 * @throws LedgerError; `not_a_ledger` when there is something in the schema
 */
export async function openServerTarget(url: string): Promise<CopyTarget> {
  const place = readPostgresUrl(url);
  const client = await connect(place);
  return guarded(client, place, async () => {
    await requireSafe(client, place);
    await client.query("begin isolation level read committed");
    if (!(await makeSchema(client, place))) throw targetTaken(place);
    return {
      ...sideOf(client, place),
      insert: (table, rows) => faulty(place, () => insert(client, table, rows)),
      async setLastId({ name, hasIds }, id) {
        if (!hasIds || id === 0) return;
        await client.query("select setval(pg_get_serial_sequence($1, 'id'), $2)", [name, id]);
      },
      prepareToCheck: async (tables) =>
        void (await client.query(`analyze ${tables.map(({ name }) => name).join(", ")}`)),
      commit: () => faulty(place, () => commit(client)),
    };
  });
}

function connect(place: PostgresPlace): Promise<pg.Client> {
  return byTls(place, async (tls) => {
    const { query_timeout: _, ...config } = clientConfig(place, { readOnly: false, tls });
    const client = new pg.Client(config);
    // A connection that breaks rejects what is asked on it, too.
    client.on("error", () => {});
    await client.connect();
    return guarded(client, place, async () => {
      await requireSession(client, place);
      await client.query(NO_LIMITS);
      return client;
    });
  });
}

/** Closes the connection when a side cannot be made of it. */
async function guarded<T>(
  client: pg.Client,
  place: PostgresPlace,
  make: () => Promise<T>,
): Promise<T> {
  try {
    return await make();
  } catch (error) {
    await client.end().catch(() => {});
    throw postgresFault(error, place.shown);
  }
}

async function faulty<T>(place: PostgresPlace, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof UncertainCommit ? error : postgresFault(error, place.shown);
  }
}

/**
 * Only an answer of the server says that a commit failed, and not one that it gives while it is
 * shut down: it may have committed before.
 */
async function commit(client: pg.Client): Promise<void> {
  const { command } = await client.query("commit").catch((error: unknown) => {
    if (error instanceof pg.DatabaseError && error.code?.startsWith("57P") !== true) throw error;
    throw new UncertainCommit("the connection broke at the commit", { cause: error });
  });
  if (command !== "COMMIT") throw new Error("the transaction failed before its commit");
}

function targetTaken({ shown }: PostgresPlace): LedgerError {
  return new LedgerError(
    "not_a_ledger",
    `There is a ledger at ${shown}, and one is copied to a new place only. Name another schema: ?schema=NAME.`,
  );
}

async function insert(client: pg.Client, table: Table, rows: readonly Row[]): Promise<void> {
  const { name, columns } = table;
  const list = columns.map(quoted).join(", ");
  await client.query({
    name: `copy-${name}`,
    text: `insert into ${name} (${list}) select ${list} from json_populate_recordset(null::${name}, $1)`,
    values: [`[${rows.map((row) => rowText(table, row)).join(",")}]`],
  });
}

function sideOf(client: pg.Client, place: PostgresPlace) {
  return {
    place: place.shown,
    async *pages(table: Table) {
      await client.query(`declare page no scroll cursor for ${selectAll(table)}`);
      const fetch = { text: `fetch ${PAGE} from page`, rowMode: "array" as const };
      for (;;) {
        const { rows } = await client.query<Value[]>(fetch);
        if (rows.length > 0) yield rows as Row[];
        if (rows.length < PAGE) break;
      }
      await client.query("close page");
    },
    async column(sql: string) {
      const { text } = toPostgres(sql);
      const { rows } = await client.query<unknown[]>({ text, rowMode: "array" });
      return rows.map(([first]) => first);
    },
    async lastId({ name, hasIds }: Table) {
      if (!hasIds) return 0;
      const sequence = "pg_get_serial_sequence($1, 'id')::regclass";
      const { rows } = await client.query<{ last: number | null; highest: number | null }>(
        `select pg_sequence_last_value(${sequence}) as last, (select max(id) from ${name}) as highest`,
        [name],
      );
      return Math.max(rows[0]?.last ?? 0, rows[0]?.highest ?? 0);
    },
    close: () => client.end(),
  };
}
