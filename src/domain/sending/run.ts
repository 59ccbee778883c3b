// The one loop: claims dispatches, posts them, records what came of it, until nothing is left or
// something says stop.
//
// Two halves share one state. The committer turns the ledger: one transaction writes down the
// outcomes since the last turn and claims the next few dispatches. The poster takes claims that are
// on disk, waits for a permit and posts. A dispatch is posted only after its claim is committed,
// and only the process that committed the claim posts it: that is the whole of "nobody twice".

import { faultId, LedgerError } from "../campaign/fault.ts";
import { reachedNobody } from "./daily-limit.ts";
import { makePoster } from "./poster.ts";
import { keepRunEnd, stopped } from "./run-end.ts";
import type { RunEnd, RunOptions, RunPorts } from "./run-ports.ts";
import type { Bell, State } from "./run-state.ts";
import { claimRoom, HOLD_WAIT_MS, makeBell, release, startState } from "./run-state.ts";
import { decide, gaveUp, isOver, needsDeciding, waitForHours } from "./stop-reasons.ts";
import type { Turn, TurnResult } from "./turn.ts";

/** Outcomes wait at most this long for a turn of the ledger, if none claims before. */
const TICK_MS = 40;

/** How much of an earlier turn's time counts after the next one. */
const TURN_FADES = 0.9;

/** With nothing to do the loop looks round this often. */
const IDLE_MS = 500;

/**
 * A run that waits turns the ledger this often all the same: a person may have paused or cancelled
 * the campaign.
 */
const LISTEN_MS = 1000;

/** While requests begin, the lane's pace is written down at least this often. */
const PACE_MS = 100;

const RECORD_RETRY_MS = 500;

/** Each turn that posting waited for raises the assumed speed by this factor. */
const STARVED_FASTER = 1.25;

/**
 * Runs a campaign whose planning is complete, until it ends. The caller holds the lane.
 * @throws whatever is a bug; the claims of that moment become `unknown` with the next run
 */
export async function run(options: RunOptions, ports: RunPorts): Promise<RunEnd> {
  const { ledger, clock } = ports;
  const { campaign } = options;
  const state = startState(options, clock);
  const committer = makeBell(clock);
  ports.stop.addEventListener("abort", committer.ring, { once: true });
  await ledger.setState(campaign.id, "running", campaign.halt, clock.now());
  const poster = makePoster(state, options, ports, committer);
  try {
    for (;;) {
      if (state.bug !== undefined) throw state.bug;
      await decideSafely(state, options, ports);
      const claim = state.end === null ? claimRoom(state, options, ports) : 0;
      await turn(state, options, ports, claim);
      poster.pump();
      if (isOver(state, ports)) break;
      await waitForWork(state, options, ports, committer);
    }
  } finally {
    state.closed = true;
    await poster.idle();
  }
  return conclude(state, options, ports);
}

/** A ledger that fails while it is asked what is left is waited for, as in a turn. */
async function decideSafely(state: State, options: RunOptions, ports: RunPorts): Promise<void> {
  try {
    await decide(state, options, ports);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    ledgerFailed(state, ports, error);
  }
}

