// A test that is looked at while its arms are sent: it needs a pace at which receipts keep up.

import { expect } from "vitest";

import { M, MESSAGES, rowsOf, taken, write } from "../support/arms.ts";
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
