// Runs seeds one after the other, many on one ledger, and looks through that before the next ledger
// begins.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as pause } from "node:timers/promises";

import type { SqliteLedger } from "../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import type { Mutation } from "./mutations.ts";
import { NONE } from "./mutations.ts";
import type { SeedResult } from "./seed.ts";
import { liveSeed } from "./seed.ts";

/** Seeds to a ledger: opening one costs as much as a seed, and looking through all of it grows. */
const SEEDS_PER_LEDGER = 50;
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
  injected: ReadonlyMap<string, number>;
  /** The first seed that broke a promise, after which no other was tried. */
  failed: FailedSeed | undefined;
}

export interface SimulationOptions {
  from: number;
  seeds: number;
  mutation?: () => Mutation;
  onSeed?(done: number): void;
}

/** Runs seeds until one breaks a promise. */
export async function simulate(options: SimulationOptions): Promise<Summary> {
  const { from, seeds, mutation = () => NONE, onSeed = () => {} } = options;
  const injected = new Map<string, number>();
  const summary: Summary = { seeds: 0, runners: 0, taken: 0, injected, failed: undefined };
  while (summary.seeds < seeds && summary.failed === undefined) {
    const first = from + summary.seeds;
    const last = Math.min(first + SEEDS_PER_LEDGER, from + seeds) - 1;
    await onLedger(async (ledger) => {
      for (let seed = first; seed <= last; seed += 1) {
        const result = await liveSeed(ledger, seed, { mutation: mutation() });
        add(summary, injected, result);
        onSeed(summary.seeds);
        if (result.broken.length > 0) {
          const told = await failedSeed(seed, mutation);
          // Alone on a ledger it must do the same; what it did in company is reported in any case.
          summary.failed = told.broken.length > 0 ? told : { ...told, broken: result.broken };
          return;
        }
      }
      await pause();
      if ((await ledger.violations()).length === 0) return;
      for (let seed = first; seed <= last && summary.failed === undefined; seed += 1) {
        const told = await failedSeed(seed, mutation);
        if (told.broken.length > 0) summary.failed = told;
      }
      summary.failed ??= { seed: first, broken: ["no seed alone breaks the ledger"], story: [] };
    });
  }
  return summary;
}

/** Runs one seed with its story, on a ledger of its own. */
export function tellSeed(seed: number, mutation: () => Mutation = () => NONE): Promise<SeedResult> {
  return onLedger(async (ledger) => {
    const result = await liveSeed(ledger, seed, { mutation: mutation(), isTold: true });
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

function add(summary: Summary, injected: Map<string, number>, result: SeedResult): void {
  summary.seeds += 1;
  summary.runners += result.runners;
  summary.taken += result.taken;
  for (const [fault, times] of result.injected) {
    injected.set(fault, (injected.get(fault) ?? 0) + times);
  }
}

async function onLedger<T>(work: (ledger: SqliteLedger) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(existsSync(IN_MEMORY) ? IN_MEMORY : tmpdir(), "campaign-sim-"));
  try {
    const ledger = await openSqliteLedger(join(folder, "ledger.sqlite"));
    try {
      return await work(ledger);
    } finally {
      await ledger.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
