// One runner of the simulated world: a process that can be killed, stopped or cut off while its
// command is at work.

import { LedgerError } from "../../src/domain/campaign/fault.ts";
import { inGroups } from "../../src/domain/sending/side-by-side.ts";
import type { CommandEnd } from "./command.ts";
import { campaignRun } from "./command.ts";
import { faultyLedger, watchedLedger } from "./faulty-ledger.ts";
import { LEASE_MS } from "./leases.ts";
import type { Mutation } from "./mutations.ts";
import type { Posted } from "./network.ts";
import type { Ending } from "./scenario.ts";
import type { Process } from "./time.ts";
import { startProcess } from "./time.ts";
import type { World } from "./world.ts";

/** A run that takes more events than this goes round in circles. */
const STEPS_MAX = 200_000;
/** After a first signal, so many events until the second one. */
const PATIENCE_STEPS = 20;

/** How a runner ended. */
export type RunnerEnd =
  | CommandEnd
  | { kind: "killed" }
  /** The ledger failed where the command has nothing but its exit code. */
  | { kind: "failed" };

/** A runner that has begun. */
export interface Life {
  end: Promise<RunnerEnd>;
  /** It was stopped, its leases have run out, and it will wake up later. */
  left: Promise<void>;
}

/**
 * Begins a runner. A bug in the loops is a broken promise.
 * @param id of its process
 */
export function live(
  world: World,
  { id, ending, mutation }: { id: number; ending: Ending; mutation: Mutation },
): Life {
  const { time, oracle, leases } = world;
  const process = startProcess(id);
  const stop = new AbortController();
  const posted: Posted = new Map();
  const killed = signal();
  const left = signal();
  let hasFailed = false;
  const die = (): void => {
    process.isAlive = false;
    killed.give();
  };
  const leave = (): void => void time.pass(LEASE_MS, null).then(left.give);
  process.onStep = () => {
    if (process.steps > STEPS_MAX) {
      oracle.fail("the run goes round in circles");
      die();
    }
    strike(world, process, ending, { die, stop, leave });
  };
  oracle.begins(id, posted);
  const watched = watchedLedger(world, process, mutation.commit?.(world));
  const failed = (): void => {
    hasFailed = true;
  };
  const faulty = faultyLedger(world, watched, process, { die, failed });
  const turn = world.lanes.length === 1 ? faulty.turn : inGroups(faulty.turnAll);
  const real = { ...faulty, turn };
  const context = { world, watched, hasFailed: () => hasFailed };
  const ledger = mutation.ledger?.(real, context) ?? real;
  world.tell(() => `runner ${id} begins`);
  const command = { ledger, process, stop: stop.signal, wishes: ending, posted };
  const ran = campaignRun(world, command).catch((error: unknown): RunnerEnd => {
    if (!(error instanceof LedgerError)) oracle.fail(`the run throws ${wordsOf(error)}`);
    return { kind: "failed" };
  });

  async function ends(): Promise<RunnerEnd> {
    const dead = killed.given.then((): RunnerEnd => ({ kind: "killed" }));
    const end = await Promise.race([dead, ran]);
    process.isAlive = false;
    if (world.scenario.freesAtDeath) leases.releaseAll(process);
    world.tell(() => `runner ${id} ends: ${JSON.stringify(end)}`);
    oracle.ended(id, !hasFailed && end.kind !== "killed" && end.kind !== "failed");
    const mine = [...oracle.claimed].filter(([, { runner }]) => runner === id);
    if (end.kind === "finished" && mine.length > 0 && !oracle.isCancelled) {
      oracle.fail(`a run says finished and has claimed ${mine.map(([row]) => row).join(" ")}`);
    }
    await mutation.ended?.(world, watched);
    return end;
  }

  return { end: ends(), left: left.given };
}

/** Something that happens once. */
function signal(): { give(): void; given: Promise<void> } {
  let give = (): void => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { give: () => give(), given };
}

/** Kills, stops, stalls or cuts off the process before one of its events. */
function strike(
  world: World,
  process: Process,
  { kind, step, stall, handOver, cut }: Ending,
  { die, stop, leave }: { die: () => void; stop: AbortController; leave: () => void },
): void {
  const { steps } = process;
  if (world.isCalm) return;
  if (steps === stall?.step) {
    world.inject("stall", `${stall.ms} ms`);
    process.stalledUntil = world.time.now + stall.ms;
  }
  if (steps === handOver?.step) {
    world.inject("hand-over", `${handOver.ms} ms`);
    process.stalledUntil = world.time.now + LEASE_MS + handOver.ms;
    leave();
  }
  if (steps === cut?.step) {
    world.inject("cut off from the ledger", `${cut.ms} ms`);
    process.cutUntil = world.time.now + cut.ms;
  }
  if (steps === step && kind === "kill") {
    world.inject("kill");
    die();
  } else if (steps === step && kind !== "by itself") {
    world.inject("stop signal");
    stop.abort();
  } else if (steps === step + PATIENCE_STEPS && kind === "stop, then kill") {
    world.inject("second stop signal");
    die();
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
