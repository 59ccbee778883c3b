// A campaign that is stopped from outside while it runs: by `pause`, by an event of its template,
// by `cancel`. The sandbox's log is the proof that nothing is posted then.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect } from "vitest";
import { statusBody } from "../ledger/conformance/receipts.ts";
import { test } from "../support/fixture.ts";
import type { TestSandbox } from "../support/harness.ts";
import {
  acceptedBy,
  LONG,
  query,
  scenario,
  start,
  startSandbox,
  statuses,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

interface World {
  folder: string;
  sandbox: TestSandbox;
  manifest: string;
  env: Record<string, string>;
  run(...args: string[]): ReturnType<typeof campaign>;
}

const it = test.extend<{ world: World }>({
  world: async ({ folder }, use) => {
    const sandbox = await startSandbox(folder, scenario("latency_ms: { min: 20, max: 40 }\n"));
    const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
    writeCsv(folder, LONG.people);
    const manifest = writeManifest(folder, sandbox, LONG.pace);
    const run = (...args: string[]) => campaign(args, { cwd: folder, env });
    await use({ folder, sandbox, manifest, env, run });
  },
});

const taken = (log: string) => acceptedBy(log).length;

describe.concurrent("a campaign that is stopped from outside", () => {
  it("by pause posts nothing until unpause, however often it is run", async ({ world }) => {
    const { folder, sandbox, manifest, env, run } = world;
    const running = start([manifest, "--json"], { cwd: folder, env });
    await running.until(() => taken(sandbox.log) >= 10);
    const paused = await run("pause", manifest);
    expect(paused.code, paused.stderr).toBe(0);
    expect(paused.stderr).toMatch(/campaign unpause campaign\.yaml/);
    const ended = await running.ended;
    expect(ended.code, ended.stderr).toBe(75);
    expect(ended.stderr).toMatch(/Paused: .*campaign unpause campaign\.yaml/);
    expect(JSON.parse(ended.stdout)).toMatchObject({ state: "stopped", stop: { kind: "paused" } });
    const before = taken(sandbox.log);
    expect(before).toBeLessThan(LONG.people);
    expect(statuses(folder)).toEqual({ accepted: before, pending: LONG.people - before });

    const again = await run(manifest);
    expect(again.code).toBe(75);
    expect(again.stderr).toMatch(/nothing to do; Paused by /);
    expect((await run("status", manifest)).stdout).toMatch(/: Paused by /);
    expect(taken(sandbox.log)).toBe(before);

    const lifted = await run("unpause", manifest, "--json");
    expect(lifted.code, lifted.stderr).toBe(0);
    expect(JSON.parse(lifted.stdout)).toMatchObject({ stop: null });
    expect(taken(sandbox.log)).toBe(before);
    const last = await run(writeManifest(folder, sandbox));
    expect(last.code, last.stderr).toBe(0);
    expect(statuses(folder)).toEqual({ accepted: LONG.people });
    expect(taken(sandbox.log)).toBe(LONG.people);
    const done = query<{ action: string }>(folder, "select action from audit order by id");
    expect(done.map((entry) => entry.action)).toEqual(["pause", "unpause"]);
    expect((await run("pause", manifest)).code).toBe(2);
  });

  it("is let go on although the clock was set back since", async ({ world }) => {
    const { folder, manifest, env, run } = world;
    await run(manifest, "--limit", "1");
    const ahead = { cwd: folder, env, aheadMs: 3_600_000 };
    const paused = await campaign(["pause", manifest], ahead);
    expect(paused.code, paused.stderr).toBe(0);
    const lifted = await run("unpause", manifest, "--json");
    expect(lifted.stderr).toMatch(/^Unpaused\. /);
    expect(JSON.parse(lifted.stdout)).toMatchObject({ stop: null });
  });

  it("by an event of its template halts, is shown by status, and goes on once the check passes", async ({
    world,
  }) => {
    const { folder, sandbox, manifest, env, run } = world;
    const value = {
      event: "PAUSED",
      message_template_id: 7,
      message_template_name: "offer",
      message_template_language: "pt-BR",
      other_info: { title: "FIRST_PAUSE" },
    };
    const change = { field: "message_template_status_update", value };
    const event = (time: number) =>
      JSON.stringify({
        object: "whatsapp_business_account",
        entry: [{ id: "1", time, changes: [change] }],
      });
    const running = start([manifest, "--json"], { cwd: folder, env });
    await running.until(() => taken(sandbox.log) >= 10);
    writeFileSync(join(folder, "events.jsonl"), event(Math.floor(Date.now() / 1000) + 1));
    expect((await run("receipts", "import", "events.jsonl")).code).toBe(0);
    const ended = await running.ended;
    expect(ended.code, ended.stderr).toBe(3);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      state: "halted",
      halt: { code: "template_paused" },
    });
    const before = taken(sandbox.log);
    expect(before).toBeLessThan(LONG.people);

    const reported = JSON.parse((await run("status", manifest, "--json")).stdout);
    expect(reported).toMatchObject({
      state: "halted",
      stop: { kind: "halted", code: "template_paused" },
      events: [{ kind: "template_paused", level: "stop", template: "offer", said: "PAUSED" }],
      doubts: null,
    });
    expect((await run("status")).stdout).toMatch(/stop +Template "offer" \(pt_BR\)/);

    const last = await run(writeManifest(folder, sandbox));
    expect(last.code, last.stderr).toBe(0);
    expect(taken(sandbox.log)).toBe(LONG.people);
    expect(statuses(folder)).toEqual({ accepted: LONG.people });
  });
});

describe.concurrent("resolve", () => {
  it("says first what speaks for and against the messages in doubt", async ({ world }) => {
    const { folder, sandbox, run } = world;
    writeCsv(folder, 24, "few.csv");
    const manifest = writeManifest(folder, sandbox, { name: "few.yaml", list: "few.csv" });
    await sandbox.patch({ faults: [{ on: { every: 12 }, do: "drop_after_accepting" }] });
    const ended = await run(manifest);
    expect(ended.code, ended.stderr).toBe(0);
    const unknown = statuses(folder).unknown ?? 0;
    expect(unknown).toBeGreaterThan(0);
    const rows = query<{ id: string; person: string }>(
      folder,
      "select message_id as id, substr(phone, 2) as person from outcomes where status = 'accepted'",
    );
    const bodies = rows.map(({ id, person }) =>
      statusBody({ status: "delivered", id, waId: person, number: sandbox.phoneNumberId }),
    );
    writeFileSync(join(folder, "receipts.jsonl"), bodies.join("\n"));
    expect((await run("receipts", "import", "receipts.jsonl")).code).toBe(0);
    const status = await run("status", manifest);
    expect(status.stdout).toMatch(
      new RegExp(
        `${unknown} recipients? (is|are) unknown, posted .* ${rows.length} have a receipt`,
      ),
    );
    const resolved = await run("resolve", manifest, "--unknown", "give-up", "--json");
    expect(resolved.stderr).toMatch(/receipts may still come: wait for an hour/);
    expect(JSON.parse(resolved.stdout)).toMatchObject({
      counts: { failed: unknown },
      doubts: { unknown, neighbours: rows.length, neighbours_told: rows.length },
    });
  });
});
