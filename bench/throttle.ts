// Throttling by Meta, over time: a campaign sends at its rate, the server's capacity falls below it
// for a while and comes back. What is counted is counted at the server; beside it stands the rate
// that the run itself thought right.

import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { planCampaign, sendCampaign } from "./campaign.ts";
import type { FromThrottler, Seen, ToThrottler } from "./throttling-server.ts";

/** Lengths of the story in milliseconds, and its rates in messages a second. */
interface ThrottlePlot {
  rate: number;
  /** What the server takes while it is narrow. */
  capacity: number;
  /** The server becomes narrow so long after the first request … */
  wideMs: number;
  /** … and stays so for so long. */
  narrowMs: number;
  rows: number;
}

/** One step of the story; everything in messages a second. */
interface ThrottleStep {
  accepted: number;
  refused: number;
  /** The run's own rate at the end of the step. */
  allowed: number;
}

export interface ThrottleResult {
  plot: ThrottlePlot;
  stepMs: number;
  steps: ThrottleStep[];
  /** When the capacity fell and when it came back, in seconds since the first request. */
  fellS: number;
  roseS: number;
  /** Recipients accepted at least once, and more than once, by the server's log. */
  once: number;
  twice: number;
  refused: number;
  /** From the fall of the capacity to the last refusal before two seconds without any. Seconds. */
  fitsAfterS: number;
  /** Part of the lower capacity that was used, from then to its end. */
  used: number;
  /**
   * From the return of the capacity to the first second in which ≥ 98 % of the rate was accepted.
   * Seconds; null: never.
   */
  backAfterS: number | null;
}

const STEP_MS = 500;
/**
 * The rate fits when this long passes without a refusal; later ones are the run feeling for more.
 */
const QUIET_MS = 2000;

/** Plays the story once; takes about as long as `rows` need. */
export async function benchThrottle(plot: ThrottlePlot): Promise<ThrottleResult> {
  const server = await startThrottler();
  const planned = await planCampaign(plot.rows);
  const factors: Factor[] = [];
  let narrowedAt = 0;
  let widenedAt = 0;
  const narrowAndWiden = async () => {
    await sleep(plot.wideMs);
    server.send({ capacity: plot.capacity });
    narrowedAt = wallNow();
    await sleep(plot.narrowMs);
    server.send({ capacity: Number.MAX_SAFE_INTEGER });
    widenedAt = wallNow();
  };
  let story: Promise<void> | undefined;
  const sending = sendCampaign(planned, {
    url: server.url,
    messagesPerSecond: plot.rate,
    maxInFlight: Math.ceil(plot.rate * 0.3),
    onTurn: ({ pace }) => {
      if (pace !== undefined) factors.push({ at: wallNow(), factor: pace.factor });
    },
    onBegin: () => {
      story ??= narrowAndWiden();
    },
  });
  const { end } = await sending;
  await story;
  if (end.kind !== "finished") throw new Error(`the run ended as ${end.kind}`);
  const log = await server.log();
  await server.end();
  await planned.remove();
  return { plot, stepMs: STEP_MS, ...measure({ plot, log, factors, narrowedAt, widenedAt }) };
}

interface Story {
  plot: ThrottlePlot;
  log: Seen[];
  factors: Factor[];
  narrowedAt: number;
  widenedAt: number;
}

