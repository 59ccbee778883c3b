// `npm run bench`: every figure of speed, each beside the limit that was measured in the same run.
// Options: --json (one document instead of text); --only, a list of parts; --quick (smaller, for a
// look; not the figures that count); --draw (keeps the numbers in results.json, each part with its
// date, and draws them all); --redraw (measures nothing).

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import type { Whole } from "./children.ts";
import { whole } from "./children.ts";
import type { Condition } from "./conditions.ts";
import { ALL_CONDITIONS, benchConditions } from "./conditions.ts";
import { draw, readResults, writeResults } from "./draw.ts";
import { benchEngines } from "./engines.ts";
import type { Figure, Results } from "./figures.ts";
import { isReached, lineOf, printResults, takenNow } from "./figures.ts";
import { benchLanes } from "./lanes.ts";
import type { PaceResult, PaceScene } from "./pace.ts";
import { benchPace } from "./pace.ts";
import { startPeer } from "./peer.ts";
import { writePeople } from "./people.ts";
import { benchPlan } from "./plan.ts";
import { benchRestart } from "./restart.ts";
import { benchSend } from "./send.ts";
import { benchStart } from "./start.ts";
import { benchThrottle, throttleBars } from "./throttle.ts";
import { benchFlood, benchWebhooks } from "./webhooks.ts";

/** Measures a part; figures are reported one by one, since some take a minute. */
type Measure = (quick: boolean, add: (figure: Figure) => void) => Promise<unknown>;

/**
 * The best of several rounds: what disturbs a round on a shared machine only ever makes it slower.
 */
const best = (rounds: number[]) => Math.max(...rounds);
const count = (value: number) => Math.round(value).toLocaleString("en-US");
const perSecond = (rate: number) => `${count(rate)}/s`;
const percent = (part: number) => (part * 100).toFixed(1);

const least = (rounds: readonly number[]) => Math.min(...rounds);

/** What Meta takes from a number at most, in messages a second. */
const CEILING = 1_000;

const cost: Measure = async (quick, add) => {
  const { cpuMicroseconds } = await benchSend(quick ? 3_000 : 20_000, quick ? 1 : 3, CEILING);
  const { bare, everything } = cpuMicroseconds;
  const times = least(everything) / least(bare);
  add({
    work: `CPU of a message at ${perSecond(CEILING)}`,
    measured: `${least(everything).toFixed(0)} µs`,
    limit: `${least(bare).toFixed(0)} µs bare undici`,
    reach: `${times.toFixed(2)} of ≤ 1.5 times`,
    bounds: [{ value: times, atMost: 1.5 }],
  });
  return cpuMicroseconds;
};

const send: Measure = async (quick, add) => {
  const { perSecond: rounds } = await benchSend(quick ? 10_000 : 300_000, quick ? 2 : 3);
  const reached = best(rounds.everything);
  const ratio = reached / best(rounds.bare);
  add({
    work: "sending, everything on, no rate",
    measured: perSecond(reached),
    limit: `${perSecond(best(rounds.bare))} bare undici`,
    reach: `${ratio.toFixed(2)} of ≥ 0.5, ≥ 10,000/s`,
    bounds: [
      { value: ratio, atLeast: 0.5 },
      { value: reached, atLeast: 10_000 },
    ],
  });
  return rounds;
};

const SCENES: Readonly<Record<Condition, string>> = {
  ...{ hours: "hours", cap: "cap", budget: "budget" },
  ...{ ramp: "ramp, steps through", step: "ramp, in a step" },
};

const conditions: Measure = async (quick, add) => {
  const scenes = [[], ...ALL_CONDITIONS.map((one) => [one]), ["step"] as const, ALL_CONDITIONS];
  const rounds = await benchConditions(quick ? 5_000 : 20_000, quick ? 1 : 3, scenes);
  const cpu = rounds.map(least);
  const bare = cpu[0] ?? 0;
  for (const [at, scene] of scenes.entries()) {
    if (at === 0) continue;
    const times = (cpu[at] ?? 0) / bare;
    const isAll = scene.length > 1;
    add({
      work: `a message with ${isAll ? "all conditions" : SCENES[scene[0] as Condition]}`,
      measured: `${cpu[at]?.toFixed(0)} µs CPU`,
      limit: `${bare.toFixed(0)} µs without conditions`,
      reach: `${times.toFixed(2)} of ≤ 1.1 times`,
      bounds: [{ value: times, atMost: 1.1 }],
    });
  }
  return { scenes, rounds };
};

const RATES = [1, 20, 80, 1000];

