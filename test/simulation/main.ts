// The simulation: many seeds, of which none may break a promise.
// `npm run simulate -- [--seeds N] [--from S] [--seed S] [--mutation NAME]`; exit code 1 when a
// promise is broken. With --seed one seed is run, and its story printed.

import { parseArgs } from "node:util";
import { MUTATIONS, NONE } from "./mutations.ts";
import { simulate, tellSeed } from "./simulate.ts";

const SEEDS = 10_000;
const PROGRESS_MS = 1_000;

async function main(): Promise<number> {
  const { values: flags } = parseArgs({
    options: {
      seeds: { type: "string", default: String(SEEDS) },
      from: { type: "string", default: "1" },
      seed: { type: "string" },
      mutation: { type: "string" },
    },
  });
  const mutation = flags.mutation === undefined ? () => NONE : MUTATIONS[flags.mutation];
  if (mutation === undefined) {
    process.stderr.write(`Mutations: ${Object.keys(MUTATIONS).join(", ")}\n`);
    return 2;
  }
  if (flags.seed !== undefined) {
    const { story, broken } = await tellSeed(Number(flags.seed), mutation);
    process.stdout.write(`${story.join("\n")}\n`);
    for (const sentence of broken) process.stdout.write(`BROKEN ${sentence}\n`);
    return broken.length === 0 ? 0 : 1;
  }
  const began = performance.now();
  let shownAt = began;
  const summary = await simulate({
    from: Number(flags.from),
    seeds: Number(flags.seeds),
    mutation,
    onSeed(done) {
      if (performance.now() - shownAt < PROGRESS_MS) return;
      shownAt = performance.now();
      process.stderr.write(`\r${done} seeds, ${perMinute(done, began)} a minute `);
    },
  });
  process.stderr.write("\n");
  const width = Math.max(...[...summary.injected.keys()].map((fault) => fault.length), 0);
  for (const [fault, times] of [...summary.injected].sort(([a], [b]) => a.localeCompare(b))) {
    process.stdout.write(`${fault.padEnd(width)} ${String(times).padStart(9)}\n`);
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  process.stdout.write(
    `${summary.seeds} seeds, ${summary.runners} runners, ${summary.taken} messages, ${seconds} s, ${perMinute(summary.seeds, began)} seeds a minute\n`,
  );
  const { failed } = summary;
  if (failed === undefined) return 0;
  process.stdout.write(`${failed.story.join("\n")}\n`);
  for (const sentence of failed.broken)
    process.stdout.write(`BROKEN seed ${failed.seed}: ${sentence}\n`);
  return 1;
}

function perMinute(done: number, began: number): string {
  return ((done * 60_000) / (performance.now() - began)).toFixed(0);
}

process.exitCode = await main();
