// A budget as the program keeps it: what `check` says before, where a run stops, and what goes on.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect } from "vitest";
import type { SandboxWorld } from "../support/fixture.ts";
import { testWithSandbox } from "../support/fixture.ts";
import {
  acceptedBy,
  scenario,
  startSandboxProcess,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";

const it = testWithSandbox((folder) => startSandboxProcess(folder, scenario()));

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

  it("counts by the max price of the template, above the card's, without a card too", async ({
    world,
  }) => {
    const { folder, sandbox, run, accepted } = tools(world);
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
    // A tenth of a dollar, of which 0.9 are bid: 0.63 are enough for seven.
    const more = "delivery: { product_policy: STRICT, bid_multiplier: 0.9 }\n";
    writeFileSync(join(folder, file), `${text}${more}budget: { most: 0.63, currency: USD }\n`);
    const ended = await run("run", file, "--yes");
    expect(ended.code, ended.stderr).toBe(75);
    expect(accepted()).toBe(7);
    expect(ended.stderr).toContain("the budget of 0.63 USD is used up: 0.63 is spent");
  });
});
