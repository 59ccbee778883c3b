// Reads, screens and renders the rows of a large CSV in a thread of its own, so that planning uses two cores: this thread
// is left with the ledger. The rows come in order, a few batches ahead at most.

import { once } from "node:events";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

import type { ExitCode, Problem } from "../../domain/common/errors.ts";
import { assert, OperatorError } from "../../domain/common/errors.ts";
import type { RowsToPlan } from "../../domain/planning/plan.ts";
import { openSource, PLAN_BATCH, planRow } from "../campaign/source.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import type { RowBatch } from "./row-batch.ts";
import { makePacker, unpack } from "./row-batch.ts";

/** Batches that the reader may be ahead. */
const AHEAD = 2;

/**
 * What a thread may keep before it must clean up. It only ever needs a few batches, but with less room than this a third of its
 * time goes into cleaning.
 */
const THREAD_LIMITS = { maxYoungGenerationSizeMb: 32, maxOldGenerationSizeMb: 128 };

type Message =
  | { kind: "batch"; batch: RowBatch }
  | { kind: "end" }
  | { kind: "problems"; problems: Problem[]; exitCode: ExitCode };

/** What a thread can be given: everything of a manifest but its function. */
type Sent = Omit<LoadedManifest, "at">;

/**
 * Rows of the manifest's CSV, planned, in batches.
 * @throws OperatorError as `openSource` and the reading of rows do
 */
export async function* readInThread(loaded: LoadedManifest): AsyncGenerator<RowsToPlan> {
  const { manifest, file, folder, project, definition } = loaded;
  const sent: Sent = { manifest, file, folder, project, definition };
  const worker = new Worker(new URL(import.meta.url), {
    workerData: sent,
    resourceLimits: THREAD_LIMITS,
  });
  const waiting: Message[] = [];
  let failure: unknown;
  let wake = () => {};
  worker.on("message", (message: Message) => {
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

/** What the thread does. */
async function read(sent: Sent): Promise<void> {
  const port = parentPort;
  assert(port !== null, "a thread has a parent");
  const post = (message: Message) => port.postMessage(message);
  let allowed = AHEAD;
  port.on("message", () => {
    allowed += 1;
  });
  try {
    // The columns were found by the main thread; a place in the manifest is never asked for here.
    const source = await openSource({
      ...sent,
      at: () => ({ file: sent.file, line: 1, column: 1, source: "" }),
    });
    const packer = makePacker(PLAN_BATCH);
    let bytes = 0;
    const onRead = (now: number) => {
      bytes = now;
    };
    const hand = async () => {
      const batch = packer.take(bytes);
      if (batch === undefined) return;
      while (allowed === 0) await once(port, "message");
      allowed -= 1;
      post({ kind: "batch", batch });
    };
    for await (const rows of source.csv.rows({ onRead })) {
      for (const row of rows) if (packer.add(planRow(source, row))) await hand();
    }
    await hand();
    post({ kind: "end" });
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    post({ kind: "problems", problems: error.problems, exitCode: error.exitCode });
  }
  port.close();
}

if (!isMainThread && parentPort !== null) await read(workerData as Sent);
