// The schedule of a campaign, end to end; the proof is the server's own log.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect } from "vitest";
import { test as it } from "../support/fixture.ts";
import type { TestSandbox } from "../support/harness.ts";
import {
  acceptedBy,
  sandboxEvents,
  scenario,
  startSandbox,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const HOUR = 3_600_000;

let sandbox: TestSandbox;
let cwd: string;
beforeEach<{ folder: string }>(async ({ folder }) => {
  cwd = folder;
  sandbox = await startSandbox(folder, scenario("receipt_delay_ms: null\n"));
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

  // The next run reads again what is left out.
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

it("checks and sends by everybody's own clock", async () => {
  const people = [
    "+8190123000%,Ana,X,",
    "+791412345%,Ana,X,",
    "+55119876000%,Ana,X,EST",
    "+55119877000%,Ana,X,Asia/Tokyo",
  ];
  const rows = people.flatMap((row) => [0, 1, 2].map((at) => row.replace("%", `${at}${at}`)));
  writeFileSync(join(cwd, "list.csv"), `phone,first_name,coupon,tz\n${rows.join("\n")}\n`);
  // Open in Tokyo for the next hours, and nowhere west of it.
  const inTokyo = (hours: number) => inHours(9 + hours).slice(11, 13);
  const hours = `hours: { from: "${inTokyo(-1)}:00", to: "${inTokyo(2)}:00", time_zone: recipient, column: tz }\n`;
  const manifest = writeManifest(cwd, sandbox, { more: hours });
  const checked = JSON.parse((await run("check", manifest, "--json")).stdout);
  const ids = checked.findings.map(({ id }: { id: string }) => id);
  expect(ids).toEqual(
    expect.arrayContaining(["never_open", "unread_clocks", "ttl_outlasts_hours"]),
  );
  const zones = checked.estimate.zones.map(
    (zone: { region: string; clocks: string[]; people: number; not_reached: number }) =>
      `${zone.region} ${zone.people} ${zone.clocks.length} ${zone.not_reached}`,
  );
  expect(zones.toSorted()).toEqual(["BR 3 1 0", "BR 3 1 0", "JP 3 1 0", "RU 3 26 3"]);
  const ended = await run(manifest, "--json");
  expect(ended.code, ended.stderr).toBe(75);
  const to = acceptedBy(sandbox.log);
  expect(to.filter((number) => number.startsWith("+8190"))).toHaveLength(3);
  expect(to.filter((number) => number.startsWith("+55119877"))).toHaveLength(3);
  expect(to).toHaveLength(6);
  expect(JSON.parse(ended.stdout)).toMatchObject({ standing: { why: "hours" } });
  const status = JSON.parse((await run("status", manifest, "--json")).stdout);
  expect(status.conditions).toMatchObject([{ condition: "hours", people: 6 }]);
  const waits = /6 people wait for \d\d:\d\d to \d\d:\d\d by their own clock, the first until/;
  for (const command of ["status", "report"]) {
    const text = (await run(command, manifest)).stdout.replaceAll(/\s+/g, " ");
    expect(text).toMatch(new RegExp(`Hours: ${waits.source} .*: \\d\\d:00 in BR\\.`));
  }
  const page = await run("report", manifest, "--html", "-");
  expect(page.stdout).toMatch(waits);
  // What is planned by everybody's own clock stays so.
  const refused = await run(writeManifest(cwd, sandbox), "--json");
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("hours.time_zone");
});

it("waits for its hours when it is asked to, and says until when", async () => {
  // Far enough for a busy machine to begin before it.
  const starts = new Date(Math.ceil(Date.now() / 1000 + 5) * 1000).toISOString();
  const manifest = writeManifest(cwd, sandbox, { more: `starts: ${starts}\n` });
  const ended = await run(manifest, "--wait");
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.stderr).toMatch(/Waiting until .*: outside the campaign's hours\./);
  expect(acceptedBy(sandbox.log)).toHaveLength(10);
});

it("spreads its people over a time", async () => {
  const rate = /messages_per_second: \d+/;
  const manifest = writeManifest(cwd, sandbox);
  const text = readFileSync(join(cwd, manifest), "utf8");
  // Ten people in a minute would be six seconds apart.
  writeFileSync(join(cwd, manifest), text.replace(rate, "spread: 1m\n  messages_per_second: 80"));
  const checked = JSON.parse((await run("check", manifest, "--json")).stdout);
  expect(checked.estimate.time.messages_per_second).toBeCloseTo(1 / 6, 3);
  const ended = await run(manifest, "--limit", "2");
  expect(ended.code, ended.stderr).toBe(75);
  const [one = 0, other = 0] = sandboxEvents(sandbox.log).flatMap(({ event, at }) =>
    event === "accepted" ? [Number(at)] : [],
  );
  expect(other - one).toBeGreaterThan(5_000);
});
