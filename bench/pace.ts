// The pace at a rate, against a server that answers in 100 to 200 ms: how many requests begin in
// any second at the run, and how many arrive in one at the server. Undisturbed; with the process
// killed half-way and another going on at once; and with a second campaign on the same number right
// after the first.

import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import type { Planned } from "./campaign.ts";
import { MESSAGE, PHONE_NUMBER_ID, planCampaign } from "./campaign.ts";
import { startPeer } from "./peer.ts";
import { digitsOf } from "./people.ts";

export type PaceScene = "undisturbed" | "killed" | "two campaigns";

export interface PaceResult {
  scene: PaceScene;
  rate: number;
  /**
   * Part of the rate that was reached while there was work: the least of the scene's processes, the
   * pause between them left out.
   */
  reached: number;
  /** Most begins in any second at the run, as a part of the rate. */
  worstAtRunner: number;
  /** Most arrivals in any second at the server, as a part of the rate. */
  worstAtServer: number;
  /**
   * Between the last request of one process and the first of the next; 0 with one process.
   * Milliseconds.
   */
  pauseMs: number;
  /** Arrivals in each whole second since the first. */
  perSecond: number[];
}

/** Plays a scene for about so many seconds at a rate. */
export async function benchPace(
  scene: PaceScene,
  rate: number,
  seconds: number,
): Promise<PaceResult> {
  const peer = await startPeer(100, 200);
  const planned = await planCampaign(rate * (scene === "two campaigns" ? seconds / 2 : seconds));
  const names = scene === "two campaigns" ? ["bench", SECOND] : ["bench"];
  if (scene === "two campaigns") await planSecond(planned, (rate * seconds) / 2);
  if (scene === "killed") names.push("bench");
  // All processes are there before the first begins, so that nothing but the pace keeps the second
  // from going on at once.
  const runners = [];
  for (const name of names) runners.push(await startRunner(planned, name, peer.url, rate));
  const ends: number[] = [];
  for (const [index, runner] of runners.entries()) {
    const exit = once(runner, "exit");
    runner.send("go");
    await Promise.race([once(runner, "message"), exit]);
    const isKilled = scene === "killed" && index === 0;
    if (isKilled) {
      await sleep((seconds / 2) * 1000);
      runner.kill("SIGKILL");
    }
    const [code] = await exit;
    if (!isKilled && code !== 0) throw new Error(`a run at ${rate} a second did not finish`);
    ends.push(performance.timeOrigin + performance.now());
  }
  const begins = readFileSync(join(planned.folder, "begins.txt"), "utf8").trim().split("\n");
  const arrivals = (await peer.arrivals()).sort((a, b) => a - b);
  await peer.end();
  await planned.remove();
  return { scene, rate, ...measure(rate, begins.map(Number), arrivals, ends) };
}

function measure(rate: number, begins: number[], arrivals: number[], ends: number[]) {
  let since = Number.NEGATIVE_INFINITY;
  const runs = ends.map((until) => {
    const mine = begins.filter((at) => at > since && at <= until);
    since = until;
    return { first: mine[0] as number, last: mine.at(-1) as number, count: mine.length };
  });
  const reached = runs.map(
    ({ first, last, count }) => (count - 1) / ((last - first) / 1000) / rate,
  );
  const pauses = runs.slice(1).map(({ first }, index) => first - (runs[index]?.last ?? first));
  return {
    reached: Math.min(...reached),
    worstAtRunner: worstSecond(begins) / rate,
    worstAtServer: worstSecond(arrivals) / rate,
    pauseMs: Math.round(Math.max(0, ...pauses)),
    perSecond: countPerSecond(arrivals),
  };
}

/** Most instants in any window of one second; they come in order. */
function worstSecond(instants: number[]): number {
  let worst = 0;
  let from = 0;
  instants.forEach((at, index) => {
    while (at - (instants[from] as number) >= 1000) from += 1;
    worst = Math.max(worst, index - from + 1);
  });
  return worst;
}

function countPerSecond(instants: number[]): number[] {
  const [first = 0] = instants;
  const length = Math.floor(((instants.at(-1) ?? first) - first) / 1000);
  const counts = Array.from({ length }, () => 0);
  for (const at of instants) {
    const second = Math.floor((at - first) / 1000);
    // The last second is not a whole one.
    if (second < length) counts[second] = (counts[second] ?? 0) + 1;
  }
  return counts;
}

async function startRunner(
  planned: Planned,
  name: string,
  url: string,
  rate: number,
): Promise<ChildProcess> {
  const file = fileURLToPath(new URL("./runner.js", import.meta.url));
  const args = [planned.folder, name, url, `${rate}`];
  const child = fork(file, args);
  await once(child, "message");
  return child;
}

const SECOND = "bench-second";

/** Plans a second campaign on the same number. */
async function planSecond({ ledger }: Planned, rows: number): Promise<void> {
  const now = Date.now();
  const draft = { name: SECOND, lane: PHONE_NUMBER_ID, frozen: {}, columns: [], now };
  const { id } = await ledger.createCampaign(draft);
  const rendered = MESSAGE.render({ first_name: "Ana", coupon: "AGAIN" });
  if (rendered.kind !== "rendered") throw new Error("the bench's rows have every value");
  const { values } = rendered;
  const planned = Array.from({ length: rows }, (_, at) => ({
    row: at + 1,
    line: at + 2,
    hash: at,
    phone: `+${digitsOf(at + 1)}`,
    person: digitsOf(at + 1),
    userId: null,
    recipientId: null,
    region: "BR",
    verdict: { kind: "send" as const, values },
    cells: "[]",
  }));
  await ledger.plan(id, planned, now);
  const recipients = { size: 0, modifiedMs: 0, sha256: "" };
  await ledger.finishPlanning(id, { frozen: {}, recipients, columns: [], rows, now });
}
