// The program on days after one another, by a wall clock that is ahead: the daily limit over runs,
// campaigns and processes, and messages that expire. The sandbox's own log shows whom it wrote to.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect } from "vitest";
import { statusBody } from "../ledger/conformance/receipts.ts";
import { test } from "../support/fixture.ts";
import type { Ended, TestSandbox } from "../support/harness.ts";
import {
  acceptedBy,
  numberOf,
  query,
  scenario,
  start,
  startSandbox,
  statuses,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** People count for a day and a minute. */
const WINDOW = DAY + 60_000;

interface World {
  folder: string;
  sandbox: TestSandbox;
  /** Starts the program with its clock ahead. */
  begin(aheadMs: number, ...args: string[]): ReturnType<typeof start>;
  run(aheadMs: number, ...args: string[]): Promise<Ended>;
  /**
   * Numbers of everybody whose message the server has seen, in order; only the server knows of
   * those of a killed run.
   */
  arrived(): string[];
}

/** Each test has a folder and a sandbox of its own, so that all of them can run side by side. */
const it = test.extend<{ world: World }>({
  world: async ({ folder }, use) => {
    const sandbox = await startSandbox(folder, scenario("latency_ms: { min: 5, max: 15 }"));
    const options = { cwd: folder, env: { WHATSAPP_ACCESS_TOKEN: sandbox.token } };
    await use({
      folder,
      sandbox,
      begin: (aheadMs, ...args) => start(args, { ...options, aheadMs }),
      run: (aheadMs, ...args) => campaign(args, { ...options, aheadMs }),
      arrived: () => acceptedBy(sandbox.log),
    });
  },
});

const limited = (people: number) => ({ more: `  people_per_day: ${people}\n` });

describe.concurrent("a campaign larger than its daily limit", () => {
  it("stops at it with 75, says when it goes on, and is done on the third day", async ({
    world,
  }) => {
    const { folder, sandbox, run, arrived } = world;
    writeCsv(folder, 60);
    const manifest = writeManifest(folder, sandbox, limited(25));
    const began = Date.now();
    const first = await run(0, manifest, "--json");
    expect(first.code).toBe(75);
    expect(first.stderr).toMatch(
      /Stopped: the daily limit of 25 \(rate\.people_per_day\) is reached, with 25 people in the last 24 hours\. The same command goes on .* Next try: \d+ \w+ 20/,
    );
    const summary = JSON.parse(first.stdout);
    expect(summary).toMatchObject({ state: "stopped", counts: { accepted: 25, pending: 35 } });
    expect(summary.daily_limit).toEqual({ limit: 25, reached: 25, free_at: summary.go_on_at });
    const goOnAt = Date.parse(summary.go_on_at);
    expect(goOnAt).toBeGreaterThan(began + WINDOW);
    expect(goOnAt).toBeLessThan(Date.now() + WINDOW);
    const status = await run(HOUR, "status", manifest);
    expect(status.stdout).toContain(
      "Daily limit: 25 of 25 people used (rolling 24 h); 35 people wait",
    );
    expect(status.stdout).toContain("Daily limit used until ");
    expect(summary.standing).toMatchObject({ why: "daily_limit", until: summary.go_on_at });
    expect(await run(12 * HOUR, manifest)).toMatchObject({ code: 75 });
    expect(arrived()).toHaveLength(25);
    expect(await run(WINDOW + 60_000, manifest)).toMatchObject({ code: 75 });
    expect(arrived()).toHaveLength(50);
    expect(await run(2 * (WINDOW + 60_000), manifest)).toMatchObject({ code: 0 });
    expect(new Set(arrived()).size).toBe(60);
    expect(arrived()).toHaveLength(60);
    expect((await run(2 * (WINDOW + 60_000), "doctor")).code).toBe(0);
  });

  it("reaches nobody beyond it after kill -9, however often", async ({ world }) => {
    const { folder, sandbox, begin, run, arrived } = world;
    writeCsv(folder, 200);
    const manifest = writeManifest(folder, sandbox, { ...limited(90), rate: 200 });
    for (const people of [15, 40, 60]) {
      const running = begin(0, manifest);
      await running.until(() => arrived().length >= people);
      running.child.kill("SIGKILL");
      await running.ended;
    }
    const last = await run(0, manifest);
    expect(last.code).toBe(75);
    expect(last.stderr).toMatch(/daily limit of 90 .* with 90 people/);
    const counts = statuses(folder);
    // Who is unknown may have been reached, and counts: the three kills may have cost a few places,
    // and gave none.
    expect((counts.accepted ?? 0) + (counts.unknown ?? 0)).toBe(90);
    expect(new Set(arrived()).size).toBe(arrived().length);
    expect(arrived().length).toBeLessThanOrEqual(90);
    expect((await run(0, "doctor")).code).toBe(0);
  });

  it("is shown by check before, with what is used up of the limit", async ({ world }) => {
    const { folder, sandbox, run, arrived } = world;
    writeCsv(folder, 30);
    const manifest = writeManifest(folder, sandbox);
    await sandbox.patch({ messaging_limit: "TIER_20" });
    const before = JSON.parse((await run(0, "check", manifest, "--json")).stdout);
    expect(before.estimate.time).toMatchObject({ daily_limit: 20, daily_limit_used: 0, days: 2 });
    const ended = await run(0, manifest, "--limit", "12");
    expect(ended.stderr).toContain("The messaging limit is 20 people in 24 hours, for all numbers");
    const check = await run(0, "check", manifest);
    expect(check.stdout).toContain("2 days with the daily limit of 20 (TIER_20, 12 of it used)");
    expect(check.stderr).toContain("20 people in 24 hours (12 of them are used up)");
    expect(await run(0, manifest)).toMatchObject({ code: 75 });
    expect(arrived()).toHaveLength(20);
  });
});

describe.concurrent("two numbers of a business", () => {
  it("share its limit when their campaigns run side by side", async ({ world }) => {
    const { folder, sandbox, begin, arrived } = world;
    mkdirSync(join(folder, "other"));
    const more = `phone_number_id: "106540352242923"\nlatency_ms: { min: 5, max: 15 }`;
    const other = await startSandbox(join(folder, "other"), scenario(more));
    writeCsv(folder, 120);
    // The other list begins in the middle of this one.
    const lines = ["phone,first_name,coupon"];
    for (let row = 61; row <= 180; row += 1) lines.push(`${numberOf(row)},Bia,X`);
    writeFileSync(join(folder, "other.csv"), `${lines.join("\n")}\n`);
    const rate = { ...limited(80), rate: 200 };
    const one = writeManifest(folder, sandbox, { ...rate, campaign: "one" });
    const two = writeManifest(folder, other, {
      ...rate,
      campaign: "two",
      name: "two.yaml",
      list: "other.csv",
    });
    try {
      const ends = await Promise.all([begin(0, one).ended, begin(0, two).ended]);
      expect(ends.map(({ code }) => code)).toEqual([75, 75]);
      const people = new Set([...arrived(), ...acceptedBy(other.log)]);
      expect(people.size).toBe(80);
    } finally {
      await other.kill();
    }
  });
});

describe.concurrent("messages of which nothing more is reported", () => {
  it("expire once the template's TTL has passed, if receipts come at all", async ({ world }) => {
    const { folder, sandbox, run } = world;
    writeCsv(folder, 4);
    const manifest = writeManifest(folder, sandbox);
    const text = readFileSync(join(folder, manifest), "utf8");
    writeFileSync(join(folder, manifest), text.replace("pt_BR", "pt_BR\n  ttl: 12h"));
    expect((await run(0, manifest)).code).toBe(0);
    const after = 14 * HOUR;
    expect((await run(after, manifest)).stderr).not.toContain("expired");
    const sent = query<{ id: string; phone: string }>(
      folder,
      "select message_id as id, phone from outcomes order by row_number",
    );
    const bodies = sent.slice(0, 2).map(({ id, phone }, row) => {
      const status = row === 0 ? "delivered" : "sent";
      return statusBody({ status, id, waId: phone.slice(1), number: sandbox.phoneNumberId });
    });
    writeFileSync(join(folder, "hooks.jsonl"), bodies.join("\n"));
    const early = await run(HOUR, "receipts", "import", "hooks.jsonl", "--json");
    expect(JSON.parse(early.stdout)).toMatchObject({ applied: 2, expired: 0 });
    const ended = await run(after, manifest);
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stderr).toContain(
      "3 messages expired: the TTL has passed without a delivery receipt.",
    );
    expect(statuses(folder)).toEqual({ delivered: 1, expired: 3 });
    const late = sent.slice(3).map(({ id, phone }) => {
      const reported = { status: "read", id, waId: phone.slice(1), number: sandbox.phoneNumberId };
      return statusBody(reported);
    });
    writeFileSync(join(folder, "late.jsonl"), late.join("\n"));
    await run(after, "receipts", "import", "late.jsonl");
    expect(statuses(folder)).toEqual({ delivered: 1, expired: 2, read: 1 });
  });
});
