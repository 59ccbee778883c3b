// A test from its check to its report, by the log of the sandbox; and one that is looked at while its
// arms are sent, which needs a pace at which receipts keep up.

import { expect } from "vitest";

import { expectByArm, M, MESSAGES, rowsOf, taken, write } from "../support/arms.ts";
import { test as it } from "../support/fixture.ts";
import { query } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

it("is decided early where it is looked at while its arms are sent", async ({ folder }) => {
  const arms = "{ a: { share: 35% }, b: { share: 35%, template: { name: offer_b } } }";
  const shares: [string, string] = ["{ read: 0.1 }", "{ read: 0.9 }"];
  // The look is due some seconds before the arms are sent to, and receipts keep up until then.
  const scenario = "webhooks: { batch: 50, connections: 8 }";
  const test = "wait: 2s\n  looks: 2";
  write(folder, { shares, people: 1_000, arms, test, rate: 50, scenario });
  const ended = await campaign([M, "--wait"], { cwd: folder });
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.stderr).toMatch(
    /b wins: b is read by .*\. Decided early, at [5-9]\d(\.\d)?% of the arms' people\. b goes to/,
  );
  const looks = query<{ share: number }>(folder, "select share from campaign_test_look");
  expect(looks).toHaveLength(1);
  expect(looks[0]?.share).toBeGreaterThanOrEqual(0.5);
  // All of the arms get their own message all the same, and the rest that of b.
  const rows = rowsOf(folder).filter(({ reason }) => reason !== "hold_out");
  const messages = taken(folder);
  for (const { arm, phone } of rows) {
    expect(messages.get(phone)).toEqual([MESSAGES[arm === "a" ? "a" : "b"]]);
  }
});

it("sends each arm its message, waits, and gives the rest what wins", async ({ folder }) => {
  const shares: [string, string] = ["{ read: 0.1 }", "{ read: 0.9 }"];
  write(folder, { shares, test: "wait: 1h" });
  const checked = await campaign(["check", M], { cwd: folder });
  expect(checked.code, checked.stderr).toBe(0);
  expect(checked.stdout).toMatch(
    /test cta: a \d+ \(25\.0%\), b \d+ \(25\.0%\), c \d+ \(20\.0%, Cloud API\); \d+ people get what wins; \d+ are kept out\. With \d+ people an arm, a difference of reading from 50% shows from \+\d+% on\./,
  );
  expect(checked.stderr).toContain("[test_too_small]");
  const checkedJson = JSON.parse((await campaign(["check", M, "--json"], { cwd: folder })).stdout);
  const first = await campaign([M, "--json"], { cwd: folder });
  expect(first.code, first.stderr).toBe(75);
  const summary = JSON.parse(first.stdout);
  expect(summary.standing).toMatchObject({ kind: "waiting", why: "test" });
  expect(first.stderr).toMatch(/the test cta waits for answers; \d+ people get what wins\./);
  const planned = rowsOf(folder);
  const inArm = (arm: string | null) => planned.filter((row) => row.arm === arm).length;
  expect(
    checkedJson.test.arms.map(({ arm, people }: { arm: string; people: number }) => [arm, people]),
  ).toEqual(["a", "b", "c"].map((arm) => [arm, inArm(arm)]));
  const held = planned.filter(({ reason }) => reason === "hold_out").length;
  expect(checkedJson.reasons.hold_out).toBe(held);
  expect(summary.conditions).toContainEqual(
    expect.objectContaining({ condition: "test", people: inArm(null) - held }),
  );
  expectByArm(folder);
  // Nobody of the rest, and nothing decided, however often it is asked.
  const status = await campaign(["status", M], { cwd: folder });
  expect(status.stdout).toMatch(/Test cta: a \d+, b \d+, c \d+ people, decided by a run from/);
  expect(query(folder, "select * from campaign_test")).toEqual([]);
  const waiting = await campaign(["report", M], { cwd: folder });
  expect(waiting.stdout).toMatch(/test cta: decides .*\n +arm +people +read\n +a +\d+ +\d+\n/);
  write(folder, { shares, test: "wait: 1s" });
  const last = await campaign([M], { cwd: folder });
  expect(last.code, last.stderr).toBe(0);
  expect(last.stderr).toMatch(/b wins: b is read by .* b goes to the other \d+ people\./);
  expectByArm(folder, "b");
  expect(rowsOf(folder)).toEqual(
    planned.map((row) => expect.objectContaining({ row: row.row, arm: row.arm })),
  );
  const [kept] = query<{ winner: number; rest: number; evidence: string }>(
    folder,
    "select winner, rest, evidence from campaign_test",
  );
  expect(kept).toMatchObject({ winner: 2, rest: 2 });
  const report = await campaign(["report", M], { cwd: folder });
  expect(report.stdout).toMatch(/test cta: b won\n.*points against a\n +a .*–\n +b \(won\) /);
  const { test } = JSON.parse(
    (await campaign(["report", M, "--json"], { cwd: folder })).stdout,
  ).report;
  expect(test).toMatchObject({ winner: "b", result: "winner", rest_gets: "b", rest_waiting: 0 });
  expect(test.arms.map(({ people }: { people: number }) => people)).toEqual(
    ["a", "b", "c"].map(inArm),
  );
  const audit = await campaign(["audit", "--json"], { cwd: folder });
  expect(audit.stdout.match(/test_decided/g)).toHaveLength(1);
  const again = await campaign([M], { cwd: folder });
  expect(again.code).toBe(0);
  expect(query(folder, "select winner from campaign_test")).toHaveLength(1);
  expect((await campaign(["doctor"], { cwd: folder })).code).toBe(0);
});
