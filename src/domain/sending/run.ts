// The one loop: claims dispatches, posts them, records what came of it, until nothing is left or something says stop.
//
// Two halves share one state. The committer turns the ledger: one transaction writes down the outcomes since the last turn and
// claims the next few dispatches. The poster takes claims that are on disk, waits for a permit and posts. A dispatch is posted
// only after its claim is committed, and only the process that committed the claim posts it: that is the whole of “nobody twice”.

import { count } from "../common/numbers.ts";
import type { PeopleLimit } from "./daily-limit.ts";
import { reachedNobody } from "./daily-limit.ts";
import type { Watch } from "./halt.ts";
import { observe, startWatch } from "./halt.ts";
import type {
  AttemptRecord,
  CampaignRecord,
  Claim,
  Full,
  Halt,
  Ledger,
  Stop,
  Turn,
  TurnResult,
} from "../ledger/ledger.ts";
import { LedgerError } from "../ledger/ledger.ts";
import type { Exchange, Outcome } from "./outcome.ts";
import { readExchange } from "./outcome.ts";
import type { Clock, Pacer } from "./pace.ts";
import { recordOf } from "./retry.ts";

/** Whether the manifest's hours and end allow sending at an instant. */
export type Opening =
  | { kind: "open"; until: number }
  | { kind: "closed"; opensAt: number | null }
  | { kind: "over" };

/** How a run ended. */
export type RunEnd =
  /** No dispatch is open any more. */
  | { kind: "finished" }
  /** The same command goes on. `goOnAt` when it is known from when. */
  | { kind: "stopped"; why: StopReason; sentence: string; goOnAt: number | null }
  /** A person must act first. */
  | { kind: "halted"; halt: Halt };

type StopReason =
  | "interrupted"
  | "held"
  | "limit"
  | "daily_limit"
  | "hours"
  | "paused"
  | "offline"
  | "refused_for_now"
  | "ledger_busy";

/** Live figures of a run; the run changes them, the progress line reads them. */
export interface RunProgress {
  /** Dispatches that were open when the run began. */
  open: number;
  posted: number;
  accepted: number;
  failed: number;
  held: number;
  unknown: number;
  suppressed: number;
  /** True while the ledger passes over people who opted out, and finds nobody to send to. */
  skipping: boolean;
  /** Why nothing is posted at the moment; null when it is. */
  waiting: string | null;
  /** Meta's word that the number is too fast, while the pace is lower for it; null otherwise. */
  limited: string | null;
}

/** The figures at the start of a run, with so many dispatches open. */
export function startRunProgress(open: number): RunProgress {
  return {
    open,
    posted: 0,
    accepted: 0,
    failed: 0,
    held: 0,
    unknown: 0,
    suppressed: 0,
    skipping: false,
    waiting: null,
    limited: null,
  };
}

export interface RunPorts {
  ledger: Ledger;
  pacer: Pacer;
  clock: Clock;
  /** Posts one body; never rejects. */
  post(body: string, begins: () => void): Promise<Exchange>;
  /** Path of the endpoint, kept with every attempt. */
  endpoint: string;
  /** Ends requests in flight; each is then reported as lost. */
  abandon(): Promise<void>;
  bodyOf(claim: Claim): string;
  opening(now: number): Opening;
  /** Aborted: claim no more. */
  stop: AbortSignal;
  /** Something a log should keep. */
  notice(event: RunNotice): void;
}

export type RunNotice =
  | { kind: "throttled"; factor: number; code: number | null }
  | { kind: "waiting"; why: string; forMs: number }
  | {
      kind: "attempt";
      row: number;
      attempt: number;
      outcome: Outcome["kind"];
      code: number | null;
      cause: string | null;
    }
  /** A complete answer that is not Meta's; `cause` has the beginning of it. */
  | { kind: "foreign_answer"; httpStatus: number | null; cause: string }
  | { kind: "ledger_fault"; fault: string; sentence: string };

