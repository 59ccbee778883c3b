// Turns the ledger in a thread of its own, with its own connection to the file: while a commit waits for the disk, the thread that
// posts goes on posting. The verb keeps its contract; one turn at a time is asked for.

import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

import type { LedgerFault } from "../../domain/campaign/fault.ts";
import { LedgerError } from "../../domain/campaign/fault.ts";
import type { Turn, TurnResult } from "../../domain/sending/turn.ts";
import type { SqliteLedgerOptions } from "../ledger.ts";
import { openSqliteLedger } from "../ledger.ts";
import type { TurnMessage, TurnResultMessage } from "./turn-message.ts";
import { packResult, packTurn, unpackResult, unpackTurn } from "./turn-message.ts";

export interface TurnThread {
  /** As Ledger.turn; must not be called again before it has answered. */
  turn(turn: Turn): Promise<TurnResult>;
  /** Ends the thread and closes its connection. */
  close(): Promise<void>;
}

type Reply =
  | { kind: "ready" }
  | { kind: "turned"; message: TurnResultMessage }
  | { kind: "fault"; fault: LedgerFault; sentence: string }
  | { kind: "bug"; error: unknown };

interface Errand {
  resolve(reply: Reply): void;
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
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { file, options },
    resourceLimits: LIMITS,
  });
  let errand: Errand | undefined;
  const settle = (act: (errand: Errand) => void) => {
    const waiting = errand;
    errand = undefined;
    if (waiting !== undefined) act(waiting);
  };
  worker.on("message", (reply: Reply) => settle(({ resolve }) => resolve(reply)));
  worker.on("error", (error) => settle(({ reject }) => reject(error)));
  const exited = new Promise((resolve) => worker.once("exit", resolve));
  worker.on("exit", () => settle(({ reject }) => reject(new Error("the ledger's thread ended"))));
  const reply = (ask: () => void) =>
    new Promise<Exclude<Reply, { kind: "fault" | "bug" }>>((resolve, reject) => {
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
  return {
    async turn(turn) {
      const message = packTurn(turn);
      const said = await reply(() =>
        worker.postMessage(message, [message.accepted.numbers.buffer as ArrayBuffer]),
      );
      if (said.kind !== "turned") throw new Error("a turn is answered by its result");
      return unpackResult(said.message);
    },
    async close() {
      worker.postMessage("close");
      await exited;
    },
  };
}

/** What the thread does: one turn after the other, until it is asked to close. */
async function serve(data: { file: string; options: SqliteLedgerOptions }): Promise<void> {
  const port = parentPort;
  if (port === null) return;
  const post = (reply: Reply, transfer: ArrayBuffer[] = []) => port.postMessage(reply, transfer);
  const orFault = async (act: () => Promise<void>) => {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof LedgerError)) post({ kind: "bug", error });
      else post({ kind: "fault", fault: error.fault, sentence: error.message });
    }
  };
  await orFault(async () => {
    const ledger = await openSqliteLedger(data.file, {
      ...data.options,
      make: "never",
      isGuest: true,
    });
    port.on("message", (message: TurnMessage | "close") => {
      if (message === "close") {
        void ledger.close().then(() => port.close());
        return;
      }
      void orFault(async () => {
        const result = packResult(await ledger.turn(unpackTurn(message)));
        post({ kind: "turned", message: result }, [result.numbers.buffer as ArrayBuffer]);
      });
    });
    post({ kind: "ready" });
  });
}

if (!isMainThread && parentPort !== null && workerData?.file !== undefined) await serve(workerData);