function measure({ plot, log, factors, narrowedAt, widenedAt }: Story) {
  const accepted = log.filter((seen) => seen.accepted);
  const refusals = log.filter((seen) => !seen.accepted).map(({ at }) => at);
  const times = new Map<string, number>();
  for (const { to } of accepted) times.set(to, (times.get(to) ?? 0) + 1);
  const quiet = refusals.findIndex(
    (at, index) => (refusals[index + 1] ?? Infinity) - at > QUIET_MS,
  );
  const fitsAt = refusals[quiet] ?? narrowedAt;
  const whileNarrow = accepted.filter(({ at }) => at >= fitsAt && at < widenedAt).length;
  const enough = Math.ceil(plot.rate * 0.98);
  const back = accepted.find(({ at }, index) => {
    const first = accepted[index - enough + 1];
    return at >= widenedAt && first !== undefined && at - first.at < 1000;
  });
  const from = log[0]?.at ?? 0;
  return {
    steps: stepsOf(plot, log, factors),
    fellS: (narrowedAt - from) / 1000,
    roseS: (widenedAt - from) / 1000,
    once: times.size,
    twice: [...times.values()].filter((count) => count > 1).length,
    refused: refusals.length,
    fitsAfterS: (fitsAt - narrowedAt) / 1000,
    used: whileNarrow / (plot.capacity * ((widenedAt - fitsAt) / 1000)),
    backAfterS: back === undefined ? null : (back.at - widenedAt) / 1000,
  };
}

function stepsOf(plot: ThrottlePlot, log: Seen[], factors: Factor[]): ThrottleStep[] {
  const from = log[0]?.at ?? 0;
  const length = Math.floor(((log.at(-1)?.at ?? from) - from) / STEP_MS);
  const steps = Array.from({ length }, () => ({ accepted: 0, refused: 0, allowed: plot.rate }));
  const perSecond = 1000 / STEP_MS;
  for (const { at, accepted } of log) {
    const step = steps[Math.floor((at - from) / STEP_MS)];
    // The last step is not a whole one and is left out.
    if (step === undefined) continue;
    if (accepted) step.accepted += perSecond;
    else step.refused += perSecond;
  }
  let known = 0;
  steps.forEach((step, index) => {
    const ends = from + (index + 1) * STEP_MS;
    while ((factors[known + 1]?.at ?? Infinity) <= ends) known += 1;
    step.allowed = Math.round((factors[known]?.factor ?? 1) * plot.rate * 10) / 10;
  });
  return steps;
}

interface Factor {
  at: number;
  factor: number;
}

const wallNow = () => performance.timeOrigin + performance.now();

async function startThrottler() {
  const file = fileURLToPath(new URL("./throttling-server.js", import.meta.url));
  const child = fork(file, []);
  const heard = async () => ((await once(child, "message")) as [FromThrottler])[0];
  const send = (message: ToThrottler) => child.send(message);
  const hello = await heard();
  if (!("port" in hello)) throw new Error("the server did not say its port");
  return {
    url: `http://127.0.0.1:${hello.port}`,
    send,
    async log(): Promise<Seen[]> {
      send("log");
      const message = await heard();
      return "log" in message ? message.log : [];
    },
    async end() {
      send("end");
      await once(child, "exit");
    },
  };
}

const BAR_WIDTH = 50;
/** A line of text covers so many steps. */
const STEPS_A_LINE = 4;

/**
 * The story as bars of text: a line for every two seconds, █ accepted, ▒ refused, │ the run's own
 * rate.
 */
export function throttleBars({ plot, steps, stepMs }: ThrottleResult): string[] {
  const width = (rate: number) => Math.round((rate / plot.rate) * BAR_WIDTH);
  const lines: string[] = [];
  for (let from = 0; from < steps.length; from += STEPS_A_LINE) {
    const some = steps.slice(from, from + STEPS_A_LINE);
    const mean = (of: (step: ThrottleStep) => number) =>
      some.reduce((sum, step) => sum + of(step), 0) / some.length;
    const accepted = mean((step) => step.accepted);
    const refused = mean((step) => step.refused);
    const bar = `${"█".repeat(width(accepted))}${"▒".repeat(width(refused))}`.padEnd(BAR_WIDTH + 4);
    const allowed = Math.max(0, width(mean((step) => step.allowed)) - 1);
    const marked = `${bar.slice(0, allowed)}│${bar.slice(allowed + 1)}`;
    const seconds = `${(from * stepMs) / 1000} s`.padStart(6);
    const numbers = `${accepted.toFixed(0).padStart(5)}/s ${refused.toFixed(0).padStart(4)} refused`;
    lines.push(`${seconds} ${marked} ${numbers}`);
  }
  return lines;
}
