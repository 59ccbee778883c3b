// Decides whether a run stops, waits or is finished.

import type { Stop } from "../campaign/campaign.ts";
import { count, plural } from "../common/numbers.ts";
import { budgetSentence } from "../limits/budget.ts";
import type { StoppedEnd } from "./run-end.ts";
import { stopped } from "./run-end.ts";
import type { RunEnd, RunOptions, RunPorts } from "./run-ports.ts";
import type { Bell, State } from "./run-state.ts";
import {
  claimRoom,
  DRAIN_MS,
  DRAIN_PATIENT_MS,
  HOLD_WAIT_MS,
  isPaused,
  RECORD_MS,
  release,
  UNREACHABLE_MS,
} from "./run-state.ts";
import type { BudgetFull, DailyLimitFull, Remaining } from "./turn.ts";
import { afterArms, endOfStep, watchRamp, watchTest } from "./watches.ts";

/** Sets `state.end` when something says stop, and hands back what must not be posted now. */
export async function decide(state: State, options: RunOptions, ports: RunPorts): Promise<void> {
  const { clock } = ports;
  state.lastLook = clock.monotonic();
  if (state.end === null) {
    state.end =
      reasonToStop(state, options, ports) ??
      (await watchRamp(state, options, ports)) ??
      (await watchTest(state, options, ports)) ??
      (await reasonToFinish(state, options, ports));
  }
  if (state.end !== null && state.drainUntil === Number.POSITIVE_INFINITY && !state.abandoned) {
    state.drainUntil = clock.monotonic() + (ports.stop.aborted ? DRAIN_MS : DRAIN_PATIENT_MS);
  }
  const paused = isPaused(state, clock);
  if (state.watch.limited !== null && ports.pacer.factor() === 1) state.watch.limited = null;
  options.progress.waiting = state.watch.waiting ?? waitingFor(state);
  options.progress.limited = state.watch.limited;
  if (state.end !== null || paused) {
    for (const { claim } of state.ready.splice(0)) release(state, claim);
  }
  if (clock.monotonic() > state.drainUntil && ports.pacer.inFlight() > 0) {
    state.drainUntil = Number.POSITIVE_INFINITY;
    state.abandoned = true;
    await ports.abandon();
  }
}

/** What a run with nothing else to do waits for; null when it does not. */
function waitingFor({ full, dueAt, isDueByHours, isDueByTest }: State): string | null {
  if (dueAt === null) return null;
  if (isDueByHours) return "the next hours begin soon";
  if (isDueByTest) return "the test is decided soon";
  switch (full?.by) {
    case "daily_limit":
      return "the daily limit is reached";
    case "budget":
      return "the budget is counted again";
    case "ramp":
      return `the messages of step ${full.step + 1} of the ramp settle`;
    case undefined:
      return "held recipients are due soon";
  }
}

function reasonToStop(state: State, options: RunOptions, ports: RunPorts): RunEnd | null {
  const { watch } = state;
  if (watch.halt !== null) return { kind: "halted", halt: watch.halt };
  if (ports.stop.aborted) return stopped("interrupted", "Interrupted.", null);
  if (state.asked !== null) return endOf(state.asked);
  if (watch.giveUp !== null) {
    const { why, sentence, afterMs } = watch.giveUp;
    const goOnAt = afterMs === null ? null : ports.clock.now() + afterMs;
    return stopped(why, `Stopped: ${sentence}.`, goOnAt);
  }
  const opening = ports.opening(ports.clock.now());
  if (opening.kind === "closed") {
    return stopped("hours", "Stopped: outside the campaign's hours.", opening.opensAt);
  }
  if (opening.kind === "over") return stopped("hours", "The campaign's end has passed.", null);
  const { limit, progress } = options;
  if (limit !== null && progress.posted >= limit && state.ready.length === 0) {
    return stopped("limit", `Stopped: --limit ${limit} is reached.`, null);
  }
  return null;
}

function endOf({ kind, code, sentence }: Stop): RunEnd {
  if (kind === "halted") return { kind, halt: { code, sentence } };
  return stopped("paused", sentence, null);
}

/**
 * Claims that nobody posts: of a turn that was committed, and reported as failed. A run settles
 * only the claims of the runs before it.
 */
const UNREPORTED_CLAIMS =
  "Stopped: the ledger reported a commit as failed that holds claims of this run. The next run makes them unknown.";

/**
 * With nothing ready, in flight or unrecorded, and nothing to claim: finished, or only holds are
 * left.
 */
async function reasonToFinish(
  state: State,
  options: RunOptions,
  ports: RunPorts,
): Promise<RunEnd | null> {
  const now = ports.clock.now();
  if (state.dueAt !== null && now >= state.dueAt) {
    const isDue = { dueAt: null, isDueByHours: false, isDueByTest: false };
    Object.assign(state, { ...isDue, claimable: true });
  }
  if (state.claimable || state.dueAt !== null || !isIdle(state, ports)) return null;
  if (state.full?.by === "ramp") return endOfStep(state, options, ports);
  if (state.full !== null) return reasonOfLimit(state, state.full, { options, now });
  const left = await ports.ledger.remaining(options.campaign.id, undefined, "claimable");
  if (left.pending > 0) {
    if (ports.zones !== undefined) return await reasonOfZones(state, left, { ports, now });
    state.claimable = true;
    return null;
  }
  if (left.claimed > 0) return stopped("ledger_busy", UNREPORTED_CLAIMS, null);
  const after = await afterArms(state, options, ports, left.nextDueAt);
  if (after !== "none") return after === "goes_on" ? null : after;
  if (left.held === 0 || left.nextDueAt === null) return { kind: "finished" };
  if (left.nextDueAt - now <= HOLD_WAIT_MS) {
    state.dueAt = left.nextDueAt;
    return null;
  }
  return onlyHeldEnd(left.held, left.nextDueAt);
}

