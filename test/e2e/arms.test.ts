// A campaign with a test and a hold-out, by the log of the sandbox: who gets which message and by
// which API, what the rest waits for, and what it gets.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { expectByArm, M, rowsOf, taken, write } from "../support/arms.ts";
import { test as it } from "../support/fixture.ts";
import { query, writeCsv } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

describe("a campaign with a test", () => {
  it("is decided by a person who does not wait, once", async ({ folder }) => {
    write(folder, { people: 200, test: "wait: 1h" });
    expect((await campaign([M], { cwd: folder })).code).toBe(75);
    const by = (rest: string) => campaign(["decide", M, "--rest", rest, "--yes"], { cwd: folder });
    const wrong = await by("d");
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringContaining("Give one of a, b, c."),
    ]);
    const done = await by("c");
    expect(done.code, done.stderr).toBe(0);
    expect(done.stderr).toMatch(/Decided by hand: c goes to the other \d+ people\./);
    expect((await by("b")).stderr).toContain("is decided already: Decided by hand: c goes");
    expect((await campaign([M], { cwd: folder })).code).toBe(0);
    expectByArm(folder, "c");
    const report = await campaign(["report", M], { cwd: folder });
    expect(report.stdout).toContain("test cta: c goes on, by hand");
    const audit = await campaign(["audit"], { cwd: folder });
    expect(audit.stdout).toMatch(/command: .*test_decided/);
  });

  it("is decided after its wait where the arms are everybody", async ({ folder }) => {
    const ends = { shares: ["{ read: 0.1 }", "{ read: 0.9 }"] as [string, string], people: 300 };
    const arms = "{ a: { share: 50% }, b: { share: 50%, template: { name: offer_b } } }";
    write(folder, { ...ends, test: "wait: 1s", arms });
    expect((await campaign([M], { cwd: folder })).code).toBe(0);
    const decided = async () => {
      expect((await campaign([M], { cwd: folder })).code).toBe(0);
      return query<{ winner: number }>(folder, "select winner from campaign_test");
    };
    await expect.poll(decided).toEqual([{ winner: 2 }]);
  });

  it("moves nobody when its list gets longer, and is not changed by itself", async ({ folder }) => {
    write(folder, { people: 100, test: "wait: 1h" });
    expect((await campaign([M], { cwd: folder })).code).toBe(75);
    const before = rowsOf(folder);
    writeCsv(folder, 160);
    expect((await campaign([M], { cwd: folder })).code).toBe(75);
    const after = rowsOf(folder);
    expect(after).toHaveLength(160);
    for (const [at, { row, arm }] of before.entries())
      expect(after[at]).toMatchObject({ row, arm });
    expectByArm(folder);
    write(folder, { people: 160, test: "wait: 2h" });
    expect((await campaign([M], { cwd: folder })).code).toBe(75);
    writeFileSync(
      join(folder, M),
      (await import("node:fs"))
        .readFileSync(join(folder, M), "utf8")
        .replace("share: 25% }", "share: 24% }"),
    );
    const changed = await campaign([M], { cwd: folder });
    expect(changed.code).toBe(2);
    expect(changed.stderr).toContain("test.arms was");
  });

  it("decides nothing where no receipt comes", async ({ folder }) => {
    write(folder, { people: 60, test: "wait: 1s", scenario: "webhooks: { lost: 1 }" });
    const first = await campaign([M, "--wait"], { cwd: folder });
    expect(first.code, first.stderr).toBe(75);
    expect(first.stderr).toContain("no receipt came for any message of the test cta");
    expectByArm(folder);
  });

  it("checks the template of every arm", async ({ folder }) => {
    write(folder);
    const file = join(folder, M);
    const text = readFileSync(file, "utf8");
    writeFileSync(
      file,
      text.replace(
        "template: { name: offer_b }",
        'template: { name: offer_b, body: ["{{ first_name }}"] }',
      ),
    );
    const checked = await campaign(["check", M], { cwd: folder });
    expect(checked.code).toBe(2);
    expect(checked.stderr).toMatch(/campaign\.yaml:10:\d+: blocker: .*\[parameter_mismatch\]/);
    writeFileSync(file, text.replace("{{ first_name }}", "{{ first_nam }}"));
    expect((await campaign([M], { cwd: folder })).stderr).toContain("no column `first_nam`");
  });

  it("shows a row as its arm has it", async ({ folder }) => {
    write(folder);
    const shown = async (...args: string[]) =>
      JSON.parse((await campaign(["preview", M, "--json", ...args], { cwd: folder })).stdout);
    expect((await shown("--arm", "b")).template.name).toBe("offer_b");
    expect(await shown("--arm", "c")).not.toHaveProperty("product_policy");
    const none = await campaign(["preview", M, "--arm", "d"], { cwd: folder });
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("`a`, `b`, `c`")]);
  });
});

describe("a hold-out of the policy", () => {
  it("keeps the same people out of every campaign", async ({ folder }) => {
    writeFileSync(join(folder, "policy.yaml"), "hold_out: 30%\n");
    write(folder, { people: 100 });
    const out = async (name: string): Promise<string[]> => {
      const text = readFileSync(join(folder, M), "utf8")
        .replace("campaign: cta", `campaign: ${name}`)
        .replace("hold_out: 10%\n", "");
      writeFileSync(join(folder, `${name}.yaml`), text);
      const ran = await campaign([`${name}.yaml`], { cwd: folder });
      expect([0, 75]).toContain(ran.code);
      return query<{ phone: string }>(
        folder,
        `select phone from outcomes where campaign = '${name}' and reason = 'hold_out' order by phone`,
      ).map(({ phone }) => phone);
    };
    const first = await out("one");
    expect(first.length).toBeGreaterThan(10);
    expect(await out("two")).toEqual(first);
    const messages = taken(folder);
    for (const phone of first) expect(messages.has(phone)).toBe(false);
  });
});
