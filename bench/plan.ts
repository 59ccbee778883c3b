// Planning a CSV (parse, normalise, screen, render, store), beside sqlite3's own import of the same
// file into a table whose phone numbers are unique; and a CSV whose rows are of uneven length
// beside it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { whole } from "./children.ts";
import { writePeople } from "./people.ts";

export interface PlanResult {
  /** Milliseconds of each round. */
  import: number[];
  plan: number[];
  uneven: number[];
  maxRssMb: number;
}

/** Times of all three, taken in turns. */
export async function benchPlan(rows: number, rounds: number): Promise<PlanResult> {
  const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), "campaign-bench-")));
  const [even = "", uneven = ""] = folders;
  const url = "http://127.0.0.1:9";
  const { csv, manifest } = writePeople(even, rows, url);
  const { manifest: unevenManifest } = writePeople(uneven, rows, url, true);
  const result: PlanResult = { import: [], plan: [], uneven: [], maxRssMb: 0 };
  const planned = async (file: string, folder: string) => {
    const { rows: read, planMs, maxRssMb } = await whole(file, "plan");
    if (read !== rows) throw new Error("not all rows were read");
    rmSync(join(folder, "data"), { recursive: true });
    result.maxRssMb = Math.max(result.maxRssMb, maxRssMb);
    return planMs;
  };
  for (let round = 0; round < rounds; round += 1) {
    result.import.push(importMs(csv, join(even, "import.sqlite")));
    result.plan.push(await planned(manifest, even));
    result.uneven.push(await planned(unevenManifest, uneven));
  }
  for (const folder of folders) rmSync(folder, { recursive: true });
  return result;
}

/** Milliseconds that the sqlite3 shell takes; it must be installed. */
function importMs(csv: string, file: string): number {
  const from = performance.now();
  execFileSync("sqlite3", [
    file,
    "create table person (customer_id, first_name, phone unique, coupon, city)",
    ".mode csv",
    `.import --skip 1 ${csv} person`,
  ]);
  const took = performance.now() - from;
  rmSync(file);
  return took;
}