/** One figure for several rates is the worst of them. */
function paceFigure(work: string, results: PaceResult[]): Figure {
  const reached = Math.min(...results.map((one) => one.reached));
  const atRunner = Math.max(...results.map((one) => one.worstAtRunner));
  const atServer = Math.max(...results.map((one) => one.worstAtServer));
  return {
    work,
    measured: `${percent(reached)} %`,
    limit: `${percent(atRunner)} / ${percent(atServer)} % worst second`,
    reach: "≥ 98 %, ≤ 100 / 102 %",
    bounds: [
      { value: reached, atLeast: 0.98 },
      { value: atRunner, atMost: 1 },
      { value: atServer, atMost: 1.02 },
    ],
  };
}

const pace: Measure = async (quick, add) => {
  const seconds = quick ? 10 : 60;
  const samples: PaceResult[] = [];
  for (const rate of RATES) {
    const result = await benchPace("undisturbed", rate, seconds);
    samples.push(result);
    add(paceFigure(`pace at ${perSecond(rate)}`, [result]));
  }
  const disturbed: [PaceScene, string][] = [
    ["killed", "pace across a restart (kill -9)"],
    ["two campaigns", "pace, two campaigns one after the other"],
  ];
  for (const [scene, work] of disturbed) {
    const results: PaceResult[] = [];
    for (const rate of RATES) results.push(await benchPace(scene, rate, seconds));
    samples.push(...results);
    add(paceFigure(work, results));
  }
  return samples;
};

/**
 * The policy gives the rate back in 2 s of rest and 5 % a second; it cuts it by 0.7 once a second.
 */
const FITS_WITHIN_S = 5;
const BACK_WITHIN_S = 20;

const throttle: Measure = async (quick, add) => {
  const long = { rate: 200, capacity: 80, wideMs: 10_000, narrowMs: 20_000, rows: 9000 };
  const short = { ...long, wideMs: 2000, narrowMs: 6000, rows: 3600 };
  const result = await benchThrottle(quick ? short : long);
  const { plot, once, twice, refused, fitsAfterS, used, backAfterS } = result;
  if (!flags.json) for (const line of throttleBars(result)) process.stdout.write(`     ${line}\n`);
  add({
    work: "130429: every recipient exactly once",
    measured: `${count(once - twice)} of ${count(plot.rows)}`,
    limit: `${count(refused)} refusals`,
    reach: `${plot.rows - once} lost, ${twice} twice`,
    bounds: [
      { value: (once - twice) / plot.rows, atLeast: 1 },
      { value: twice, atMost: 0 },
    ],
  });
  add({
    work: `130429: down from ${plot.rate}/s to what fits`,
    measured: `${fitsAfterS.toFixed(1)} s`,
    limit: `${plot.capacity}/s, of which ${percent(used)} % used`,
    reach: `≤ ${FITS_WITHIN_S} s`,
    bounds: [{ value: fitsAfterS, atMost: FITS_WITHIN_S }],
  });
  add({
    work: "130429: back at ≥ 98 % of the rate",
    measured: backAfterS === null ? "never" : `${backAfterS.toFixed(1)} s`,
    limit: `${plot.rate}/s`,
    reach: `≤ ${BACK_WITHIN_S} s`,
    bounds: [{ value: backAfterS ?? Number.MAX_SAFE_INTEGER, atMost: BACK_WITHIN_S }],
  });
  return result;
};

const plan: Measure = async (quick, add) => {
  const rounds = await benchPlan(quick ? 100_000 : 1_000_000, quick ? 1 : 3);
  const [imported, planned, uneven] = [rounds.import, rounds.plan, rounds.uneven].map(least) as [
    number,
    number,
    number,
  ];
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  add({
    work: "planning a CSV",
    measured: seconds(planned),
    limit: `${seconds(imported)} sqlite3 .import`,
    reach: `${(planned / imported).toFixed(2)} of ≤ 2.5 times`,
    bounds: [{ value: planned / imported, atMost: 2.5 }],
  });
  add({
    work: "planning rows of uneven length",
    measured: seconds(uneven),
    limit: `${seconds(planned)} even ones`,
    reach: `${(uneven / planned).toFixed(2)} of ≤ 2 times`,
    bounds: [{ value: uneven / planned, atMost: 2 }],
  });
  add({
    work: "memory of planning",
    measured: `${rounds.maxRssMb.toFixed(0)} MB`,
    limit: "fixed",
    reach: "≤ 250 MB",
    bounds: [{ value: rounds.maxRssMb, atMost: 250 }],
  });
  return rounds;
};

