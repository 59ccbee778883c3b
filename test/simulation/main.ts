// The simulation: many seeds, of which none may break a promise.
// `npm run simulate -- [--seeds N] [--from S] [--jobs J] [--seed S] [--mutation NAME]`; exit code 1
// when a promise is broken. With --seed one seed is run, and its story printed.

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

import { simulateInJobs } from "./jobs.ts";
import { MUTATIONS } from "./mutations.ts";
import type { FailedSeed, Summary } from "./simulate.ts";
import { tellSeed } from "./simulate.ts";

const SEEDS = 10_000;

async function main(): Promise<number> {
  const { values: flags } = parseArgs({
    options: {
      seeds: { type: "string", default: String(SEEDS) },
      from: { type: "string", default: "1" },
      jobs: { type: "string", default: String(availableParallelism()) },
      seed: { type: "string" },
      mutation: { type: "string" },
    },
  });
  const { mutation } = flags;
  if (mutation !== undefined && MUTATIONS[mutation] === undefined) {
    process.stderr.write(`Mutations: ${Object.keys(MUTATIONS).join(", ")}\n`);
    return 2;
  }
  if (flags.seed !== undefined) {
    const seed = Number(flags.seed);
    return printStory({ seed, ...(await tellSeed(seed, MUTATIONS[mutation ?? ""])) });
  }
  const began = performance.now();
  const summary = await simulateInJobs({
    from: Number(flags.from),
    seeds: Number(flags.seeds),
    mutation,
    jobs: Number(flags.jobs),
    onProgress: (sum) => process.stderr.write(`\r${speedOf(sum, began)} `),
  });
  process.stderr.write("\n");
  process.stdout.write(`${table(summary)}\n${speedOf(summary, began)}\n`);
  return summary.failed === undefined ? 0 : printStory(summary.failed);
}

/** Fault → how often it was injected, in lines. */
function table({ injected, runners, taken }: Summary): string {
  const lines = [...injected].sort(([a], [b]) => a.localeCompare(b));
  const sums: [string, number][] = [
    ["runners", runners],
    ["messages accepted", taken],
  ];
  const all = [...lines, ...sums];
  const width = Math.max(...all.map(([name]) => name.length));
  return all
    .map(([name, times]) => `${name.padEnd(width)} ${String(times).padStart(9)}`)
    .join("\n");
}

function speedOf({ seeds }: Summary, began: number): string {
  const seconds = (performance.now() - began) / 1000;
  const perMinute = ((seeds * 60) / seconds).toFixed(0);
  return `${seeds} seeds, ${seconds.toFixed(0)} s, ${perMinute} seeds a minute`;
}

function printStory({ seed, story, broken }: FailedSeed): number {
  process.stdout.write(`${story.join("\n")}\n`);
  for (const sentence of broken) process.stdout.write(`BROKEN seed ${seed}: ${sentence}\n`);
  return broken.length === 0 ? 0 : 1;
}

process.exitCode = await main();
