// The real ledger as a runner has it: what it asks for takes a while, may fail, may be done without
// its knowing, or be its last act.

import type { DecisionLedger } from "../../src/domain/campaign/campaign-ports.ts";
import { LedgerError } from "../../src/domain/campaign/fault.ts";
import type { ZoneLedger } from "../../src/domain/campaign/zone-ports.ts";
import type { LockLedger } from "../../src/domain/ledger/ledger.ts";
import type {
  LanesLedger,
  ReadinessLedger,
  RunLedger,
} from "../../src/domain/sending/run-ports.ts";
import type { Turn, TurnResult } from "../../src/domain/sending/turn.ts";
import { LANE, LEASE_MS, makeLeases } from "./leases.ts";
import type { Process } from "./time.ts";
import type { World } from "./world.ts";

/** What a runner needs of the ledger, from its first look to its end. */
export type RunnerLedger = WatchedLedger & LockLedger;

/** The same without the locks. */
export type WatchedLedger = RunLedger &
  LanesLedger &
  Pick<ZoneLedger, "waitingZones"> &
  Pick<ReadinessLedger, "recoverClaims" | "pace"> &
  Pick<DecisionLedger, "liftStop">;

/** Carries out a turn on the real ledger; a mutation may do it otherwise. */
export type CommitTurn = (turn: Turn) => Promise<TurnResult>;

/** What a verb meets with. */
type Fate = "done" | "refused" | "lost" | "cut before" | "cut after";

/** How the disk fails where that ends the run. */
const FATAL = ["io", "full"] as const;

/** The real ledger, watched by the oracle and without faults, as one runner has it. */
export function watchedLedger(
  world: World,
  process: Process,
  commit: CommitTurn | undefined,
): WatchedLedger & { wasLost(): void } {
  const { ledger, oracle } = world;
  let last: { turn: Turn; result: TurnResult }[] = [];

  function watched(turns: readonly Turn[], results: readonly TurnResult[]): void {
    last = turns.map((turn, at) => ({ turn, result: results[at] as TurnResult }));
    for (const { turn, result } of last) {
      oracle.turned(turn, result, { runner: process.id, isUnanswered: false });
      world.tell(() => `${nameOf(world, process, turn.lane)} ${wordsOf(turn, result)}`);
    }
  }

  async function committed(turns: readonly Turn[]): Promise<TurnResult[]> {
    if (commit === undefined) return ledger.turnAll(turns);
    const results: TurnResult[] = [];
    for (const turn of turns) results.push(await commit(turn));
    return results;
  }

  return {
    findCampaign: ledger.findCampaign,
    setState: ledger.setState,
    async setLaneState(campaign, lane, state, halt, ...when) {
      await ledger.setLaneState(campaign, lane, state, halt, ...when);
      if (halt !== null) oracle.halted(lane, halt.code);
      if (halt !== null) world.inject("lane halts", `${lane}: ${halt.code}`);
    },
    waitingZones: ledger.waitingZones,
    remaining: ledger.remaining,
    endCampaign: ledger.endCampaign,
    pace: ledger.pace,
    liftStop: ledger.liftStop,
    askStop: ledger.askStop,
    rampState: ledger.rampState,
    async moveRamp(campaign, from, to, since) {
      const isMoved = await ledger.moveRamp(campaign, from, to, since);
      if (isMoved) oracle.stepped(to);
      if (isMoved && from !== to) world.tell(() => `step ${from + 1} of the ramp is through`);
      return isMoved;
    },
    testState: ledger.testState,
    testLook: ledger.testLook,
    keepTestLook: ledger.keepTestLook,
    decideTest: ledger.decideTest,
    claimWaitMs: LEASE_MS / 2,
    async settleLate(campaign, records, now) {
      const settled = await ledger.settleLate(campaign, records, now);
      if (settled > 0) world.inject("late answers taken", `${settled}`);
      oracle.settlesLate(records);
      return settled;
    },
    async recoverClaims(campaign, now, lane) {
      oracle.recovers(lane, process.id, (place, runner) =>
        world.leases.isHeldBy(LANE + (world.lanes[place] as string), runner),
      );
      const inDoubt = await ledger.recoverClaims(campaign, now, lane);
      if (inDoubt > 0) {
        const who = nameOf(world, process, lane);
        world.tell(() => `${who} ${inDoubt} claims of a dead run become unknown`);
      }
      return inDoubt;
    },
    async turn(turn) {
      const result = await (commit ?? ledger.turn)(turn);
      watched([turn], [result]);
      return result;
    },
    async turnAll(turns) {
      const results = await committed(turns);
      watched(turns, results);
      return results;
    },
    /** The runner does not get the answer of the last turn. */
    wasLost() {
      for (const { turn, result } of last) {
        oracle.turned(turn, result, { runner: process.id, isUnanswered: true });
      }
    },
  };
}

/**
 * The same with the faults of the world.
 * @param die kills the process that asks
 * @param failed called when a verb fails
 */
