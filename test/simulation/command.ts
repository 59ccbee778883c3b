// One `campaign run` of the simulated world: what the command does around the real loops, from
// taking the lanes that are free to giving them back.

import {
  endOfRun,
  sendByLanes,
  settleClaims,
  takeOverAll,
} from "../../src/cli/campaign/lane-loops.ts";
import type { Spacing } from "../../src/clock/pacer.ts";
import { makePacer } from "../../src/clock/pacer.ts";
import type { Claim } from "../../src/domain/campaign/attempt.ts";
import type { CampaignRecord } from "../../src/domain/campaign/campaign.ts";
import { recordOfLane } from "../../src/domain/campaign/campaign.ts";
import { callbackKey } from "../../src/domain/campaign/dispatch.ts";
import type { Hold } from "../../src/domain/ledger/ledger.ts";
import type { Opening } from "../../src/domain/schedule/schedule.ts";
import type { Clock } from "../../src/domain/sending/pace.ts";
import { run } from "../../src/domain/sending/run.ts";
import type { RampCourse, RunEnd, RunProgress } from "../../src/domain/sending/run-ports.ts";
import { startRunProgress } from "../../src/domain/sending/run-ports.ts";
import { ofLane, ofPlace } from "../../src/domain/sending/side-by-side.ts";
import type { TakeOver } from "../../src/domain/sending/take-over.ts";
import type { PaceRecord } from "../../src/domain/sending/turn.ts";
import type { RunnerLedger } from "./faulty-ledger.ts";
import type { Posted } from "./network.ts";
import { makeNetwork } from "./network.ts";
import type { Ending, Scenario } from "./scenario.ts";
import type { Process, Time } from "./time.ts";
import type { Addressed, World } from "./world.ts";

const CAPPED_TRIES = 3;
/** A share that so few people cannot prove to be passed. */
const LENIENT = 0.95;
/** A run that waits for a lane looks this often whether it is free. */
const LOOK_MS = 500;

/** How a command ended. */
export type CommandEnd =
  | RunEnd
  /** It found a pause, or a cancelled campaign, and did nothing. */
  | { kind: "idle" }
  /** Other runners have every lane that it asked for. */
  | { kind: "busy" };

/** A command in its process. */
export interface Command {
  ledger: RunnerLedger;
  process: Process;
  stop: AbortSignal;
  wishes: Pick<Ending, "wants" | "isWaiting" | "takesOver">;
  posted: Posted;
}

/** Runs the campaign from the lanes that are free. */
export async function campaignRun(world: World, command: Command): Promise<CommandEnd> {
  const hold = await takeLanes(world, command);
  if (hold === undefined) return { kind: "busy" };
  try {
    return await runHeld(world, command, hold);
  } finally {
    await hold.release();
  }
}

async function takeLanes(world: World, command: Command): Promise<Hold | undefined> {
  const { ledger, process, stop, wishes } = command;
  const clock = world.time.clockOf(process);
  const { wants, isWaiting } = wishes;
  const lanes = world.lanes.filter((_, place) => wants?.includes(place) ?? true);
  const asker = { pid: process.id, host: `host-${process.id}`, since: clock.now() };
  for (;;) {
    const held = await ledger.hold({ ...asker, campaign: world.name, lanes });
    if (held.kind === "held") {
      world.tell(() => `runner ${process.id} has ${held.lanes.join(", ")}`);
      return held;
    }
    if (!isWaiting || stop.aborted) return undefined;
    await clock.sleep(LOOK_MS, stop);
  }
}

async function runHeld(world: World, command: Command, hold: Hold): Promise<CommandEnd> {
  const { time } = world;
  const { ledger, process, stop, wishes } = command;
  const clock = time.clockOf(process);
  const say = (line: string): void => world.tell(() => `runner ${process.id} says: ${line}`);
  const campaign = await ledger.findCampaign(world.name);
  if (campaign === undefined) return { kind: "idle" };
  if (campaign.state === "cancelled" || campaign.stop?.kind === "paused") {
    await settleClaims(campaign, { ledger, hold, clock }, say);
    return { kind: "idle" };
  }
  // The check finds nothing that stops a run.
  await ledger.liftStop(campaign.id, "halted", clock.now());
  await hold.releaseList();
  const { takesOver } = wishes;
  const options = { ledger, campaign, hold, takesOver, clock, limit: null };
  const lanesOf = async (found: readonly TakeOver[]) => found.map((one) => laneOf(campaign, one));
  const lanes = await lanesOf(await takeOverAll(hold.lanes, options, say));
  const { ends } = await sendByLanes(lanes, {
    ...{ options, stop, say, lanesOf, doneWith: undefined },
    send: (lane, stopOfLanes) => send(lane, { ...command, stop: stopOfLanes }, { world, campaign }),
  });
  return endOfRun(ends, options);
}

/** One lane of a run. */
interface Lane {
  place: number;
  name: string;
  limit: null;
  acceptedBefore: boolean;
  before: PaceRecord | undefined;
  progress: RunProgress;
}

function laneOf({ lanes }: CampaignRecord, { lane, left, pace }: TakeOver): Lane {
  return {
    ...{ place: lanes.indexOf(lane), name: lane, limit: null, before: pace },
    acceptedBefore: left.accepted,
    progress: startRunProgress(left.pending + left.held),
  };
}

/** Runs the real loop of one lane. */
function send(
  lane: Lane,
  { ledger, process, stop, posted }: Command,
  { world, campaign }: { world: World; campaign: CampaignRecord },
): Promise<RunEnd> {
  const { scenario, time } = world;
  const { place } = lane;
  const clock = time.clockOf(process);
  const network = makeNetwork(world, process, { place, posted });
  const { dailyLimit, rates, maxInFlight } = scenario;
  const mine = campaign.lanes.length === 1 ? ledger : ofLane(ledger, place);
  return run(
    {
      campaign: recordOfLane(campaign, lane.name),
      limit: null,
      dailyLimit: dailyLimit === null ? null : { people: dailyLimit, from: "the scenario" },
      acceptedBefore: lane.acceptedBefore,
      cappedTries: CAPPED_TRIES,
      ramp: rampOf(scenario),
      progress: lane.progress,
    },
    {
      ledger: { ...mine, turn: ofPlace(ledger.turn, place) },
      pacer: makePacer({
        lane: lane.name,
        messagesPerSecond: rates[place] as number,
        maxInFlight,
        before: lane.before,
        clock,
        spacing: spacingOf(time, clock),
      }),
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
