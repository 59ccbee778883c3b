// The simulation in several processes: each gets some seeds at a time, until one breaks a promise.

import { fork } from "node:child_process";
import { once } from "node:events";

import type { Block } from "./job.ts";
import type { Summary } from "./simulate.ts";
import { add, emptySummary, SEEDS_PER_LEDGER } from "./simulate.ts";

export interface JobsOptions {
  from: number;
  seeds: number;
  /** Name of a mutation; undefined: none. */
  mutation: string | undefined;
  /** Processes. */
  jobs: number;
  /** Called from time to time with the sum up to now. */
  onProgress(summary: Readonly<Summary>): void;
}

/** Runs seeds until one breaks a promise. */
export async function simulateInJobs(options: JobsOptions): Promise<Summary> {
  const { from, seeds, mutation, jobs, onProgress } = options;
  const end = from + seeds;
  const summary = emptySummary();
  let next = from;
  const nextBlock = (): Block | undefined => {
    if (next >= end || summary.failed !== undefined) return undefined;
    const block = { from: next, seeds: Math.min(SEEDS_PER_LEDGER, end - next), mutation };
    next += block.seeds;
    return block;
  };
  const work = async (): Promise<void> => {
    const child = fork(new URL("./job.ts", import.meta.url), { serialization: "advanced" });
    const died = once(child, "exit").then(([code]): never => {
      throw new Error(`a process of the simulation ended with ${code}`);
    });
    // It ends when there is no more to do, too.
    died.catch(() => {});
    try {
      for (let block = nextBlock(); block !== undefined; block = nextBlock()) {
        child.send(block);
        const [sum] = await Promise.race([once(child, "message"), died]);
        add(summary, sum as Summary);
        onProgress(summary);
      }
    } finally {
      child.kill();
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return summary;
}
