// A list that changes after part of it was sent, as spreadsheets change lists; the proof is the
// server's own log.

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { beforeEach, describe, expect } from "vitest";

import { test as it } from "../support/fixture.ts";
import type { TestSandbox } from "../support/harness.ts";
import {
  acceptedBy,
  numberOf,
  query,
  sandboxEvents,
  scenario,
  startSandbox,
  statuses,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const POINTS = pathToFileURL(resolve("test/crash/points.mjs")).href;
const HEADER = "phone,first_name,coupon";

let sandbox: TestSandbox;
let cwd: string;
let manifest: string;
beforeEach<{ folder: string }>(async ({ folder }) => {
  cwd = folder;
  sandbox = await startSandbox(folder, scenario("receipt_delay_ms: null\n"));
  manifest = writeManifest(folder, sandbox);
});

const rowOf = (person: number, name = `Ana ${person}`) => `${numberOf(person)},${name},C${person}`;
const people = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => rowOf(from + at));

function write(rows: readonly string[]): void {
  writeFileSync(join(cwd, "list.csv"), `${[HEADER, ...rows].join("\n")}\n`);
}

function run(args: string[], env: Record<string, string> = {}) {
  const token = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
  return campaign(args, { cwd, env: { ...token, ...env } });
}

/** How often the server took a message, at most for one number, and for how many numbers. */
function posted(): { most: number; people: number } {
  const to = acceptedBy(sandbox.log);
  const times = new Map<string, number>();
  for (const one of to) times.set(one, (times.get(one) ?? 0) + 1);
  return { most: Math.max(0, ...times.values()), people: times.size };
}

/** The public view beside the file: each row's phone is the one at its place. */
function expectPlaces(rows: readonly string[]): void {
  const seen = query<{ row_number: number; phone: string }>(
    cwd,
    "select row_number, phone from outcomes where row_number is not null order by row_number",
  );
  expect(seen.map(({ phone }) => phone)).toEqual(rows.map((row) => row.split(",")[0]));
  expect(seen.map((one) => one.row_number)).toEqual(rows.map((_, at) => at + 1));
}

