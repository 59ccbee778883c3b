// Which history of a database a server has: the identifier that it was made with, and the timeline,
// which goes up when a standby takes over or a backup is restored. A server may keep either to
// itself.

import type { Pool, PoolClient } from "pg";
import type { ServerState } from "../../domain/campaign/failed-over.ts";

type Client = Pick<PoolClient, "query">;

/** What is not known of it. */
const UNKNOWN = "-";
/** The name of the lane's lease, beside which its history stands. */
const OF_LANE = "name = 'lane ' || $1";

const SYSTEM = "select system_identifier::text as value from pg_control_system()";
const TIMELINE = `
  select ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int::text as value
`;
// Who is no superuser sees that there is one, and not how it follows.
const ASYNC = `
  select exists (select 1 from pg_stat_replication where coalesce(sync_state, 'async') = 'async')
    and current_setting('synchronous_standby_names') = '' as value
`;
const KEPT = `select history as value from lease where ${OF_LANE}`;
const KEEP = `update lease set history = coalesce(history, $2) where ${OF_LANE}`;
const ACCEPT = `update lease set history = $2 where ${OF_LANE}`;

/** The history of the server behind a connection, such as `7713711784220704021 1`. */
export async function historyOf(client: Client): Promise<string> {
  const parts = [await answerOf(client, SYSTEM), await answerOf(client, TIMELINE)];
  return parts.map((part) => part ?? UNKNOWN).join(" ");
}

/** Whether two histories differ in what is known of both. */
export function isOtherHistory(a: string, b: string): boolean {
  const others = b.split(" ");
  return a
    .split(" ")
    .some((part, at) => part !== UNKNOWN && others[at] !== UNKNOWN && part !== others[at]);
}

/** Keeps the history that a lane is sent from, unless one is kept. */
export async function keepHistory(client: Client, lane: string, history: string): Promise<void> {
  await client.query(KEEP, [lane, history]);
}

/** Keeps the history of the server in place of the one that is kept. */
export async function acceptHistory(client: Client, lane: string): Promise<void> {
  await client.query(ACCEPT, [lane, await historyOf(client)]);
}

/** As ServerLedger.serverState. */
export async function serverStateOf(pool: Pool, lane: string): Promise<ServerState> {
  const { rows } = await pool.query<{ value: string | null }>(KEPT, [lane]);
  const from = rows[0]?.value ?? null;
  const to = await historyOf(pool);
  return {
    failedOver: from !== null && isOtherHistory(from, to) ? { from, to } : null,
    hasAsyncStandby: (await answerOf<number>(pool, ASYNC)) === 1,
  };
}

/** What a query gives; undefined when the server refuses it. @throws what breaks the connection */
async function answerOf<T = string>(client: Client, sql: string): Promise<T | undefined> {
  try {
    return (await client.query<{ value: T }>(sql)).rows[0]?.value;
  } catch (error) {
    // An error of the server's, with where it arose; the connection is as it was.
    if ((error as { severity?: unknown }).severity === "ERROR") return undefined;
    throw error;
  }
}
