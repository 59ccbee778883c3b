// Three machines with one list on one PostgreSQL server, and what happens to them: each has a
// folder and a way to the server of its own, and `run --wait` at work. Judged by the log of the
// Graph server.

import { closeSync, mkdirSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import type { Running } from "../support/harness.ts";
import {
  claimedAtMost,
  numberOf,
  sandboxEvents,
  start,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import type { PostgresServer } from "../support/postgres.ts";
import type { TestProxy, Way } from "../support/proxy.ts";
import { startProxy } from "../support/proxy.ts";
import type { Ground } from "./trial.ts";

const MACHINES = 3;
const LOOK_MS = 20;
const ACCEPTED = '"event":"accepted"';
const LINES_OF_BUG = 12;
/** Where a message stands that Graph took, the last ones by receipts. */
const SENT = ["accepted", "sent", "delivered", "read"];

/** What is done to the machine that has the lane, or to the server. */
export type Strike =
  | { kind: "kill" }
  /** Stopped until another machine has the lane, and then let go on. */
  | { kind: "stop" }
  /** Cut off from the database until another machine has the lane; all ways when none is given. */
  | { kind: "cut"; ways: Way[] }
  /** All machines cut off from the database for so long. */
  | { kind: "outage"; forMs: number }
  /** The database and all its processes, killed and started again after so long. */
  | { kind: "server"; awayMs: number };

/** A campaign on several machines, with its ledger on one server. */
export interface MachinesOptions {
  server: PostgresServer;
  ground: Ground;
  /** Folder of the machines. */
  folder: string;
  people: number;
  rate: number;
  inFlight: number;
  leaseMs: number;
}

export interface StormOptions extends MachinesOptions {
  strikes: Strike[];
}

/** What a campaign came to. */
export interface Verdict {
  /** People who were posted to more than once. */
  twice: number;
  /** People whose row and whose place in the server's log disagree. */
  lost: number;
  unknown: number;
  /** Most posts that began in any second, of all machines. */
  fastest: number;
  /** Broken rules of the ledger. */
  violations: string[];
  state: string;
}

/** What came of it. */
export interface StormResult extends Verdict {
  /** A strike and, where another machine had to take over, how long that took. */
  strikes: { what: string; takeoverMs: number | null }[];
  /** What `unknown` may be at most. */
  bound: number;
  /** How the runs ended before the last one. */
  ends: RunEnded[];
}

export interface RunEnded {
  code: number | null;
  signal: string | null;
  /** The last lines that it printed. */
  last: string;
}

interface Machine {
  folder: string;
  proxy: TestProxy;
  address: string;
  run: Running;
}

interface Lane {
  pid: number;
  epoch: number;
  since: number;
}

/** How many messages a server has accepted by its log, of which only what is new is read. */
export function countAccepted(log: string): () => number {
  const chunk = Buffer.alloc(1 << 20);
  let offset = 0;
  let rest = "";
  let accepted = 0;
  return () => {
    const file = openSync(log, "r");
    try {
      for (;;) {
        const size = readSync(file, chunk, 0, chunk.length, offset);
        if (size === 0) return accepted;
        offset += size;
        const pieces = `${rest}${chunk.toString("latin1", 0, size)}`.split(ACCEPTED);
        accepted += pieces.length - 1;
        rest = (pieces.at(-1) as string).slice(1 - ACCEPTED.length);
      }
    } finally {
      closeSync(file);
    }
  };
}

/** Lives through the strikes, lets the campaign end, and judges it. */
export async function liveThrough(options: StormOptions): Promise<StormResult> {
  const { server, ground, folder, people, leaseMs, strikes } = options;
  const schema = await server.schema();
  const accepted = countAccepted(ground.sandbox.log);
  const laneOf = async (): Promise<Lane | undefined> => {
    const sql = `select pid::int, epoch::int, since::float8 as since from ${schema}.lease
      where name like 'lane %' and owner <> '-'`;
    return (await server.query<Lane>(sql).catch(() => []))[0];
  };
  const machines: Machine[] = [];
  for (let at = 0; at < MACHINES; at += 1) {
    const proxy = await startProxy(server.port);
    const url = new URL(server.url({ port: proxy.port }));
    url.searchParams.set("schema", schema);
    url.searchParams.set("lease_ms", String(leaseMs));
    const own = join(folder, `machine-${at}`);
    mkdirSync(own);
    writeCsv(own, people);
    writeManifest(own, ground.sandbox, options);
    const machine = { folder: own, proxy, address: url.href };
    machines.push({ ...machine, run: begin(machine, ground) });
    // The first one plans.
    if (at === 0) await machines[0]?.run.until(() => accepted() > 0);
  }
  const result: StormResult["strikes"] = [];
  const ends: RunEnded[] = [];
  const share = Math.floor(people / (strikes.length + 1));
  try {
    for (const [at, strike] of strikes.entries()) {
      const due = share * (at + 1);
      await until(async () => accepted() >= due);
      await until(async () => machines.every(({ run }) => run.child.exitCode === null));
      const before = await until(laneOf);
      const owner = machines.find(({ run }) => run.child.pid === before.pid);
      if (owner === undefined) throw new Error("no machine has the lane");
      const struckAt = Date.now();
      const isTaken = async () => {
        const now = await laneOf();
        return now !== undefined && now.pid !== before.pid ? now : undefined;
      };
      await carryOut(strike, owner, { server, isTaken, machines });
      if (strike.kind === "server" || strike.kind === "outage") {
        // The one that had the lane goes on, or another one.
        const posted = accepted();
        await until(async () => accepted() > posted);
        result.push({ what: JSON.stringify(strike), takeoverMs: null });
        await replaceEnded(machines, ground, ends);
        continue;
      }
      const taken = await until(isTaken);
      const what = strike.kind === "cut" ? `cut ${strike.ways.join(" ")}`.trim() : strike.kind;
      result.push({ what, takeoverMs: taken.since - struckAt });
      // What lost its lane ends by itself.
      ends.push(endOf(await owner.run.ended));
      owner.run = begin(owner, ground);
    }
    for (const { run } of machines) ends.push(endOf(await run.ended));
  } finally {
    for (const { proxy, run } of machines) {
      run.child.kill("SIGKILL");
      await run.ended;
      await proxy.close();
    }
  }
  const judged = await judge(options, schema);
  return { strikes: result, ends, bound: strikes.length * claimedAtMost(options), ...judged };
}

function begin({ folder, address }: Omit<Machine, "run">, { sandbox }: Ground): Running {
  const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token, CAMPAIGN_LEDGER: address };
  return start(["campaign.yaml", "--yes", "--wait"], { cwd: folder, env });
}

async function carryOut(
  strike: Strike,
  { run, proxy }: Machine,
  {
    server,
    isTaken,
    machines,
  }: {
    server: PostgresServer;
    isTaken: () => Promise<Lane | undefined>;
    machines: readonly Machine[];
  },
): Promise<void> {
  switch (strike.kind) {
    case "kill":
      run.child.kill("SIGKILL");
      return;
    case "stop":
      run.child.kill("SIGSTOP");
      await until(isTaken);
      run.child.kill("SIGCONT");
      return;
    case "cut":
      if (strike.ways.length === 0) proxy.cut();
      else proxy.freeze(...strike.ways);
      await until(isTaken);
      proxy.heal();
      return;
    case "outage":
      for (const machine of machines) machine.proxy.cut();
      await sleep(strike.forMs);
      for (const machine of machines) machine.proxy.heal();
      return;
    case "server":
      await server.kill();
      await sleep(strike.awayMs);
      await server.restart();
  }
}

/** A run that had the lane when the server went, and found another one there, has ended. */
async function replaceEnded(machines: Machine[], ground: Ground, ends: RunEnded[]): Promise<void> {
  for (const machine of machines) {
    const { exitCode, signalCode } = machine.run.child;
    if (exitCode === null && signalCode === null) continue;
    ends.push(endOf(await machine.run.ended));
    machine.run = begin(machine, ground);
  }
}

/** How a run ended, with the last line that it printed; of a bug some more. */
export function endOf({ code, signal, stderr }: Awaited<Running["ended"]>): RunEnded {
  const lines = stderr.trim().split("\n");
  return { code, signal, last: lines.slice(code === 1 ? -LINES_OF_BUG : -1).join("\n") };
}

/** Looks again and again until what it looks for is there. */
export async function until<T>(holds: () => Promise<T | false | undefined>): Promise<T> {
  for (;;) {
    const held = await holds();
    if (held !== undefined && held !== false) return held;
    await sleep(LOOK_MS);
  }
}

/** Most requests for messages that arrived within any second. */
function fastestSecond({ sandbox }: Ground): number {
  const times = sandboxEvents(sandbox.log)
    .filter(({ event, to }) => event !== "receipt" && typeof to === "string")
    .map(({ at }) => Number(at))
    .sort((a, b) => a - b);
  let from = 0;
  let most = 0;
  for (const [index, at] of times.entries()) {
    while (at - (times[from] as number) >= 1000) from += 1;
    most = Math.max(most, index - from + 1);
  }
  return most;
}

/** What a campaign comes to in the end, by the ledger and by the log of the Graph server. */
export async function judge(
  { server, ground, people }: Pick<StormOptions, "server" | "ground" | "people">,
  schema: string,
): Promise<Verdict> {
  // Whatever reached the server's sockets before this answer came is in its log by now.
  await (await fetch(`${ground.sandbox.url}/_sandbox`)).arrayBuffer();
  ground.log.refresh();
  const ledger = await openPostgresLedger(`${server.url()}?schema=${schema}`);
  try {
    const [campaign] = await ledger.listCampaigns();
    if (campaign === undefined) throw new Error("there is a campaign");
    const { rows } = await ledger.outcomes(campaign.id, 0, people + 1);
    const byPhone = new Map(rows.map((row) => [row.phone, row]));
    let twice = 0;
    let lost = Math.abs(rows.length - people);
    for (let row = 1; row <= people; row += 1) {
      const posted = ground.log.postedTo(numberOf(row));
      const known = byPhone.get(numberOf(row));
      if (posted.length > 1) twice += 1;
      if (known?.status === "unknown") continue;
      const isRight =
        SENT.includes(known?.status ?? "") && posted.some(({ id }) => id === known?.message_id);
      if (!isRight) lost += 1;
    }
    return {
      twice,
      lost,
      unknown: rows.filter(({ status }) => status === "unknown").length,
      fastest: fastestSecond(ground),
      violations: (await ledger.violations()).map(({ invariant }) => invariant),
      state: campaign.state,
    };
  } finally {
    await ledger.close();
  }
}
