// The worker: looks which campaigns of a ledger are due on which lanes, and runs them, one on each
// free lane.

import { systemClock } from "../../clock/clock.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import { placeOfLane, recordOfLane } from "../../domain/campaign/campaign.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, OperatorError } from "../../domain/common/errors.ts";
import type { WorkCandidate, WorkTime } from "../../domain/result/work.ts";
import { nextOnLanes, restUntil, workTime } from "../../domain/result/work.ts";
import type { RunEnd } from "../../domain/sending/run-ports.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { exitCodeOf } from "../campaign/run-result.ts";
import type { CommandContext } from "../context.ts";
import { failureRecord, mayPass } from "../failures.ts";
import { say, underName } from "../print/print.ts";
import type { Notices } from "../process/notices.ts";
import { startNotices } from "../process/notices.ts";
import { runCampaign } from "./one-campaign.ts";
import type { OwnContexts } from "./own-contexts.ts";
import { makeOwnContexts } from "./own-contexts.ts";
import type { WorkEvents } from "./work-events.ts";

/** How often the ledger is looked at, in milliseconds. */
const LOOK_MS = 1_000;
/** What could not be run here is tried again after so long, in milliseconds. */
const LEFT_MS = 120_000;

const clock = systemClock;
/** A campaign that nobody may run even if someone waits need not be counted. */
const SOMEONE = { pending: 1, claimed: 0, held: 0, nextDueAt: null };

/** What a worker works on. */
export interface WorkerOptions {
  ledger: OpenedLedger;
  events: WorkEvents;
  /** End as soon as nothing is due. */
  once: boolean;
  context: CommandContext;
}

interface Candidate extends WorkCandidate {
  campaign: CampaignRecord;
}

/** What the last run of a campaign here came to, while that counts. */
interface Last {
  code: ExitCode;
  /** Left alone until then; null: not at all. */
  restUntil: number | null;
  /** Why it was left to other workers, as it was said; null when it was not. */
  left: string | null;
}

/** The run of a campaign. */
interface AtWork {
  ended: Promise<void>;
  /** Those that it sends from, or may take over yet. */
  lanes: Set<string>;
}

interface State extends WorkerOptions {
  contexts: OwnContexts;
  notices: Notices;
  /** By campaign. */
  running: Map<number, AtWork>;
  /** By campaign. */
  last: Map<number, Last>;
  /** Of the last look: something waits for a later time, or for another process. */
  isLeft: boolean;
  /** What was said of a ledger that cannot be reached; null while it can. */
  away: string | null;
  failure: { error: unknown } | null;
  /** Something ended since the last look. */
  isWoken: boolean;
  endWait(): void;
}

/**
 * Works until it is stopped; with `once`, until nothing is due.
 * @returns the exit code; 0 after a stop that interrupted nothing but a worker
 * @throws LedgerError for a ledger that cannot be used any more; whatever is a bug
 */
export async function work(options: WorkerOptions): Promise<ExitCode> {
  const state: State = {
    ...options,
    contexts: makeOwnContexts(options.context, () => wake(state)),
    notices: startNotices(options.ledger, options.context.stop),
    running: new Map(),
    last: new Map(),
    isLeft: false,
    away: null,
    failure: null,
    isWoken: false,
    endWait: () => {},
  };
  while (!isOver(state)) {
    const wasIdle = state.running.size === 0;
    await lookAndBegin(state);
    if (isOver(state) || (state.once && wasIdle && state.running.size === 0)) break;
    await waitForWork(state);
  }
  if (state.failure !== null) state.contexts.stopAll();
  await Promise.all([...state.running.values()].map(({ ended }) => ended));
  await state.notices.settle();
  if (state.failure !== null) throw state.failure.error;
  return state.once ? codeOfAll(state) : EXIT.done;
}

function isOver({ context, failure }: State): boolean {
  return context.stop.aborted || failure !== null;
}

/** Ends the wait for the next look, or lets the next one end at once. */
function wake(state: State): void {
  state.isWoken = true;
  state.endWait();
}

/** Until a campaign ends, a signal comes, or it is time to look. */
async function waitForWork(state: State): Promise<void> {
  if (!state.isWoken) await nextEvent(state);
  state.isWoken = false;
}

function nextEvent(state: State): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.timer(LOOK_MS, resolve);
    state.endWait = () => {
      cancel();
      resolve();
    };
  });
}

/** A ledger that is away for a moment is waited for. */
async function lookAndBegin(state: State): Promise<void> {
  try {
    await beginOnFreeLanes(state, await look(state));
    state.away = null;
  } catch (error) {
    if (!mayPass(error) || state.once) {
      state.failure ??= { error };
      return;
    }
    if (state.away !== error.message) say(`Waiting for the ledger. ${error.message}`);
    state.away = error.message;
  }
}

