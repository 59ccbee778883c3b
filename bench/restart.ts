// Starting again with nearly everything done: from the start of the program to its first post.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import Database from "better-sqlite3";
import type { Peer } from "./peer.ts";
import { startPeer } from "./peer.ts";
import { writePeople } from "./people.ts";

/** Milliseconds from start to first post, one for each round. */
export async function benchRestart(rows: number, rounds: number): Promise<number[]> {
  const peer = await startPeer(0, 0);
  const folder = mkdtempSync(join(tmpdir(), "campaign-bench-"));
  writePeople(folder, rows, peer.url);
  await runProgram(folder, ["--limit", "0"]);
  settle(folder, Math.floor(rows * 0.99));
  const result: number[] = [];
  for (let round = 0; round < rounds; round += 1) result.push(await timeToFirstPost(folder, peer));
  await peer.end();
  rmSync(folder, { recursive: true });
  return result;
}

async function timeToFirstPost(folder: string, peer: Peer): Promise<number> {
  await peer.arrivals();
  const from = performance.timeOrigin + performance.now();
  await runProgram(folder, ["--limit", "1"]);
  const [first] = await peer.arrivals();
  if (first === undefined) throw new Error("nothing was posted");
  return first - from;
}

async function runProgram(folder: string, args: string[]): Promise<void> {
  const child = spawn(
    process.execPath,
    [resolve("dist/cli/main.js"), "campaign.yaml", "--new-ledger", ...args],
    {
      cwd: folder,
      env: { ...process.env, XDG_STATE_HOME: folder, WHATSAPP_ACCESS_TOKEN: "bench-token" },
      stdio: "ignore",
    },
  );
  const [code] = await once(child, "close");
  if (code !== 75) throw new Error(`the program ended with ${code}`);
}

/** Makes the first rows look sent: what an earlier run would have left, without its hours. */
function settle(folder: string, rows: number): void {
  const db = new Database(join(folder, "data", "ledger.sqlite"));
  db.exec(`
    begin;
    insert into attempt (campaign_id, row_number, attempt, stale, started_at, ended_at, endpoint,
      outcome, http_status, next_status, message_id)
    select campaign_id, row_number, 1, 0, 1, 2, '/v25.0/1/marketing_messages', 'accepted', 200,
      'accepted', 'wamid.' || row_number
    from dispatch where row_number <= ${rows};
    update dispatch set status = 'accepted', attempts = 1, claimed_at = 1, accepted_at = 2,
      message_id = 'wamid.' || row_number where row_number <= ${rows};
    commit;
  `);
  db.close();
}
