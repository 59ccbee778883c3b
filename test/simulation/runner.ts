// One `campaign run` of the simulated world: what the command does around the real loop, in a
// process that can be killed or stopped.

import type { Spacing } from "../../src/clock/pacer.ts";
import { makePacer } from "../../src/clock/pacer.ts";
import type { Claim } from "../../src/domain/campaign/attempt.ts";
import { callbackKey } from "../../src/domain/campaign/dispatch.ts";
import { LedgerError } from "../../src/domain/campaign/fault.ts";
import type { Opening } from "../../src/domain/schedule/schedule.ts";
import type { Clock } from "../../src/domain/sending/pace.ts";
import { run } from "../../src/domain/sending/run.ts";
import type { RampCourse, RunEnd } from "../../src/domain/sending/run-ports.ts";
import { startRunProgress } from "../../src/domain/sending/run-ports.ts";
import { takeOver } from "../../src/domain/sending/take-over.ts";
import type { RunnerLedger } from "./faulty-ledger.ts";
import { faultyLedger, LEASE_MS, watchedLedger } from "./faulty-ledger.ts";
import type { Mutation } from "./mutations.ts";
import type { Network } from "./network.ts";
import { makeNetwork } from "./network.ts";
import type { Ending, Scenario } from "./scenario.ts";
import type { Process, Time } from "./time.ts";
import { startProcess } from "./time.ts";
import type { Addressed, World } from "./world.ts";

const CAPPED_TRIES = 3;
/** A share that so few people cannot prove to be passed. */
const LENIENT = 0.95;
/** A run that takes more events than this goes round in circles. */
const STEPS_MAX = 200_000;
/** After a first signal, so many events until the second one. */
const PATIENCE_STEPS = 20;

/** How a runner ended. */
export type RunnerEnd =
  | RunEnd
  | { kind: "killed" }
  /** It was stopped, and its lane is free; it will go on while another one has that. */
  | { kind: "left" }
  /** It found a pause, or a cancelled campaign, and did nothing. */
  | { kind: "idle" }
  /** The ledger failed where the command has nothing but its exit code. */
  | { kind: "failed" };

/** Lives through one runner. A bug in the loop is a broken promise. */
export async function live(world: World, ending: Ending, mutation: Mutation): Promise<RunnerEnd> {
  const { time, oracle } = world;
  const process = startProcess();
  const stop = new AbortController();
  let hasFailed = false;
  const die = (): void => {
    process.isAlive = false;
  };
  let isLeft = false;
  const leave = (): void => {
    isLeft = true;
  };
  process.onStep = () => strike(world, process, ending, { die, stop, leave });
  world.lease.owner = process;
  world.lease.renewedAt = time.now;
  const watched = watchedLedger(world, mutation.commit?.(world) ?? world.ledger.turn);
  const failed = () => {
    hasFailed = true;
  };
  const faulty = faultyLedger(world, watched, process, { die, failed });
  const ledger =
    mutation.ledger?.(faulty, { world, watched, hasFailed: () => hasFailed }) ?? faulty;
  const network = makeNetwork(world, process);
  let end: RunnerEnd | undefined;
  world.tell(() => "a runner begins");
  void campaignRun(world, { ledger, network, process, stop: stop.signal }).then(
    (reached) => {
      end = reached;
    },
    (error: unknown) => {
      end = { kind: "failed" };
      if (!(error instanceof LedgerError)) oracle.fail(`the run throws ${wordsOf(error)}`);
    },
  );
  for (;;) {
    while (end === undefined && process.isAlive && !isLeft) {
      const hasMore = await time.step();
      if (!hasMore || process.steps > STEPS_MAX) {
        oracle.fail(hasMore ? "the run goes round in circles" : "the run waits for ever");
        die();
      }
    }
    if (!isLeft || end !== undefined || !process.isAlive) break;
    await time.pause(LEASE_MS);
    if (time.now - world.lease.renewedAt >= LEASE_MS) {
      // The next runner takes it now, and may be slow to begin.
      oracle.ended(network.posted, false);
      world.lease.owner = null;
      return { kind: "left" };
    }
    // It woke up before anybody took the lane, and its first write has renewed the lease.
    isLeft = false;
  }
  const reached: RunnerEnd = process.isAlive && end !== undefined ? end : { kind: "killed" };
  process.isAlive = false;
  world.tell(() => `the runner ends: ${JSON.stringify(reached)}`);
  const isClean = !hasFailed && reached.kind !== "killed" && reached.kind !== "failed";
  oracle.ended(network.posted, isClean);
  if (reached.kind === "finished" && oracle.claimed.size > 0 && !oracle.isCancelled) {
    oracle.fail(
      `a run says finished while rows ${[...oracle.claimed.keys()].join(" ")} are claimed`,
    );
  }
  await mutation.ended?.(world, watched);
  return reached;
}

