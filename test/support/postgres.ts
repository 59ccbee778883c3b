// A real PostgreSQL for tests: `sharedPostgres` gives the server of the whole run, in which a test
// has a schema of its own; `startPostgres` starts one for tests that stop or kill it.
//
// A server has what SQLite has not: its text sorts as in a language, its zone is not UTC, and
// a client needs a password.

import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chownSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";

import pg from "pg";

import type { Postgres, PostgresPlace } from "./postgres-client.ts";
import { ask, OWNER, reach, SUPERUSER } from "./postgres-client.ts";
import { OFFER } from "./postgres-offer.ts";
import { findPrograms, postgresUser } from "./postgres-programs.ts";
import type { Running } from "./programs.ts";
import { afterEachFile, makeFolder, startProgram } from "./programs.ts";
import { startProxy } from "./proxy.ts";

export type { Postgres, UrlOptions } from "./postgres-client.ts";
export { OWNER, SUPERUSER } from "./postgres-client.ts";

const OFFERED = process.env[OFFER];
/** Servers listen on a port that was free a moment before: a second try may find another one. */
const TRIES_MAX = 20;
const IS_TAKEN = /Address already in use/;
const ANSWERS = /database system is ready to accept connections/;
/** Of a standby. */
const FOLLOWS = /started streaming WAL/;
/** Codes of errors for what is not there. */
const GONE: (string | undefined)[] = ["ENOENT", "ESRCH"];
/** Of a server's log, when a test fails. */
const LINES_SHOWN = 100;
/**
 * Runs a program to its end. When this process has ended before, in whatever way, the pipe that is
 * the shell's stdin closes: then the program gets SIGQUIT, which ends PostgreSQL at once, and the
 * two folders are removed.
 */
const GUARDED = `
folder=$1 sockets=$2 orphan=
shift 2
exec 3<&0 2>&1
trap 'orphan=1; kill -QUIT $program' USR1
"$@" </dev/null 3<&- & program=$!
{ read -r _ <&3; kill -USR1 $$; } >/dev/null 2>&1 & guard=$!
wait $program; code=$?
[ -z "$orphan" ] || { wait $program; rm -rf "$folder" "$sockets"; }
kill $guard
exit $code`;

/** A server that belongs to a test. */
export interface PostgresServer extends Postgres {
  /** The major version. */
  version: number;
  /** The folder of its data. */
  data: string;
  /** Stops it: `fast` ends sessions and writes a checkpoint, `immediate` leaves a recovery. */
  stop(mode?: "fast" | "immediate"): Promise<void>;
  /** Ends all its processes at once with SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same port, after a stop if it runs. */
  restart(): Promise<void>;
  /** Starts a standby that follows it, and that its commits do not wait for. It is stopped for that. */
  follow(): Promise<Standby>;
  /** Ends it and removes its data. */
  end(): Promise<void>;
}

/** A standby of a server, as `follow` starts it. */
export interface Standby {
  /** From now on nothing more of the server reaches it. */
  cutOff(): void;
  /** The server is killed, and this one is promoted and listens where that one did, in its place. */
  takeOver(): Promise<void>;
}

export interface PostgresOptions {
  /** Commits are synced to the disk, as promises need it; true when left out. */
  durable?: boolean;
  /** More for postgresql.conf. */
  settings?: Readonly<Record<string, string>>;
  /** Addresses besides 127.0.0.1 from which clients may connect, as pg_hba.conf has them. */
  clients?: readonly string[];
}

/** Starts a server with the owner's empty database. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const { folder, remove } = makeFolder();
  // The path of a socket has 103 bytes at most.
  const sockets = makeFolder("/tmp");
  const removeAll = () => {
    remove();
    sockets.remove();
  };
  try {
    const cluster = await makeCluster(folder, sockets.folder, options);
    return use(await serve(cluster, removeAll));
  } catch (error) {
    removeAll();
    throw error;
  }
}

/**
 * The address of a ledger that is not made yet, in a schema of its own.
 * @param port a proxy's, instead of the server's own
 */
export async function ledgerUrl(server: Postgres, port?: number): Promise<string> {
  const url = new URL(server.url(port === undefined ? {} : { port }));
  url.searchParams.set("schema", await server.schema());
  return url.href;
}

let shared: Promise<Postgres> | undefined;

/**
 * The server of the run of tests, started when the first one asks for it. A schema that is made in
 * it is dropped after the file.
 */
export async function sharedPostgres(): Promise<Postgres> {
  shared ??= OFFERED === undefined ? startPostgres({ durable: false }) : reachOffered(OFFERED);
  return use(await shared);
}

