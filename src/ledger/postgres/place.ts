// A ledger's place on a PostgreSQL server: a URL as libpq has it, with `schema` as a key of ours.

import { OperatorError } from "../../domain/common/errors.ts";

/** The schema of a ledger whose URL names none. */
const SCHEMA = "campaign";
/** Names that need no quotes, so that a search path is read as it is written. */
const NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/** Where a ledger is on a server. */
export interface PostgresPlace {
  /** For the client: the URL without our own key. */
  url: string;
  schema: string;
  /** For tests: how long a lease lasts, in milliseconds; the ordinary time when left out. */
  leaseMs?: number;
  /** For people: without a password. */
  shown: string;
}

/**
 * Reads a place.
 * @throws OperatorError when it is no URL, or its schema has a name that needs quotes
 */
export function readPostgresUrl(place: string): PostgresPlace {
  let url: URL;
  try {
    url = new URL(place);
  } catch {
    throw new OperatorError({
      message: "the ledger's address is no URL",
      hint: "Write postgres://USER@HOST:PORT/DATABASE; characters such as @ and / in a password are written as %40 and %2F.",
    });
  }
  const schema = url.searchParams.get("schema") ?? SCHEMA;
  if (!NAME.test(schema)) {
    throw new OperatorError({
      message: `the ledger's schema cannot be named ${JSON.stringify(schema)}`,
      hint: "Give it a name of lower-case letters, digits and underscores.",
    });
  }
  url.searchParams.delete("schema");
  const leaseMs = Number(url.searchParams.get("lease_ms") ?? 0);
  url.searchParams.delete("lease_ms");
  const shown = new URL(url);
  shown.password = "";
  for (const key of ["password", "sslpassword", "sslkey"]) shown.searchParams.delete(key);
  if (schema !== SCHEMA) shown.searchParams.set("schema", schema);
  return { url: url.href, schema, shown: shown.href, ...(leaseMs > 0 && { leaseMs }) };
}
