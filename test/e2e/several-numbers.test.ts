// A campaign that sends from two numbers side by side, against the sandbox's own log.

import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";

import { testWithSandbox } from "../support/fixture.ts";
import { query, sandboxEvents } from "../support/harness.ts";
import {
  FIRST,
  mexicanOf,
  SECOND,
  startAccount,
  takenBy,
  writeCampaign,
} from "../support/several-numbers.ts";

const it = testWithSandbox(async (folder) => {
  const sandbox = await startAccount(folder);
  writeCampaign(folder, sandbox.url, { brazilians: 40, mexicans: 20 });
  return sandbox;
});

/** Lane → how often each status, as the view has it. */
function lanesOf(folder: string): Record<string, number> {
  const rows = query<{ lane: string; status: string; n: number }>(
    folder,
    "select lane, status, count(*) as n from outcomes group by 1, 2",
  );
  return Object.fromEntries(rows.map(({ lane, status, n }) => [`${lane} ${status}`, n]));
}

describe.concurrent("a campaign of two numbers", () => {
  it("sends to everybody once, by the number of their region", async ({ world }) => {
    const { folder, sandbox, run } = world;
    const ended = await run("campaign.yaml", "--json");
    expect(ended.code, ended.stderr).toBe(0);
    const taken = takenBy(sandbox.log);
    expect(taken[FIRST]).toHaveLength(40);
    expect(new Set(taken[FIRST]).size).toBe(40);
    expect(taken[SECOND]?.toSorted()).toEqual(
      Array.from({ length: 20 }, (_, at) => mexicanOf(at + 1)).toSorted(),
    );
    expect(JSON.parse(ended.stdout)).toMatchObject({
      state: "finished",
      numbers: [
        { phone_number_id: FIRST, waiting: 0, accepted: 40, failed: 0, unknown: 0, stopped: null },
        { phone_number_id: SECOND, waiting: 0, accepted: 20, failed: 0, unknown: 0, stopped: null },
      ],
    });
    expect(lanesOf(folder)).toEqual({ [`${FIRST} accepted`]: 40, [`${SECOND} accepted`]: 20 });
    const again = await run("campaign.yaml");
    expect(again.code).toBe(0);
    expect(sandboxEvents(sandbox.log).filter(({ event }) => event === "accepted")).toHaveLength(60);
  });

  it("posts no more than a limit, over both", async ({ world }) => {
    const ended = await world.run("campaign.yaml", "--limit", "30");
    expect(ended.code, ended.stderr).toBe(75);
    expect(Object.values(takenBy(world.sandbox.log)).flat()).toHaveLength(30);
    expect((await world.run("campaign.yaml")).code).toBe(0);
    const all = Object.values(takenBy(world.sandbox.log)).flat();
    expect(new Set(all).size).toBe(60);
    expect(all).toHaveLength(60);
  });

  it("goes on with the others when one halts; its people wait, or go by another one", async ({
    world,
  }) => {
    const { folder, sandbox, run } = world;
    await sandbox.patch({ account_state: { refuse_all: 131031, phone_number_id: SECOND } });
    const ended = await run("campaign.yaml");
    expect(ended.code, ended.stderr).toBe(3);
    expect(ended.stderr + ended.stdout).toContain(`Number ${SECOND}: `);
    expect(takenBy(sandbox.log)[FIRST]).toHaveLength(40);
    expect(lanesOf(folder)).toEqual({ [`${FIRST} accepted`]: 40, [`${SECOND} pending`]: 20 });
    const status = await run("status", "campaign.yaml");
    expect(status.stdout).toMatch(new RegExp(`${SECOND} +20 +0 +0 +0\n`));
    // A number that is none of the campaign's, and one to itself.
    const wrong = await run("move", "campaign.yaml", "--from", "12345", "--to", FIRST);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain(`Give one of its numbers ${FIRST}`);
    const same = await run("move", "campaign.yaml", "--from", SECOND, "--to", SECOND);
    expect(same.code).toBe(2);
    const moved = await run("move", "campaign.yaml", "--from", SECOND, "--to", FIRST);
    expect(moved.code, moved.stderr).toBe(0);
    expect(moved.stderr).toContain(`20 recipients of number ${SECOND} go by number ${FIRST} now.`);
    expect((await run("audit")).stdout).toContain("move");
    const after = await run("campaign.yaml");
    expect(after.code, after.stderr).toBe(0);
    expect(new Set(takenBy(sandbox.log)[FIRST]).size).toBe(60);
    expect(takenBy(sandbox.log)[FIRST]).toHaveLength(60);
  });

  it("goes on in a ledger that it was moved to, from both numbers", async ({ world }) => {
    const { sandbox, run } = world;
    expect((await run("campaign.yaml", "--limit", "20")).code).toBe(75);
    const moved = await run("ledger", "copy", "data/ledger.sqlite", "moved.sqlite");
    expect(moved.code, moved.stderr).toBe(0);
    const after = await run("--ledger", "moved.sqlite", "run", "campaign.yaml");
    expect(after.code, after.stderr).toBe(0);
    const taken = takenBy(sandbox.log);
    expect(new Set(taken[FIRST]).size).toBe(40);
    expect(new Set(taken[SECOND]).size).toBe(20);
    expect(Object.values(taken).flat()).toHaveLength(60);
  });

  it("decides a test over both, and then sends its rest from both", async ({ world }) => {
    const { folder, sandbox, run } = world;
    appendFileSync(
      join(folder, "campaign.yaml"),
      "test: { name: cta, arms: { a: { share: 30% }, b: { share: 30%, template: { body: [b] } } }, metric: read, wait: 1s }\n",
    );
    const first = await run("campaign.yaml", "--json");
    expect(first.code, first.stderr).toBe(75);
    expect(JSON.parse(first.stdout).standing).toMatchObject({ kind: "waiting" });
    const inArms = query<{ n: number }>(
      folder,
      "select count(*) as n from outcomes where arm is not null",
    )[0]?.n as number;
    const taken = () => Object.values(takenBy(sandbox.log)).flat();
    expect(taken()).toHaveLength(inArms);
    const bodies = () =>
      sandboxEvents(sandbox.log).flatMap(({ event, body }) => (event === "receipt" ? [body] : []));
    await expect.poll(() => bodies().length, { timeout: 20_000 }).toBeGreaterThan(inArms);
    const file = join(folder, "receipts.jsonl");
    writeFileSync(
      file,
      bodies()
        .map((body) => `${JSON.stringify(body)}\n`)
        .join(""),
    );
    const imported = await run("receipts", "import", file);
    expect(imported.code, imported.stderr).toBe(0);
    const last = await run("campaign.yaml", "--wait");
    expect(last.code, last.stderr).toBe(0);
    expect(last.stderr.match(/goes to the other \d+ people\./g)).toHaveLength(1);
    expect(new Set(taken()).size).toBe(60);
    expect(taken()).toHaveLength(60);
  });

  it("keeps each number below its own rate", async ({ world }) => {
    const { folder, sandbox, run } = world;
    writeCampaign(folder, sandbox.url, { brazilians: 60, mexicans: 20, rates: [40, 10] });
    expect((await run("campaign.yaml")).code).toBe(0);
    for (const [id, rate] of [
      [FIRST, 40],
      [SECOND, 10],
    ] as const) {
      const instants = sandboxEvents(sandbox.log).flatMap((one) =>
        one.event === "accepted" && one.phone_number_id === id ? [Date.parse(String(one.at))] : [],
      );
      for (const from of instants) {
        const within = instants.filter((at) => at >= from && at < from + 1000).length;
        expect(within).toBeLessThanOrEqual(rate + 1);
      }
    }
  });
});