async function reachOffered(url: string): Promise<Postgres> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(await answer.text());
  const log = async () => (await fetch(`${url}/log`)).text();
  const server = reach((await answer.json()) as PostgresPlace, log);
  const schemas = new Set<string>();
  afterEachFile(async () => {
    const names = [...schemas];
    schemas.clear();
    for (const name of names) {
      // A transaction that a test has left open would hold it up for good.
      await server.query(`set lock_timeout = '10s'; drop schema if exists ${name} cascade`);
    }
  });
  return {
    ...server,
    async schema() {
      const name = await server.schema();
      schemas.add(name);
      return name;
    },
  };
}

/** The files of a server, and how one of its programs is started. */
interface Cluster {
  version: number;
  data: string;
  sockets: string;
  start(program: string, args: string[]): Running;
}

async function makeCluster(
  folder: string,
  sockets: string,
  options: PostgresOptions,
): Promise<Cluster> {
  const user = postgresUser();
  const password = join(folder, "password");
  writeFileSync(password, SUPERUSER.password);
  if (user) for (const path of [folder, sockets, password]) chownSync(path, user.uid, user.gid);
  const programs = findPrograms(user, folder);
  const start = (program: string, args: string[]) => {
    const guarded = [folder, sockets, join(programs.folder, program), ...args];
    return startProgram("/bin/sh", ["-c", GUARDED, "sh", ...guarded], {
      cwd: folder,
      stdin: "pipe",
      endsWithStdin: true,
      ...(user && { user }),
    });
  };
  const { version } = programs;
  const data = join(folder, "data");
  const made = start("initdb", initArguments(data, password, version));
  const { code, stdout } = await made.ended;
  if (code !== 0) throw new Error(`initdb failed:\n${stdout}`);
  appendFileSync(join(data, "postgresql.conf"), configuration(sockets, options));
  const clients = options.clients ?? [];
  const lines = clients.map((range) => `host all all ${range} scram-sha-256\n`);
  appendFileSync(join(data, "pg_hba.conf"), lines.join(""));
  return { version, data, sockets, start };
}

/** What initdb makes; it does not sync, since no power fails between it and the test's end. */
function initArguments(data: string, password: string, version: number): string[] {
  const order = version >= 15 ? ["--locale-provider=icu", "--icu-locale=en-US"] : [];
  return [
    ...["-D", data, "--no-sync", "--encoding=UTF8", "--locale=C", ...order],
    ...["-U", SUPERUSER.user, `--pwfile=${password}`, "--auth=scram-sha-256"],
  ];
}

function configuration(sockets: string, { durable = true, settings }: PostgresOptions): string {
  const all: Record<string, string> = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: sockets,
    timezone: "America/Sao_Paulo",
    // Files in the folder of the data: a kill leaves none elsewhere.
    dynamic_shared_memory_type: "mmap",
    ...(!durable && { fsync: "off", full_page_writes: "off" }),
    ...settings,
  };
  const lines = Object.entries(all).map(
    ([name, to]) => `${name} = '${to.replaceAll("'", "''")}'\n`,
  );
  return lines.join("");
}

/** Starts the server of a cluster for the first time, and gives it with what ends it. */
async function serve(made: Cluster, remove: () => void): Promise<PostgresServer> {
  const { version, sockets } = made;
  let cluster = made;
  let { running, port } = await launch(cluster, freePort);
  let earlier = "";
  const standbys = new Set<Follower>();
  const server = reach({ port, sockets }, async () => earlier + running.output());
  await makeDatabase(server);
  const stop: PostgresServer["stop"] = (mode = "fast") => stopOne(cluster, running, mode);
  const kill = () => endOne(running, () => killAll(postmasterOf(cluster.data)));
  const restart = async () => {
    await stop();
    const before = running.output();
    ({ running } = await launch(cluster, async () => port));
    earlier += before;
  };
  return {
    ...server,
    version,
    get data() {
      return cluster.data;
    },
    stop,
    kill,
    restart,
    async follow() {
      await stop();
      const copy = copyCluster(cluster);
      await restart();
      const standby = await startStandby(copy, port);
      standbys.add(standby);
      return {
        cutOff: standby.cutOff,
        async takeOver() {
          await kill();
          await standby.promote();
          standbys.delete(standby);
          cluster = copy;
          await restart();
        },
      };
    },
    async end() {
      await stop("immediate");
      for (const standby of standbys) await standby.end();
      remove();
    },
  };
}

/** A standby on a port of its own. */
interface Follower {
  cutOff(): void;
  /** Promotes it, and stops it. */
  promote(): Promise<void>;
  end(): Promise<void>;
}

/** The files of a server that is stopped, for a standby of it. */
function copyCluster(cluster: Cluster): Cluster {
  const data = `${cluster.data}-standby`;
  execFileSync("cp", ["-a", cluster.data, data]);
  return { ...cluster, data };
}

