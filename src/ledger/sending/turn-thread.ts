// Turns the ledger in a thread of its own, with its own connection to the file: while a commit
// waits for the disk, the thread that posts goes on posting. The verb keeps its contract; one turn
// at a time is asked for. The thread costs CPU, and only a process of more than 1,000 messages a
// second needs it (bench/README.md).

import { Worker } from "node:worker_threads";

import type { LedgerFault } from "../../domain/campaign/fault.ts";
import { LedgerError } from "../../domain/campaign/fault.ts";
import type { Turn, TurnResult } from "../../domain/sending/turn.ts";
import type { SqliteLedgerOptions } from "../ledger.ts";
import type { TurnResultMessage } from "./turn-message.ts";
import { packTurn, unpackResult } from "./turn-message.ts";

export interface TurnThread {
  /** As RunLedger.turn; must not be called again before it has answered. */
  turn(turn: Turn): Promise<TurnResult>;
  /** As LanesLedger.turnAll; must not be called again before it has answered. */
  turnAll(turns: readonly Turn[]): Promise<TurnResult[]>;
  /** Ends the thread and closes its connection. */
  close(): Promise<void>;
}

/** What the thread answers. */
export type TurnReply =
  | { kind: "ready" }
  | { kind: "turned"; messages: TurnResultMessage[] }
  | { kind: "fault"; fault: LedgerFault; sentence: string }
  | { kind: "bug"; error: unknown };

interface TurnRequest {
  resolve(reply: TurnReply): void;
  reject(error: unknown): void;
}

/** A thread only keeps one turn at a time. */
const LIMITS = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 64 };

/**
 * Starts the thread on a ledger that exists.
 * @throws LedgerError as opening a ledger does
 */
export async function startTurnThread(
  file: string,
  options: Omit<SqliteLedgerOptions, "readOnly" | "now"> = {},
): Promise<TurnThread> {
  const worker = new Worker(new URL("./turn-worker.js", import.meta.url), {
    workerData: { file, options },
    resourceLimits: LIMITS,
  });
  let errand: TurnRequest | undefined;
  const settle = (act: (errand: TurnRequest) => void) => {
    const waiting = errand;
    errand = undefined;
    if (waiting !== undefined) act(waiting);
  };
  worker.on("message", (reply: TurnReply) => settle(({ resolve }) => resolve(reply)));
  worker.on("error", (error) => settle(({ reject }) => reject(error)));
  const exited = new Promise((resolve) => worker.once("exit", resolve));
  worker.on("exit", () => settle(({ reject }) => reject(new Error("the ledger's thread ended"))));
  const reply = (ask: () => void) =>
    new Promise<Exclude<TurnReply, { kind: "fault" | "bug" }>>((resolve, reject) => {
      errand = {
        resolve: (said) => {
          if (said.kind === "fault") reject(new LedgerError(said.fault, said.sentence));
          else if (said.kind === "bug") reject(said.error);
          else resolve(said);
        },
        reject,
      };
      ask();
    });
  await reply(() => {});
  const turnAll: TurnThread["turnAll"] = async (turns) => {
    const messages = turns.map(packTurn);
    const buffers = messages.map(({ accepted }) => accepted.numbers.buffer as ArrayBuffer);
    const said = await reply(() => worker.postMessage(messages, buffers));
    if (said.kind !== "turned") throw new Error("turns are answered by their results");
    return said.messages.map(unpackResult);
  };
  return {
    turn: async (turn) => (await turnAll([turn]))[0] as TurnResult,
    turnAll,
    async close() {
      worker.postMessage("close");
      await exited;
    },
  };
}
