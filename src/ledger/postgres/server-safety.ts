// That a server keeps what it commits, and that a session is as it was asked for.

import type { ClientBase } from "pg";
import { LedgerError } from "../../domain/campaign/fault.ts";
import type { PostgresPlace } from "./place.ts";

/** The oldest server whose SQL is known: 14. */
const SERVER_LEAST = 140_000;

/** Settings of a server, in its own words. */
export interface ServerSettings {
  version: string;
  fsync: string;
  fpw: string;
}

/** @throws LedgerError when the server may forget what it has committed, or is too old */
export async function requireSafe(client: ClientBase, { shown }: PostgresPlace): Promise<void> {
  const { rows } = await client.query<ServerSettings>(`
    select current_setting('server_version_num') as version, current_setting('fsync') as fsync,
      current_setting('full_page_writes') as fpw
  `);
  const fault = serverFault(rows[0] as ServerSettings, shown);
  if (fault !== undefined) throw fault;
}

/**
 * What a server with these settings has against being sent from.
 * @param shown the ledger's place, without a password
 */
export function serverFault(
  { version, fsync, fpw }: ServerSettings,
  shown: string,
): LedgerError | undefined {
  if (Number(version) < SERVER_LEAST) {
    const known = `PostgreSQL ${Math.floor(Number(version) / 10_000)}`;
    const sentence = `is on a server that is too old (${known}): 14 is the oldest that can be used.`;
    return new LedgerError("old_server", `The ledger ${shown} ${sentence}`);
  }
  const off = fsync !== "on" ? "fsync" : fpw !== "on" ? "full_page_writes" : null;
  if (off === null) return undefined;
  return new LedgerError(
    "unsafe",
    `The ledger ${shown} is on a server whose ${off} is off: a power cut would lose whom it has messaged. Set ${off} = on.`,
  );
}

/**
 * A pooler between may leave out what a session asks for when it begins: then statements would go
 * to other tables, and commits would not wait for the disk.
 * @throws LedgerError `unsafe`
 */
export async function requireSession(
  client: ClientBase,
  { schema, shown }: PostgresPlace,
): Promise<void> {
  const { rows } = await client.query<{ path: string; commit: string }>(`
    select current_setting('search_path') as path, current_setting('synchronous_commit') as commit
  `);
  const [{ path, commit } = { path: "", commit: "" }] = rows;
  if (path === schema && commit === "on") return;
  throw new LedgerError(
    "unsafe",
    `The ledger ${shown} is reached through something that leaves the session's settings out, such as a connection pooler. Name the server itself.`,
  );
}
