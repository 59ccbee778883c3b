// The server that many trials share, in a process of its own, with its append-only log.

import { makeFolder, scenario, startSandboxProcess } from "../support/harness.ts";
import { followLog } from "./server-log.ts";
import type { Ground } from "./trial.ts";

/**
 * No limits: what is refused is another test's business. A number that is posted to twice is taken
 * twice, and seen.
 */
const SCENARIO = scenario(`latency_ms: { min: 5, max: 80 }
pair_limit: false
receipt_delay_ms: null
`).replace("throughput: 1000", "throughput: null");

/** Starts the server; `close` ends it and removes its files. */
export async function startGround(): Promise<Ground & { close(): Promise<void> }> {
  const { folder, remove } = makeFolder();
  const sandbox = await startSandboxProcess(folder, SCENARIO);
  return {
    sandbox,
    log: followLog(sandbox.log),
    taken: { numbers: 0 },
    async close() {
      await sandbox.kill();
      remove();
    },
  };
}

/** Does every piece of work, so many at once, in order of starting. */
export async function inParallel<T>(
  many: number,
  work: Iterable<() => Promise<T>>,
  done: (result: T) => void,
): Promise<void> {
  const queue = work[Symbol.iterator]();
  const worker = async () => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      done(await next.value());
    }
  };
  await Promise.all(Array.from({ length: many }, worker));
}