async function turn(
  state: State,
  options: RunOptions,
  ports: RunPorts,
  claim: number,
): Promise<void> {
  const { clock, pacer } = ports;
  const pace = state.paceDirty;
  const isIdleTurn = claim === 0 && state.done.length === 0 && state.released.length === 0 && !pace;
  if (isIdleTurn && clock.monotonic() - state.lastTurn < LISTEN_MS) return;
  if (state.isLost) return;
  // Before it is asked for: a process may be stopped while it waits for the answer.
  const asked = { monotonic: clock.monotonic(), wall: clock.now() };
  const record = state.done.splice(0);
  const released = state.released.splice(0);
  const request: Turn = {
    campaign: options.campaign.id,
    now: asked.wall,
    record,
    release: released,
    claim,
  };
  if (pace) request.pace = pacer.record();
  if (options.dailyLimit !== null) request.peopleMax = options.dailyLimit.people;
  if (options.cap !== undefined) request.cap = options.cap;
  if (options.ramp) request.rampSizes = options.ramp.sizes;
  if (ports.zones !== undefined) request.zones = ports.zones.book.zonesAt(asked.wall);
  state.paceDirty = false;
  let result: TurnResult;
  try {
    result = await ports.ledger.turn(request);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    // Nothing of the turn was written: the answers are kept and tried again, and so is the pace.
    state.done.unshift(...record);
    state.released.unshift(...released);
    state.paceDirty ||= pace;
    return ledgerFailed(state, ports, error);
  }
  state.faultSince = null;
  state.isUnreachable = false;
  const now = clock.monotonic();
  // Nothing was left to post: the run waited for the ledger, not for the pace or the sockets.
  const wasStarved = state.claimable && state.ready.length === 0 && pacer.room() > 0;
  measure(state, options.progress.posted, { now, most: wasStarved ? pacer.rate() : null });
  state.turnMs = Math.max(now - asked.monotonic, state.turnMs * TURN_FADES);
  if (pace) state.lastPace = now;
  for (const claim of result.claimed) state.ready.push({ claim, asked });
  noteZones(state, result, ports);
  options.progress.suppressed += result.suppressed;
  options.progress.held += result.held;
  if (result.held > 0) state.dueAt = null;
  if (claim > 0) options.progress.skipping = result.suppressed > 0 && result.claimed.length === 0;
  if (claim > 0) noteLeft(state, result, ports);
  // Who was not reached after all leaves room for another one, of which a turn that claimed knows
  // already.
  else if (state.full !== null && record.some(reachedNobody)) state.claimable = true;
  if (released.length > 0 || record.some((attempt) => attempt.next.to === "pending"))
    state.claimable = true;
  if (record.some((attempt) => attempt.next.to === "held")) state.dueAt = null;
  state.asked = result.stop;
  if (result.cancelled) endClaims(state);
}

/**
 * Cancelled from outside the runner: what is claimed and not posted is handed back, what is in
 * flight is recorded, and that is all.
 */
function endClaims(state: State): void {
  for (const { claim } of state.ready.splice(0)) release(state, claim);
  Object.assign(state, { claimable: false, dueAt: null, full: null });
}

/** Which zones have nobody left for now, and which have people again. */
function noteZones(state: State, { emptyZones = [] }: TurnResult, { zones }: RunPorts): void {
  if (zones === undefined) return;
  zones.book.empty(emptyZones);
  for (const zone of state.refilled) zones.book.refill(zone);
  state.refilled.clear();
}

/** What a turn that claimed tells of the next one. */
function noteLeft(state: State, { drained, full }: TurnResult, { clock, zones }: RunPorts): void {
  const now = clock.now();
  state.full = full;
  if (drained || full !== null) state.claimable = false;
  if (drained) waitForHours(state, zones?.book.next(now)?.at ?? null, now);
  const freeAt = full?.freeAt ?? null;
  if (freeAt !== null && freeAt - now <= HOLD_WAIT_MS) state.dueAt = freeAt;
}

function ledgerFailed(state: State, ports: RunPorts, error: LedgerError): void {
  const now = ports.clock.monotonic();
  if (state.faultSince === null) {
    ports.notice({ kind: "ledger_fault", fault: error.fault, sentence: error.message });
  }
  state.faultSince ??= now;
  state.isUnreachable = error.fault === "unreachable";
  if (error.fault === "lease_lost") lose(state, error);
  if (state.isLost || state.end?.kind === "halted") return;
  if (error.fault !== "busy" && error.fault !== "unreachable") {
    state.end = {
      kind: "halted",
      halt: { code: faultId(error.fault), sentence: error.message },
    };
  } else if (gaveUp(state, now)) {
    state.end = stopped(`ledger_${error.fault}`, error.message, null);
  }
}

/**
 * The lane is another process's, which has made every claim of this run `unknown`: nothing is
 * posted and nothing handed back any more. What is in flight is waited for.
 */
