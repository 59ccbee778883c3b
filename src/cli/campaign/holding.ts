// Gives a run the list of its campaign and those of its lanes that are free, each of which one
// process at a time has on all machines of a ledger; or waits until it can have them.

import { hostname } from "node:os";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import { LedgerError } from "../../domain/campaign/fault.ts";
import type { Problem } from "../../domain/common/errors.ts";
import { EXIT, OperatorError, throwIfStopped } from "../../domain/common/errors.ts";
import type {
  Busy,
  Held,
  Hold,
  HoldResult,
  LockLedger,
  Taken,
} from "../../domain/ledger/ledger.ts";
import type { Clock } from "../../domain/sending/pace.ts";
import { say } from "../print/print.ts";
import { timesOf } from "../print/times.ts";

/** A run that waits looks this often whether it can begin, or take a lane over. */
export const LOOK_MS = 500;

/** What is held, and what to do when other processes have it. */
export interface Wanted extends Held {
  clock: Clock;
  /** Wait until it is free; otherwise end at once. Null: the command has no option for that. */
  wait: boolean | null;
  stop: AbortSignal;
}

/**
 * Holds the list of a campaign and its free lanes for this process while `work` runs.
 * @param ledger whose locks they are
 * @param work gives the list back as soon as it only sends
 * @throws OperatorError with exit code 75 when other processes have the list or every lane and it
 *   is not waited for, or when the wait was interrupted
 */
export async function holding<T>(
  ledger: LockLedger,
  wanted: Wanted,
  work: (hold: Hold) => Promise<T>,
): Promise<T> {
  for (;;) {
    const ask = () => holdNow(ledger, wanted);
    const hold = wanted.wait ? await waited(ask, wanted) : await ask();
    if (hold.kind === "busy") throw new OperatorError(busyProblem(hold, wanted), EXIT.stopped);
    try {
      return await work(hold);
    } catch (error) {
      if (!(error instanceof ListInUse) || !wanted.wait) throw error;
      say(`Waiting: ${error.message}. This run plans the list once that has ended.`);
    } finally {
      await hold.release();
    }
    await untilUnused(ledger, wanted);
  }
}

/**
 * The same with every lane, at once.
 * @throws OperatorError with exit code 75 when other processes have any of it
 */
export function holdingWhole<T>(
  ledger: LockLedger,
  wanted: Omit<Wanted, "wait">,
  work: () => Promise<T>,
): Promise<T> {
  const whole = { ...wanted, wait: null };
  return holding(ledger, whole, ({ taken }) => {
    if (taken.length > 0) {
      throw new OperatorError(busyProblem({ kind: "busy", taken }, whole), EXIT.stopped);
    }
    return work();
  });
}

/**
 * Holds what is free while `work` runs.
 * @returns false when other processes have the list or every lane: nothing was done then
 */
export async function holdingIfFree(
  ledger: LockLedger,
  wanted: Held & { clock: Clock },
  work: (hold: Hold) => Promise<void>,
): Promise<boolean> {
  const hold = await holdNow(ledger, wanted);
  if (hold.kind === "busy") return false;
  try {
    await work(hold);
    return true;
  } finally {
    await hold.release();
  }
}

/** Asks for what is free at this moment. */
export function holdNow(
  ledger: LockLedger,
  { campaign, lanes, clock }: Held & { clock: Clock },
): Promise<HoldResult> {
  const asker = { pid: process.pid, host: hostname(), since: clock.now() };
  return ledger.hold({ ...asker, campaign, lanes });
}

/** Another process sends the campaign, whose list cannot change meanwhile. */
class ListInUse extends OperatorError {
  constructor(campaign: string, taken: readonly Taken[]) {
    const problem = {
      id: "busy",
      message: `the list of campaign "${campaign}" is to be planned again, and ${heldWords(taken)}`,
      hint: "Run the same command again once the other has ended, or with --wait: what a process sends must not change under it.",
    };
    super(problem, EXIT.stopped);
  }
}

/**
 * Runs `work` while no other process sends the campaign: with the list nobody begins to, and every
 * lane that is free is taken, also from a process that stands still and may wake up.
 * @throws OperatorError with exit code 75 when one does
 */
export async function withoutOthers<T>(
  hold: Hold,
  { name, lanes }: Pick<CampaignRecord, "name" | "lanes">,
  work: () => Promise<T>,
): Promise<T> {
  const others = lanes.filter((lane) => !hold.lanes.includes(lane));
  try {
    const taken = (await hold.take(others)).filter((one) => isFor(name, one));
    if (taken.length > 0) throw new ListInUse(name, taken);
    return await work();
  } finally {
    await hold.releaseLanes(others);
  }
}

/** Whether a lane is, or may be, held for a campaign. */
function isFor(campaign: string, { by }: Taken): boolean {
  return by === null || by.campaign === campaign;
}

/** Asks until something is held, and says once what is waited for. */
async function waited(ask: () => Promise<HoldResult>, { clock, stop }: Wanted): Promise<Hold> {
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

/** Waits until no process sends the campaign. */
async function untilUnused(ledger: LockLedger, wanted: Wanted): Promise<void> {
  const isUsed = async () =>
    (await ledger.heldBy(wanted)).some((one) => one.of === "lane" && isFor(wanted.campaign, one));
  for (;;) {
    throwIfStopped(wanted.stop, "nothing was sent");
    const answer = await askSafely(isUsed);
    if (answer === false) return;
    await wanted.clock.sleep(LOOK_MS, wanted.stop);
  }
}

/** A server that is away comes back, and perhaps without the one who held the lane. */
async function askSafely<T>(ask: () => Promise<T>): Promise<T | LedgerError> {
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
  const { taken } = answer;
  const then = taken.length > 1 ? "one of them is free" : "that has ended";
  return `Waiting: ${heldWords(taken)}. This run goes on once ${then}.`;
}

/**
 * `the lanes 106…, 107… are held by process 4711 on host-b, which runs campaign "x" since …`, a
 * clause for each process.
 */
export function heldWords(taken: readonly Taken[]): string {
  const byHolder = new Map<string, Taken[]>();
  for (const one of taken) {
    const { host, pid, campaign } = one.by ?? {};
    const who = JSON.stringify([one.of, host, pid, campaign]);
    byHolder.set(who, [...(byHolder.get(who) ?? []), one]);
  }
  const clauses = [...byHolder.values()].map((all) => {
    const [first, ...more] = all.toSorted((a, b) => (a.by?.since ?? 0) - (b.by?.since ?? 0));
    const names = all.map(({ name }) => name).join(", ");
    const what = first?.of === "list" ? "campaign" : more.length === 0 ? "lane" : "lanes";
    const are = more.length === 0 ? "is" : "are";
    return `the ${what} ${names} ${are} held by ${holderWords(first as Taken)}`;
  });
  return clauses.join("; ");
}

/** `process 4711 on host-b, which runs campaign "x" since …` */
export function holderWords({ of, by }: Taken): string {
  if (by === null) return "another process";
  const does = of === "list" ? "checks or plans" : "runs";
  return `process ${by.pid} on ${by.host}, which ${does} campaign "${by.campaign}" since ${timesOf().named(by.since)}`;
}

function busyProblem({ taken }: Busy, { wait }: Pick<Wanted, "wait">): Problem {
  const again = wait === null ? "" : ", or with --wait";
  return {
    id: "busy",
    message: `${heldWords(taken)}; nothing was done`,
    hint: `Run the same command again once the other has ended${again}; \`campaign status\` shows how far it is. One process at a time sends from a number, and one plans a campaign.`,
  };
}
