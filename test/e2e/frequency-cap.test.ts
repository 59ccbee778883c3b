// The frequency cap, end to end: the proof is the server's own log.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect } from "vitest";
import { test as it } from "../support/fixture.ts";
import type { TestSandbox } from "../support/harness.ts";
import {
  acceptedBy,
  query,
  scenario,
  startSandbox,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

let sandbox: TestSandbox;
let cwd: string;
beforeEach<{ folder: string }>(async ({ folder }) => {
  cwd = folder;
  sandbox = await startSandbox(folder, scenario("receipt_delay_ms: null\n"));
  writeCsv(folder, 20);
});

const manifest = (name: string, more = ""): string =>
  writeManifest(cwd, sandbox, { name: `${name}.yaml`, campaign: name, more });
const run = (...args: string[]) =>
  campaign(args, { cwd, env: { WHATSAPP_ACCESS_TOKEN: sandbox.token } });
const policy = (text: string) => writeFileSync(join(cwd, "policy.yaml"), text);

it("is the policy's for every campaign, is counted before, and names who used it up", async () => {
  policy("cap: { most: 1, in: 7d }\n");
  const [first, second] = [manifest("first"), manifest("second")];
  expect((await run(first, "--limit", "5")).code).toBe(75);
  const checked = await run("check", second);
  expect(checked.stdout).toContain("a frequency cap of 1 in 7d (skip)");
  expect(checked.stdout).toMatch(
    /^ {2}frequency cap 1 in 7d: 5 of 20 are over it now and would be skipped; all are free by \d{4}-/m,
  );
  const { cap } = JSON.parse((await run("check", second, "--json")).stdout);
  expect(cap).toMatchObject({ most: 1, in: "7d", gap: null, over: "skip", capped: 5 });
  expect((await run(second)).code).toBe(0);
  const status = await run("status", second, "--json");
  expect(JSON.parse(status.stdout)).toMatchObject({
    counts: { accepted: 15, skipped: 5 },
    reasons: { frequency_cap: 5 },
  });
  const to = acceptedBy(sandbox.log);
  expect([to.length, new Set(to).size]).toEqual([20, 20]);
  const [row] = query<{ error_message: string }>(
    cwd,
    "select error_message from outcomes where campaign = 'second' and row_number = 1",
  );
  expect(row?.error_message).toMatch(
    /\(1 in 7d\) is used up: campaign "first" messaged .* Free from /,
  );
  const retry = await run("retry", second, "--code", "frequency_cap");
  expect(retry.stderr).toMatch(/5 recipients are skipped for good/);
});

it("holds who waits for it, and says until when", async () => {
  const hold = "cap: { most: 1, in: 7d, over: hold }\n";
  const [first, second] = [manifest("first"), manifest("second", hold)];
  await run(first, "--limit", "5");
  const ended = await run(second);
  expect([ended.code, ended.stderr]).toEqual([75, expect.stringContaining("Only held recipients")]);
  const status = await run("status", second);
  expect(status.stdout).toMatch(/frequency_cap +5 /);
  expect(JSON.parse((await run("status", second, "--json")).stdout)).toMatchObject({
    counts: { accepted: 15, held: 5 },
  });
  const retry = await run("retry", second, "--code", "frequency_cap");
  expect(retry.stderr).toMatch(/5 recipients are held for it/);
});

it("is not obeyed by a campaign that must go, which the audit keeps once", async () => {
  policy("cap: { most: 1, in: 7d }\n");
  const [first, second] = [manifest("first"), manifest("second", "cap: off\n")];
  await run(first, "--limit", "5");
  expect((await run("check", second)).stdout).toContain(
    "not obeyed by this campaign: a frequency cap of 1 in 7d (skip)",
  );
  await run(second, "--limit", "8");
  await run(second, "--limit", "8");
  expect(acceptedBy(sandbox.log)).toHaveLength(21);
  const { stdout } = await run("audit");
  expect(stdout.match(/policy_set_aside/g)).toHaveLength(1);
  const loose = manifest("third", "cap:\n  most: 5\n  in: 7d\n");
  const refused = await run(loose);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/policy\.yaml:1 allows 1 in 7d, third\.yaml:\d+ asks for 5/);
});
