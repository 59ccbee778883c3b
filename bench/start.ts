// Starting: CPU of commands that read, beside `node -e 0`; and what `serve` takes until it answers.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { writePeople } from "./people.ts";
import type { Took } from "./program.ts";
import { MAIN, took } from "./program.ts";

export interface StartResult {
  node: number[];
  help: number[];
  status: number[];
  report: number[];
  serve: Took[];
}

/** CPU milliseconds of each command, taken in turns, on a campaign of so many rows. */
export async function benchStart(rows: number, rounds: number): Promise<StartResult> {
  const folder = mkdtempSync(join(tmpdir(), "campaign-bench-"));
  writePeople(folder, rows, "http://127.0.0.1:9");
  await took(folder, [MAIN, "run", "campaign.yaml", "--new-ledger", "--limit", "0"]);
  const result: StartResult = { node: [], help: [], status: [], report: [], serve: [] };
  for (let round = 0; round < rounds; round += 1) {
    result.node.push((await took(folder, ["-e", "0"])).cpuMs);
    result.help.push((await took(folder, [MAIN, "--help"])).cpuMs);
    result.status.push((await took(folder, [MAIN, "status", "campaign.yaml"])).cpuMs);
    result.report.push((await took(folder, [MAIN, "report", "campaign.yaml", "--json"])).cpuMs);
    result.serve.push(await took(folder, [MAIN, "serve", "--port", "0"], true));
  }
  rmSync(folder, { recursive: true });
  return result;
}