/** @param port of the server that it follows */
async function startStandby(cluster: Cluster, port: number): Promise<Follower> {
  const { data, sockets } = cluster;
  const way = await startProxy(port);
  const { user, password } = SUPERUSER;
  const quoted = `'${password.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const from = `host=127.0.0.1 port=${way.port} user=${user} password=${quoted}`;
  const line = `primary_conninfo = '${from.replaceAll("\\", "\\\\").replaceAll("'", "''")}'\n`;
  appendFileSync(join(data, "postgresql.conf"), line);
  const signal = join(data, "standby.signal");
  writeFileSync(signal, "");
  const { uid, gid } = statSync(data);
  chownSync(signal, uid, gid);
  const { running, port: own } = await launch(cluster, freePort, FOLLOWS);
  const standby = reach({ port: own, sockets }, async () => running.output());
  return {
    cutOff: way.cut,
    async promote() {
      await standby.query("select pg_promote()");
      await stopOne(cluster, running, "fast");
      await way.close();
    },
    async end() {
      await stopOne(cluster, running, "immediate");
      await way.close();
    },
  };
}

function stopOne({ data }: Cluster, running: Running, mode: "fast" | "immediate"): Promise<void> {
  return endOne(running, () =>
    process.kill(postmasterOf(data).pid, mode === "fast" ? "SIGINT" : "SIGQUIT"),
  );
}

/** Ends a server, unless it has ended, and waits until it has. */
async function endOne({ child, ended }: Running, how: () => void): Promise<void> {
  try {
    if (child.exitCode === null && child.signalCode === null) how();
  } catch (error) {
    // Without the file of its process, or that process, it is ending by itself.
    if (!GONE.includes((error as NodeJS.ErrnoException).code)) throw error;
  }
  await ended;
}

/** Starts the server and waits until it answers; on another port when the one was taken. */
async function launch(
  cluster: Cluster,
  choosePort: () => Promise<number>,
  answers = ANSWERS,
): Promise<{ running: Running; port: number }> {
  for (let tries = 1; ; tries += 1) {
    const port = await choosePort();
    const running = cluster.start("postgres", ["-D", cluster.data, "-p", String(port)]);
    try {
      await running.saw(answers);
      return { running, port };
    } catch (error) {
      if (tries === TRIES_MAX || !IS_TAKEN.test(running.output())) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function makeDatabase({ url }: Postgres): Promise<void> {
  const superuser = url({ ...SUPERUSER, database: "postgres" });
  const { user, password, database } = OWNER;
  await ask(superuser, `create role ${user} login password ${pg.escapeLiteral(password)}`);
  await ask(superuser, `create database ${database} owner ${user}`);
}

interface Postmaster {
  pid: number;
  /** Of the segment of shared memory by which it sees that another one is at its data. */
  segment: string;
}

/** The first process of the server that runs on the data. */
function postmasterOf(data: string): Postmaster {
  const lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
  return { pid: Number(lines[0]), segment: lines[6]?.trim().split(/\s+/)[1] ?? "" };
}

/** Ends a server as a power cut does, but for what is on its way to the disk. */
function killAll({ pid, segment }: Postmaster): void {
  // Stopped, it starts no more of them.
  process.kill(pid, "SIGSTOP");
  for (const child of childrenOf(pid)) process.kill(child, "SIGKILL");
  process.kill(pid, "SIGKILL");
  // It would be left behind; a machine without the command has few tests to run.
  spawnSync("ipcrm", ["-m", segment]);
}

/** The children of a process, those included that have ended and it has not noticed. */
function childrenOf(parent: number): number[] {
  return process.platform === "linux"
    ? readdirSync("/proc")
        .map(Number)
        .filter((pid) => parentOf(pid) === parent)
    : spawnSync("pgrep", ["-P", String(parent)], { encoding: "utf8" })
        .stdout.split("\n")
        .filter((line) => line !== "")
        .map(Number);
}

/** Read from /proc, since a slim system has no ps. */
function parentOf(pid: number): number | undefined {
  try {
    // The name of the program, in brackets, may have anything in it.
    const [, parent] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
    return Number(parent);
  } catch {
    // No process, or it has ended.
    return undefined;
  }
}

/** Servers that the tests of this file use. */
const used = new Set<Postgres>();

function use<Server extends Postgres>(server: Server): Server {
  used.add(server);
  return server;
}

afterEachFile(async (failed) => {
  for (const server of failed ? used : []) {
    const lines = (await server.log()).split("\n").slice(-LINES_SHOWN);
    console.error(["PostgreSQL's log:", ...lines].join("\n"));
  }
  used.clear();
});
