// The server that many trials share, in a process of its own, with its append-only log.

import { makeFolder, scenario, startSandboxProcess } from "../support/harness.ts";
import { followLog } from "./server-log.ts";
import type { Ground } from "./trial.ts";

/** How long it takes for an answer, in milliseconds. */
export const LATENCY = { min: 5, max: 80 };
/**
 * No limits: what is refused is another test's business. A number that is posted to twice is taken
 * twice, and seen.
 */
const scenarioOf = (receiptDelayMs: number | null) =>
  scenario(`latency_ms: ${JSON.stringify(LATENCY)}
pair_limit: false
receipt_delay_ms: ${receiptDelayMs}
`).replace("throughput: 1000", "throughput: null");

/**
 * Starts the server; `close` ends it and removes its files.
 * @param receiptDelayMs from acceptance to the first receipt; null: none
 */
export async function startGround(
  receiptDelayMs: number | null = null,
): Promise<Ground & { close(): Promise<void> }> {
  const { folder, remove } = makeFolder();
  const sandbox = await startSandboxProcess(folder, scenarioOf(receiptDelayMs));
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
