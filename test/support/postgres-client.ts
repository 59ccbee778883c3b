// How a test reaches a PostgreSQL server that runs.

import { randomBytes } from "node:crypto";

import pg from "pg";

/** Whom a URL means when it names no user: the owner of the database, who is no superuser. */
export const OWNER = { user: "campaign", password: "owner's pass:word/@#%", database: "campaign" };
/** Who may do everything on the server. */
export const SUPERUSER = { user: "postgres", password: "root's pass:word/@#%" };

export interface UrlOptions {
  user?: string;
  password?: string;
  database?: string;
  /** Where a name without a schema is looked for. */
  schema?: string;
  /** A proxy's port, instead of the server's own. */
  port?: number;
  /** Through the socket in the file system, instead of TCP. */
  socket?: boolean;
}

/** Where a server listens. */
export interface PostgresPlace {
  /** Of 127.0.0.1. */
  port: number;
  /** The folder of its socket. */
  sockets: string;
}

export interface Postgres extends PostgresPlace {
  /** What to connect with; as the owner of the database when no user is given. */
  url(options?: UrlOptions): string;
  /** Makes an empty schema of the owner's and gives its name. */
  schema(): Promise<string>;
  /**
   * Runs statements as the superuser, in the owner's database and on a connection of their own.
   * Gives the rows of the last one. Only one statement may have values.
   */
  query<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  /** What the server has logged. */
  log(): Promise<string>;
}

/** Reaches the server that listens at `place`. */
export function reach(place: PostgresPlace, log: () => Promise<string>): Postgres {
  const query: Postgres["query"] = (text, values) =>
    ask(urlOf(place, { ...SUPERUSER }), text, values);
  return {
    ...place,
    url: (options = {}) => urlOf(place, options),
    async schema() {
      // Of letters alone: a run of digits is masked in what the program prints, as a number is.
      const name = `test_${randomBytes(6)
        .toString("hex")
        .replace(/\d/g, (digit) => "ghijklmnop"[Number(digit)] as string)}`;
      await query(`create schema ${name} authorization ${OWNER.user}`);
      return name;
    },
    query,
    log,
  };
}

function urlOf(place: PostgresPlace, options: UrlOptions): string {
  const { user, password, database, schema, port, socket } = { ...OWNER, ...place, ...options };
  const host = socket ? encodeURIComponent(place.sockets) : "127.0.0.1";
  const who = [user, password].map(encodeURIComponent).join(":");
  const url = `postgres://${who}@${host}:${port}/${encodeURIComponent(database)}`;
  if (schema === undefined) return url;
  return `${url}?options=${encodeURIComponent(`-c search_path=${schema}`)}`;
}

/** Runs statements on a connection of their own; gives the rows of the last one. */
export async function ask<Row extends object>(
  url: string,
  text: string,
  values?: unknown[],
): Promise<Row[]> {
  const client = new pg.Client(url);
  // A connection that is lost rejects what was asked on it, too.
  client.on("error", () => undefined);
  await client.connect();
  try {
    const answers = [await client.query<Row>(text, values)].flat();
    return answers.at(-1)?.rows ?? [];
  } finally {
    await client.end();
  }
}
