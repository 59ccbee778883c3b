// The torture: at least a thousand kills, of which none may make the campaign post twice or forget
// a person. `npm run torture -- [--kills N] [--seed S] [--jobs J]`; ends with a table, and with
// exit code 1 when a promise is broken.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { inParallel, startGround } from "../crash/ground.ts";
import type { Point } from "../crash/points.ts";
import { nameOf } from "../crash/points.ts";
import type { Judgement } from "../crash/trial.ts";
import { makeChance } from "../support/chance.ts";
import type { Line } from "./table.ts";
import { add, print } from "./table.ts";
import { buildWitness } from "./witness.ts";
import type { Work } from "./work.ts";
import { controls, cuts, importStorms, instants, LABELS, ladders, storms } from "./work.ts";

const KILLS = 1_000;
/** Runs wait for the pace of the run before them most of the time, so more of them than cores. */
const JOBS = 6;
/** The share of the kills that ladders take at most; the rest is shared by the others. */
const LADDERS_SHARE = 0.35;
const FAILURES_SHOWN = 20;

interface Flags {
  kills: number;
  seed: number;
  jobs: number;
}

async function main(): Promise<void> {
  const flags = readFlags();
  const folder = mkdtempSync(join(tmpdir(), "campaign-torture-"));
  const ground = await startGround();
  try {
    process.stderr.write(`torture: ${flags.kills} kills, seed ${flags.seed}\n`);
    const found = buildWitness(folder);
    const witness = typeof found === "string" ? undefined : found;
    if (typeof found === "string") process.stderr.write(`${found}\n`);
    const making = { ground, seed: flags.seed, made: 0 };
    const state = { lines: new Map<string, Line>(), kills: 0, failures: [] as string[] };
    const began = performance.now();
    await climb(making, flags, state);
    await strike(making, flags, state, witness);
    const control = await checkControls(making, witness, state);
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    process.stdout.write(`${print(state.lines, LABELS)}\n`);
    process.stdout.write(`${control}seed ${flags.seed}, ${seconds} s\n`);
    for (const failure of state.failures.slice(0, FAILURES_SHOWN)) {
      process.stdout.write(`BROKEN ${failure}\n`);
    }
    if (state.failures.length > 0) process.exitCode = 1;
  } finally {
    await ground.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function readFlags(): Flags {
  const { values } = parseArgs({
    options: {
      kills: { type: "string", default: String(KILLS) },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      jobs: { type: "string", default: String(JOBS) },
    },
  });
  return { kills: Number(values.kills), seed: Number(values.seed), jobs: Number(values.jobs) };
}

interface State {
  lines: Map<string, Line>;
  kills: number;
  failures: string[];
}

type Making = Parameters<typeof ladders>[0];

function keep(state: State, work: Work, judgement: Judgement): void {
  add(state.lines, work.label, judgement);
  state.kills += judgement.kills;
  const strikes = work.strikes.map(nameOf).join(", ");
  for (const broken of judgement.broken) {
    state.failures.push(`${work.label} (${strikes}): ${broken}`);
    process.stderr.write(`\nBROKEN ${work.label} (${strikes}): ${broken}\n`);
  }
  process.stderr.write(`\r${state.kills} kills, ${state.failures.length} promises broken `);
}

/** Every point's ladder, up to the passing that no run makes. */
async function climb(making: Making, flags: Flags, state: State): Promise<void> {
  const climbed = new Set<string>();
  const most = flags.kills * LADDERS_SHARE;
  const over = (point: Point) => climbed.has(point.name) || state.kills >= most;
  await inParallel(flags.jobs, tasks(ladders(making, over)), ({ work, judgement }) => {
    if (judgement.kills < work.strikes.length) climbed.add(work.label);
    keep(state, work, judgement);
  });
}

/** The other kinds by turns, until there were kills enough. */
async function strike(
  making: Making,
  flags: Flags,
  state: State,
  witness: Parameters<typeof cuts>[2],
): Promise<void> {
  const chance = makeChance(flags.seed);
  const kinds = [
    storms(making, chance),
    importStorms(making, chance),
    instants(making, chance),
    cuts(making, chance, witness),
  ];
  function* byTurns(): Generator<Work> {
    for (let turn = 0; state.kills < flags.kills; turn += 1) {
      yield kinds[turn % kinds.length]?.next().value as Work;
    }
  }
  await inParallel(flags.jobs, tasks(byTurns()), ({ work, judgement }) =>
    keep(state, work, judgement),
  );
}

/** The controls must break the promises; gives what they did as text. */
async function checkControls(
  making: Making,
  witness: Parameters<typeof controls>[1],
  state: State,
): Promise<string> {
  let text = "";
  for (const work of controls(making, witness)) {
    const { twice } = await work.go();
    text += `${work.label}: ${twice} posted twice, as it must be when commits do not wait\n`;
    if (twice === 0) state.failures.push(`${work.label}: nothing was seen, so nothing is proven`);
  }
  return text;
}

function* tasks(
  work: Iterable<Work>,
): Generator<() => Promise<{ work: Work; judgement: Judgement }>> {
  for (const one of work) yield async () => ({ work: one, judgement: await one.go() });
}

await main();
