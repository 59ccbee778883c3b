// Which texts name a place for the ledger: a file, or a schema of a PostgreSQL server.

import { decoded } from "../common/percent.ts";

/** Whether a ledger's place is a server, named by a URL, and not a file. */
export function isServerAddress(name: string): boolean {
  return /^postgres(ql)?:\/\//i.test(name);
}

/** Why a text names no place that a ledger can be in; null when it may. */
export function ledgerNameFault(name: string): { wrong: string; hint: string } | null {
  if (name.trim() === "") return { wrong: "is empty: it names no ledger", hint: "Name a file." };
  if (isServerAddress(name)) return null;
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(name)) {
    return {
      wrong: "is a URL of a kind in which no ledger is kept",
      hint: "Name a file on a local disk, or a server: postgres://USER@HOST/DATABASE.",
    };
  }
  if (/^~/.test(name)) {
    return {
      wrong: 'begins with "~", which only a shell replaces by your home folder',
      hint: "Write the path out.",
    };
  }
  return null;
}

/** Variables of libpq (PostgreSQL 18, 32.15), and the key of a URL that each stands for. */
const SERVER_VARIABLES: readonly [variable: string, key: string][] = [
  ["PGHOST", "host"],
  ["PGPORT", "port"],
  ["PGUSER", "user"],
  ["PGPASSWORD", "password"],
  ["PGDATABASE", "dbname"],
  ["PGSSLMODE", "sslmode"],
  ["PGSSLROOTCERT", "sslrootcert"],
  ["PGSSLCERT", "sslcert"],
  ["PGSSLKEY", "sslkey"],
];

/**
 * The URL of a server, of which libpq allows more than the rule for URLs: a user without a host.
 * @returns undefined when it cannot be read
 */
export function parseServerUrl(text: string): URL | undefined {
  const lonely = /^([a-z]+:\/\/)([^/?#@]*)@(?=[/?]|$)/i.exec(text);
  if (lonely === null) return URL.canParse(text) ? new URL(text) : undefined;
  const [whole, scheme = "", who = ""] = lonely;
  const rest = `${scheme}${text.slice(whole.length)}`;
  if (!URL.canParse(rest)) return undefined;
  const url = new URL(rest);
  const [user = "", ...password] = who.split(":");
  setMissing(url, "user", decoded(user));
  setMissing(url, "password", decoded(password.join(":")));
  return url;
}

/**
 * The URL of a server with what it leaves out, as far as variables give it. A URL that cannot be
 * read comes back as it is.
 */
export function withServerVariables(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const url = parseServerUrl(text);
  if (url === undefined) return text;
  for (const [variable, key] of SERVER_VARIABLES) {
    if (!has(url, key)) setMissing(url, key, env[variable] ?? "");
  }
  return url.href;
}

/** Passwords that a server's URL has, as they may be quoted by others. */
export function passwordsOf(text: string): string[] {
  const url = parseServerUrl(text);
  if (url === undefined) return [];
  const { password, searchParams } = url;
  const all = [password, decoded(password), searchParams.get("password")];
  return all.flatMap((one) => (one ? [one, encodeURIComponent(one)] : []));
}

function has({ username, password, hostname, port, pathname, searchParams }: URL, key: string) {
  const inPlace: Record<string, boolean> = {
    user: username !== "",
    password: password !== "",
    host: hostname !== "",
    port: port !== "",
    dbname: pathname.length > 1,
  };
  return inPlace[key] === true || searchParams.has(key);
}

function setMissing(url: URL, key: string, value: string): void {
  if (value !== "" && !url.searchParams.has(key)) url.searchParams.set(key, value);
}
