// A ledger's place on a PostgreSQL server: a URL as libpq has it, with `schema` as a key of ours.

import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { OperatorError } from "../../domain/common/errors.ts";
import { decoded } from "../../domain/common/percent.ts";
import { parseServerUrl } from "../../domain/manifest/ledger-name.ts";
import type { TlsWish } from "./tls.ts";
import { readTlsWish } from "./tls.ts";

/** The schema of a ledger whose URL names none. */
const SCHEMA = "campaign";
/** Names that need no quotes, so that a search path is read as it is written. */
const NAME = /^[a-z_][a-z0-9_]{0,62}$/;
const PORT = 5432;
/** Where a server of this machine listens, for a URL without a host. */
const SOCKET_FOLDERS = ["/var/run/postgresql", "/run/postgresql", "/tmp"];

/** Where a ledger is on a server. */
export interface PostgresPlace {
  /** A name, an address, or the folder of a socket. */
  host: string;
  port: number;
  user: string;
  /** Undefined: of the file of passwords (~/.pgpass), or none. */
  password: string | undefined;
  database: string;
  tls: TlsWish;
  /** Settings of the session, as the server takes them; ours come behind them. */
  options: string;
  schema: string;
  /** For tests: how long a lease lasts, in milliseconds; the ordinary time when left out. */
  leaseMs?: number;
  /** For people: without a password. */
  shown: string;
}

/**
 * Reads a place.
 * @throws OperatorError when it is no URL, its schema has a name that needs quotes, or what it
 *   names of TLS is not known
 */
export function readPostgresUrl(place: string): PostgresPlace {
  const url = parseServerUrl(place);
  if (url === undefined) {
    throw new OperatorError({
      message: "the ledger's address is no URL",
      hint: "Write postgres://USER@HOST:PORT/DATABASE, with one host; characters such as @ and / in a password are written as %40 and %2F.",
    });
  }
  const { searchParams: given } = url;
  const schema = given.get("schema") ?? SCHEMA;
  if (!NAME.test(schema)) {
    throw new OperatorError({
      message: `the ledger's schema cannot be named ${JSON.stringify(schema)}`,
      hint: "Give it a name of lower-case letters, digits and underscores.",
    });
  }
  // As libpq has it, a key counts before the part.
  const inUrl = (part: string, key: string) => given.get(key) || decoded(part) || undefined;
  const named = inUrl(url.hostname.replace(/^\[(.*)\]$/, "$1"), "host");
  const port = Number(inUrl(url.port, "port") ?? PORT);
  const user = inUrl(url.username, "user") ?? userInfo().username;
  const database = inUrl(url.pathname.slice(1), "dbname") ?? user;
  const host = named ?? socketFolder(port) ?? "localhost";
  const leaseMs = Number(given.get("lease_ms") ?? 0);
  return {
    ...{ host, port, user, database, schema },
    password: inUrl(url.password, "password"),
    tls: readTlsWish(given, { isSocket: isSocket(host) }),
    options: given.get("options") ?? "",
    shown: shownAs({ host: named, port, user, database, schema }),
    ...(leaseMs > 0 && { leaseMs }),
  };
}

function isSocket(host: string): boolean {
  return host.startsWith("/");
}

function socketFolder(port: number): string | undefined {
  return SOCKET_FOLDERS.find((folder) => existsSync(join(folder, `.s.PGSQL.${port}`)));
}

function shownAs({
  host,
  port,
  user,
  database,
  schema,
}: Pick<PostgresPlace, "port" | "user" | "database" | "schema"> & { host: string | undefined }) {
  const isNamed = host !== undefined && !isSocket(host);
  const keys = new URLSearchParams({
    ...(host !== undefined && !isNamed && { host }),
    ...(!isNamed && port !== PORT && { port: String(port) }),
    ...(schema !== SCHEMA && { schema }),
  });
  const where = isNamed ? inAuthority(host) + (port === PORT ? "" : `:${port}`) : "";
  const path = `${encodeURIComponent(user)}@${where}/${encodeURIComponent(database)}`;
  return `postgres://${path}${keys.size === 0 ? "" : `?${keys}`}`;
}

function inAuthority(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
