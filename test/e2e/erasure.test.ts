// The commands that erase people, as a person types them, on days far apart by a wall clock that is
// ahead. Whom the program wrote to is reported by the sandbox's own log.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect } from "vitest";

import { test } from "../support/fixture.ts";
import type { Ended } from "../support/harness.ts";
import {
  acceptedBy,
  LONG,
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

const DAY = 86_400_000;
const LATER = 200 * DAY;

interface World {
  folder: string;
  /** Writes a manifest for the sandbox. */
  manifest(options: Parameters<typeof writeManifest>[2]): string;
  /** Starts the program with its clock ahead. */
  begin(aheadMs: number, ...args: string[]): ReturnType<typeof start>;
  run(aheadMs: number, ...args: string[]): Promise<Ended>;
  /** Everybody to whom the sandbox took a message, in order. */
  arrived(): string[];
}

const it = test.extend<{ world: World }>({
  world: async ({ folder }, use) => {
    const sandbox = await startSandbox(folder, scenario());
    const options = { cwd: folder, env: { WHATSAPP_ACCESS_TOKEN: sandbox.token } };
    await use({
      folder,
      manifest: (options) => writeManifest(folder, sandbox, options),
      begin: (aheadMs, ...args) => start(args, { ...options, aheadMs }),
      run: (aheadMs, ...args) => campaign(args, { ...options, aheadMs }),
      arrived: () => acceptedBy(sandbox.log),
    });
  },
});

/** Eight digits or more that are of a number of the list. */
const NUMBER = /5511970{4}/;

describe.concurrent("erasing people", () => {
  it("forgets one, knows them again, and tells who did what without a number", async ({
    world: { folder, manifest, run, arrived },
  }) => {
    writeCsv(folder, 5);
    const file = manifest({});
    expect((await run(0, file)).code).toBe(0);
    expect((await run(0, "suppress", "add", numberOf(2))).code).toBe(0);
    const unsaid = await run(0, "forget", numberOf(1));
    expect(unsaid.code).toBe(2);
    expect(unsaid.stderr).toMatch(/in 1 row of 1 campaign\. Erase them for good/);
    const said = await run(0, "forget", numberOf(1), "--yes", "--json");
    expect(said.code).toBe(0);
    const reported = JSON.parse(said.stdout);
    expect(reported).toMatchObject({ rows: 1, not_sent: 0, files_rewritten: true });
    expect(reported.person).toMatch(/^[0-9a-f]{8}$/);
    expect(said.stderr).not.toMatch(NUMBER);
    expect(readFileSync(join(folder, "data", "ledger.sqlite")).includes(numberOf(1).slice(1))).toBe(
      false,
    );
    const next = manifest({ name: "next.yaml", campaign: "next" });
    const checked = await run(0, "check", next, "--json");
    expect(JSON.parse(checked.stdout).reasons).toEqual({ opted_out: 2 });
    const sent = await run(0, next);
    expect(sent.stderr).toMatch(/Finished/);
    expect(sent.code).toBe(0);
    expect(arrived().filter((to) => to === numberOf(1))).toHaveLength(1);
    expect(arrived()).toHaveLength(5 + 3);
    const list = await run(0, "suppress", "list");
    expect(list.stdout).toMatch(/^forgotten person .*number not kept$/m);
    expect(list.stdout).not.toContain(numberOf(1));
    const exported = await run(0, "suppress", "export");
    expect(exported.stdout.trim().split("\n")).toHaveLength(2);
    expect(exported.stderr).toMatch(/1 forgotten person left out/);
    const audit = await run(0, "audit");
    expect(audit.stdout).toMatch(/ command: \S+ {2}forget {2}person [0-9a-f]{8} {2}rows 1/);
    expect(audit.stdout).toMatch(/ suppress {2}\*\*\*02 {2}added 1$/m);
    expect(audit.stdout).not.toMatch(NUMBER);
    expect((await run(0, "suppress", "remove", numberOf(1))).code).toBe(0);
  });

  it("purges what is long over, keeps the counts, and never sends the same again", async ({
    world: { folder, manifest, run, arrived },
  }) => {
    writeCsv(folder, 5);
    const file = manifest({});
    expect((await run(0, file)).code).toBe(0);
    const counts = statuses(folder);
    const young = await run(0, "purge", "--older-than", "90d", "--dry-run", "--json");
    expect(JSON.parse(young.stdout)).toMatchObject({ dry_run: true, campaigns: [], left: [] });
    const refused = await run(LATER, "purge", "--older-than", "90d");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/1 campaign \(5 rows\)/);
    expect(query(folder, "select 1 from outcomes where phone is not null")).toHaveLength(5);
    const purged = await run(LATER, "purge", "--older-than", "90d", "--yes", "--json");
    expect(purged.code).toBe(0);
    expect(JSON.parse(purged.stdout)).toMatchObject({
      campaigns: [{ campaign: "test", rows: 5 }],
      files_rewritten: true,
    });
    expect(statuses(folder)).toEqual(counts);
    expect(query(folder, "select 1 from outcomes where phone is not null")).toEqual([]);
    for (const args of [
      ["run", file, "--replan"],
      ["check", file],
      ["retry", file, "--code", "131026"],
      ["resolve", file, "--unknown", "resend", "--yes"],
    ]) {
      const ended = await run(LATER, ...args);
      expect(ended.stderr).toMatch(/"test" was purged on \d+ \w+ \d{4}/);
      expect(ended.code).toBe(2);
    }
    expect(arrived()).toHaveLength(5);
    const audit = JSON.parse((await run(LATER, "audit", "--json")).stdout);
    expect(audit.audits[0]).toMatchObject({
      action: "purge",
      detail: { rows: 5, campaigns: ["test"], older_than_days: 90 },
    });
  });

  it("purges beside a runner, and has the file rewritten when it has ended", async ({
    world: { folder, manifest, begin, run, arrived },
  }) => {
    writeCsv(folder, 5);
    expect((await run(0, manifest({}))).code).toBe(0);
    writeCsv(folder, LONG.people, "more.csv");
    const list = { ...LONG.pace, name: "more.yaml", campaign: "more", list: "more.csv" };
    const running = begin(LATER, manifest(list));
    await running.until(() => arrived().length >= 15);
    const beside = await run(LATER, "purge", "--older-than", "90d", "--yes");
    expect(beside.stderr).toMatch(/"more" is running, so the ledger's file is not rewritten now/);
    expect(beside.code).toBe(75);
    running.child.kill("SIGTERM");
    expect((await running.ended).code).toBe(75);
    const again = arrived().slice(5);
    expect(new Set(again).size).toBe(again.length);
    expect((await run(LATER, "purge", "--older-than", "90d", "--yes")).code).toBe(0);
    const erased = "select 1 from outcomes where campaign = 'test' and phone is null";
    expect(query(folder, erased)).toHaveLength(5);
  });

  it("says what is wrong with an age, a person, a campaign", async ({ world: { run } }) => {
    for (const [args, said] of [
      [["purge", "--older-than", "90"], /Days or weeks/],
      [["purge", "--older-than", "0d"], /Days or weeks/],
      [["purge", "--older-than", "90d", "--yes"], /no ledger/],
      [["forget", "nobody", "--yes"], /neither a phone number nor/],
    ] as [string[], RegExp][]) {
      const ended = await run(0, ...args);
      expect(ended.stderr).toMatch(said);
      expect(ended.code).toBe(2);
    }
  });
});