describe("after part of a list was sent", () => {
  it("sorted, with a posted row deleted and others put in, it goes on by the same command", async () => {
    write(people(1, 40));
    expect((await run([manifest, "--limit", "15"])).code).toBe(75);
    const changed = [rowOf(50), ...people(2, 40).reverse(), rowOf(51)];
    write(changed);
    const checked = await run(["check", manifest, "--json"]);
    expect(JSON.parse(checked.stdout).already).toMatchObject({
      ...{ waiting: 25, new_rows: 2 },
      changes: { new: 2, back: 0, gone_waiting: 0, gone_posted: 1, changed: 0 },
    });
    const { code, stderr } = await run([manifest]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(
      "The file changed: 2 new rows, 1 row gone that was posted, 38 rows moved.",
    );
    expect(posted()).toEqual({ most: 1, people: 42 });
    expectPlaces(changed);
    expect((await run(["doctor"])).code).toBe(0);
  });

  it("filtered and brought back, nobody is lost, and nobody is posted to twice", async () => {
    write(people(1, 40));
    await run([manifest, "--limit", "10"]);
    write(people(3, 38));
    const filtered = await run([manifest, "--limit", "10", "--json"]);
    expect(JSON.parse(filtered.stdout)).toMatchObject({
      rows: 40,
      counts: { accepted: 20, pending: 18, skipped: 2 },
      reasons: { removed: 2 },
    });
    write(people(1, 40));
    expect((await run([manifest])).code).toBe(0);
    expect(posted()).toEqual({ most: 1, people: 40 });
    expect(statuses(cwd)).toEqual({ accepted: 40 });
  });

  it("stops when more than a tenth of those who wait are gone, until a person says so", async () => {
    write(people(1, 40));
    await run([manifest, "--limit", "10"]);
    write(people(1, 20));
    const refused = await run([manifest]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /20 of the 30 who wait are no longer in the file.*\[many_removed\][\s\S]*--despite many_removed/,
    );
    const checked = await run(["check", manifest, "--json"]);
    expect(JSON.parse(checked.stdout).findings[0]).toMatchObject({ id: "many_removed" });
    expect(posted().people).toBe(10);
    expect((await run([manifest, "--despite", "many_removed"])).code).toBe(0);
    expect(posted()).toEqual({ most: 1, people: 20 });
    const audited = query<{ action: string; detail: string }>(cwd, "select * from audit");
    expect(audited.map(({ action, detail }) => [action, JSON.parse(detail)])).toEqual([
      ["despite", { finding: "many_removed", seen: { gone: 20, waiting: 30 } }],
    ]);
    // The right file again: who was skipped is planned again.
    write(people(1, 40));
    expect((await run([manifest])).code).toBe(0);
    expect(posted()).toEqual({ most: 1, people: 40 });
  });

  it("wants --replan for other values of people who wait, and names the first three", async () => {
    write(people(1, 20));
    await run([manifest, "--limit", "5"]);
    const eve = (person: number) => rowOf(person, `Eve ${person}`);
    const changed = [eve(1), ...people(2, 10), ...[11, 12, 13, 14].map(eve), ...people(15, 20)];
    write(changed);
    const refused = await run([manifest]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/list\.csv:12: row 11 gives other values/);
    expect(refused.stderr).toMatch(/list\.csv:14: row 13/);
    expect(refused.stderr).not.toMatch(/row 14/);
    expect(refused.stderr).toMatch(/4 rows of campaign "test" changed and wait/);
    expect(posted().people).toBe(5);
    expect((await run([manifest, "--replan"])).code).toBe(0);
    expect(posted()).toEqual({ most: 1, people: 20 });
    const bodies = JSON.stringify(sandboxEvents(sandbox.log));
    for (const person of [11, 12, 13, 14]) expect(bodies).toContain(`Eve ${person}`);
    expect(bodies).not.toContain('Eve 1\\"');
    const [audit] = query<{ action: string; detail: string }>(cwd, "select * from audit");
    expect(audit?.action).toBe("replan");
    expect(JSON.parse(audit?.detail ?? "")).toMatchObject({ changed: 4, changed_after_posting: 1 });
  });

  it("knows its rows by their ids where the manifest names the column", async () => {
    const withIds = (rows: [string, number][]) =>
      writeFileSync(
        join(cwd, "list.csv"),
        `customer,${HEADER}\n${rows.map(([id, person]) => `${id},${rowOf(person)}`).join("\n")}\n`,
      );
    const yaml = readFileSync(join(cwd, manifest), "utf8");
    writeFileSync(
      join(cwd, manifest),
      yaml.replace("phone: phone", "phone: phone\n  id: customer"),
    );
    withIds(Array.from({ length: 12 }, (_, at) => [`c${at + 1}`, at + 1]));
    await run([manifest, "--limit", "4"]);
    const others: [string, number][] = Array.from({ length: 12 }, (_, at) => [
      `c${at + 1}`,
      at + 1,
    ]);
    // The number of a person who was posted changes, and another row has no id, and a third one
    // that of the first.
    others[0] = ["c1", 101];
    others.push(["", 201], ["c2", 202]);
    withIds(others.reverse());
    const checked = await run(["check", manifest]);
    expect(checked.stderr).toMatch(/1 row has no id in the column `customer`, such as row 2/);
    expect(checked.stderr).toMatch(/1 row has the id of an earlier row in the column `customer`/);
    const { code, stderr } = await run([manifest]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/1 row changed after it was posted, which stays as posted/);
    expect(posted()).toEqual({ most: 1, people: 14 });
    expect(acceptedBy(sandbox.log)).not.toContain(numberOf(101));
    const ids = query<{ recipient_id: string }>(
      cwd,
      `select recipient_id from outcomes where phone = '${numberOf(1)}'`,
    );
    expect(ids).toEqual([{ recipient_id: "c1" }]);
  });
});

describe("a manifest that reads the list otherwise", () => {
  it("goes on with another file, delimiter and column, where they give the same people", async () => {
    write(people(1, 20));
    await run([manifest, "--limit", "5"]);
    const rows = people(1, 20).map((row) => `;${row.replaceAll(",", ";")}`);
    writeFileSync(join(cwd, "july.csv"), `note;telefone;first_name;coupon\n${rows.join("\n")}\n`);
    const yaml = readFileSync(join(cwd, manifest), "utf8");
    const other = yaml.replace("list.csv", "july.csv").replace("phone: phone", "phone: telefone");
    writeFileSync(join(cwd, manifest), other);
    const { code, stderr } = await run([manifest]);
    expect(code, stderr).toBe(0);
    expect(posted()).toEqual({ most: 1, people: 20 });
  });

  it("takes over ids of a list that did not change", async () => {
    write(people(1, 4));
    await run([manifest]);
    const yaml = readFileSync(join(cwd, manifest), "utf8");
    writeFileSync(join(cwd, manifest), yaml.replace("phone: phone", "phone: phone\n  id: coupon"));
    expect((await run([manifest])).code).toBe(0);
    const ids = query<{ id: string }>(cwd, "select recipient_id as id from outcomes");
    expect(ids.map(({ id }) => id)).toEqual(["C1", "C2", "C3", "C4"]);
    expect(posted()).toEqual({ most: 1, people: 4 });
  });

  it("plans people whom the old country could not read, and leaves the others as they are", async () => {
    const national = people(1, 10).map((row) => row.replace("+55", ""));
    write([...people(11, 20), ...national]);
    await run([manifest, "--despite", "mostly_unreadable"]);
    expect(posted().people).toBe(10);
    const yaml = readFileSync(join(cwd, manifest), "utf8");
    const read = yaml.replace("phone: phone", "phone: phone\n  default_region: BR");
    writeFileSync(join(cwd, manifest), read);
    const { code, stderr } = await run([manifest]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("The file changed: 10 skipped rows changed.");
    expect(posted()).toEqual({ most: 1, people: 20 });
    expect(statuses(cwd)).toEqual({ accepted: 20 });
  });
});

describe("advice", () => {
  it("to send under another campaign name says that it means a second message, and what prevents it", async () => {
    write(people(1, 3));
    await run([manifest]);
    const other = writeManifest(
      cwd,
      { ...sandbox, phoneNumberId: "999999" },
      { name: "other.yaml" },
    );
    const number = await run([other]);
    expect(number.code).toBe(2);
    await run(["cancel", manifest, "--yes"]);
    const retried = await run(["retry", manifest, "--code", "131026"]);
    expect(retried.code).toBe(2);
    for (const { stderr } of [number, retried]) {
      expect(stderr).toMatch(/`suppress.campaigns: \[test\]`: without that, .* a second message/);
    }
  });
});

describe("killed in the middle of planning a changed list again", () => {
  it("the same command goes on: nobody twice, nobody lost", async () => {
    write(people(1, 40));
    await run([manifest, "--limit", "15"]);
    // Sorted, one row that waits and one that was posted deleted, two put in, one repaired number.
    const changed = [rowOf(60), ...people(2, 39).reverse(), rowOf(61)];
    write(changed);
    const points = [
      ...["replan.before_commit", "replan.after_commit", "remove.before_commit"],
      ...["remove.after_commit", "move.before_commit", "move.after_commit"],
      ...["plan.before_commit", "plan.after_commit", "plan_end.before_commit"],
      "plan_end.after_commit",
    ];
    for (const point of points) {
      const env = { NODE_OPTIONS: `--import=${POINTS}`, CRASH_AT: `${point}:1` };
      const { code } = await run([manifest, "--limit", "1"], env);
      expect(code, point).toBe(null);
      expect(posted().people, point).toBe(15);
      // Sorted once more, so that there are rows to move at the next kill.
      changed.push(changed.shift() as string);
      write(changed);
    }
    expect((await run([manifest])).code).toBe(0);
    expect(posted()).toEqual({ most: 1, people: 41 });
    expectPlaces(changed);
    const { counts, rows } = JSON.parse((await run(["status", manifest, "--json"])).stdout);
    expect([counts, rows]).toEqual([{ accepted: 41, skipped: 1 }, 42]);
  });
});
