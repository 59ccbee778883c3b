// `suppress.campaigns`, end to end: nobody gets a campaign whom another one reached; the proof is
// the server's own log.

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
  writeCsv(folder, 40);
});

function manifest(name: string, others: string[] = []): string {
  const more = others.length === 0 ? "" : `suppress: { campaigns: [${others.join(", ")}] }\n`;
  return writeManifest(cwd, sandbox, { name: `${name}.yaml`, campaign: name, more });
}

const run = (...args: string[]) =>
  campaign(args, { cwd, env: { WHATSAPP_ACCESS_TOKEN: sandbox.token } });

it("leaves out whom the other campaign reached before, and while it was at work", async () => {
  const [first, second] = [manifest("first"), manifest("second", ["first"])];
  await run(first, "--limit", "15");
  const checked = JSON.parse((await run("check", second, "--json")).stdout);
  expect(checked).toMatchObject({ send: 25, reasons: { reached_by_campaign: 15 } });
  // Part of the second, then more of the first: rows 21 to 40 are the second's, and row 16 to 20
  // were.
  await run(second, "--limit", "5");
  await run(first, "--limit", "10");
  expect((await run(second)).code).toBe(0);
  const { counts, reasons } = JSON.parse((await run("status", second, "--json")).stdout);
  expect(counts).toEqual({ accepted: 20, skipped: 20 });
  expect(reasons).toEqual({ reached_by_campaign: 20 });
  const to = acceptedBy(sandbox.log);
  // 25 by the first; of these the second had posted to five before.
  expect([to.length, new Set(to).size]).toEqual([45, 40]);
  const [late] = query<{ error_message: string }>(
    join(cwd),
    "select error_message from outcomes where campaign = 'second' and row_number = 21",
  );
  expect(late?.error_message).toContain("may have reached this person since");
});

it("refuses names that mean nothing, itself, and a circle", async () => {
  await run(manifest("first"), "--limit", "1");
  const typo = await run(manifest("second", ["frist"]));
  expect(typo.code).toBe(2);
  expect(typo.stderr).toMatch(/names frist.*Did you mean "first"\? \[unknown_campaign\]/);
  const itself = await run("check", manifest("third", ["third"]));
  expect([itself.code, itself.stderr]).toEqual([
    2,
    expect.stringMatching(/is this campaign itself/),
  ]);
  await run(manifest("fourth", ["first"]), "--limit", "1");
  const circle = await run(manifest("first", ["fourth"]));
  expect(circle.code).toBe(2);
  expect(circle.stderr).toMatch(/in a circle: "first" → "fourth" → "first"/);
  expect(acceptedBy(sandbox.log)).toHaveLength(2);
});
