// Stands for turn-thread.ts in the program that runs in the process of a test: the same turns on a
// connection of their own, without a thread, whose start costs as much as a small campaign does.
// test/ledger/turn-thread.test.ts has the thread, and every program that a test starts.

import { setImmediate as afterInput } from "node:timers/promises";

import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import type { TurnThread } from "../../src/ledger/sending/turn-thread.ts";

/** What `startTurnThread` does, in this thread. */
export async function startTurnThread(file: string): Promise<TurnThread> {
  const ledger = await openSqliteLedger(file, { make: "never", isGuest: true });
  const turnAll: TurnThread["turnAll"] = async (turns) => {
    // As much time as a thread leaves to the answers that are there.
    await afterInput();
    return ledger.turnAll(turns);
  };
  return {
    turnAll,
    turn: async (turn) => {
      const [result] = await turnAll([turn]);
      if (result === undefined) throw new Error("a turn has a result");
      return result;
    },
    close: () => ledger.close(),
  };
}