async function look(state: State): Promise<Candidate[]> {
  const { ledger, running, last } = state;
  const candidates: Candidate[] = [];
  state.isLeft = false;
  for (const campaign of await ledger.listOpenCampaigns()) {
    const { id } = campaign;
    if (running.has(id)) continue;
    const times = await timesOf(ledger, campaign);
    state.isLeft ||= [...times.values()].some(({ kind }) => kind === "later");
    const lanes = campaign.lanes.filter((lane) => times.get(lane)?.kind === "now");
    candidates.push({ campaign, lanes, notBefore: last.get(id)?.restUntil ?? null });
  }
  return candidates;
}

/** When each lane of a campaign may be run. */
async function timesOf(
  ledger: OpenedLedger,
  campaign: CampaignRecord,
): Promise<Map<string, WorkTime>> {
  const times = new Map<string, WorkTime>();
  for (const lane of campaign.lanes) times.set(lane, await timeOf(ledger, campaign, lane));
  return times;
}

async function timeOf(
  ledger: OpenedLedger,
  whole: CampaignRecord,
  lane: string,
): Promise<WorkTime> {
  const now = clock.now();
  const campaign = recordOfLane(whole, lane);
  const atBest = workTime({ campaign, left: SOMEONE, now });
  if (atBest.kind === "person" || atBest.kind === "never") return atBest;
  const left = await ledger.remaining(campaign.id, placeOfLane(campaign, lane));
  return workTime({ campaign, left, now, dailyLimit: await ledger.dailyLimit(campaign, now) });
}

async function beginOnFreeLanes(state: State, candidates: Candidate[]): Promise<void> {
  let left = candidates;
  for (;;) {
    const taken = new Set([...state.running.values()].flatMap(({ lanes }) => [...lanes]));
    const [next] = nextOnLanes(left, taken, clock.now());
    if (next === undefined) return;
    const { campaign, lanes } = next;
    // Taking it is no way to ask: the lock of a file is waited for, which holds up those who send.
    const held = await state.ledger.heldBy({ campaign: campaign.name, lanes });
    if (isOver(state)) return;
    state.isLeft ||= held.length > 0;
    const isListHeld = held.some(({ of }) => of === "list");
    const free = lanes.filter((lane) => !held.some(({ name }) => name === lane));
    if (!isListHeld && free.length > 0) begin(state, campaign, free);
    left = left.filter((each) => each.campaign !== campaign);
  }
}

function begin(state: State, campaign: CampaignRecord, free: readonly string[]): void {
  const lanes = new Set(campaign.lanes);
  const doneWith = (lane: string) => {
    lanes.delete(lane);
    wake(state);
  };
  const ended = underName(campaign.name, () => runOne(state, campaign, { free, doneWith }));
  state.running.set(campaign.id, { lanes, ended });
}

/** Runs one campaign until it ends or cannot go on. Never rejects. */
async function runOne(
  state: State,
  campaign: CampaignRecord,
  { free, doneWith }: { free: readonly string[]; doneWith(lane: string): void },
): Promise<void> {
  const own = state.contexts.begin();
  try {
    const end = await runCampaign(campaign, {
      address: state.ledger.address,
      lanes: free,
      context: { ...own.context, doneWith },
      events: state.events,
      notices: state.notices,
      isDue: async (ledger) => {
        const now = await ledger.findCampaign(campaign.name);
        if (now === undefined) return false;
        return [...(await timesOf(ledger, now)).values()].some(({ kind }) => kind === "now");
      },
    });
    // Of other numbers the next look says what they wait for.
    const isOthers = end?.kind === "stopped" && end.why === "numbers_left";
    if (end === null || isOthers) state.last.delete(campaign.id);
    else state.last.set(campaign.id, lastOf(end));
  } catch (error) {
    leave(state, campaign, error);
  } finally {
    own.end();
    state.running.delete(campaign.id);
    wake(state);
  }
}

function lastOf(end: RunEnd): Last {
  return { code: exitCodeOf(end), restUntil: restUntil(end, clock.now()), left: null };
}

/** Leaves a campaign to others; or breaks down, when this worker cannot go on with any. */
function leave(state: State, campaign: CampaignRecord, error: unknown): void {
  const isOperators = error instanceof OperatorError;
  if (!isOperators && !mayPass(error)) {
    state.failure ??= { error };
    return;
  }
  const { message } = failureRecord(error);
  const isNew = state.last.get(campaign.id)?.left !== message;
  if (isNew && !state.context.stop.aborted) state.events.leaves(campaign, error);
  state.last.set(campaign.id, {
    code: isOperators ? error.exitCode : EXIT.stopped,
    restUntil: clock.now() + LEFT_MS,
    left: message,
  });
}

/** The worst that happened, of what still counts. */
function codeOfAll({ last, isLeft, context }: State): ExitCode {
  const codes = [...last.values()].map(({ code }) => code);
  const worst = ([EXIT.halted, EXIT.operator] as const).find((code) => codes.includes(code));
  if (worst !== undefined) return worst;
  const isStopped = codes.includes(EXIT.stopped) || context.stop.aborted;
  return isStopped || isLeft ? EXIT.stopped : EXIT.done;
}
