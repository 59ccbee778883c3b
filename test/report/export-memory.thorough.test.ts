// What an export needs of memory, whatever its size.

import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { exportOutcomes } from "../../src/cli/files/exporting.ts";
import { SPREADSHEET } from "../../src/csv/export.ts";
import type { CampaignRecord } from "../../src/domain/campaign/campaign.ts";
import type { Ledger } from "../../src/domain/ledger/ledger.ts";
import { openFewAndMany } from "./failed-dispatches.ts";

const ROWS = 100_000;
/**
 * What a run may need more for 100,000 rows than for 1,000: half of what is allowed for a million.
 */
const MORE_MEMORY_MAX = 25 * 1024 * 1024;

let folder: string;
let ledger: Ledger;
let few: CampaignRecord;
let many: CampaignRecord;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "exports-test-"));
  ({ ledger, few, many } = await openFewAndMany(folder, ROWS));
});

afterAll(async () => {
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (campaign: CampaignRecord, file: string) =>
  exportOutcomes(ledger, campaign, {
    targets: [{ kind: "csv", file }],
    own: null,
    style: SPREADSHEET,
    stop: new AbortController().signal,
  });

it("needs hardly more for 100,000 rows than for 1,000", async () => {
  const file = join(folder, "many.csv");
  await write(few, file);
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 10);
  try {
    expect(await write(many, file)).toEqual({ kind: "done", rows: ROWS });
  } finally {
    clearInterval(watch);
  }
  const size = statSync(file).size;
  // Held in memory it would not fit into what is allowed, or this says nothing: text alone,
  // without its rows.
  expect(size).toBeGreaterThan(10_000_000);
  expect(most - before).toBeLessThan(MORE_MEMORY_MAX + 2 * size);
  const lines = readFileSync(file, "utf8").split("\r\n");
  expect(lines).toHaveLength(ROWS + 2);
  expect(lines.at(-2)).toContain(`many,${ROWS},`);
});
