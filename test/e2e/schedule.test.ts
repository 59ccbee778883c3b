// The schedule of a campaign, end to end; the proof is the server's own log.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect } from "vitest";
import { test as it } from "../support/fixture.ts";
import type { TestSandbox } from "../support/harness.ts";
import {
  acceptedBy,
  scenario,
  startSandboxProcess,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const HOUR = 3_600_000;

let sandbox: TestSandbox;
let cwd: string;
beforeEach<{ folder: string }>(async ({ folder }) => {
  cwd = folder;
  sandbox = await startSandboxProcess(folder, scenario("receipt_delay_ms: null\n"));
  writeCsv(folder, 10);
});

const run = (...args: string[]) =>
  campaign(args, { cwd, env: { WHATSAPP_ACCESS_TOKEN: sandbox.token } });

const inHours = (hours: number) => new Date(Date.now() + hours * HOUR).toISOString();

it("sends nothing before its start, and on a day that a file leaves out", async () => {
  const starts = inHours(2).slice(0, 16);
  const hours = 'hours: { from: "00:00", to: "24:00", time_zone: UTC';
  const early = writeManifest(cwd, sandbox, { more: `starts: ${starts}\n${hours} }\n` });
  const checked = JSON.parse((await run("check", early, "--json")).stdout);
  expect(checked.estimate.time.done_at.slice(0, 16)).toBe(starts);
  const ended = await run(early, "--json");
  expect(ended.code).toBe(75);
  expect(JSON.parse(ended.stdout)).toMatchObject({ standing: { why: "hours" } });
  expect(JSON.parse(ended.stdout).go_on_at.slice(0, 16)).toBe(starts);

  const days = [0, 24].map((ahead) => `${inHours(ahead).slice(0, 10)},`);
  writeFileSync(join(cwd, "closed.csv"), `date,region\n${days.join("\n")}\n`);
  const closed = writeManifest(cwd, sandbox, { more: `${hours}, except: [closed.csv] }\n` });
  expect((await run(closed)).code).toBe(75);
  expect(acceptedBy(sandbox.log)).toEqual([]);

  // What is left out is read anew by the next run.
  writeFileSync(join(cwd, "closed.csv"), "date\n2020-12-25\n");
  expect((await run(closed)).code).toBe(0);
  expect(acceptedBy(sandbox.log)).toHaveLength(10);
});

it("names every line of a file that is no day", async () => {
  const hours = 'hours: { from: "00:00", to: "24:00", time_zone: UTC, except: [closed.csv] }\n';
  const manifest = writeManifest(cwd, sandbox, { more: hours });
  writeFileSync(join(cwd, "closed.csv"), "date,region\n25.12.2026,\n2026-12-25,Narnia\n");
  const refused = await run("check", manifest);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('closed.csv:2: "25.12.2026" is no date');
  expect(refused.stderr).toContain('closed.csv:3: "Narnia" is no country');
  writeFileSync(join(cwd, "closed.csv"), "date,region\n2026-12-25,BR\n");
  const alone = await run(manifest);
  expect(alone.stderr).toMatch(/campaign\.yaml:\d+:\d+: closed\.csv has days of single countries/);
});
