// Gives a run its campaign and its lane, which one process at a time has on all machines of a
// ledger; or waits until they are free.

import { hostname } from "node:os";
import { LedgerError } from "../../domain/campaign/fault.ts";
import type { Problem } from "../../domain/common/errors.ts";
import { EXIT, OperatorError, throwIfStopped } from "../../domain/common/errors.ts";
import type { Busy, Holder, HoldResult, LockLedger } from "../../domain/ledger/ledger.ts";
import type { Clock } from "../../domain/sending/pace.ts";
import { say } from "../print/print.ts";
import { timesOf } from "../print/times.ts";

/** A run that waits looks this often whether it can begin. */
const LOOK_MS = 500;

/** What is held, and what to do when another process has it. */
export interface Wanted {
  campaign: string;
  /** The lanes of the campaign; none: the campaign alone. */
  lanes: readonly string[];
  clock: Clock;
  /** Wait until it is free; otherwise end at once. */
  wait: boolean;
  stop: AbortSignal;
}

/**
 * Holds a campaign and its lanes for this process while `work` runs.
 * @throws OperatorError with exit code 75 when another process holds one of them and it is not
 *   waited for, or when the wait was interrupted
 */
export async function holding<T>(
  ledger: Pick<LockLedger, "hold">,
  wanted: Wanted,
  work: () => Promise<T>,
): Promise<T> {
  const ask = () => ledger.hold(holderOf(wanted));
  const hold = wanted.wait ? await waited(ask, wanted) : await ask();
  if (hold.kind === "busy") throw new OperatorError(busyProblem(hold), EXIT.stopped);
  try {
    return await work();
  } finally {
    await hold.release();
  }
}

/**
 * Holds a campaign and its lanes for this process while `work` runs.
 * @returns who has one of them, when another process does: nothing was done then
 */
export async function holdingIfFree(
  ledger: Pick<LockLedger, "hold">,
  wanted: Pick<Wanted, "campaign" | "lanes" | "clock">,
  work: () => Promise<void>,
): Promise<Busy | null> {
  const hold = await ledger.hold(holderOf(wanted));
  if (hold.kind === "busy") return hold;
  try {
    await work();
    return null;
  } finally {
    await hold.release();
  }
}

function holderOf({
  campaign,
  lanes,
  clock,
}: Pick<Wanted, "campaign" | "lanes" | "clock">): Holder {
  const [lane = null, ...moreLanes] = lanes;
  return { pid: process.pid, host: hostname(), campaign, lane, moreLanes, since: clock.now() };
}

/** Asks until it is held, and says once what is waited for. */
async function waited(
  ask: () => Promise<HoldResult>,
  { clock, stop }: Wanted,
): Promise<Extract<HoldResult, { kind: "held" }>> {
  let isSaid = false;
  for (;;) {
    throwIfStopped(stop, "nothing was sent");
    const answer = await askSafely(ask);
    if ("kind" in answer && answer.kind === "held") return answer;
    if (!isSaid) say(waitingSentence(answer));
    isSaid = true;
    await clock.sleep(LOOK_MS, stop);
  }
}

/** A server that is away comes back, and perhaps without the one who held the lane. */
async function askSafely(ask: () => Promise<HoldResult>): Promise<HoldResult | LedgerError> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    if (error.fault !== "unreachable" && error.fault !== "busy") throw error;
    return error;
  }
}

function waitingSentence(answer: Busy | LedgerError): string {
  if (answer instanceof LedgerError) return `Waiting for the ledger. ${answer.message}`;
  return `Waiting: ${heldWords(answer)}. This run goes on once that has ended.`;
}

function heldWords({ what, by }: Busy): string {
  const who =
    by === null
      ? "another process"
      : `process ${by.pid} on ${by.host}, which ${by.lane ? "runs" : "plans"} campaign "${by.campaign}" since ${timesOf().named(by.since)}`;
  return `${what} is held by ${who}`;
}

function busyProblem(busy: Busy): Problem {
  return {
    id: "busy",
    message: `${heldWords(busy)}; nothing was done`,
    hint: "One runner works on a campaign and on a sending number at a time. The same command goes on once the other has ended; with --wait it waits for that.",
  };
}
