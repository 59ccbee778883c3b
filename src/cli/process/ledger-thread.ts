// A ledger in a thread of its own, for a process that answers others: what goes through millions of
// rows, or waits for another process's transaction, must not keep webhooks and pages waiting. Only
// a few verbs can be asked for, each by its name.

import { Worker } from "node:worker_threads";
import type { LedgerFault } from "../../domain/campaign/fault.ts";
import { LedgerError } from "../../domain/campaign/fault.ts";
import type { ReportSettings } from "../../domain/result/report-data.ts";
import type { LiveActions, LiveReads } from "../../web/live/context.ts";

/** What a thread may keep: the report of a campaign is the most. */
const THREAD_LIMITS = { maxOldGenerationSizeMb: 256 };

/** Verbs of the reading thread, on a connection that cannot write. */
export type ThreadReads = LiveReads & {
  /** The report page of a campaign, with a link to its live page. */
  reportPage(
    campaign: number,
    now: number,
    settings: ReportSettings | null,
    address: string,
  ): Promise<string>;
};

/** Ends the thread once what was asked is answered. */
interface Closing {
  close(): Promise<void>;
}

/** A verb of the ledger, as it is asked for. */
export type Verb = (...args: never[]) => Promise<unknown>;

/** The ledger, and what the thread does with it. */
export interface LedgerStart {
  file: string;
  kind: "reads" | "actions";
}

/** A verb that is asked for. */
export interface Question {
  id: number;
  verb: string;
  args: unknown[];
}

/** What came of it. */
export type Reply =
  | { id: number; value: unknown }
  | { id: number; error: { message: string; fault: LedgerFault | null } };

/** Verbs of the reading thread. */
export const READS: readonly (keyof ThreadReads)[] = [
  "listCampaigns",
  "findCampaign",
  "tally",
  "remaining",
  "rampState",
  "testState",
  "dailyLimit",
  "recentPosts",
  "insightsOf",
  "engagement",
  "worthOf",
  "searchSuppressions",
  "countSuppressions",
  "historyOf",
  "messageOf",
  "audits",
  "isRunning",
  "reportPage",
];
/** Verbs of the changing thread. */
export const ACTIONS: readonly (keyof LiveActions)[] = [
  "askStop",
  "liftStop",
  "cancel",
  "startPlan",
  "suppress",
  "unsuppress",
  "writeAudit",
];

/** Reads the ledger in `file`, which must be there, in a thread. */
export function startReadingThread(file: string): ThreadReads & Closing {
  return startThread<ThreadReads>({ file, kind: "reads" }, READS);
}

/** Changes it in a thread; a verb waits some seconds for other processes. */
export function startActingThread(file: string): LiveActions & Closing {
  return startThread<LiveActions>({ file, kind: "actions" }, ACTIONS);
}

/**
 * Starts the thread when it is first asked. @param verbs all those of `T`; each asks the thread for
 * itself
 */
function startThread<T>(start: LedgerStart, verbs: readonly (keyof T & string)[]): T & Closing {
  const waiting = new Map<number, { done(value: unknown): void; failed(error: unknown): void }>();
  let asked = 0;
  let isClosed = false;
  let worker: Worker | undefined;

  function begin(): Worker {
    const begun = new Worker(new URL("./ledger-worker.js", import.meta.url), {
      workerData: start,
      resourceLimits: THREAD_LIMITS,
    });
    begun.on("message", (reply: Reply) => {
      const waiter = waiting.get(reply.id);
      waiting.delete(reply.id);
      if ("value" in reply) waiter?.done(reply.value);
      else waiter?.failed(errorOf(reply.error));
    });
    const fail = (error: unknown) => {
      // The next question starts another thread: this one could not open the ledger, or ran out of
      // memory.
      if (worker === begun) worker = undefined;
      for (const { failed } of waiting.values()) failed(error);
      waiting.clear();
    };
    begun.on("error", fail);
    begun.on("exit", () => {
      if (worker === begun) fail(new Error("the ledger's thread has ended"));
    });
    return begun;
  }

  const ask =
    (verb: string) =>
    (...args: unknown[]): Promise<unknown> =>
      new Promise((done, failed) => {
        if (isClosed) return failed(new Error("the ledger's thread has ended"));
        worker ??= begin();
        asked += 1;
        waiting.set(asked, { done, failed });
        const question: Question = { id: asked, verb, args };
        worker.postMessage(question);
      });
  const thread: Record<string, Verb> = Object.fromEntries(verbs.map((verb) => [verb, ask(verb)]));
  thread.close = async () => {
    const last = worker;
    if (last !== undefined) await Promise.allSettled([ask("close")()]);
    isClosed = true;
    await last?.terminate();
  };
  return thread as unknown as T & Closing;
}

/** An error does not keep its kind on the way between threads. */
function errorOf({ message, fault }: { message: string; fault: LedgerFault | null }): Error {
  return fault === null ? new Error(message) : new LedgerError(fault, message);
}
