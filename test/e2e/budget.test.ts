// A budget as the program keeps it: what `check` says before, where a run stops, and what goes on.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect } from "vitest";
import type { SandboxWorld } from "../support/fixture.ts";
import { testWithSandbox } from "../support/fixture.ts";
import {
  acceptedBy,
  query,
  sandboxEvents,
  scenario,
  startSandbox,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";

const it = testWithSandbox((folder) => startSandbox(folder, scenario()));

/** A sandbox, and what these tests write beside it. */
function tools({ folder, sandbox, run }: SandboxWorld) {
  return {
    ...{ folder, sandbox, run },
    /** Writes the manifest with this budget. */
    budget: (text: string): string =>
      writeManifest(folder, sandbox, { more: `rate_card: rates.csv\nbudget: ${text}\n` }),
    card: (...lines: string[]): void =>
      writeFileSync(
        join(folder, "rates.csv"),
        `${["Market,Currency,Marketing", ...lines].join("\n")}\n`,
      ),
    accepted: (): number => acceptedBy(sandbox.log).length,
  };
}

describe.concurrent("a campaign with a budget", () => {
  it("stops before the first message beyond it, and goes on with a higher one", async ({
    world,
  }) => {
    const { folder, budget, card, run, accepted } = tools(world);
    writeCsv(folder, 20);
    card("Brazil,$US,0.0625");
    const manifest = budget("{ most: 0.80, currency: USD }");
    const check = await run("check", manifest);
    expect(check.stdout).toContain(
      "budget 0.80 USD; who waits may cost 1.25: it is not enough for all",
    );
    expect(check.stderr).toContain("[budget_too_small]");
    const first = await run("run", manifest, "--yes", "--json");
    expect(first.code, first.stderr).toBe(75);
    // Twelve cost 0.75, and thirteen 0.8125.
    expect(accepted()).toBe(12);
    const summary = JSON.parse(first.stdout);
    expect(summary.standing).toMatchObject({ kind: "stopped", why: "budget" });
    const money = { most: 0.8, currency: "USD", settled: 0, reserved: 0.75, left: 0.05 };
    expect(summary.budget).toEqual(money);
    expect(first.stderr).toContain(
      "Stopped: the budget of 0.80 USD is used up: 0.75 is spent or set aside for messages on their way. A higher `budget.most` goes on. The same command goes on where this stopped.",
    );
    const status = await run("status", manifest);
    expect(status.stdout).toContain("Stopped: the budget is used up");
    const held =
      "Budget: 0.00 of 0.80 USD delivered, 0.75 set aside for messages on their way; 8 people do not fit.";
    expect(status.stdout.replaceAll(/\s+/g, " ")).toContain(held);
    const conditions = [{ condition: "budget", people: 8, until: null, sentence: held }];
    for (const command of ["status", "report"]) {
      const { stdout } = await run(command, manifest, "--json");
      expect(JSON.parse(stdout).conditions).toEqual(conditions);
    }
    budget("{ most: 1.00, currency: USD }");
    expect(await run("run", manifest, "--yes")).toMatchObject({ code: 75 });
    expect(accepted()).toBe(16);
    budget("{ most: 1.25, currency: USD }");
    expect(await run("run", manifest, "--yes")).toMatchObject({ code: 0 });
    expect(accepted()).toBe(20);
    expect((await run("doctor")).code).toBe(0);
  });

  it("sends nothing while a price is missing, in another currency or out of date", async ({
    world,
  }) => {
    const { folder, budget, card, run, accepted } = tools(world);
    writeCsv(folder, 3);
    writeFileSync(
      join(folder, "list.csv"),
      `${readFileSync(join(folder, "list.csv"), "utf8")}+971501234567,Ana,X\n`,
    );
    card("Brazil,$US,0.0625");
    const manifest = budget("{ most: 5, currency: USD }");
    for (const command of [["check"], ["run", "--yes"]]) {
      const [name = "", ...flags] = command;
      const ended = await run(name, manifest, ...flags);
      expect(ended.code).toBe(2);
      expect(ended.stderr).toContain(
        "A budget needs a price for everybody, and there is none for 1 person: AE 1. [unpriced_market]",
      );
    }
    card("Brazil,$US,0.0625", "AE,$US,0.0499");
    const planned = await run("run", manifest, "--yes");
    expect(planned.stderr).toContain("[unpriced_market]");
    budget("{ most: 5, currency: EUR }");
    const other = await run("run", manifest, "--yes", "--replan");
    expect(other.stderr).toContain("the budget is in EUR, and the rate card in USD");
    budget("{ most: 5, currency: USD }");
    expect(accepted()).toBe(0);
    const priced = await run("run", manifest, "--yes", "--replan", "--limit", "1");
    expect(priced.code, priced.stderr).toBe(75);
    card("Brazil,$US,0.07", "AE,$US,0.0499");
    const rose = await run("run", manifest, "--yes");
    expect(rose).toMatchObject({ code: 2 });
    expect(rose.stderr).toContain("BR 2. [price_rose]");
    expect(await run("run", manifest, "--yes", "--replan")).toMatchObject({ code: 0 });
    const { budget: money } = JSON.parse((await run("status", manifest, "--json")).stdout);
    expect(money.reserved).toBe(0.0625 + 2 * 0.07 + 0.0499);
  });

  /** A template with a max price of a tenth of a dollar, of which 0.9 are bid; its manifest. */
  async function maxPrice({ folder, sandbox }: SandboxWorld, most: number): Promise<string> {
    writeCsv(folder, 20);
    const spec = { bid_strategy: "LOWEST_COST_WITH_BID_CAP", bid_amount: 10_000 };
    const template = { name: "offer", language: "pt_BR", category: "MARKETING" };
    const components = [{ type: "BODY", text: "Oi {{1}}, use {{2}}." }];
    await sandbox.patch({ templates: [{ ...template, components, optimization_spec: spec }] });
    const file = writeManifest(folder, sandbox);
    const text = readFileSync(join(folder, file), "utf8").replace(
      "account:\n",
      'account:\n  waba_id: "100000000000002"\n',
    );
    const more = "delivery: { product_policy: STRICT, bid_multiplier: 0.9 }\n";
    writeFileSync(join(folder, file), `${text}${more}budget: { most: ${most}, currency: USD }\n`);
    return file;
  }

  it("settles at what receipts report, and goes on with what that leaves", async ({ world }) => {
    const { folder, sandbox, run, accepted } = tools(world);
    const half = { cost_share: { min: 0.5, max: 0.5 } };
    await sandbox.patch({ receipt_delay_ms: 20, max_price: half });
    const file = await maxPrice(world, 0.18);
    /** Waits for the receipts of everybody so far, and imports them. */
    const importAll = async (): Promise<void> => {
      const delivered = () =>
        sandboxEvents(sandbox.log).filter(
          ({ event, status }) => event === "receipt" && status === "delivered",
        );
      while (delivered().length < accepted()) await sleep(20);
      expect((await run("receipts", "import", sandbox.log)).code).toBe(0);
    };
    // Two at 0.09 use it up. At half of that there is room for one more, and then for none.
    const reached: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      expect((await run("run", file, "--yes")).code).toBe(75);
      reached.push(accepted());
      await importAll();
    }
    expect(reached).toEqual([2, 3, 3]);
    const summary = JSON.parse((await run("status", file, "--json")).stdout);
    expect(summary.costs).toEqual([{ currency: "USD", amount: 0.135, messages: 3 }]);
    expect(summary.budget).toEqual({
      ...{ most: 0.18, currency: "USD", settled: 0.135, reserved: 0, left: 0.045 },
    });
    const rows = query<{ cost: number; currency: string }>(
      folder,
      "select cost, currency from outcomes where cost is not null",
    );
    expect(rows).toEqual(Array(3).fill({ cost: 0.045, currency: "USD" }));
    const report = await run("report", file, "--csv", "out.csv", "--html", "out.html");
    expect(report.code, report.stderr).toBe(0);
    expect(readFileSync(join(folder, "out.csv"), "utf8")).toContain(",0.045,USD,");
    const line =
      "USD: estimated 1.80 → reserved 0.00 → settled 0.14 → by Meta's receipts 0.14 (3 messages, 0.14 or 50.0% less than planned for them)";
    const words = (await run("report", file)).stdout.replace(/\s+/g, " ");
    expect(words).toContain(`planned and spent: ${line}`);
    expect(readFileSync(join(folder, "out.html"), "utf8")).toContain(line.replace("'", "&#39;"));
    const { report: data } = JSON.parse((await run("report", file, "--json")).stdout);
    expect(data.money).toEqual([
      {
        ...{ currency: "USD", estimated: 1.8, reserved: 0, settled: 0.135 },
        ...{ by_receipts: 0.135, messages: 3, difference: -0.135, by_meta: null },
      },
    ]);
    expect((await run("doctor")).code).toBe(0);
  });

  it("stops at once when messages cost more than was bid", async ({ world }) => {
    const { sandbox, run, accepted } = tools(world);
    const above = { cost_share: { min: 3, max: 3 } };
    await sandbox.patch({ receipt_delay_ms: 20, max_price: above });
    const file = await maxPrice(world, 0.63);
    const first = await run("run", file, "--yes", "--limit", "3");
    expect(first.code, first.stderr).toBe(75);
    const delivered = () =>
      sandboxEvents(sandbox.log).some(
        ({ event, status }) => event === "receipt" && status === "delivered",
      );
    while (!delivered()) await sleep(20);
    const costs = async () => JSON.parse((await run("status", file, "--json")).stdout).costs;
    while ((await costs())[0]?.messages !== 3) {
      await run("receipts", "import", sandbox.log);
    }
    const next = await run("run", file, "--yes");
    expect(next.code).toBe(75);
    expect(accepted()).toBe(3);
    expect(next.stderr).toContain("the budget of 0.63 USD is used up: 0.81 is spent");
    expect((await run("status", file)).stdout.replace(/\s+/g, " ")).toContain(
      "0.18 USD more than the budget is spent or set aside",
    );
  });

  it("counts by the max price of the template, above the card's, without a card too", async ({
    world,
  }) => {
    const { run, accepted } = tools(world);
    // 0.63 are enough for seven.
    const file = await maxPrice(world, 0.63);
    const ended = await run("run", file, "--yes");
    expect(ended.code, ended.stderr).toBe(75);
    expect(accepted()).toBe(7);
    expect(ended.stderr).toContain("the budget of 0.63 USD is used up: 0.63 is spent");
  });
});