const memory: Measure = async (quick, add) => {
  const sizes: [number, ...number[]] = quick ? [10_000, 50_000] : [10_000, 1_000_000];
  const peer = await startPeer(0, 0);
  const measureOne = async (rows: number) => {
    const folder = mkdtempSync(join(tmpdir(), "campaign-bench-"));
    const { manifest } = writePeople(folder, rows, peer.url);
    const result = await whole(manifest, "send", peer.url);
    await peer.arrivals();
    rmSync(folder, { recursive: true });
    return result;
  };
  const [first, ...others] = sizes;
  const small = await measureOne(first);
  const larger = [];
  for (const rows of others) larger.push(await measureOne(rows));
  await peer.end();
  const large = larger.at(-1) ?? small;
  const more = large.maxRssMb - small.maxRssMb;
  add({
    work: `memory, ${count(large.rows)} rows`,
    measured: `${large.maxRssMb.toFixed(0)} MB`,
    limit: `${small.maxRssMb.toFixed(0)} MB with ${count(small.rows)} rows`,
    reach: `+ ${more.toFixed(0)} of ≤ 50 MB`,
    bounds: [{ value: more, atMost: 50 }],
  });
  return [small, ...larger];
};

/** CPU of a command beyond Node's own, in milliseconds. */
const COMMANDS = [
  ["help", "--help", 150],
  ["status", "status", 350],
  ["report", "report --json", 500],
] as const;
const SERVE_CPU_MS = 2_000;
const SERVE_MB = 120;

const start: Measure = async (quick, add) => {
  const result = await benchStart(1_000, quick ? 3 : 10);
  const node = least(result.node);
  for (const [name, work, bound] of COMMANDS) {
    const more = least(result[name]) - node;
    add({
      work: `starting: ${work}`,
      measured: `${least(result[name]).toFixed(0)} ms CPU`,
      limit: `${node.toFixed(0)} ms node -e 0`,
      reach: `+ ${more.toFixed(0)} of ≤ ${bound} ms`,
      bounds: [{ value: more, atMost: bound }],
    });
  }
  const cpuMs = least(result.serve.map((took) => took.cpuMs));
  const maxRssMb = least(result.serve.map((took) => took.maxRssMb));
  add({
    work: "starting: serve, until it answers",
    measured: `${cpuMs.toFixed(0)} ms CPU`,
    limit: `${maxRssMb.toFixed(0)} MB`,
    reach: `≤ ${SERVE_CPU_MS} ms, ≤ ${SERVE_MB} MB`,
    bounds: [
      { value: cpuMs, atMost: SERVE_CPU_MS },
      { value: maxRssMb, atMost: SERVE_MB },
    ],
  });
  return result;
};

const restart: Measure = async (quick, add) => {
  const small = await benchRestart(10_000, 5);
  const large = await benchRestart(quick ? 100_000 : 1_000_000, 5);
  const [fewMs, manyMs] = [Math.min(...small), Math.min(...large)];
  add({
    work: "first post after a restart, 99 % done",
    measured: `${manyMs.toFixed(0)} ms`,
    limit: `${fewMs.toFixed(0)} ms with 10,000 rows`,
    reach: `${(manyMs / fewMs).toFixed(2)} of ≤ 2 times, ≤ 2 s`,
    bounds: [
      { value: manyMs / fewMs, atMost: 2 },
      { value: manyMs, atMost: 2000 },
    ],
  });
  const all = await benchRestart(quick ? 100_000 : 1_000_000, 5, ALL_CONDITIONS);
  const allMs = Math.min(...all);
  add({
    work: "the same with all conditions",
    measured: `${allMs.toFixed(0)} ms`,
    limit: `${fewMs.toFixed(0)} ms with 10,000 rows`,
    reach: "≤ 2 s",
    bounds: [{ value: allMs, atMost: 2000 }],
  });
  return { small, large, all };
};

/**
 * What Meta asks of a webhook, in milliseconds; and the pace of three statuses of each of 1,000
 * messages a second.
 */
const MEDIAN_MS_MAX = 250;
const DELIVERIES_PER_SECOND = 3_000;
/** The campaign beside the deliveries, in messages a second. */
const BESIDE = 200;
const RECEIVER_MB_MAX = 350;

const webhooks: Measure = async (quick, add) => {
  const rate = await benchWebhooks(DELIVERIES_PER_SECOND, BESIDE, quick ? 5 : 30);
  add({
    work: `webhooks, ${perSecond(DELIVERIES_PER_SECOND)} while sending`,
    measured: `${rate.medianMs.toFixed(0)} ms median`,
    limit: `${rate.p99Ms.toFixed(0)} ms for 99 %, ${perSecond(rate.perSecond)}`,
    reach: `≤ ${MEDIAN_MS_MAX} ms, ${rate.refused} not 200`,
    bounds: [
      { value: rate.medianMs, atMost: MEDIAN_MS_MAX },
      { value: rate.perSecond, atLeast: 0.99 * DELIVERIES_PER_SECOND },
      { value: rate.refused, atMost: 0 },
      { value: rate.read, atLeast: rate.messages },
    ],
  });
  add({
    work: `the campaign of ${perSecond(BESIDE)} beside them`,
    measured: perSecond(rate.sentPerSecond),
    limit: perSecond(BESIDE),
    reach: `${percent(rate.sentPerSecond / BESIDE)} of ≥ 98 %`,
    bounds: [{ value: rate.sentPerSecond / BESIDE, atLeast: 0.98 }],
  });
  const flood = await benchFlood(quick ? 20 : 100);
  add({
    work: `memory, ${flood.batches} batches of 3 MB at once`,
    measured: `${flood.maxRssMb.toFixed(0)} MB`,
    limit: `${flood.megabytes.toFixed(0)} MB came, ${flood.refused} refused for a while`,
    reach: `≤ ${RECEIVER_MB_MAX} MB, ${flood.updates - flood.delivered} lost`,
    bounds: [
      { value: flood.maxRssMb, atMost: RECEIVER_MB_MAX },
      { value: flood.delivered, atLeast: flood.updates },
    ],
  });
  return { rate, flood };
};