/** Kills, stops or stalls the process before one of its events. */
function strike(
  world: World,
  process: Process,
  { kind, step, stall, handOver }: Ending,
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

interface Command {
  ledger: RunnerLedger;
  network: Network;
  process: Process;
  stop: AbortSignal;
}

async function campaignRun(world: World, command: Command): Promise<RunnerEnd> {
  const { scenario, time } = world;
  const { ledger, network, process, stop } = command;
  const clock = time.clockOf(process);
  const found = await ledger.findCampaign(world.name);
  if (found === undefined) return { kind: "idle" };
  if (found.state === "cancelled" || found.stop?.kind === "paused") {
    await ledger.recoverClaims(found.id, clock.now());
    return { kind: "idle" };
  }
  // The check finds nothing that stops a run.
  await ledger.liftStop(found.id, "halted", clock.now());
  const { left, pace } = await takeOver(ledger, found, { lane: found.lane, now: clock.now() });
  const pacer = makePacer({
    lane: world.lane,
    messagesPerSecond: scenario.rate,
    maxInFlight: scenario.maxInFlight,
    before: pace,
    clock,
    spacing: spacingOf(time, clock),
  });
  const { dailyLimit } = scenario;
  return run(
    {
      campaign: found,
      limit: null,
      dailyLimit: dailyLimit === null ? null : { people: dailyLimit, from: "the scenario" },
      acceptedBefore: left.accepted,
      cappedTries: CAPPED_TRIES,
      ramp: rampOf(scenario),
      progress: startRunProgress(left.pending + left.held),
    },
    {
      ledger,
      pacer,
      clock,
      post: network.post,
      endpointOf: () => "/marketing_messages",
      abandon: network.abandon,
      bodyOf: bodies(world),
      opening: () => openingNow(world),
      stop,
      notice: () => {},
    },
  );
}

/** A ramp that hardly anything halts: what matters here is whom a step lets through. */
function rampOf({ ramp }: Scenario): RampCourse | null {
  if (ramp === null) return null;
  const { sizes, settleMs: settle } = ramp;
  const limits = { failed: LENIENT, opted_out: LENIENT, capped: LENIENT, held: LENIENT };
  const rule = { steps: sizes, settle, halt_above: limits, after_step: "continue" as const };
  return { rule, sizes, isAssessed: true };
}

/** Bottleneck without its timers. */
function spacingOf(time: Time, clock: Clock): Spacing {
  let freeAt = 0;
  return {
    next(everyMs) {
      const waitMs = Math.max(0, freeAt - time.now);
      freeAt = time.now + waitMs + everyMs;
      return clock.sleep(waitMs);
    },
    stop: async () => {},
  };
}

function bodies({ ledger, campaign }: World): (claim: Claim) => string {
  return ({ row, attempt, phone }) => {
    const key = callbackKey({ ledger: ledger.id, campaign, row, attempt });
    const body: Addressed = { to: phone as string, biz_opaque_callback_data: key };
    return JSON.stringify(body);
  };
}

function openingNow({ scenario, time }: World): Opening {
  const { endsAt } = scenario;
  if (endsAt !== null && time.now >= endsAt) return { kind: "over" };
  return { kind: "open", until: Number.POSITIVE_INFINITY };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