/** The open zones have nobody left: the others are waited for, or end the run. */
async function reasonOfZones(
  state: State,
  left: Remaining,
  { ports, now }: { ports: RunPorts; now: number },
): Promise<RunEnd | null> {
  const { book, waiting } = ports.zones as NonNullable<RunPorts["zones"]>;
  book.see(await waiting());
  if (book.zonesAt(now).open.length > 0) {
    state.claimable = true;
    return null;
  }
  const next = book.next(now);
  const { nextDueAt } = left;
  if (
    nextDueAt !== null &&
    nextDueAt - now <= HOLD_WAIT_MS &&
    nextDueAt < (next?.at ?? Number.POSITIVE_INFINITY)
  ) {
    state.dueAt = nextDueAt;
    return null;
  }
  if (waitForHours(state, next?.at ?? null, now)) return null;
  if (next === null) {
    const sentence = `Stopped: ${plural(left.pending, "person waits", "people wait")} for hours that are not open by all of their clocks.`;
    return stopped("hours", sentence, nextDueAt);
  }
  const sentence = `Stopped: ${plural(left.pending, "person waits", "people wait")} for their hours, the next at ${next.where}.`;
  return stopped("hours", sentence, Math.min(next.at, nextDueAt ?? next.at));
}

/** Waits for hours that begin soon. Returns whether it does. @param opensAt null: not known */
export function waitForHours(state: State, opensAt: number | null, now: number): boolean {
  if (opensAt === null || opensAt - now > HOLD_WAIT_MS) return false;
  state.isDueByHours = state.dueAt === null || opensAt < state.dueAt;
  state.dueAt = Math.min(state.dueAt ?? opensAt, opensAt);
  return true;
}

/**
 * The end of a run that leaves only held recipients behind. @param nextDueAt when the first of them
 * is due
 */
export function onlyHeldEnd(held: number, nextDueAt: number | null): StoppedEnd {
  return stopped("held", `Only held recipients are left: ${count(held)}.`, nextDueAt);
}

/** A limit leaves no room: that is waited for, or ends the run. */
function reasonOfLimit(
  state: State,
  full: DailyLimitFull | BudgetFull,
  { options, now }: { options: RunOptions; now: number },
): RunEnd | null {
  const { freeAt } = full;
  if (freeAt !== null && freeAt - now <= HOLD_WAIT_MS) {
    state.dueAt = freeAt;
    return null;
  }
  if (full.by === "budget") return stopped("budget", budgetSentence(full), null);
  const { dailyLimit } = options;
  const { people } = full;
  const limit = dailyLimit === null ? "" : ` of ${count(dailyLimit.people)} (${dailyLimit.from})`;
  const sentence = `Stopped: the daily limit${limit} is reached, with ${count(people)} people in the last 24 hours.`;
  return stopped("daily_limit", sentence, freeAt);
}

function isIdle(state: State, ports: RunPorts): boolean {
  return (
    state.ready.length === 0 &&
    state.done.length === 0 &&
    state.released.length === 0 &&
    ports.pacer.inFlight() === 0
  );
}

/** True when the run has its end, and everything that can be recorded is. */
export function isOver(state: State, ports: RunPorts): boolean {
  if (state.end === null) return false;
  // What is in flight may still be answered; nothing can be recorded.
  if (state.isLost) return ports.pacer.inFlight() === 0;
  // Answers that could not be recorded in time stay `claimed` on disk, and are `unknown` to the
  // next run.
  return isIdle(state, ports) || gaveUp(state, ports.clock.monotonic());
}

/**
 * True when the ledger has refused to record for too long. @param now monotonic, in milliseconds
 */
export function gaveUp(state: State, now: number): boolean {
  const isPatient = state.isUnreachable && state.end === null;
  const patienceMs = isPatient ? UNREACHABLE_MS : RECORD_MS;
  return state.faultSince !== null && now - state.faultSince > patienceMs;
}

/** True when `decide` has something new to look at. */
export function needsDeciding(state: State, ports: RunPorts): boolean {
  const { halt, giveUp } = state.watch;
  const isAsked = halt !== null || giveUp !== null || state.asked !== null || ports.stop.aborted;
  if (state.end === null && isAsked) return true;
  return isIdle(state, ports) && (state.end !== null || (!state.claimable && state.dueAt === null));
}

/**
 * Rings the committer when it need not wait for its tick: claims run low, or nothing is left to
 * wait for.
 */
export function ringIfUrgent(
  state: State,
  options: RunOptions,
  ports: RunPorts,
  committer: Bell,
): void {
  const first = state.done.length === 1;
  if (
    first ||
    claimRoom(state, options, ports) > 0 ||
    needsDeciding(state, ports) ||
    ports.pacer.inFlight() === 0
  ) {
    committer.ring();
  }
}
