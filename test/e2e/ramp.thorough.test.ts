// A campaign that goes to some people first, by the log of the sandbox: how far it goes, and what
// lets it go on.

import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { test as it } from "../support/fixture.ts";
import { query, sandboxEvents, writeCsv } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const PEOPLE = 300;
const M = "campaign.yaml";

/** Writes a list, a manifest and a scenario; `ramp` and `scenario` are YAML. */
function write(folder: string, ramp: string, scenario: string): void {
  writeCsv(folder, PEOPLE);
  writeFileSync(join(folder, "scenario.yaml"), `receipt_delay_ms: 20\nseed: ramp\n${scenario}\n`);
  writeFileSync(
    join(folder, M),
    `campaign: ramp
account: sandbox
recipients: { file: list.csv, phone: phone }
template: { name: offer, language: pt_BR, body: ["{{ first_name }}", "{{ coupon }}"] }
rate: { messages_per_second: 80 }
ramp: ${ramp}
sandbox: { scenario: scenario.yaml }
`,
  );
}

/** Rows that were posted, in the order of their posts. */
function posted(folder: string): number[] {
  return query<{ row: number }>(
    folder,
    "select row_number as row from attempt where started_at is not null order by started_at, row_number",
  ).map(({ row }) => row);
}

const acceptedIn = (folder: string): number =>
  sandboxEvents(join(folder, "data", "sandbox.jsonl")).filter(({ event }) => event === "accepted")
    .length;

describe("a ramp", () => {
  it("goes from step to step to everybody, in a random order, each once", async ({ folder }) => {
    write(folder, "{ steps: [20, 50%], settle: 1s }", "shares: { read: 0.5 }");
    const checked = await campaign(["check", M], { cwd: folder });
    expect(checked.stdout).toContain(
      "ramp: 20 people, then 150, then all 300; each step settles 1 s",
    );
    const ended = await campaign([M], { cwd: folder });
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain(
      "Step 1 of the ramp is sound after 20 people; next: 150 in all.",
    );
    expect(ended.stderr).toContain("Step 2 of the ramp is sound after 150 people");
    expect(acceptedIn(folder)).toBe(PEOPLE);
    const rows = posted(folder);
    expect(new Set(rows).size).toBe(PEOPLE);
    // The first step is no head of the list.
    expect(Math.max(...rows.slice(0, 20))).toBeGreaterThan(PEOPLE / 2);
  });

  it("halts with its evidence, and goes on only despite that", async ({ folder }) => {
    write(folder, "{ steps: [60], settle: 1s }", "shares: { unreachable: 0.6 }");
    const halted = await campaign([M, "--json"], { cwd: folder });
    expect(halted.code).toBe(3);
    const { halt, state } = JSON.parse(halted.stdout);
    expect(state).toBe("halted");
    expect(halt.code).toBe("ramp");
    expect(halt.sentence).toMatch(
      /^Step 1 of the ramp: \d+ of \d+ settled messages failed \(\d+\.\d%, limit 20%\); a sound campaign shows this (less than )?once in [\d,]+\./,
    );
    const first = acceptedIn(folder);
    expect(first).toBeLessThanOrEqual(60);
    const status = await campaign(["status", M], { cwd: folder });
    expect(status.stdout.replaceAll(/\s+/g, " ")).toMatch(
      /Ramp: step 1 of 1, \d+ of 60 people; \d+ settled, \d+ failed; 240 people wait for the next step/,
    );
    const again = await campaign([M], { cwd: folder });
    expect([again.code, acceptedIn(folder)]).toEqual([3, first]);
    const refused = await campaign(["unpause", M], { cwd: folder });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("--despite ramp");
    const lifted = await campaign(["unpause", M, "--despite", "ramp"], { cwd: folder });
    expect(lifted.code, lifted.stderr).toBe(0);
    const audit = await campaign(["audit", "--json"], { cwd: folder });
    expect(audit.stdout).toContain('"despite": "ramp"');
    // The next step says the same of itself.
    const next = await campaign([M], { cwd: folder });
    expect(next.code).toBe(3);
    expect(acceptedIn(folder)).toBeGreaterThan(first);
  });

  it("stops where no receipt comes, and asks between steps where it is to", async ({ folder }) => {
    const blind = mkdtempSync(join(folder, "blind-"));
    writeFileSync(join(blind, "package.json"), "{}");
    write(blind, "{ steps: [20], settle: 1s }", "webhooks: { lost: 1 }");
    const stopped = await campaign([M, "--json"], { cwd: blind });
    expect([stopped.code, acceptedIn(blind)]).toEqual([75, 20]);
    const status = await campaign(["status", M], { cwd: blind });
    expect(status.stdout).toContain("no receipt came for the ramp");
    write(folder, "{ steps: [20, 40], settle: 1s, after_step: ask }", "shares: { read: 0.5 }");
    for (const people of [20, 40]) {
      const paused = await campaign([M], { cwd: folder });
      expect([paused.code, acceptedIn(folder)], paused.stderr).toEqual([75, people]);
      expect((await campaign(["unpause", M], { cwd: folder })).code).toBe(0);
    }
    expect((await campaign([M], { cwd: folder })).code).toBe(0);
    expect(acceptedIn(folder)).toBe(PEOPLE);
  });
});
