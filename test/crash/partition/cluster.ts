// Three machines with one list on one PostgreSQL server, each in a network namespace of its own with
// `run --wait` at work. Each can be made to stand still at a moment.

import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { start, writeCsv, writeManifest } from "../../support/harness.ts";
import type { PostgresServer } from "../../support/postgres.ts";
import { SUPERUSER } from "../../support/postgres.ts";
import type { Running } from "../../support/programs.ts";
import type { MachinesOptions, RunEnded } from "../machines.ts";
import { countAccepted, endOf, until } from "../machines.ts";
import type { Network, NetworkMachine } from "./network.ts";

const MOMENTS_MODULE = new URL("moments.mjs", import.meta.url).href;
const LOOK_MS = 10;
/** "The same command goes on." */
const AGAIN = 75;

/** Where a run stands still, in the order in which a message passes it. */
export const MOMENTS = [
  "before the claim commits",
  "after the claim commits",
  "in flight",
  "before the outcome commits",
] as const;
export type Moment = (typeof MOMENTS)[number];

export interface ClusterOptions extends MachinesOptions {
  network: Network;
}

export interface Machine extends NetworkMachine {
  folder: string;
  /** What runs on it, or ran last. */
  readonly run: Running;
  /** Nothing has run on it yet. */
  isIdle(): boolean;
  /** The run has found the lane taken, and waits. */
  isWaiting(): boolean;
  isRunning(): boolean;
  /** Makes the run stand still when it next passes the moment. */
  arm(moment: Moment): void;
  /** Lets the run pass the moment, also where it stands still at it by now. */
  disarm(): void;
  /** It stands still. */
  hasReached(): boolean;
  /** Lets it go on, with its wall clock so much further than before. */
  release(clockMs?: number): void;
}

interface OwnMachine extends Machine {
  take(run: Running): void;
}

export interface Cluster {
  machines: readonly OwnMachine[];
  /** Messages that Graph has accepted. */
  accepted(): number;
  /**
   * The machine that has the lane, and the process on it; undefined while none has, or the
   * database does not answer.
   */
  lane(): Promise<{ machine: Machine; pid: number } | undefined>;
  unknown(): Promise<number>;
  /**
   * Begins a run on a machine that has none. When it ends as one that may be called again, another
   * one begins, as cron or a supervisor does it.
   */
  begin(machine: OwnMachine, ...flags: string[]): void;
  /** Resolves once every run has ended as one that is not begun again. */
  allEnded(): Promise<void>;
  /** Every run has ended as one that is not begun again. */
  isOver(): boolean;
  /** How runs ended so far. */
  ends: RunEnded[];
  schema: string;
  /** The address of the ledger, for this computer. */
  address: string;
  /** Ends what still runs. */
  close(): Promise<void>;
}

/** Makes the machines, on which nothing runs yet. */
export async function makeCluster(options: ClusterOptions): Promise<Cluster> {
  const { server, network, ground, folder, people, leaseMs } = options;
  const schema = await server.schema();
  const accepted = countAccepted(ground.sandbox.log);
  const ends: RunEnded[] = [];
  const over = new Set<Running>();
  const asked = makeAsker(server);
  const addressAt = (host: string) => {
    const url = new URL(server.url());
    url.hostname = host;
    url.searchParams.set("schema", schema);
    url.searchParams.set("lease_ms", String(leaseMs));
    return url.href;
  };
  const address = addressAt(network.databaseHost);
  const machines = network.machines.map((machine) => makeMachine(machine, folder));
  for (const { folder: own } of machines) {
    writeCsv(own, people);
    writeManifest(own, ground.sandbox, options);
  }
  let isClosing = false;
  const begin: Cluster["begin"] = (machine, ...flags) => {
    for (const name of ["armed", "reached", "go"]) {
      rmSync(join(machine.folder, name), { force: true });
    }
    const run = start(["campaign.yaml", "--yes", "--wait", ...flags], {
      cwd: machine.folder,
      prefix: machine.prefix,
      env: {
        WHATSAPP_ACCESS_TOKEN: ground.sandbox.token,
        CAMPAIGN_LEDGER: address,
        NODE_OPTIONS: `--import=${MOMENTS_MODULE}`,
        MOMENT_FOLDER: machine.folder,
      },
    });
    machine.take(run);
    void run.ended.then((end) => {
      ends.push(endOf(end));
      if (!isAgain(end)) over.add(run);
      else if (!isClosing) begin(machine);
    });
  };
  return {
    machines,
    accepted,
    ends,
    schema,
    address: addressAt("127.0.0.1"),
    begin,
    async lane() {
      const [lane] = await asked.ask<{ pid: number }>(
        `select pid::int from ${schema}.lease where name like 'lane %' and owner <> '-'`,
      );
      const isOn = (machine: Machine) => !machine.isIdle() && machine.run.child.pid === lane?.pid;
      const machine = machines.find(isOn);
      return machine && lane && { machine, pid: lane.pid };
    },
    async unknown() {
      const text = `select count(*)::int as n from ${schema}.dispatch where status = 'unknown'`;
      return until(async () => (await asked.ask<{ n: number }>(text))[0]?.n);
    },
    isOver: () => machines.every((one) => !one.isIdle() && over.has(one.run)),
    async allEnded() {
      for (const machine of machines) while (isAgain(await machine.run.ended));
    },
    async close() {
      isClosing = true;
      for (const machine of machines.filter(({ isIdle }) => !isIdle())) {
        machine.run.child.kill("SIGKILL");
        await machine.run.ended;
      }
      await asked.close();
    },
  };
}

/** A run that ended so is begun again: killed, or by exit code 75. */
function isAgain({ code }: Pick<RunEnded, "code">): boolean {
  return code === null || code === AGAIN;
}

function makeMachine(machine: NetworkMachine, folder: string): OwnMachine {
  const own = join(folder, machine.name);
  mkdirSync(own);
  let running: Running | undefined;
  const made: OwnMachine = {
    ...machine,
    folder: own,
    get run() {
      if (running === undefined) throw new Error(`nothing has run on ${machine.name} yet`);
      return running;
    },
    take(run) {
      running = run;
    },
    isIdle: () => running === undefined,
    isWaiting: () => made.isRunning() && /^Waiting: /m.test(made.run.errors()),
    isRunning: () => made.run.child.exitCode === null && made.run.child.signalCode === null,
    arm: (moment) => writeFileSync(join(own, "armed"), moment),
    disarm() {
      rmSync(join(own, "armed"), { force: true });
      if (made.hasReached()) made.release();
    },
    hasReached: () => existsSync(join(own, "reached")),
    release(clockMs = 0) {
      rmSync(join(own, "reached"), { force: true });
      writeFileSync(join(own, "go"), String(clockMs));
    },
  };
  return made;
}

/** Asks the server over one connection, and over another one when that is lost. */
function makeAsker(server: PostgresServer) {
  let client: pg.Client | undefined;
  return {
    /** Gives no rows when the server does not answer. */
    async ask<Row extends object>(text: string): Promise<Row[]> {
      try {
        if (client === undefined) {
          const opened = new pg.Client(server.url({ ...SUPERUSER }));
          opened.on("error", () => {});
          await opened.connect();
          client = opened;
        }
        return (await client.query<Row>(text)).rows;
      } catch {
        client = undefined;
        await sleep(LOOK_MS);
        return [];
      }
    },
    close: async () => client?.end(),
  };
}
