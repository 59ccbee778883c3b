// What a run remembers while it works.

import type { AttemptRecord, Claim } from "../campaign/attempt.ts";
import type { Stop } from "../campaign/campaign.ts";
import type { RunGate } from "./halt.ts";
import { startWatch } from "./halt.ts";
import type { Clock } from "./pace.ts";
import type { RunEnd, RunOptions, RunPorts } from "./run-ports.ts";
import type { Full } from "./turn.ts";

/**
 * Work is claimed so far ahead of posting, and where turns of the ledger take long, further; a kill
 * leaves no more than this and what is in flight in doubt.
 */
const AHEAD_MIN_MS = 40;
const AHEAD_MAX_MS = 80;

/** More is claimed when what is left lasts no longer than a turn takes, or than this. */
const LEFT_MIN_MS = 10;

const AHEAD_MAX = 2000;

/** What is in flight may finish within this time after a signal … */
export const DRAIN_MS = 10_000;

/**
 * … and after any other stop, when nobody waits at a terminal: longer than connecting and answering
 * may take.
 */
export const DRAIN_PATIENT_MS = 45_000;

/** Answers that cannot be recorded are tried again for this long … */
export const RECORD_MS = 30_000;

/**
 * … and a server that cannot be reached for this long, while nobody asked the run to end: longer
 * than a server takes that is restarted, or whose standby takes over.
 */
export const UNREACHABLE_MS = 300_000;

/**
 * A held dispatch that is due within this time is waited for, and so is room under a limit.
 */
export const HOLD_WAIT_MS = 120_000;

/** A claim on disk that is not posted yet. */
export interface Waiting {
  claim: Claim;
  /** When its turn was asked for, monotonic and by the wall clock. */
  asked: Asked;
}

/** An instant by both clocks: one that people set, one that stands still in a computer's sleep. */
interface Asked {
  monotonic: number;
  wall: number;
}

export interface State {
  watch: RunGate;
  /** Claims on disk that are not posted yet, oldest first. */
  ready: Waiting[];
  done: AttemptRecord[];
  released: { row: number; attempt: number }[];
  /** Zones in which people are pending again, since the last turn. */
  refilled: Set<number>;
  /** False once the ledger said that nothing is left to claim. */
  claimable: boolean;
  /** Looked at again from this instant (wall clock): a hold is due, or the daily limit has room. */
  dueAt: number | null;
  /** What is looked at again then is whether a zone has opened. */
  isDueByHours: boolean;
  /** … or whether the test is to be decided. */
  isDueByTest: boolean;
  /** The test's decision was known when nobody was left to claim. */
  isTestDecided: boolean;
  /** Why the ledger gave out less than it has: the daily limit; null when it did not. */
  full: Full | null;
  /** What a turn reported: a person or an event wants no more claims. */
  asked: Stop | null;
  end: RunEnd | null;
  /** Monotonic; from then on what is in flight is abandoned. */
  drainUntil: number;
  abandoned: boolean;
  /** Monotonic: the last look at what may stop the run … */
  lastLook: number;
  /** … the last turn of the ledger, and the last one that wrote the pace. */
  lastTurn: number;
  lastPace: number;
  /** How long turns take lately, in milliseconds; a slow one counts for several turns. */
  turnMs: number;
  paceDirty: boolean;
  /** Monotonic: the last look at the ramp. */
  rampLookAt: number;
  /** Monotonic: the last look at the test. */
  testLookAt: number;
  /** Posts a second as measured; decides how far ahead to claim. */
  speed: number;
  postedAtTurn: number;
  /** Monotonic: since when the ledger fails. */
  faultSince: number | null;
  /** The ledger fails because its server cannot be reached. */
  isUnreachable: boolean;
  /** Another process has the lane: nothing is posted, claimed or written any more. */
  isLost: boolean;
  bug: unknown;
  closed: boolean;
}

