// Runs seeds one after the other, many on one ledger, and looks through that before the next ledger
// begins.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as pause } from "node:timers/promises";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import type { PlacedLedger } from "../../src/ledger/placed-ledger.ts";
import type { Mutation } from "./mutations.ts";
import { NONE } from "./mutations.ts";
import { isManifold } from "./scenario.ts";
import type { SeedResult } from "./seed.ts";
import { liveSeed } from "./seed.ts";

/** Seeds to a ledger: opening one costs as much as a seed, and looking through all of it grows. */
export const SEEDS_PER_LEDGER = 50;
/** Where a commit need not wait for a disk. */
const IN_MEMORY = "/dev/shm";

export interface FailedSeed {
  seed: number;
  broken: string[];
  story: string[];
}

export interface Summary {
  seeds: number;
  runners: number;
  taken: number;
  /** Fault → how often it was injected. */
  injected: Map<string, number>;
  /** The first seed that broke a promise, after which no other was tried. */
  failed: FailedSeed | undefined;
}

type AddedSummary = Omit<Summary, "injected"> & { injected: ReadonlyMap<string, number> };

export interface SimulationOptions {
  from: number;
  seeds: number;
  mutation?: () => Mutation;
}

/** Runs seeds until one breaks a promise. */
export async function simulate(options: SimulationOptions): Promise<Summary> {
  const { from, seeds, mutation = () => NONE } = options;
  const summary = emptySummary();
  while (summary.seeds < seeds && summary.failed === undefined) {
    const first = from + summary.seeds;
    const last = Math.min(first + SEEDS_PER_LEDGER, from + seeds) - 1;
    await onLedger(async (ledger) => {
      for (let seed = first; seed <= last; seed += 1) {
        const mutated = mutation();
        // The others cannot show it.
        const isSkipped = mutated.isOfLanes === true && !isManifold(seed);
        if (isSkipped) summary.seeds += 1;
        if (isSkipped) continue;
        const result = await liveSeed(ledger, seed, { mutation: mutated });
        add(summary, { seeds: 1, failed: undefined, ...result });
        if (result.broken.length > 0) {
          const alone = await failedSeed(seed, mutation);
          // Alone on a ledger it must do the same; what it did in company is reported in any case.
          summary.failed = alone.broken.length > 0 ? alone : { ...alone, broken: result.broken };
          return;
        }
      }
      await pause();
      if ((await ledger.violations()).length === 0) return;
      for (let seed = first; seed <= last && summary.failed === undefined; seed += 1) {
        const alone = await failedSeed(seed, mutation);
        if (alone.broken.length > 0) summary.failed = alone;
      }
      summary.failed ??= { seed: first, broken: ["no seed alone breaks the ledger"], story: [] };
    });
  }
  return summary;
}

/** Runs one seed with its story, on a ledger of its own. */
export function tellSeed(seed: number, mutation: () => Mutation = () => NONE): Promise<SeedResult> {
  return onLedger(async (ledger) => {
    const result = await liveSeed(ledger, seed, { mutation: mutation(), hasStory: true });
    for (const { invariant, examples } of await ledger.violations()) {
      result.broken.push(`the ledger: ${invariant} (${examples.join("; ")})`);
    }
    return result;
  });
}

async function failedSeed(seed: number, mutation: () => Mutation): Promise<FailedSeed> {
  const { broken, story } = await tellSeed(seed, mutation);
  return { seed, broken, story };
}

/** The sum of no seeds. */
export function emptySummary(): Summary {
  return { seeds: 0, runners: 0, taken: 0, injected: new Map(), failed: undefined };
}

/** Adds to a sum; of two seeds that failed the first one is kept. */
export function add(summary: Summary, more: Readonly<AddedSummary>): void {
  summary.seeds += more.seeds;
  summary.runners += more.runners;
  summary.taken += more.taken;
  summary.failed ??= more.failed;
  for (const [fault, times] of more.injected) {
    summary.injected.set(fault, (summary.injected.get(fault) ?? 0) + times);
  }
}

async function onLedger<T>(work: (ledger: PlacedLedger) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(existsSync(IN_MEMORY) ? IN_MEMORY : tmpdir(), "campaign-sim-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    const ledger = await openSqliteLedger(join(folder, "ledger.sqlite"));
    try {
      return await work(ledger);
    } finally {
      await ledger.close();
    }
  } finally {
    process.off("exit", remove);
    remove();
  }
}
