// Planning a CSV (parse, normalise, screen, render, store), beside csv-parse alone on the same file.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { whole } from "./children.ts";
import { writePeople } from "./people.ts";

/** Rows a second of both, taken in turns. */
export async function benchPlan(
  rows: number,
  rounds: number,
): Promise<{ parse: number[]; plan: number[] }> {
  const folder = mkdtempSync(join(tmpdir(), "campaign-bench-"));
  const { manifest } = writePeople(folder, rows, "http://127.0.0.1:9");
  const result = { parse: [] as number[], plan: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const parsed = await whole(manifest, "csv");
    const planned = await whole(manifest, "plan");
    if (parsed.rows !== rows || planned.rows !== rows) throw new Error("not all rows were read");
    result.parse.push((rows / parsed.planMs) * 1000);
    result.plan.push((rows / planned.planMs) * 1000);
    rmSync(join(folder, "data"), { recursive: true });
  }
  rmSync(folder, { recursive: true });
  return result;
}