/** The state of a run before its first turn. */
export function startState(options: RunOptions, clock: Clock): State {
  const { campaign, acceptedBefore, leavesToOthers = false } = options;
  const { halt, streakHalts } = campaign;
  return {
    watch: startWatch(halt?.code ?? null, acceptedBefore, { streakHalts, leavesToOthers }),
    ready: [],
    done: [],
    released: [],
    refilled: new Set(),
    claimable: true,
    dueAt: null,
    isDueByHours: false,
    isDueByTest: false,
    isTestDecided: false,
    full: null,
    asked: null,
    end: null,
    drainUntil: Number.POSITIVE_INFINITY,
    abandoned: false,
    lastLook: clock.monotonic(),
    lastTurn: clock.monotonic(),
    lastPace: clock.monotonic(),
    turnMs: 0,
    paceDirty: false,
    rampLookAt: Number.NEGATIVE_INFINITY,
    testLookAt: Number.NEGATIVE_INFINITY,
    speed: 0,
    postedAtTurn: 0,
    faultSince: null,
    isUnreachable: false,
    isLost: false,
    bug: undefined,
    closed: false,
  };
}

/**
 * True while the run waits before it tries again. Most runs never do, and need no clock for it:
 * this is asked for every message.
 */
export function isPaused({ watch }: State, clock: Clock): boolean {
  return watch.notBefore > 0 && clock.monotonic() < watch.notBefore;
}

/** How many dispatches may be claimed and not posted, and of how few left the next are claimed. */
function slice({ speed, turnMs }: State, ports: RunPorts): { ahead: number; left: number } {
  const perMs = Math.min(ports.pacer.rate(), Math.max(speed, 200)) / 1000;
  const aheadMs = Math.min(Math.max(2 * turnMs, AHEAD_MIN_MS), AHEAD_MAX_MS);
  const leftMs = Math.min(Math.max(turnMs, LEFT_MIN_MS), AHEAD_MAX_MS / 2);
  const ahead = Math.max(1, Math.min(AHEAD_MAX, Math.ceil(perMs * aheadMs)));
  return { ahead, left: ahead * (leftMs / aheadMs) };
}

/**
 * Whether a claim waited too long to be posted: the process was stopped, the computer slept, or
 * the ledger took long.
 * @param maxMs as RunLedger.claimWaitMs
 */
export function isStale({ asked }: Waiting, maxMs: number, clock: Clock): boolean {
  return clock.monotonic() - asked.monotonic > maxMs || Math.abs(clock.now() - asked.wall) > maxMs;
}

/** How many dispatches to claim now. */
export function claimRoom(state: State, options: RunOptions, ports: RunPorts): number {
  const { clock, pacer } = ports;
  if (!state.claimable || isPaused(state, clock)) return 0;
  if (state.watch.mode === "probe") return pacer.inFlight() + state.ready.length === 0 ? 1 : 0;
  const { ahead, left } = slice(state, ports);
  if (state.ready.length > left) return 0;
  const { limit, progress } = options;
  const allowed = limit === null ? ahead : limit - progress.posted;
  return Math.max(0, Math.min(ahead, allowed) - state.ready.length);
}

/** Hands back a claim that was not posted; the next turn makes it `pending` again. */
export function release(state: State, claim: Claim): void {
  state.released.push({ row: claim.row, attempt: claim.attempt });
  if (claim.zone !== undefined) state.refilled.add(claim.zone);
}

/** Hands back claims of a country that Meta refuses; the next turn skips them. */
export function releaseRegion(state: State, region: string): void {
  const others = state.ready.filter(({ claim }) => claim.region !== region);
  if (others.length === state.ready.length) return;
  for (const { claim } of state.ready) if (claim.region === region) release(state, claim);
  state.ready = others;
}

export interface Bell {
  ring(): void;
  /** Waits for a ring, at most so long; without a time, for a ring only. */
  wait(maxMs?: number): Promise<void>;
}

/**
 * Wakes its one waiter; a ring that nobody heard is not kept, since the waiter looks at the state
 * first.
 */
export function makeBell(clock: Clock): Bell {
  let wake: (() => void) | null = null;
  return {
    ring() {
      wake?.();
    },
    wait: (maxMs) =>
      new Promise((resolve) => {
        const cancel = maxMs === undefined ? () => {} : clock.timer(maxMs, () => wake?.());
        wake = () => {
          wake = null;
          cancel();
          resolve();
        };
      }),
  };
}
