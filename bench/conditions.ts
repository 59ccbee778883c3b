// What the conditions of a claim cost: the same people, sent to by the program at Meta's rate with
// no condition, with each, and with all of them.

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { startPeer } from "./peer.ts";
import { writePeople } from "./people.ts";
import { MAIN, took } from "./program.ts";
import { passSteps, settleRows } from "./settle.ts";

/** Lines of the manifest. Each holds everybody back for a while at most in theory. */
const CONDITIONS = {
  hours: 'hours: { from: "00:00", to: "24:00", time_zone: recipient }',
  cap: "cap: { most: 2, in: 7d }",
  // Everybody is in its first step.
  step: "ramp: { steps: [90000000], settle: 24h, halt_above: { failed: 20%, opted_out: 1% } }",
  // Its steps are through.
  ramp: "ramp: { steps: [1, 2], settle: 24h, halt_above: { failed: 20%, opted_out: 1% } }",
  budget: "rate_card: rates.csv\nbudget: { most: 9000000.00, currency: USD }",
} as const;

/** One of the conditions. */
export type Condition = keyof typeof CONDITIONS;

/** All of them, as a campaign has them for most of its people. */
export const ALL_CONDITIONS: readonly Condition[] = ["hours", "cap", "ramp", "budget"];

/** Adds conditions to the manifest of a folder's campaign. */
export function addConditions(manifest: string, conditions: readonly Condition[]): void {
  writeFileSync(
    join(dirname(manifest), "rates.csv"),
    "Market,Currency,Marketing\nBrazil,$US,0.0625\n",
  );
  for (const one of conditions) appendFileSync(manifest, `${CONDITIONS[one]}\n`);
}

/**
 * CPU a message in microseconds, one for each round: the runs are taken in turns, and the start of
 * the program is taken off.
 * @param scenes the conditions of each run
 */
export async function benchConditions(
  messages: number,
  rounds: number,
  scenes: readonly (readonly Condition[])[],
): Promise<number[][]> {
  const peer = await startPeer(0, 0);
  const rows = messages * rounds;
  const folders: string[] = [];
  for (const conditions of scenes) {
    const folder = mkdtempSync(join(tmpdir(), "campaign-bench-"));
    folders.push(folder);
    const { manifest } = writePeople(folder, rows, peer.url);
    if (conditions.includes("cap")) await sendEarlier(folder, manifest, rows);
    addConditions(manifest, conditions);
    await send(folder, 0);
    if (conditions.includes("ramp")) passSteps(folder, "bench", 2);
  }
  const result = scenes.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, folder] of folders.entries()) {
      const start = await send(folder, 1);
      const all = await send(folder, messages - 1);
      if ((await peer.arrivals()).length !== messages) throw new Error("not all arrived");
      result[at]?.push(((all - start) / (messages - 2)) * 1000);
    }
  }
  await peer.end();
  for (const folder of folders) rmSync(folder, { recursive: true });
  return result;
}

/** Another campaign has reached all of the people, so that the cap has something to look at. */
async function sendEarlier(folder: string, manifest: string, rows: number): Promise<void> {
  const earlier = readFileSync(manifest, "utf8").replace("campaign: bench", "campaign: earlier");
  writeFileSync(join(folder, "earlier.yaml"), earlier);
  await send(folder, 0, "earlier.yaml");
  settleRows(folder, { campaign: "earlier", rows, at: Date.now() - 86_400_000 });
}

/** Sends to so many people; CPU milliseconds. */
async function send(folder: string, messages: number, manifest = "campaign.yaml"): Promise<number> {
  const args = [MAIN, "run", manifest, "--new-ledger", "--limit", String(messages)];
  const { code, cpuMs } = await took(folder, args);
  if (code !== 0 && code !== 75) throw new Error(`the program ended with ${code}`);
  return cpuMs;
}
