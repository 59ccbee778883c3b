// A max price and creative optimisations as the program sets and shows them, what `check` says of
// what a price reaches, and a run without the agreement.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect } from "vitest";
import type { SandboxWorld } from "../support/fixture.ts";
import { testWithSandbox } from "../support/fixture.ts";
import {
  acceptedBy,
  sandboxEvents,
  scenario,
  startSandbox,
  statuses,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";

const it = testWithSandbox((folder) => startSandbox(folder, scenario()));

const TEMPLATE = { name: "offer", language: "pt_BR" };
const COMPONENTS = [{ type: "BODY", text: "Oi {{1}}, use {{2}}." }];
const SPEC = "degrees_of_freedom_spec";

/** The manifest with the account's id. */
function manifestOf({ folder, sandbox }: SandboxWorld, more = ""): string {
  const file = writeManifest(folder, sandbox, { more });
  const text = readFileSync(join(folder, file), "utf8");
  writeFileSync(
    join(folder, file),
    text.replace("account:\n", 'account:\n  waba_id: "100000000000002"\n'),
  );
  return file;
}

const maxPrice = (bidAmount: number) => ({
  templates: [
    {
      ...TEMPLATE,
      components: COMPONENTS,
      optimization_spec: { bid_strategy: "LOWEST_COST_WITH_BID_CAP", bid_amount: bidAmount },
    },
  ],
});

const edits = ({ sandbox }: SandboxWorld) =>
  sandboxEvents(sandbox.log).filter(
    ({ event, method, http }) => event === "management" && method === "POST" && http === 200,
  );

describe.concurrent("template set-max-price", () => {
  it("says what changes, and changes nothing where nobody can be asked", async ({ world }) => {
    const file = manifestOf(world, "budget: { most: 5, currency: USD }\n");
    const { code, stdout, stderr } = await world.run("template", "set-max-price", file, "0.06USD");
    expect([code, stdout]).toEqual([2, ""]);
    for (const sentence of [
      "offer (pt_BR): the max price is none: the rate card's price; it is to be 0.06 USD a message (bid_amount 6,000 for 1,000 deliveries).",
      "1,000 deliveries then cost 60.00 USD at most.",
      "It counts for everything that sends this template, from the next message on.",
      "Meta names no way to take the price off again.",
      "Who is planned already gets the new price by a run with --replan.",
      "Say it with --yes.",
    ]) {
      expect(stderr).toContain(sentence);
    }
    expect(edits(world)).toEqual([]);
  });

  it("sets it, proves it by reading again, and is in the audit", async ({ world }) => {
    const { folder, run } = world;
    const file = manifestOf(world);
    writeCsv(folder, 1);
    expect((await run("run", file, "--yes", "--new-ledger")).code).toBe(0);
    const first = await run("template", "set-max-price", file, "0.05 usd", "--yes");
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toBe(
      "offer (pt_BR): the max price is 0.05 USD a message (bid_amount 5,000 for 1,000 deliveries) now, as read from Meta; it was none: the rate card's price.\n",
    );
    const second = await run("template", "set-max-price", file, "0.06USD", "--yes", "--json");
    expect(second.code, second.stderr).toBe(0);
    expect(second.stderr).not.toContain("Meta names no way");
    expect(JSON.parse(second.stdout)).toEqual({
      ...TEMPLATE,
      max_price: { bid_amount: 6_000, price: 0.06, currency: "USD" },
      previous_max_price: { bid_amount: 5_000, price: 0.05, currency: "USD" },
      status: "APPROVED",
      changed: true,
    });
    const again = await run("template", "set-max-price", file, "0.0600USD");
    expect([again.code, again.stdout]).toEqual([
      0,
      "offer (pt_BR): the max price is 0.06 USD a message (bid_amount 6,000 for 1,000 deliveries) already.\n",
    ]);
    expect(edits(world)).toHaveLength(2);
    const { stdout } = await run("audit", "--json");
    const entries = JSON.parse(stdout).audits as Record<string, unknown>[];
    expect(entries.filter(({ action }) => action === "set_max_price")).toMatchObject([
      { subject: "offer (pt_BR)", detail: { before: 5_000, after: 6_000, currency: "USD" } },
      { subject: "offer (pt_BR)", detail: { before: null, after: 5_000, currency: "USD" } },
    ]);
    const show = await run("template", "show", file);
    expect(show.stdout).toMatch(/^max price +0\.06 USD a message \(bid_amount 6,000 for/m);
    expect(JSON.parse((await run("template", "show", file, "--json")).stdout)).toMatchObject({
      max_price_known: true,
      max_price: { bid_amount: 6_000, price: 0.06, currency: "USD" },
    });
  });

  it.for<[what: string, patch: object, amount: string, code: number, said: string]>([
    ["another currency", { currency: "BRL" }, "0.06USD", 2, "the account is billed in BRL"],
    ["no currency", {}, "0.06", 2, "Give the price of one message in USD, such as 0.06USD."],
    ["no price", {}, "cheap", 2, '"cheap" is not a price'],
    [
      "a template that takes none",
      { max_price: { addable: false } },
      "0.06USD",
      3,
      "it may not take one yet. Meta takes 100 edits of an approved template an hour",
    ],
    [
      "too many edits",
      { template_edits: { per_hour: 0 } },
      "0.06USD",
      3,
      "Meta refused with code 100: Invalid parameter: You have reached the limit of edits for this template.",
    ],
    [
      "a category that has none",
      { templates: [{ ...TEMPLATE, category: "UTILITY", components: COMPONENTS }] },
      "0.06USD",
      2,
      "of category UTILITY, not MARKETING",
    ],
  ])("refuses %s", async ([, patch, amount, expected, said], { world }) => {
    await world.sandbox.patch(patch);
    const file = manifestOf(world);
    const { code, stdout, stderr } = await world.run(
      ...["template", "set-max-price", file, amount, "--yes"],
    );
    expect([code, stdout]).toEqual([expected, ""]);
    expect(stderr.replace(/\s+/g, " ")).toContain(said);
    expect(edits(world)).toEqual([]);
  });

  it("warns of a currency whose smallest unit is not certain", async ({ world }) => {
    await world.sandbox.patch({ currency: "IDR" });
    const file = manifestOf(world);
    const { code, stderr } = await world.run("template", "set-max-price", file, "500IDR", "--yes");
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("it is to be 500.00 IDR a message (bid_amount 500,000 for");
    expect(stderr).toContain(
      "WARNING: it is not certain what Meta takes as the smallest unit of IDR",
    );
  });
});

describe.concurrent("template optimise", () => {
  const optimise = ({ run }: SandboxWorld, file: string, ...args: string[]) =>
    run("template", "optimise", file, ...args);

  it("switches features, keeps what was set before, and is in the audit", async ({ world }) => {
    const { folder, run } = world;
    const file = manifestOf(world);
    writeCsv(folder, 1);
    expect((await run("run", file, "--yes", "--new-ledger")).code).toBe(0);
    const first = await optimise(world, file, "--opt-out", "image_touchups", "image_animation");
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toBe(
      "offer (pt_BR): creative optimisations are out: image_animation, image_touchups now, as read from Meta; they were none set: on, by Meta's default.\n",
    );
    const args = ["--opt-in", "image_animation", "--opt-out", "product_extensions", "--json"];
    const second = await optimise(world, file, ...args);
    expect(JSON.parse(second.stdout)).toEqual({
      ...TEMPLATE,
      previous: { image_touchups: "OPT_OUT", image_animation: "OPT_OUT" },
      creative_features: {
        image_touchups: "OPT_OUT",
        image_animation: "OPT_IN",
        product_extensions: "OPT_OUT",
      },
      status: "APPROVED",
      changed: true,
    });
    // In the shape in which Meta takes it, with what was set before.
    const [, { body } = {}] = edits(world) as { body?: Record<string, unknown> }[];
    expect(body?.[SPEC]).toEqual({
      creative_features_spec: {
        image_touchups: { enroll_status: "OPT_OUT" },
        image_animation: { enroll_status: "OPT_IN" },
        product_extensions: { enroll_status: "OPT_OUT" },
      },
    });
    const again = await optimise(world, file, "--opt-out", "image_touchups");
    expect(again.stdout).toMatch(/ already\.\n$/);
    expect(edits(world)).toHaveLength(2);
    const { audits } = JSON.parse((await run("audit", "--json")).stdout);
    expect(audits.slice(0, 2)).toMatchObject([
      { action: "optimise", subject: "offer (pt_BR)", detail: { image_animation: "OPT_IN" } },
      { action: "optimise", subject: "offer (pt_BR)", detail: { image_touchups: "OPT_OUT" } },
    ]);
  });

  it("reports the template and the account side by side, and claims nothing", async ({ world }) => {
    const account = { image_touchups: "OPT_IN", text_formatting_optimization: "OPT_OUT" };
    await world.sandbox.patch({ [SPEC]: { data: [{ creative_features_spec: [account] }] } });
    const file = manifestOf(world);
    const { stderr } = await optimise(world, file, "--opt-out", "image_touchups");
    expect(stderr).toContain(
      "The account's own setting differs: image_touchups. Meta does not say which of the two counts.",
    );
    const { stdout } = await world.run("template", "show", file);
    expect(stdout).toMatch(/^optimisations +out: image_touchups$/m);
    expect(stdout).toMatch(
      /^the account's +out: text_formatting_optimization; in: image_touchups$/m,
    );
    expect(stdout).toMatch(
      /^they differ +image_touchups; Meta does not say which of the two counts$/m,
    );
    const shown = JSON.parse((await world.run("template", "show", file, "--json")).stdout);
    expect(shown.creative_features).toEqual({
      template: { image_touchups: "OPT_OUT" },
      account,
      differ: ["image_touchups"],
    });
  });

  it("shows the rest where the account's cannot be read", async ({ world }) => {
    await world.sandbox.patch({ nonexistent_fields: [SPEC] });
    const file = manifestOf(world);
    const { code, stdout, stderr } = await world.run("template", "show", file);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^optimisations +not known$/m);
    expect(stdout).toMatch(/^the account's +not known$/m);
    expect(stderr).toMatch(
      /The account's creative optimisations could not be read: Meta refused with code 100/,
    );
  });

  it.for<[args: string[], said: string]>([
    [["--opt-out", "image_touchup"], "Did you mean image_touchups?"],
    [["--opt-in", "everything_else_there_is"], "There are image_brightness_and_contrast,"],
    [["--opt-out", "image_touchups", "--opt-in", "image_touchups"], "is to be both off and on"],
    [[], "no feature is given"],
  ])("refuses %j", async ([args, said], { world }) => {
    const { code, stdout, stderr } = await optimise(world, manifestOf(world), ...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.replace(/\s+/g, " ")).toContain(said);
    expect(edits(world)).toEqual([]);
  });
});

describe.concurrent("a run without the agreement", () => {
  it("halts at the first message, fails nobody, and goes on once it is signed", async ({
    world,
  }) => {
    const { folder, run, sandbox } = world;
    writeCsv(folder, 30);
    await sandbox.patch({ ...maxPrice(6_000), max_price: { agreement_signed: false } });
    const file = manifestOf(world, "delivery: { product_policy: STRICT }\n");
    const ended = await run("run", file, "--yes", "--new-ledger");
    expect(ended.code, ended.stderr).toBe(3);
    expect(ended.stderr).toContain(
      'Meta says: "You need to sign the testing legal agreement before sending out messages". Sign it in WhatsApp Manager',
    );
    const refused = sandboxEvents(sandbox.log).filter(({ event }) => event === "refused");
    expect(refused).toHaveLength(1);
    expect(statuses(folder)).toEqual({ pending: 30 });
    await sandbox.patch({ max_price: { agreement_signed: true } });
    expect(await run("run", file, "--yes")).toMatchObject({ code: 0 });
    expect(acceptedBy(sandbox.log)).toHaveLength(30);
  });
});

describe.concurrent("check of a template with a max price", () => {
  /** People of three countries, most of them in Brazil. */
  const writePeople = (folder: string): void => {
    writeCsv(folder, 5);
    const more = ["+919876543210", "+919876543211", "+79161234567", "+971501234567"];
    const list = readFileSync(join(folder, "list.csv"), "utf8");
    writeFileSync(
      join(folder, "list.csv"),
      `${list}${more.map((one) => `${one},Ana,X\n`).join("")}`,
    );
  };
  const asked = ({ sandbox }: SandboxWorld) =>
    sandboxEvents(sandbox.log).filter(({ path }) => String(path).endsWith("/reachestimate"));

  it("shows what it reaches in the countries with most people", async ({ world }) => {
    const { folder, sandbox, run } = world;
    writePeople(folder);
    await sandbox.patch(maxPrice(6_000));
    const file = manifestOf(world, "delivery: { product_policy: STRICT }\n");
    const text = await run("check", file);
    expect(text.code, text.stderr).toBe(0);
    // Meta uses no max price in Russia.
    expect(text.stdout).toContain(
      ["BR", "IN", "AE"].reduce(
        (lines, region) =>
          `${lines}\n    ${region} at 0.06: 600-650 of 1,000 delivered, 40.07-51.07 USD per 1,000 deliveries`,
        "max price 0.06 USD a message; Meta's estimates by its last 7 days:",
      ),
    );
    expect(asked(world)).toHaveLength(3);
    const { max_price: record } = JSON.parse((await run("check", file, "--json")).stdout);
    expect(record).toMatchObject({
      bid_amount: 6_000,
      multiplier: 1,
      price: 0.06,
      currency: "USD",
      interval: "L7D",
      missing: [],
    });
    expect(record.reach[0]).toMatchObject({
      region: "BR",
      people: 5,
      estimate: {
        bid_amount: 6_000,
        price: 0.06,
        users: 1_000,
        deliveries_from: 600,
        deliveries_to: 650,
        cost_from: 40.07,
        cost_to: 51.07,
      },
    });
  });

  it("goes by what is bid, and names the price that an estimate is of", async ({ world }) => {
    const { folder, sandbox, run } = world;
    writeCsv(folder, 5);
    await sandbox.patch(maxPrice(10_000));
    const bids = (multiplier: number) =>
      manifestOf(world, `delivery: { product_policy: STRICT, bid_multiplier: ${multiplier} }\n`);
    const half = await run("check", bids(0.5));
    expect(half.stdout).toContain(
      "max price 0.10 USD a message, of which 0.5 are bid; Meta's estimates by its last 7 days:\n    BR at 0.04 (Meta's nearest below 0.05): 520-590 of 1,000 delivered, 29.06-37.10 USD per 1,000 deliveries",
    );
    const little = await run("check", bids(0.1));
    expect(little.code).toBe(0);
    expect(little.stdout).toContain(
      "    BR at 0.01: no estimate of Meta's at or below this price; the lowest is at 0.02",
    );
  });

  it("names the countries without one and why, and fails for none", async ({ world }) => {
    const { folder, sandbox, run } = world;
    writePeople(folder);
    await sandbox.patch(maxPrice(6_000));
    await sandbox.patch({ max_price: { without_estimate: ["IN"] } });
    const file = manifestOf(world, "delivery: { product_policy: STRICT }\n");
    const one = await run("check", file);
    expect(one.code, one.stderr).toBe(0);
    expect(one.stdout).toMatch(/^ {4}BR at 0\.06: .*\n {4}AE at 0\.06: /m);
    expect(one.stderr.replace(/\s+/g, " ")).toContain(
      "What the template's max price reaches is missing for some countries: IN: Meta refused with code 100: There is no estimate for IN. [no_reach_estimate]",
    );
    await sandbox.patch({ max_price: { without_estimate: [], estimates: [] } });
    const none = await run("check", file, "--json");
    expect(none.code, none.stderr).toBe(0);
    const { max_price: record, findings } = JSON.parse(none.stdout);
    const sentence = "Meta's answer has no estimate.";
    expect(record).toMatchObject({
      reach: [],
      missing: ["BR", "IN", "AE"].map((region) => ({ region, code: null, sentence })),
    });
    expect(findings[0]).toMatchObject({ id: "no_reach_estimate", level: "warning" });
  });

  it("asks for none where the template has no max price", async ({ world }) => {
    const { folder, run } = world;
    writeCsv(folder, 5);
    const { stdout } = await run("check", manifestOf(world), "--json");
    expect(JSON.parse(stdout).max_price).toBeNull();
    expect(asked(world)).toEqual([]);
  });
});