export function faultyLedger(
  world: World,
  watched: WatchedLedger & { wasLost(): void },
  process: Process,
  { die, failed }: { die: () => void; failed: () => void },
): RunnerLedger {
  const { time, chance, scenario } = world;
  const faults = scenario.ledger;

  function fateOf(what: string, mayWrite: boolean): Fate {
    if (world.isCalm) return "done";
    const inject = (fate: Fate): Fate => {
      world.inject(`commit ${fate === "lost" ? "lost after success" : fate}`, what);
      return fate;
    };
    if (chance.share(faults.refused)) return inject("refused");
    if (!mayWrite) return "done";
    if (chance.share(faults.lost)) return inject("lost");
    if (chance.share(faults.cut)) return inject(chance.oneOf(["cut before", "cut after"] as const));
    return "done";
  }

  /** Nothing of the process arrives at the ledger for now. */
  function isCut(): boolean {
    return !world.isCalm && process.cutUntil > time.now;
  }

  function workMs(): number {
    if (!world.isCalm && chance.share(faults.slow)) {
      world.inject("slow disk");
      return chance.oneOf([50, 300, 2_000]);
    }
    return chance.whole(1, 30) / 10;
  }

  function fault(): LedgerError {
    failed();
    const kind = chance.share(0.15) ? chance.oneOf(FATAL) : "busy";
    return new LedgerError(kind, `The simulated ledger fails: ${kind}.`);
  }

  function verb<A extends unknown[], R>(
    what: string,
    act: (...args: A) => Promise<R>,
    { mayWrite, needsLane = mayWrite }: { mayWrite: boolean; needsLane?: boolean },
  ): (...args: A) => Promise<R> {
    return async (...args) => {
      const fate = fateOf(what, mayWrite);
      await time.pass(workMs(), process);
      if (fate === "cut before") die();
      if (!process.isAlive) return forever();
      if (isCut()) {
        failed();
        await time.pass(chance.oneOf([1, 2_000]), process);
        throw new LedgerError("unreachable", "The simulated ledger is out of reach.");
      }
      if (fate === "refused") {
        await time.pass(chance.oneOf([1, 5_000]), process);
        throw fault();
      }
      if (needsLane) fence(what);
      const result = await act(...args);
      if (fate === "lost") {
        if (what === "turn") watched.wasLost();
        await time.pass(chance.oneOf([1, 1_000]), process);
        throw fault();
      }
      if (fate === "cut after") die();
      await time.pass(chance.whole(1, 10) / 10, process);
      return result;
    };
  }

  const leases = makeLeases(world.leases, {
    ...{ time, process, isCut },
    ask: (what, act, mayWrite) => verb(what, async () => act(), { mayWrite, needsLane: false })(),
  });

  function fence(what: string): void {
    try {
      leases.fence();
    } catch (error) {
      // Its claims are left to the one who took the lane.
      failed();
      world.inject("fenced off", `runner ${process.id}: ${what}`);
      throw error;
    }
  }

  const writes = { mayWrite: true };
  const reads = { mayWrite: false };
  return {
    findCampaign: verb("findCampaign", watched.findCampaign, reads),
    hold: leases.hold,
    heldBy: leases.heldBy,
    setState: verb("setState", watched.setState, writes),
    setLaneState: verb("setLaneState", watched.setLaneState, writes),
    waitingZones: verb("waitingZones", watched.waitingZones, reads),
    remaining: verb("remaining", watched.remaining, reads),
    endCampaign: verb("endCampaign", watched.endCampaign, writes),
    pace: verb("pace", watched.pace, reads),
    liftStop: verb("liftStop", watched.liftStop, writes),
    askStop: verb("askStop", watched.askStop, writes),
    rampState: verb("rampState", watched.rampState, reads),
    moveRamp: verb("moveRamp", watched.moveRamp, writes),
    testState: verb("testState", watched.testState, reads),
    testLook: verb("testLook", watched.testLook, reads),
    keepTestLook: verb("keepTestLook", watched.keepTestLook, writes),
    decideTest: verb("decideTest", watched.decideTest, writes),
    recoverClaims: verb("recoverClaims", watched.recoverClaims, writes),
    turn: verb("turn", watched.turn, writes),
    turnAll: verb("turn", watched.turnAll, writes),
    claimWaitMs: watched.claimWaitMs,
    settleLate: verb("settleLate", watched.settleLate, { mayWrite: true, needsLane: false }),
  };
}

/** What waits for a dead process. */
function forever(): Promise<never> {
  return new Promise(() => {});
}

/** `runner 2, lane 1:` */
export function nameOf({ lanes }: World, { id }: Process, lane?: number): string {
  return lanes.length === 1 ? `runner ${id}:` : `runner ${id}, lane ${lane ?? 0}:`;
}

function wordsOf(turn: Turn, { claimed, suppressed, stale, stop }: TurnResult): string {
  const recorded = turn.record.map(({ row, next }) => `${row} ${next.to}`);
  const parts = [
    ...(recorded.length > 0 ? [`records ${recorded.join(", ")}`] : []),
    ...(turn.release.length > 0 ? [`releases ${rowsOf(turn.release)}`] : []),
    ...(claimed.length > 0 ? [`claims ${rowsOf(claimed)}`] : []),
    ...(suppressed > 0 ? [`skips ${suppressed}`] : []),
    ...(stale > 0 ? [`${stale} stale`] : []),
    ...(stop === null ? [] : [`is to stop: ${stop.kind}`]),
  ];
  return `turn ${parts.join("; ")}`;
}

function rowsOf(list: readonly { row: number }[]): string {
  return list.map(({ row }) => row).join(" ");
}
