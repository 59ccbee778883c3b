// The thread of reader.ts: reads, screens and renders the rows of a CSV, and hands them over in
// batches.

import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";

import { assert, OperatorError } from "../../domain/common/errors.ts";
import { openSource, PLAN_BATCH, planRow } from "../campaign/source.ts";
import type { ReaderMessage, ReaderStart } from "./reader.ts";
import { makePacker } from "./row-batch.ts";

/** Batches that the reader may be ahead. */
const AHEAD = 6;
/** Rows read at a time: what lives when memory is cleaned up is what cleaning costs. */
const ROWS = 250;

async function read(sent: ReaderStart): Promise<void> {
  const port = parentPort;
  assert(port !== null, "a thread has a parent");
  const post = (message: ReaderMessage) => port.postMessage(message);
  let allowed = AHEAD;
  port.on("message", () => {
    allowed += 1;
  });
  try {
    // The columns were found by the main thread; a place in the manifest is never asked for here.
    const source = await openSource({
      ...sent,
      text: null,
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
    for await (const rows of source.csv.rows({ batch: ROWS, onRead })) {
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

await read(workerData as ReaderStart);
