// The thread of turn-thread.ts: the ledger on a connection of its own, turned when it is asked to.

import { parentPort, workerData } from "node:worker_threads";

import { LedgerError } from "../../domain/campaign/fault.ts";
import type { SqliteLedgerOptions } from "../ledger.ts";
import { openSqliteLedger } from "../ledger.ts";
import type { TurnMessage } from "./turn-message.ts";
import { packResult, unpackTurn } from "./turn-message.ts";
import type { TurnReply } from "./turn-thread.ts";

/** What the thread does: one set of turns after the other, until it is asked to close. */
async function serve(data: { file: string; options: SqliteLedgerOptions }): Promise<void> {
  const port = parentPort;
  if (port === null) return;
  const post = (reply: TurnReply, transfer: ArrayBuffer[] = []) =>
    port.postMessage(reply, transfer);
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
    port.on("message", (message: TurnMessage[] | "close") => {
      if (message === "close") {
        void ledger.close().then(() => port.close());
        return;
      }
      void orFault(async () => {
        const results = (await ledger.turnAll(message.map(unpackTurn))).map(packResult);
        const buffers = results.map(({ numbers }) => numbers.buffer as ArrayBuffer);
        post({ kind: "turned", messages: results }, buffers);
      });
    });
    post({ kind: "ready" });
  });
}

await serve(workerData);
