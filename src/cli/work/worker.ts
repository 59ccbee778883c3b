// The worker: looks which campaigns of a ledger are due, and runs them, one on each free lane.

import { systemClock } from "../../clock/clock.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, OperatorError } from "../../domain/common/errors.ts";
import type { WorkCandidate, WorkTime } from "../../domain/result/work.ts";
import { nextOnLanes, restUntil, workTime } from "../../domain/result/work.ts";
import type { RunEnd } from "../../domain/sending/run-ports.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { heldOf } from "../campaign/campaign-summary.ts";
import { exitCodeOf } from "../campaign/run-result.ts";
import type { CommandContext } from "../context.ts";
import { failureRecord, mayPass } from "../failures.ts";
import { say, underName } from "../print/print.ts";
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

interface State extends WorkerOptions {
  contexts: OwnContexts;
  /** By campaign. */
  running: Map<number, { campaign: CampaignRecord; ended: Promise<void> }>;
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
    const candidates = await look(state);
    state.isLeft = candidates.some(({ time }) => time.kind === "later");
    await beginOnFreeLanes(state, candidates);
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

async function look({ ledger, running, last }: State): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const campaign of await ledger.listOpenCampaigns()) {
    const { id } = campaign;
    if (running.has(id)) continue;
    const time = await timeOf(ledger, campaign);
    candidates.push({ campaign, time, notBefore: last.get(id)?.restUntil ?? null });
  }
  return candidates;
}

async function timeOf(ledger: OpenedLedger, campaign: CampaignRecord): Promise<WorkTime> {
  const now = clock.now();
  const atBest = workTime({ campaign, left: SOMEONE, now });
  if (atBest.kind === "person" || atBest.kind === "never") return atBest;
  const left = await ledger.remaining(campaign.id);
  return workTime({ campaign, left, now, dailyLimit: await ledger.dailyLimit(campaign, now) });
}

async function beginOnFreeLanes(state: State, candidates: Candidate[]): Promise<void> {
  let left = candidates;
  for (;;) {
    const taken = new Set([...state.running.values()].flatMap(({ campaign }) => campaign.lanes));
    const [next] = nextOnLanes(left, taken, clock.now());
    if (next === undefined) return;
    // Taking it is no way to ask: the lock of a file is waited for, which holds up those who send.
    const busy = await state.ledger.heldBy(heldOf(next.campaign));
    if (isOver(state)) return;
    if (busy === null) begin(state, next.campaign);
    else state.isLeft = true;
    left = left.filter((each) => each !== next);
  }
}

function begin(state: State, campaign: CampaignRecord): void {
  const ended = underName(campaign.name, () => runOne(state, campaign));
  state.running.set(campaign.id, { campaign, ended });
}

/** Runs one campaign until it ends or cannot go on. Never rejects. */
async function runOne(state: State, campaign: CampaignRecord): Promise<void> {
  const own = state.contexts.begin();
  try {
    const end = await runCampaign(campaign, {
      address: state.ledger.address,
      context: own.context,
      events: state.events,
      isDue: async (ledger) => {
        const now = await ledger.findCampaign(campaign.name);
        return now !== undefined && (await timeOf(ledger, now)).kind === "now";
      },
    });
    if (end === null) state.last.delete(campaign.id);
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
