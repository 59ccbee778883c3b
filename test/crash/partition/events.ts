// What happens to the machine that sends, or to the database: the rows of the matrix.

import { setTimeout as sleep } from "node:timers/promises";
import type { Standby } from "../../support/postgres.ts";
import type { Way } from "../../support/proxy.ts";
import type { Cluster, ClusterOptions, Machine, Moment } from "./cluster.ts";

const HOUR_MS = 3_600_000;
/** A little longer than a request waits for its answer (src/graph/client.ts). */
const GIVEN_UP_MS = 33_000;
/** A second Ctrl-C after so long is another one (src/cli/process/signals.ts). */
const AGAIN_MS = 1_100;
/** Messages that are sent between a jump of the clock and the kill. */
const AFTER_JUMP = 20;
/** Messages that an asynchronous standby misses, at the least. */
const MISSED = 10;

export interface Scene {
  options: ClusterOptions;
  cluster: Cluster;
  /** The machine that has the lane, and stands still. */
  owner: Machine;
  /** Resolves when another machine has the lane. */
  taken(): Promise<void>;
  /** From now on a machine has to take over within the lease. */
  struck(): void;
  /** Resolves after so many more messages. */
  sent(messages: number): Promise<void>;
  standby: Standby | undefined;
}

export interface MatrixEvent {
  name: string;
  /** Who goes on, as the page has it. */
  goesOn:
    | "another machine"
    | "the same machine"
    | "the same machine or another"
    | "no machine, until a person decides";
  /** When it happens; at each moment when left out. */
  moments?: readonly Moment[];
  /** A run that another one has taken the lane from lives on, and says so. */
  isTakenOver?: boolean;
  /** How long the row lasts, in comparison: the longest begins first. */
  lasts?: number;
  /** The server is this row's own. */
  ownServer?: boolean;
  /** The server has an asynchronous standby. */
  hasStandby?: boolean;
  /** Before the moment is waited for. */
  prepare?(scene: Omit<Scene, "owner">): Promise<void>;
  /** Does it, and lets the machine go on where it is to. */
  strike(scene: Scene): Promise<void>;
}

/** The rows. */
export const EVENTS: readonly MatrixEvent[] = [
  {
    name: "killed (SIGKILL)",
    goesOn: "another machine",
    async strike({ owner, struck }) {
      struck();
      owner.run.child.kill("SIGKILL");
    },
  },
  {
    name: "stopped for longer than the lease (SIGSTOP), then let go on",
    goesOn: "another machine",
    isTakenOver: true,
    async strike({ owner, struck, taken }) {
      struck();
      owner.run.child.kill("SIGSTOP");
      owner.release();
      await taken();
      owner.run.child.kill("SIGCONT");
    },
  },
  databaseCut("cut from the database, both ways"),
  databaseCut("cut from the database, what goes there is lost", "toServer"),
  databaseCut("cut from the database, what comes from there is lost", "toClient"),
  graphCut("cut from Graph for 2 seconds", { forMs: 2_000 }),
  graphCut("cut from Graph for 2 seconds, only its answers are lost", {
    forMs: 2_000,
    ways: ["toClient"],
  }),
  {
    ...graphCut("cut from Graph for longer than it may take to answer", { forMs: GIVEN_UP_MS }),
    // What was not in flight waits all the same.
    moments: ["in flight"],
    lasts: 2,
  },
  {
    name: "the database restarts at once",
    goesOn: "the same machine or another",
    ownServer: true,
    async strike({ owner, struck, options: { server } }) {
      struck();
      await server.stop();
      owner.release();
      await server.restart();
    },
  },
  {
    name: "the database is killed and starts again",
    goesOn: "the same machine or another",
    ownServer: true,
    async strike({ owner, struck, options: { server } }) {
      struck();
      await server.kill();
      owner.release();
      await server.restart();
    },
  },
  {
    name: "an asynchronous standby takes over",
    goesOn: "no machine, until a person decides",
    ownServer: true,
    hasStandby: true,
    lasts: 3,
    async prepare({ standby, sent }) {
      standby?.cutOff();
      await sent(MISSED);
    },
    async strike({ owner, struck, standby, cluster }) {
      struck();
      const over = standby?.takeOver();
      owner.release();
      await over;
      // It would try for half a minute to write its last answers down.
      await quit(owner);
      await cluster.allEnded();
    },
  },
  clockJump("its wall clock jumps an hour ahead; killed later", HOUR_MS),
  clockJump("its wall clock jumps an hour back; killed later", -HOUR_MS),
];

/** A person sees where the ledger is by now, and presses Ctrl-C twice. */
async function quit({ run }: Machine): Promise<void> {
  await run.saw(/is on another server/);
  run.child.kill("SIGINT");
  // Sooner it would be the same request.
  await Promise.race([sleep(AGAIN_MS), run.ended]);
  run.child.kill("SIGINT");
}

function databaseCut(name: string, ...ways: Way[]): MatrixEvent {
  return {
    name,
    goesOn: "another machine",
    isTakenOver: true,
    async strike({ owner, struck, taken }) {
      struck();
      owner.cut("database", ...ways);
      owner.release();
      await taken();
      owner.heal();
    },
  };
}

function graphCut(
  name: string,
  { forMs, ways = [] }: { forMs: number; ways?: Way[] },
): MatrixEvent {
  return {
    name,
    goesOn: "the same machine",
    async strike({ owner, struck }) {
      struck();
      owner.cut("graph", ...ways);
      owner.release();
      await sleep(forMs);
      owner.heal();
    },
  };
}

function clockJump(name: string, clockMs: number): MatrixEvent {
  return {
    name,
    goesOn: "another machine",
    async strike({ owner, struck, sent }) {
      owner.release(clockMs);
      await sent(AFTER_JUMP);
      struck();
      owner.run.child.kill("SIGKILL");
    },
  };
}
