// Reads, screens and renders the rows of a large CSV in a thread of its own, so that planning uses
// two cores: this thread is left with the ledger. The rows come in order, a few batches ahead at
// most.

import { Worker } from "node:worker_threads";

import type { ExitCode, Problem } from "../../domain/common/errors.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import type { RowsToPlan } from "../../domain/planning/plan.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import type { RowBatch } from "./row-batch.ts";
import { unpack } from "./row-batch.ts";

/**
 * What a thread may keep before it must clean up. It only ever needs a few batches, but with less
 * room than this a third of its time goes into cleaning.
 */
const THREAD_LIMITS = { maxYoungGenerationSizeMb: 32, maxOldGenerationSizeMb: 128 };

/** What the thread answers. */
export type ReaderMessage =
  | { kind: "batch"; batch: RowBatch }
  | { kind: "end" }
  | { kind: "problems"; problems: Problem[]; exitCode: ExitCode };

/** What a thread can be given, and needs: no function, and the text is read already. */
export type ReaderStart = Omit<LoadedManifest, "at" | "text">;

/**
 * Rows of the manifest's CSV, planned, in batches.
 * @throws OperatorError as `openSource` and the reading of rows do
 */
export async function* readInThread(loaded: LoadedManifest): AsyncGenerator<RowsToPlan> {
  const { manifest, file, folder, project, definitions } = loaded;
  const sent: ReaderStart = { manifest, file, folder, project, definitions };
  const worker = new Worker(new URL("./reader-worker.js", import.meta.url), {
    workerData: sent,
    resourceLimits: THREAD_LIMITS,
  });
  const waiting: ReaderMessage[] = [];
  let failure: unknown;
  let wake = () => {};
  worker.on("message", (message: ReaderMessage) => {
    waiting.push(message);
    wake();
  });
  worker.on("error", (error) => {
    failure = error;
    wake();
  });
  try {
    for (;;) {
      const message = waiting.shift();
      if (message === undefined) {
        if (failure !== undefined) throw failure;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      if (message.kind === "end") return;
      if (message.kind === "problems") throw new OperatorError(message.problems, message.exitCode);
      worker.postMessage("more");
      yield unpack(message.batch);
    }
  } finally {
    await worker.terminate();
  }
}