function lose(state: State, { message }: LedgerError): void {
  state.isLost = true;
  state.ready = [];
  state.released = [];
  if (state.end?.kind !== "halted") state.end = stopped("lane_taken", message, null);
}

/**
 * Posts a second, smoothed over about a quarter of a second; followed faster upwards, or a fast
 * lane takes seconds to open up. A wait for the ledger raises it instead of lowering it, since
 * fewer claims would make the run slower still.
 * @param most the lane's rate when the run waited for the ledger; else null
 */
function measure(
  state: State,
  posted: number,
  { now, most }: { now: number; most: number | null },
): void {
  const elapsed = now - state.lastTurn;
  if (elapsed <= 0) return;
  const speed = ((posted - state.postedAtTurn) * 1000) / elapsed;
  const isFaster = speed > state.speed;
  const weight = Math.min(1, elapsed / (isFaster ? 50 : 250));
  if (isFaster || most === null) state.speed += (speed - state.speed) * weight;
  else if (Number.isFinite(most)) state.speed = Math.min(state.speed * STARVED_FASTER, most);
  state.postedAtTurn = posted;
  state.lastTurn = now;
}

/**
 * Waits until the ledger has something to do: claims run low, answers have waited a tick, or
 * something happened.
 */
async function waitForWork(
  state: State,
  options: RunOptions,
  ports: RunPorts,
  bell: Bell,
): Promise<void> {
  const { clock } = ports;
  if (state.faultSince !== null) return clock.sleep(RECORD_RETRY_MS);
  for (;;) {
    if (state.bug !== undefined) return;
    // A ledger in a file answers within this turn of the event loop: without a pause nothing else
    // of the process would go on until there is something else to decide.
    if (needsDeciding(state, ports)) return clock.sleep(0);
    const wait = timeToWork(state, options, ports);
    // Even when there is work at once, answers on the sockets come first.
    if (wait <= 1) return clock.sleep(0);
    await bell.wait(wait);
  }
}

/** Milliseconds until there is work for the ledger, if nothing rings before. */
function timeToWork(state: State, options: RunOptions, ports: RunPorts): number {
  const { clock } = ports;
  const now = clock.monotonic();
  let wait = Math.max(2, state.lastLook + IDLE_MS - now);
  const tick = state.lastTurn + TICK_MS - now;
  if (state.done.length > 0 || state.released.length > 0) wait = Math.min(wait, tick);
  if (state.end === null && claimRoom(state, options, ports) > 0) wait = 0;
  if (state.paceDirty) wait = Math.min(wait, state.lastPace + PACE_MS - now);
  if (state.watch.notBefore > now) wait = Math.min(wait, state.watch.notBefore - now);
  if (state.dueAt !== null) wait = Math.min(wait, state.dueAt - clock.now());
  if (now >= state.lastLook + IDLE_MS) wait = 0;
  return wait;
}

/**
 * Writes the end down, and corrects it: a run that was asked to stop may have nothing left to do.
 */
async function conclude(state: State, options: RunOptions, ports: RunPorts): Promise<RunEnd> {
  const { ledger, clock } = ports;
  let end = state.end as RunEnd;
  try {
    if (state.isLost) {
      // The new owner goes on; what Meta has answered this run is all that it can give.
      await ledger.settleLate(options.campaign.id, state.done.splice(0), clock.now());
      return end;
    }
    if (end.kind === "stopped" && state.faultSince === null) {
      if (ports.opening(clock.now()).kind === "over")
        await ledger.endCampaign(options.campaign.id, clock.now());
      const left = await ledger.remaining(options.campaign.id);
      if (left.pending + left.held + left.claimed === 0) end = { kind: "finished" };
    }
    const record = await ledger.findCampaign(options.campaign.name);
    // Cancelled from another process while this one ran: that is its last word.
    if (record?.state === "cancelled") return { kind: "finished" };
    await keepRunEnd(ledger, options.campaign.id, end, clock.now());
  } catch (error) {
    // The ledger that stopped the run may be unable to write this down as well; the exit code still
    // says it.
    if (!(error instanceof LedgerError)) throw error;
  }
  return end;
}
