// Starting again with nearly everything done: from the start of the program to its first post.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Condition } from "./conditions.ts";
import { addConditions } from "./conditions.ts";
import type { Peer } from "./peer.ts";
import { startPeer } from "./peer.ts";
import { writePeople } from "./people.ts";
import { MAIN, took } from "./program.ts";
import { passSteps, settleRows } from "./settle.ts";

/** Milliseconds from start to first post, one for each round. */
export async function benchRestart(
  rows: number,
  rounds: number,
  conditions: readonly Condition[] = [],
): Promise<number[]> {
  const peer = await startPeer(0, 0);
  const folder = mkdtempSync(join(tmpdir(), "campaign-bench-"));
  const { manifest } = writePeople(folder, rows, peer.url);
  addConditions(manifest, conditions);
  await runProgram(folder, 0);
  const at = Date.now() - 3_600_000;
  if (conditions.includes("ramp")) passSteps(folder, "bench", 2);
  settleRows(folder, { campaign: "bench", rows: Math.floor(rows * 0.99), at });
  const result: number[] = [];
  for (let round = 0; round < rounds; round += 1) result.push(await timeToFirstPost(folder, peer));
  await peer.end();
  rmSync(folder, { recursive: true });
  return result;
}

async function timeToFirstPost(folder: string, peer: Peer): Promise<number> {
  await peer.arrivals();
  const from = performance.timeOrigin + performance.now();
  await runProgram(folder, 1);
  const [first] = await peer.arrivals();
  if (first === undefined) throw new Error("nothing was posted");
  return first - from;
}

async function runProgram(folder: string, limit: number): Promise<void> {
  const args = [MAIN, "run", "campaign.yaml", "--new-ledger", "--limit", String(limit)];
  const { code } = await took(folder, args);
  if (code !== 75) throw new Error(`the program ended with ${code}`);
}