const LANES = 5;

const lanes: Measure = async (quick, add) => {
  const result = await benchLanes(LANES, CEILING, quick ? 5 : 20);
  const slowest = Math.min(...result.perSecond);
  add({
    work: `${LANES} numbers at ${perSecond(CEILING)} in one process`,
    measured: perSecond(slowest),
    limit: perSecond(CEILING),
    reach: `${percent(slowest / CEILING)} of ≥ 98 % each`,
    bounds: [{ value: slowest / CEILING, atLeast: 0.98 }],
  });
  add({
    work: `the receipts of all of them, ${result.statuses} statuses`,
    measured: `${result.medianMs.toFixed(0)} ms median`,
    limit: `${result.p99Ms.toFixed(0)} ms for 99 %, applied ${(result.appliedAfterMs / 1000).toFixed(1)} s after`,
    reach: `≤ ${MEDIAN_MS_MAX} ms, all applied`,
    bounds: [
      { value: result.medianMs, atMost: MEDIAN_MS_MAX },
      { value: result.read, atLeast: result.messages },
    ],
  });
  return result;
};

const engines: Measure = async (quick, add) => {
  const result = await benchEngines(quick ? 3_000 : 30_000, quick ? 1 : 3, CEILING);
  const reached = (rounds: readonly Whole[]) =>
    best(rounds.map(({ rows, sendMs }) => rows / (sendMs / 1000)));
  const planned = (rounds: readonly Whole[]) =>
    best(rounds.map(({ rows, planMs }) => rows / (planMs / 1000)));
  const cpu = (rounds: readonly Whole[]) =>
    least(rounds.map(({ rows, sendCpuMs }) => (sendCpuMs / rows) * 1000));
  const { file, server } = result;
  const costs = `${cpu(server).toFixed(0)} µs CPU, ${cpu(file).toFixed(0)} with a file`;
  add({
    work: `PostgreSQL: sending at ${perSecond(CEILING)}`,
    measured: perSecond(reached(server)),
    limit: costs,
    reach: `${percent(reached(server) / CEILING)} of ≥ 98 %`,
    bounds: [{ value: reached(server) / CEILING, atLeast: 0.98 }],
  });
  add({
    work: "PostgreSQL: planning",
    measured: perSecond(planned(server)),
    limit: `${perSecond(planned(file))} with a file`,
    reach: "≥ 5 times the ceiling",
    bounds: [{ value: planned(server), atLeast: 5 * CEILING }],
  });
  return result;
};

const PARTS: Record<string, Measure> = {
  start,
  cost,
  conditions,
  send,
  plan,
  memory,
  restart,
  pace,
  throttle,
  webhooks,
  lanes,
  engines,
};

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    only: { type: "string", default: Object.keys(PARTS).join(",") },
    draw: { type: "boolean", default: false },
    redraw: { type: "boolean", default: false },
  },
});

async function measureParts(names: string[]): Promise<Results> {
  const results: Results = {};
  for (const name of names) {
    const figures: Figure[] = [];
    const taken = takenNow(flags.quick);
    const samples = await PARTS[name]?.(flags.quick, (figure) => {
      figures.push(figure);
      if (!flags.json) process.stdout.write(`${lineOf(figure)}\n`);
    });
    results[name] = { taken, figures, samples };
    if (flags.draw) writeResults({ ...readResults(), [name]: results[name] });
  }
  if (flags.json) process.stdout.write(printResults(results));
  return results;
}

const names = flags.redraw ? [] : flags.only.split(",");
const unknown = names.filter((name) => PARTS[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(`No such part: ${unknown}. Parts: ${Object.keys(PARTS).join(", ")}.\n`);
  process.exitCode = 2;
} else {
  const results = await measureParts(names);
  if (flags.draw || flags.redraw) draw(readResults());
  const figures = Object.values(results).flatMap((part) => part.figures);
  process.exitCode = figures.every(isReached) ? 0 : 1;
}