export interface RunOptions {
  campaign: CampaignRecord;
  /** Post at most so many; null: all. */
  limit: number | null;
  /** Most people in any 24 hours, over all campaigns of the portfolio; null: any number. */
  dailyLimit: PeopleLimit | null;
  /** True when an earlier run had a message accepted. */
  acceptedBefore: boolean;
  /** Tries of a person whom Meta refuses for its limit per person (131049), the first included. */
  cappedTries: number;
  progress: RunProgress;
}

/** Work is claimed at most this far ahead of posting; a kill leaves no more than this and what is in flight in doubt. */
const AHEAD_MS = 40;
const AHEAD_MAX = 2000;
/** Outcomes wait at most this long for a turn of the ledger. */
const TICK_MS = 20;
/** With nothing to do the loop looks round this often. */
const IDLE_MS = 500;
/** A run that waits turns the ledger this often all the same: a person may have paused or cancelled the campaign. */
const LISTEN_MS = 1000;
/** While requests begin, the lane's pace is written down at least this often (see UNRECORDED_MS of the pacer). */
const PACE_MS = 100;
/** A claim this old was overtaken by sleep or a pause: handed back unposted, so that suppressions are looked at again. */
const STALE_MS = 10_000;
/** A held dispatch that is due within this time is waited for, and so is room under the daily limit. */
const HOLD_WAIT_MS = 120_000;
/** What is in flight may finish within this time after a signal … */
const DRAIN_MS = 10_000;
/** … and after any other stop, when nobody waits at a terminal: longer than connecting and answering may take. */
const DRAIN_PATIENT_MS = 45_000;
/** Answers that cannot be recorded are tried again for this long. */
const RECORD_MS = 30_000;
const RECORD_RETRY_MS = 500;

interface State {
  watch: Watch;
  /** Claims on disk that are not posted yet, oldest first. */
  ready: { claim: Claim; claimedAt: number }[];
  done: AttemptRecord[];
  released: { row: number; attempt: number }[];
  /** False once the ledger said that nothing is left to claim. */
  claimable: boolean;
  /** Looked at again from this instant (wall clock): a hold is due, or the daily limit has room. */
  dueAt: number | null;
  /** Why the ledger gave out less than it has: the daily limit; null when it did not. */
  full: Full | null;
  /** What a turn told: somebody else wants no more claims. */
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
  paceDirty: boolean;
  /** Posts a second as measured; decides how far ahead to claim. */
  speed: number;
  postedAtTurn: number;
  faultSince: number | null;
  bug: unknown;
  closed: boolean;
}

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
      await decide(state, options, ports);
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

function startState(options: RunOptions, clock: Clock): State {
  const { campaign, acceptedBefore } = options;
  return {
    watch: startWatch(campaign.halt?.code ?? null, acceptedBefore, campaign.streakHalts),
    ready: [],
    done: [],
    released: [],
    claimable: true,
    dueAt: null,
    full: null,
    asked: null,
    end: null,
    drainUntil: Number.POSITIVE_INFINITY,
    abandoned: false,
    lastLook: clock.monotonic(),
    lastTurn: clock.monotonic(),
    lastPace: clock.monotonic(),
    paceDirty: false,
    speed: 0,
    postedAtTurn: 0,
    faultSince: null,
    bug: undefined,
    closed: false,
  };
}

