// What Meta counted as the program reads, keeps and shows it; each call that fails, and what is
// printed then; the switch that turns it on.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect } from "vitest";
import { INSIGHT_KEYS } from "../../src/report/insights.ts";
import type { SandboxWorld } from "../support/fixture.ts";
import { testWithSandbox } from "../support/fixture.ts";
import {
  sandboxEvents,
  scenario,
  startSandbox,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";

const SCOPES = ["whatsapp_business_management", "whatsapp_business_messaging", "ads_read"];
const it = testWithSandbox((folder) =>
  startSandbox(
    folder,
    scenario(
      `pair_limit: false\nreceipt_delay_ms: 0\nshares: { read: 1, click: 1 }\ntoken: { scopes: [${SCOPES.join(", ")}] }\n`,
    ),
  ),
);

/** The manifest with the account's id. */
function manifestOf(
  { folder, sandbox }: SandboxWorld,
  options: { campaign?: string; name?: string; list?: string } = {},
): string {
  const file = writeManifest(folder, sandbox, options);
  const text = readFileSync(join(folder, file), "utf8");
  writeFileSync(
    join(folder, file),
    text.replace("account:\n", 'account:\n  waba_id: "100000000000002"\n'),
  );
  return file;
}

/** A campaign of four people that was sent; no receipt comes to its ledger. */
async function sent(world: SandboxWorld): Promise<string> {
  const file = manifestOf(world);
  writeCsv(world.folder, 4);
  const { code, stderr } = await world.run("run", file, "--yes", "--new-ledger");
  expect(code, stderr).toBe(0);
  return file;
}

const today = () => new Date().toISOString().slice(0, 10);

describe.concurrent("campaign insights", () => {
  it("shows Meta's figures beside the ledger's, and the report shows what was kept", async ({
    world,
  }) => {
    const file = await sent(world);
    const { code, stdout, stderr } = await world.run("insights", file);
    expect(code, stderr).toBe(0);
    for (const line of [
      /^campaign test, as Meta counted it$/m,
      /template offer \(pt_BR\), .* days of UTC; read at /,
      /^ {2}sent +4 +4$/m,
      /^ {2}delivered +4 +0$/m,
      /^ {2}read +4 +0$/m,
      /^ {2}clicks on links +4 +0$/m,
      /^ {2}cost +0\.25 USD +–$/m,
      /^ {2}cost per delivery +0\.0625 USD +–$/m,
      /Receipts: 0%: 4 deliveries were never reported to this ledger\./,
      /Read 100%, the best quarter of similar businesses reads 70\.3% or more: 29\.7 points above/,
      /BR 0\.25/,
      /No other campaign of this ledger sent the template on these days\./,
      /Creative optimisations: of the template none set/,
      /WhatsApp Manager only/,
      /^ {2}The conversion metrics of April 2026: Meta does not take them here \(code 100\)\.$/m,
    ]) {
      expect(stdout.replaceAll(/\n {4}/g, " ")).toMatch(line);
    }
    expect(stdout).toMatch(/^ +Meta +this ledger$/m);
    const report = await world.run("report", file);
    expect(report.stdout).toMatch(/^as Meta counted it:$/m);
    expect(report.stdout).toMatch(/^ {2}delivered +4 +0$/m);
    expect(report.stdout).toContain("USD: by Meta's analytics 0.25");
    const page = await world.run("report", file, "--html", "-");
    expect(page.stdout).toContain("<h2>As Meta counted it</h2>");
    // The report asks Meta for nothing.
    const reads = () =>
      sandboxEvents(world.sandbox.log).filter(({ event }) => event === "management");
    const before = reads().length;
    const json = JSON.parse((await world.run("report", file, "--json")).stdout);
    expect(reads()).toHaveLength(before);
    expect(json.report.insights).toMatchObject({
      meta: { sent: 4, delivered: 4 },
      ledger: { accepted: 4 },
    });
    expect(json.report.money).toMatchObject([{ currency: "USD", by_meta: 0.25 }]);
  });

  it("has the same as JSON, asks for ten ids at most, and changes nothing at Meta", async ({
    world,
  }) => {
    const file = await sent(world);
    await world.sandbox.patch({
      insights: {
        texts: true,
        product_names: ["MARKETING_MESSAGES_LITE_API"],
        per_delivery: { website_purchases: 0.5 },
      },
    });
    const { code, stdout, stderr } = await world.run("insights", file, "--json");
    expect(code, stderr).toBe(0);
    const json = JSON.parse(stdout);
    expect(Object.keys(json)).toEqual(["campaign", ...INSIGHT_KEYS.map(({ name }) => name)]);
    expect(json).toMatchObject({
      campaign: "test",
      template: { name: "offer", language: "pt_BR" },
      days: { since: today(), until: today(), time_zone: "UTC", whole_campaign: true },
      insights_on: true,
      meta: {
        sent: 4,
        delivered: 4,
        read: 4,
        clicks: 4,
        people_clicked: 4,
        spent: 0.25,
        conversions: { website_purchases: 2 },
      },
      products: { marketing_lite: { sent: 4 }, marketing: { sent: null } },
      ledger: { accepted: 4, delivered: 0, read: 0 },
      receipts: { number: 0, of: 4, never_reported: 4 },
      cost: { currency: "USD", spent: 0.25, per_delivery: 0.0625, per_click: 0.0625 },
      benchmark: { read_rate: 100, read_rate_best_quarter: 70.27 },
      pricing: [
        { phone: "552055550100", country: "BR", category: "marketing_lite", volume: 4, cost: 0.25 },
      ],
      recommendations: "whatsapp_manager_only",
      shared_with: [],
      missing: [{ part: "newer_conversions", code: 100 }],
    });
    const posts = sandboxEvents(world.sandbox.log).filter(
      ({ event, method }) => event === "management" && method === "POST",
    );
    expect(posts).toEqual([]);
  });

  const OFF =
    "insights are off for this account; `campaign account insights on campaign.yaml` switches them on, for good.";
  const failures: [
    what: string,
    patch: object,
    flags: string[],
    parts: Record<string, number | null>,
    said: string,
  ][] = [
    [
      "insights are off",
      { insights: { enabled: false } },
      [],
      { messages: 200007, cloud_api: 200007, conversions: 200007, newer_conversions: 200007 },
      `What Meta counted of the template: ${OFF}`,
    ],
    [
      "insights are not there yet",
      { insights: { available: false } },
      [],
      { messages: 200005, cloud_api: 200005, conversions: 200005, newer_conversions: 200005 },
      "What Meta counted of the template: Meta has no insights of this account yet.",
    ],
    [
      "the token lacks ads_read",
      { token: { scopes: SCOPES.slice(0, 2) } },
      [],
      { no_ads_read: null, newer_conversions: 100 },
      "the token lacks ads_read.",
    ],
    [
      "ads are left out",
      {},
      ["--no-ads"],
      { not_asked: null, newer_conversions: 100 },
      "not asked for (--no-ads).",
    ],
    [
      "the template has no ad",
      { insights: { ads: false } },
      [],
      { no_ads: null, newer_conversions: 100 },
      "the template has no ad at Meta",
    ],
    [
      "there is no benchmark",
      { insights: { benchmarks: null } },
      [],
      { no_benchmark: null, newer_conversions: 100 },
      "Meta has none for this template yet",
    ],
    [
      "the product has no known name",
      { insights: { product_names: [] } },
      [],
      { messages: 100, conversions: 100, newer_conversions: 100 },
      "Messages of the Marketing Messages API: Meta does not take this request.",
    ],
    [
      "prices are not known",
      { nonexistent_fields: ["pricing_analytics"] },
      [],
      { pricing: 100, newer_conversions: 100 },
      "What was billed by number and country: ",
    ],
    [
      "the account's field is not known",
      { nonexistent_fields: ["is_enabled_for_insights", "cta_url_link_tracking_opted_out"] },
      [],
      { template_ads: 100, newer_conversions: 100 },
      "The template's ads and link tracking: ",
    ],
  ];
  it.for(failures)(
    "says what is missing where %s, and exits 0",
    async ([_, patch, flags, parts, said], { world }) => {
      const file = await sent(world);
      await world.sandbox.patch(patch);
      const { code, stdout, stderr } = await world.run("insights", file, "--json", ...flags);
      expect(code, stderr).toBe(0);
      const missing = JSON.parse(stdout).missing as {
        part: string;
        code: number | null;
        sentence: string;
      }[];
      expect(Object.fromEntries(missing.map((one) => [one.part, one.code]))).toEqual(parts);
      const text = (await world.run("insights", file, ...flags)).stdout.replaceAll(/\n {4}/g, " ");
      expect(text).toContain(said);
      // In one line, however many calls it refused.
      expect(text.split(said)).toHaveLength(2);
    },
  );

  it("ends as other commands do where nothing at all could be read", async ({ world }) => {
    const file = await sent(world);
    await world.sandbox.patch({ token: { scopes: ["whatsapp_business_messaging"] } });
    const { code, stdout, stderr } = await world.run("insights", file);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("Give the token whatsapp_business_management");
  });

  it("keeps the highest reads and clicks, and shows them when Meta cannot be asked", async ({
    world,
  }) => {
    const file = await sent(world);
    await world.run("insights", file);
    // As after a week: what was read and clicked is zero, and so it is missing.
    await world.sandbox.patch({ insights: { cost_per_delivery: 0.05 }, shares: { read: 0 } });
    await world.sandbox.kill();
    const { code, stderr } = await world.run("insights", file);
    expect([code, stderr]).toMatchObject([75, expect.stringContaining("refused the connection")]);
    const { report } = JSON.parse((await world.run("report", file, "--json")).stdout);
    expect(report.insights.meta).toMatchObject({ read: 4, clicks: 4, spent: 0.25 });
  });

  it("names another campaign that sent the template, and claims no share of receipts then", async ({
    world,
  }) => {
    const file = await sent(world);
    writeCsv(world.folder, 2, "more.csv", 10);
    const other = manifestOf(world, { name: "other.yaml", campaign: "other", list: "more.csv" });
    expect((await world.run("run", other, "--yes")).code).toBe(0);
    const { stdout } = await world.run("insights", file);
    const text = stdout.replaceAll(/\n {4}/g, " ");
    expect(text).toContain(
      '"other" sent the same template on these days: Meta counts the template, not the campaign',
    );
    expect(text).toMatch(/^ {2}sent +6 +4$/m);
    expect(text).not.toContain("Receipts:");
  });

  it("asks for the templates of all arms of a test, and shares one with a plain campaign", async ({
    world,
  }) => {
    const test =
      "test: { name: cta, arms: { a: { share: 50% }, b: { share: 50%, template: { name: offer_b } } }, metric: read, wait: 24h, rest: a }";
    await world.sandbox.patch({
      templates: [
        {
          name: "offer_b",
          language: "pt_BR",
          components: [{ type: "BODY", text: "Oi {{1}}, {{2}}." }],
        },
      ],
    });
    const file = manifestOf(world);
    writeFileSync(
      join(world.folder, file),
      `${readFileSync(join(world.folder, file), "utf8")}${test}\n`,
    );
    writeCsv(world.folder, 12);
    const ran = await world.run("run", file, "--yes", "--new-ledger");
    expect([0, 75], ran.stderr).toContain(ran.code);
    const { stdout } = await world.run("insights", file, "--json");
    const json = JSON.parse(stdout);
    expect(json).toMatchObject({
      template: { name: "offer" },
      other_templates: [{ name: "offer_b", language: "pt_BR" }],
      meta: { sent: 12 },
      ledger: { accepted: 12 },
    });
    const templates = new Set(json.days_read.map(({ template }: { template: string }) => template));
    expect(templates).toEqual(new Set([json.template.id, json.other_templates[0].id]));
    expect((await world.run("insights", file)).stdout).toContain(
      "templates offer (pt_BR), offer_b (pt_BR)",
    );
    writeCsv(world.folder, 2, "more.csv", 20);
    const plain = manifestOf(world, { name: "plain.yaml", campaign: "plain", list: "more.csv" });
    writeFileSync(
      join(world.folder, plain),
      readFileSync(join(world.folder, plain), "utf8").replace("name: offer", "name: offer_b"),
    );
    expect((await world.run("run", plain, "--yes")).code).toBe(0);
    const shared = JSON.parse((await world.run("insights", plain, "--json")).stdout);
    expect(shared.shared_with).toEqual(["test"]);
  });

  it("asks for the days that are given, and refuses what are none", async ({ world }) => {
    const file = await sent(world);
    const bad = await world.run("insights", file, "--since", "2026-02-31");
    expect([bad.code, bad.stderr]).toMatchObject([2, expect.stringContaining("A date is needed")]);
    const swapped = await world.run(
      "insights",
      file,
      "--since",
      "2026-11-21",
      "--until",
      "2026-11-20",
    );
    expect([swapped.code, swapped.stderr]).toMatchObject([2, expect.stringContaining("is after")]);
    const { stdout } = await world.run("insights", file, "--json", "--until", "2026-01-01");
    expect(JSON.parse(stdout)).toMatchObject({
      days: { until: "2026-01-01", whole_campaign: false },
      meta: { sent: null },
      receipts: null,
    });
  });

  it("has nothing of a campaign that sent nothing", async ({ world }) => {
    const file = manifestOf(world);
    writeCsv(world.folder, 1);
    expect((await world.run("run", file, "--yes", "--new-ledger", "--plan-only")).code).toBe(0);
    const { code, stderr } = await world.run("insights", file);
    expect([code, stderr]).toMatchObject([2, expect.stringContaining("took no message")]);
  });
});

describe.concurrent("account insights on", () => {
  it("says what it does, asks, proves it, and is in the audit; check says once that they are off", async ({
    world,
  }) => {
    const file = await sent(world);
    await world.sandbox.patch({ insights: { enabled: false } });
    const check = await world.run("check", file, "--json");
    const ids = JSON.parse(check.stdout).findings.map(({ id }: { id: string }) => id);
    expect(ids.filter((id: string) => id === "insights_off")).toHaveLength(1);
    expect((await world.run("account", "show", file)).stdout).toMatch(/^insights +off: /m);
    const asked = await world.run("account", "insights", "on", file);
    expect([asked.code, asked.stdout]).toEqual([2, ""]);
    for (const sentence of [
      "It cannot be undone",
      "link tracking to URL buttons",
      "anonymised data",
      "Say it with --yes.",
    ]) {
      expect(asked.stderr).toContain(sentence);
    }
    const off = await world.run("account", "insights", "off", file);
    expect(off.code).toBe(2);
    const on = await world.run("account", "insights", "on", file, "--yes");
    expect(on.code, on.stderr).toBe(0);
    expect(on.stdout).toBe(
      "Insights of account Sandbox (id 100000000000002) are on now, as read from Meta.\n",
    );
    const again = await world.run("account", "insights", "on", file, "--json");
    expect(JSON.parse(again.stdout)).toEqual({
      waba_id: "100000000000002",
      insights: "on",
      changed: false,
    });
    expect((await world.run("account", "show", file)).stdout).toMatch(/^insights +on$/m);
    const { audits } = JSON.parse((await world.run("audit", "--json")).stdout);
    expect(
      audits.filter(({ action }: { action: string }) => action === "insights_on"),
    ).toMatchObject([{ subject: "Sandbox", detail: { waba_id: "100000000000002" } }]);
    expect((await world.run("insights", file)).stdout).toMatch(/^ {2}sent +4 +4$/m);
  });
});