/** Sets `state.end` when something says stop, and hands back what must not be posted now. */
async function decide(state: State, options: RunOptions, ports: RunPorts): Promise<void> {
  const { clock } = ports;
  state.lastLook = clock.monotonic();
  if (state.end === null) {
    state.end =
      reasonToStop(state, options, ports) ?? (await reasonToFinish(state, options, ports));
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
function waitingFor({ full, dueAt }: State): string | null {
  if (dueAt === null) return null;
  return full === null ? "held recipients are due soon" : "the daily limit is reached";
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

/** With nothing ready, in flight or unrecorded, and nothing to claim: finished, or only holds are left. */
async function reasonToFinish(
  state: State,
  options: RunOptions,
  ports: RunPorts,
): Promise<RunEnd | null> {
  const now = ports.clock.now();
  if (state.dueAt !== null && now >= state.dueAt) {
    state.dueAt = null;
    state.claimable = true;
  }
  if (state.claimable || state.dueAt !== null || !isIdle(state, ports)) return null;
  if (state.full !== null) return reasonOfLimit(state, state.full, { options, now });
  const left = await ports.ledger.remaining(options.campaign.id);
  if (left.pending > 0) {
    state.claimable = true;
    return null;
  }
  if (left.held === 0 || left.nextDueAt === null) return { kind: "finished" };
  if (left.nextDueAt - now <= HOLD_WAIT_MS) {
    state.dueAt = left.nextDueAt;
    return null;
  }
  const sentence = `Only held recipients are left: ${left.held}.`;
  return stopped("held", sentence, left.nextDueAt);
}

/** The daily limit leaves no room: that is waited for, or ends the run. */
function reasonOfLimit(
  state: State,
  { people, freeAt }: Full,
  { options, now }: { options: RunOptions; now: number },
): RunEnd | null {
  if (freeAt - now <= HOLD_WAIT_MS) {
    state.dueAt = freeAt;
    return null;
  }
  const { dailyLimit } = options;
  const limit = dailyLimit === null ? "" : ` of ${count(dailyLimit.people)} (${dailyLimit.from})`;
  const sentence = `Stopped: the daily limit${limit} is reached, with ${count(people)} people in the last 24 hours.`;
  return stopped("daily_limit", sentence, freeAt);
}

function stopped(why: StopReason, sentence: string, goOnAt: number | null): RunEnd {
  return { kind: "stopped", why, sentence, goOnAt };
}

function isIdle(state: State, ports: RunPorts): boolean {
  return (
    state.ready.length === 0 &&
    state.done.length === 0 &&
    state.released.length === 0 &&
    ports.pacer.inFlight() === 0
  );
}

function isOver(state: State, ports: RunPorts): boolean {
  if (state.end === null) return false;
  // Answers that could not be recorded in time stay `claimed` on disk, and are `unknown` to the next run.
  return isIdle(state, ports) || gaveUp(state, ports.clock.monotonic());
}

function gaveUp(state: State, now: number): boolean {
  return state.faultSince !== null && now - state.faultSince > RECORD_MS;
}

/** True while the run waits before it tries again. Most runs never do, and need no clock for it: this is asked for every message. */
function isPaused({ watch }: State, clock: Clock): boolean {
  return watch.notBefore > 0 && clock.monotonic() < watch.notBefore;
}

function slice(state: State, ports: RunPorts): number {
  const perMs = Math.min(ports.pacer.rate(), Math.max(state.speed, 200)) / 1000;
  return Math.max(1, Math.min(AHEAD_MAX, Math.ceil(perMs * AHEAD_MS)));
}

/** How many dispatches to claim now. */
function claimRoom(state: State, options: RunOptions, ports: RunPorts): number {
  const { clock, pacer } = ports;
  if (!state.claimable || isPaused(state, clock)) return 0;
  if (state.watch.mode === "probe") return pacer.inFlight() + state.ready.length === 0 ? 1 : 0;
  const ahead = slice(state, ports);
  // Half a slice is left before the next is claimed, so that sockets never wait for the disk.
  if (state.ready.length > ahead / 2) return 0;
  const { limit, progress } = options;
  const allowed = limit === null ? ahead : limit - progress.posted;
  return Math.max(0, Math.min(ahead, allowed) - state.ready.length);
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
  const record = state.done.splice(0);
  const released = state.released.splice(0);
  const request: Turn = {
    campaign: options.campaign.id,
    now: clock.now(),
    record,
    release: released,
    claim,
  };
  if (pace) request.pace = pacer.record();
  if (options.dailyLimit !== null) request.peopleMax = options.dailyLimit.people;
  state.paceDirty = false;
  let result: TurnResult;
  try {
    result = await ports.ledger.turn(request);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    // Nothing of the turn was written: the answers are kept and tried again.
    state.done.unshift(...record);
    state.released.unshift(...released);
    return ledgerFailed(state, ports, error);
  }
  state.faultSince = null;
  const now = clock.monotonic();
  measure(state, options.progress.posted, now);
  if (pace) state.lastPace = now;
  const claimedAt = clock.now();
  for (const one of result.claimed) state.ready.push({ claim: one, claimedAt });
  options.progress.suppressed += result.suppressed;
  if (claim > 0) options.progress.skipping = result.suppressed > 0 && result.claimed.length === 0;
  if (claim > 0) noteLeft(state, result, claimedAt);
  // Who was not reached after all leaves room for another one, of which a turn that claimed knows already.
  else if (state.full !== null && record.some(reachedNobody)) state.claimable = true;
  if (released.length > 0 || record.some((one) => one.next.to === "pending"))
    state.claimable = true;
  if (record.some((one) => one.next.to === "held")) state.dueAt = null;
  state.asked = result.stop;
  if (result.cancelled) endClaims(state);
}

/** Cancelled by somebody else: what is claimed and not posted is handed back, what is in flight is recorded, and that is all. */
function endClaims(state: State): void {
  for (const { claim } of state.ready.splice(0)) release(state, claim);
  Object.assign(state, { claimable: false, dueAt: null, full: null });
}

/** What a turn that claimed tells of the next one. */
function noteLeft(state: State, { drained, full }: TurnResult, now: number): void {
  state.full = full;
  if (drained || full !== null) state.claimable = false;
  if (full !== null && full.freeAt - now <= HOLD_WAIT_MS) state.dueAt = full.freeAt;
}

function ledgerFailed(state: State, ports: RunPorts, error: LedgerError): void {
  const now = ports.clock.monotonic();
  if (state.faultSince === null) {
    ports.notice({ kind: "ledger_fault", fault: error.fault, sentence: error.message });
  }
  state.faultSince ??= now;
  if (state.end !== null && state.end.kind === "halted") return;
  if (error.fault !== "busy") {
    state.end = {
      kind: "halted",
      halt: { code: `ledger_${error.fault}`, sentence: error.message },
    };
  } else if (gaveUp(state, now)) {
    state.end = stopped("ledger_busy", error.message, null);
  }
}

/** Posts a second, smoothed over about a quarter of a second; followed faster upwards, or a fast lane takes seconds to open up. */
function measure(state: State, posted: number, now: number): void {
  const elapsed = now - state.lastTurn;
  if (elapsed <= 0) return;
  const speed = ((posted - state.postedAtTurn) * 1000) / elapsed;
  const weight = Math.min(1, elapsed / (speed > state.speed ? 50 : 250));
  state.speed += (speed - state.speed) * weight;
  state.postedAtTurn = posted;
  state.lastTurn = now;
}

/** Waits until the ledger has something to do: claims run low, answers have waited a tick, or something happened. */
async function waitForWork(
  state: State,
  options: RunOptions,
  ports: RunPorts,
  bell: Bell,
): Promise<void> {
  const { clock } = ports;
  if (state.faultSince !== null) return clock.sleep(RECORD_RETRY_MS);
  for (;;) {
    if (state.bug !== undefined || needsDeciding(state, ports)) return;
    const wait = timeToWork(state, options, ports);
    // Even when there is work at once, answers on the sockets come first.
    if (wait <= 1) return clock.sleep(0);
    await bell.wait(wait);
  }
}

/** True when `decide` has something new to look at. */
function needsDeciding(state: State, ports: RunPorts): boolean {
  const { halt, giveUp } = state.watch;
  const isAsked = halt !== null || giveUp !== null || state.asked !== null || ports.stop.aborted;
  if (state.end === null && isAsked) return true;
  return isIdle(state, ports) && (state.end !== null || (!state.claimable && state.dueAt === null));
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

/** Rings the committer when it need not wait for its tick: claims run low, or nothing is left to wait for. */
function ringIfUrgent(state: State, options: RunOptions, ports: RunPorts, committer: Bell): void {
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

interface Poster {
  /** Posts what may be posted now; called after every turn and every answer. */
  pump(): void;
  /** Waits until it is not waiting for a permit any more. */
  idle(): Promise<void>;
}

/** Takes claims that are on disk, in order, as fast as permits come. Only waiting for a permit takes a promise. */
function makePoster(state: State, options: RunOptions, ports: RunPorts, committer: Bell): Poster {
  const { clock, pacer } = ports;
  let asking: Promise<void> | null = null;
  const mayPost = () =>
    state.ready.length > 0 &&
    state.end === null &&
    state.watch.halt === null &&
    state.watch.giveUp === null &&
    state.asked === null &&
    state.bug === undefined &&
    !state.closed &&
    !ports.stop.aborted &&
    !isPaused(state, clock) &&
    (state.watch.mode === "probe" ? pacer.inFlight() === 0 : pacer.room() > 0);
  const failed = (error: unknown): void => {
    state.bug ??= error;
    committer.ring();
  };
  /** Uses one permit. */
  const postNext = (): void => {
    const next = mayPost() ? state.ready.shift() : undefined;
    // The computer may have slept between the claim and now.
    const isStale = next !== undefined && Math.abs(clock.now() - next.claimedAt) > STALE_MS;
    if (isStale) release(state, next.claim);
    if (next === undefined || isStale) {
      pacer.giveBack();
      return;
    }
    options.progress.posted += 1;
    // At a low rate nobody else would notice that claims run low before the next answer comes.
    if (claimRoom(state, options, ports) > 0) committer.ring();
    postOne(next.claim, { state, options, ports }, (wasPosted) => {
      if (wasPosted) pump();
      ringIfUrgent(state, options, ports, committer);
    });
  };
  const ask = async (): Promise<void> => {
    try {
      if (await pacer.permit(ports.stop)) postNext();
    } catch (error) {
      failed(error);
    }
    asking = null;
    pump();
  };
  const pump = (): void => {
    if (asking !== null) return;
    try {
      while (mayPost()) {
        if (!pacer.permitNow()) {
          asking = ask();
          return;
        }
        postNext();
      }
    } catch (error) {
      failed(error);
    }
  };
  return { pump, idle: async () => void (await asking) };
}

interface Running {
  state: State;
  options: RunOptions;
  ports: RunPorts;
}

/**
 * Posts one claim; what came of it is in the state when `done` is called. Callbacks, since this is done for every message.
 * @param done is told whether a request was made at all
 */
function postOne(claim: Claim, running: Running, done: (wasPosted: boolean) => void): void {
  const { state, ports } = running;
  const { clock, pacer } = ports;
  const passage = pacer.enter();
  let startedAt: number | null = null;
  const begins = (): void => {
    startedAt = clock.now();
    state.paceDirty = true;
    passage.begins();
  };
  const ended = (exchange: Exchange): void => {
    try {
      take(claim, exchange, { startedAt, endedAt: clock.now() }, running);
    } catch (error) {
      state.bug ??= error;
    }
    passage.leaves();
    done(true);
  };
  try {
    void ports.post(ports.bodyOf(claim), begins).then(ended);
  } catch (error) {
    state.bug ??= error;
    passage.leaves();
    done(false);
  }
}

/** Takes what came of a request into the state. Must not throw before the record is kept: the dispatch would be left in doubt. */
function take(
  claim: Claim,
  exchange: Exchange,
  when: { startedAt: number | null; endedAt: number },
  { state, options, ports }: Running,
): void {
  const outcome = readExchange(exchange, claim.region);
  const record = recordOf({
    claim,
    outcome,
    endpoint: ports.endpoint,
    ...when,
    acceptedBefore: state.watch.accepted,
    cappedTries: options.cappedTries,
  });
  state.done.push(record);
  if (record.refusesRegion) releaseRegion(state, record.refusesRegion);
  add(options.progress, record);
  react(state, ports, outcome);
  tell(ports, claim, outcome);
}

function react(state: State, ports: RunPorts, outcome: Outcome): void {
  const now = ports.clock.monotonic();
  const waitedFor = state.watch.notBefore;
  observe(state.watch, outcome, now);
  if (state.watch.notBefore > waitedFor && state.watch.waiting !== null) {
    ports.notice({ kind: "waiting", why: state.watch.waiting, forMs: state.watch.notBefore - now });
  }
  if (outcome.kind === "refused" && outcome.rule.action === "throttle") {
    const factor = ports.pacer.throttled();
    ports.notice({ kind: "throttled", factor, code: outcome.answer.code });
  }
}

function tell(ports: RunPorts, claim: Claim, outcome: Outcome): void {
  if (outcome.kind === "unknown" && outcome.isForeign) {
    const { httpStatus } = outcome.answer;
    ports.notice({ kind: "foreign_answer", httpStatus, cause: outcome.cause });
  }
  ports.notice({
    kind: "attempt",
    row: claim.row,
    attempt: claim.attempt,
    outcome: outcome.kind,
    code: outcome.answer.code,
    cause: outcome.kind === "unknown" || outcome.kind === "not_sent" ? outcome.cause : null,
  });
}

function add(progress: RunProgress, record: AttemptRecord): void {
  const { to } = record.next;
  if (to === "accepted") progress.accepted += 1;
  else if (to === "failed") progress.failed += 1;
  else if (to === "held") progress.held += 1;
  else if (to === "unknown") progress.unknown += 1;
}

function release(state: State, claim: Claim): void {
  state.released.push({ row: claim.row, attempt: claim.attempt });
}

/** Hands back claims of a country that Meta refuses; the next turn skips them. */
function releaseRegion(state: State, region: string): void {
  const others = state.ready.filter(({ claim }) => claim.region !== region);
  if (others.length === state.ready.length) return;
  for (const { claim } of state.ready) if (claim.region === region) release(state, claim);
  state.ready = others;
}

/** Writes the end down, and corrects it: a run that was told to stop may have nothing left to do. */
async function conclude(state: State, options: RunOptions, ports: RunPorts): Promise<RunEnd> {
  const { ledger, clock } = ports;
  let end = state.end as RunEnd;
  try {
    if (end.kind === "stopped" && state.faultSince === null) {
      if (ports.opening(clock.now()).kind === "over")
        await ledger.endCampaign(options.campaign.id, clock.now());
      const left = await ledger.remaining(options.campaign.id);
      if (left.pending + left.held + left.claimed === 0) end = { kind: "finished" };
    }
    const record = await ledger.findCampaign(options.campaign.name);
    // Cancelled from another process while this one ran: that is its last word.
    if (record?.state === "cancelled") return { kind: "finished" };
    await ledger.setState(
      options.campaign.id,
      end.kind,
      end.kind === "halted" ? end.halt : null,
      clock.now(),
    );
  } catch (error) {
    // The ledger that stopped the run may be unable to write this down as well; the exit code still says it.
    if (!(error instanceof LedgerError)) throw error;
  }
  return end;
}

interface Bell {
  ring(): void;
  /** Waits for a ring, at most so long; without a time, for a ring only. */
  wait(maxMs?: number): Promise<void>;
}

/** Wakes its one waiter; a ring that nobody heard is not kept, since the waiter looks at the state first. */
function makeBell(clock: Clock): Bell {
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
