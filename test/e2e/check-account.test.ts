// `check` and `run` against a sandbox in each wrong state: what is found, where, with which exit
// code, and that nothing was posted.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import Database from "better-sqlite3";
import { describe, expect, vi } from "vitest";

import type { CheckCommandFlags } from "../../src/cli/check/check-result.ts";
import type { FindingRecord } from "../../src/cli/check/findings.ts";
import { check } from "../../src/cli/commands/check.ts";
import type {
  FindingId,
  InsightFindingId,
  LedgerFindingId,
  ListFindingId,
  MoneyFindingId,
  ScheduleFindingId,
  TestFindingId,
} from "../../src/domain/preflight/finding.ts";
import { FINDINGS } from "../../src/domain/preflight/finding-table.ts";
import { checkScenario } from "../../src/sandbox/scenario/scenario.ts";
import type { Sandbox } from "../../src/sandbox/server/server.ts";
import { startSandbox } from "../../src/sandbox/server/server.ts";
import { test } from "../support/fixture.ts";
import { query, sandboxEvents, statuses, writeCsv } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const TOKEN = "EAAtoken-of-the-test";

interface Options {
  /** Keys of the scenario. */
  state?: Record<string, unknown>;
  /** Keys of the scenario's template; null: there is none. */
  template?: Record<string, unknown> | null;
}

interface World {
  folder: string;
  log: string;
  /** Starts the sandbox in a state; ends with the test. */
  sandbox(options?: Options): Promise<Sandbox>;
  run(...args: string[]): ReturnType<typeof campaign>;
}

const it = test.extend<{ world: World }>({
  world: async ({ folder }, use) => {
    const log = join(folder, "sandbox.jsonl");
    const open: Sandbox[] = [];
    const env = { WHATSAPP_ACCESS_TOKEN: TOKEN };
    writeCsv(folder, 3);
    await use({
      folder,
      log,
      async sandbox(options = {}) {
        const one = await startSandbox({ port: 0, logFile: log, scenario: scenarioOf(options) });
        open.push(one);
        return one;
      },
      run: (...args) => campaign(args, { cwd: folder, env }),
    });
    for (const one of open) await one.close();
  },
});

function scenarioOf({ state = {}, template = {} }: Options) {
  const offer = {
    name: "offer",
    language: "pt_BR",
    components: [{ type: "BODY", text: "Oi {{1}}, use {{2}}." }],
    message_send_ttl_seconds: 86_400,
    ...template,
  };
  const templates = template === null ? [] : [offer];
  const read = checkScenario({ access_token: TOKEN, templates, ...state });
  if ("problems" in read) throw new Error(read.problems.join("\n"));
  return read.value;
}

interface ManifestOptions {
  wabaId?: string | null;
  phoneNumberId?: string;
  policy?: string;
  rate?: number;
  ttl?: string | null;
  body?: string;
  language?: string;
  /** More keys of these sections. */
  recipients?: string;
  delivery?: string;
  more?: string;
}

/** The manifest of line and column below: each key has its line. */
function writeManifest(folder: string, url: string, options: ManifestOptions = {}): string {
  const { wabaId = "100000000000002", phoneNumberId = "100000000000001" } = options;
  const { policy = "STRICT", rate = 80, ttl = "24h", more = "" } = options;
  const { recipients = "", delivery = null, language = "pt_BR" } = options;
  const { body = `["{{ first_name }}", "{{ coupon }}"]` } = options;
  const lines = [
    "campaign: test",
    "account:",
    `  phone_number_id: "${phoneNumberId}"`,
    ...(wabaId === null ? [] : [`  waba_id: "${wabaId}"`]),
    "  access_token: ${WHATSAPP_ACCESS_TOKEN}",
    `  base_url: ${url}`,
    `recipients: { file: list.csv, phone: phone${recipients} }`,
    "template:",
    "  name: offer",
    `  language: ${language}`,
    ...(ttl === null ? [] : [`  ttl: ${ttl}`]),
    `  body: ${body}`,
    "delivery:",
    `  product_policy: ${policy}`,
    ...(delivery === null ? [] : [`  ${delivery}`]),
    "rate:",
    `  messages_per_second: ${rate}`,
    more,
  ];
  writeFileSync(join(folder, "campaign.yaml"), `${lines.join("\n")}\n`);
  return "campaign.yaml";
}

interface Case extends Options, ManifestOptions {
  /** Other findings of the same state. */
  beside?: FindingId[];
  token?: string;
  says?: RegExp;
  todo?: RegExp;
  at?: string;
  /** Given to the port of nobody. */
  isDown?: boolean;
  code?: number;
}

const MAX_PRICE = {
  optimization_spec: { bid_strategy: "LOWEST_COST_WITH_BID_CAP", bid_amount: 5_000 },
};
const ELIGIBLE = { onboarding_status: "ELIGIBLE", terms_signed: false };
const COMPARING =
  "test: { name: t, metric: read, arms: { a: { share: 50% }, b: { share: 50%, delivery: { api: cloud } } } }";
/** The sandbox's state that shows each finding. `template_unused` has a test of its own below. */
const CASES: Record<
  Exclude<
    FindingId,
    | InsightFindingId
    | LedgerFindingId
    | ListFindingId
    | MoneyFindingId
    | ScheduleFindingId
    | TestFindingId
  >,
  Case
> = {
  token_invalid: { token: "EAAanother-token", at: "campaign.yaml:5:17" },
  permission_missing: {
    state: { token: { scopes: ["whatsapp_business_management"] } },
  },
  management_permission_missing: {
    state: { token: { scopes: ["whatsapp_business_messaging"] } },
    beside: ["account_unread"],
  },
  token_expires: { state: { token: { expires_in_seconds: 20 } }, rate: 0.1 },
  not_onboarded_strict: {
    state: ELIGIBLE,
    says: /ELIGIBLE, NOT_STARTED/,
    at: "campaign.yaml:14:19",
  },
  fallback_disabled: {
    state: { ...ELIGIBLE, disable_marketing_messages_on_cloud_api: true },
    policy: "CLOUD_API_FALLBACK",
  },
  not_onboarded_fallback: { state: ELIGIBLE, policy: "CLOUD_API_FALLBACK" },
  bid_without_max_price: { delivery: "bid_multiplier: 0.8", at: "campaign.yaml:15:19" },
  bid_above_max_price: { delivery: "bid_multiplier: 1.2", template: MAX_PRICE },
  max_price_fallback: { policy: "CLOUD_API_FALLBACK", template: MAX_PRICE },
  // Coupons are no user ids: nobody of the list is left.
  max_price_user_ids: {
    recipients: ", user_id: coupon",
    template: MAX_PRICE,
    beside: ["nobody_to_send"],
  },
  cloud_arm_disabled: {
    more: COMPARING,
    state: { disable_marketing_messages_on_cloud_api: true },
    at: "campaign.yaml:17:93",
    beside: ["test_too_small"],
  },
  cloud_arm_max_price: {
    more: COMPARING,
    template: MAX_PRICE,
    beside: ["test_too_small"],
  },
  cloud_arm_user_ids: {
    more: COMPARING,
    recipients: ", user_id: coupon",
    beside: ["nobody_to_send", "test_too_small"],
  },
  test_by_clicks: {
    more: "test: { name: t, arms: { a: { share: 50% }, b: { share: 50% } }, metric: clicked }",
    beside: ["test_too_small"],
  },
  test_after_end: {
    more: `test: { name: t, arms: { a: { share: 50% }, b: { share: 50% } }, metric: read, wait: 30d }\nends: ${new Date(Date.now() + 86_400_000).toISOString()}`,
    beside: ["test_too_small"],
  },
  budget_currency: {
    more: "budget: { most: 5, currency: EUR }",
    says: /in EUR, .* billed in USD/,
    beside: ["unpriced_market"],
  },
  funding_missing: { state: { funding: false } },
  health_blocked: { state: { health: { business: "BLOCKED" } } },
  health_limited: { state: { health: { waba: "LIMITED" } } },
  waba_id_missing: { wabaId: null },
  waba_not_found: { wabaId: "999999999", at: "campaign.yaml:4:12" },
  number_not_found: { phoneNumberId: "999999999", at: "campaign.yaml:3:20" },
  number_not_connected: { state: { phone_status: "BANNED" } },
  number_flagged: { state: { phone_status: "FLAGGED" } },
  number_quality_red: { state: { quality_rating: "RED" } },
  number_quality_yellow: { state: { quality_rating: "YELLOW" } },
  number_not_optimised: {
    state: { display_phone_number: "+49 1512 3456789" },
    says: /is of Germany/,
  },
  number_not_reported: {
    state: { display_phone_number: "+375 29 123-45-67" },
    says: /is of Belarus/,
  },
  rate_above_throughput: { rate: 100, at: "campaign.yaml:16:24" },
  limit_too_small: { state: { messaging_limit: "TIER_2" } },
  end_too_early: {
    rate: 0.1,
    // Three people at one every ten seconds take longer; from when the manifest is written, not
    // from when this file is read.
    get more() {
      return `ends: ${new Date(Date.now() + 15_000).toISOString()}`;
    },
  },
  template_missing: {
    template: { name: "ofer" },
    todo: /Did you mean `ofer`\?/,
    at: "campaign.yaml:9:9",
  },
  template_language_missing: { template: { language: "en" }, says: /in en \(APPROVED\)/ },
  language_without_template: {
    language: `"{% if first_name == 'Ana 2' %}es{% else %}pt_BR{% endif %}"`,
    says: /"offer" in es, which 1 person has \(row 2\): there is none\. It is approved in pt_BR\./,
    at: "campaign.yaml:10:13",
  },
  template_not_approved: {
    template: { status: "REJECTED", rejected_reason: "SCAM" },
    says: /SCAM/,
  },
  template_paused: { template: { status: "PAUSED" } },
  template_not_marketing: { template: { category: "UTILITY", previous_category: "MARKETING" } },
  ramp_quality: {
    template: { quality_score: { score: "YELLOW" } },
    more: "ramp: { steps: [200] }",
  },
  template_quality_low: { template: { quality_score: { score: "YELLOW" } } },
  template_new: { template: { last_updated_seconds_ago: 5 } },
  template_unused: { template: { last_updated_seconds_ago: 800_000 } },
  template_category_change: { template: { correct_category: "UTILITY" } },
  ttl_mismatch: { template: { message_send_ttl_seconds: 259_200 }, at: "campaign.yaml:11:8" },
  ttl_to_set: { template: { message_send_ttl_seconds: null }, more: "" },
  ttl_cleared: {
    template: { message_send_ttl_seconds: null, previous_category: "UTILITY" },
    ttl: null,
  },
  button_no_opt_out: {
    template: {
      components: [
        { type: "BODY", text: "Oi {{1}}, use {{2}}." },
        {
          type: "BUTTONS",
          buttons: ["Parar promoções", "Silenciar ofertas"].map((text) => ({
            type: "QUICK_REPLY",
            text,
          })),
        },
      ],
    },
    says: /"Silenciar ofertas" reads like an opt-out/,
    todo: /stop_words: \{ pt: \["Silenciar ofertas"\] \}/,
    at: "campaign.yaml:9:3",
  },
  parameter_mismatch: { body: `["{{ first_name }}"]`, says: /2/ },
  meta_unreachable: { isDown: true, code: 75 },
  account_unread: { state: { returns_less: true }, beside: ["not_known"] },
  not_known: { state: { returns_less: true }, beside: ["account_unread"] },
};

/** The command in this process: thirty starts of the program would take half a minute. */
async function checkHere(file: string, flags: CheckCommandFlags, ledger: string) {
  let stdout = "";
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += text;
    return true;
  });
  try {
    const { signal: stop } = new AbortController();
    const context = { stop, beforeQuit: () => {}, options: { ledger } };
    const code = await check(file, { ...flags, json: true }, context);
    return { code, stdout };
  } finally {
    write.mockRestore();
  }
}

describe("check tells", () => {
  it.for(Object.entries(CASES) as [FindingId, Case][])("%s", async ([id, one], { world }) => {
    const { folder, log } = world;
    const sandbox = await world.sandbox(one);
    const url = one.isDown ? NOBODY : sandbox.url;
    const manifest = writeManifest(folder, url, one);
    vi.stubEnv("WHATSAPP_ACCESS_TOKEN", one.token ?? TOKEN);
    const flags = id === "ttl_to_set" ? { applyTtl: true } : {};
    const file = join(folder, manifest);
    const { code, stdout } = await checkHere(file, flags, join(folder, "ledger.sqlite"));
    const findings: FindingRecord[] = JSON.parse(stdout).findings;
    // None of these manifests has hours.
    const ids = findings.map((each) => each.id).filter((each) => each !== "no_hours");
    expect(ids.sort()).toEqual([id, ...(one.beside ?? [])].sort());
    const found = findings.find((each) => each.id === id) as FindingRecord;
    expect(found.level).toBe(FINDINGS[id].level);
    if (one.says) expect(found.wrong).toMatch(one.says);
    if (one.todo) expect(found.todo).toMatch(one.todo);
    if (one.at) expect(`${found.file}:${found.line}:${found.column}`).toBe(join(folder, one.at));
    const hasBlocker = findings.some((each) => each.level === "blocker");
    expect(code).toBe(one.code ?? (hasBlocker ? 2 : 0));
    expect(stdout).not.toContain(one.token ?? TOKEN);
    expect(postsIn(log)).toEqual([]);
  });
});

describe.concurrent("check", () => {
  it("prints blockers first, at their places, and exits 2", async ({ world }) => {
    const { url } = await world.sandbox({
      state: { quality_rating: "RED" },
      template: { status: "PAUSED", message_send_ttl_seconds: 259_200 },
    });
    const ended = await world.run("check", writeManifest(world.folder, url));
    expect(ended.code).toBe(2);
    expect(ended.stdout).toMatch(/2 blockers and 2 warnings; a run would send nothing/);
    expect(ended.stderr).toMatch(
      /^campaign\.yaml:9:9: blocker: The template is PAUSED.*\[template_paused\]\n {2}9 \| .*\n.*\^\n {2}→ .*\ncampaign\.yaml:11:8: blocker: .*3 d\. \[ttl_mismatch\]\n[\s\S]*warning: The number's quality is RED/m,
    );
  });

  it("lists what is wrong with the CSV and with the account at once", async ({ world }) => {
    const { url } = await world.sandbox({ template: { status: "PAUSED" } });
    const manifest = writeManifest(world.folder, url, { body: `["{{ nobody }}", "x"]` });
    for (const args of [["check", manifest], [manifest]]) {
      const ended = await world.run(...args);
      expect(ended.code).toBe(2);
      expect(ended.stderr).toContain("no column `nobody`");
      expect(ended.stderr).toContain("[template_paused]");
    }
    expect(postsIn(world.log)).toEqual([]);
  });

  it("counts a finding as a warning only with --despite, and knows the ids", async ({ world }) => {
    const { url } = await world.sandbox({ template: { status: "PAUSED" } });
    const manifest = writeManifest(world.folder, url);
    const ended = await world.run("check", manifest, "--despite", "template_paused");
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain("warning: The template is PAUSED");
    const wrong = await world.run("check", manifest, "--despite", "template_pause");
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("Did you mean template_paused?");
  });

  it("says when this ledger last used the template", async ({ world }) => {
    const { url } = await world.sandbox();
    const manifest = writeManifest(world.folder, url);
    expect((await world.run(manifest)).code).toBe(0);
    const db = new Database(join(world.folder, "data", "ledger.sqlite"));
    db.prepare("update campaign set changed_at = changed_at - ?").run(8 * 86_400_000);
    db.close();
    const { stdout } = await world.run("check", manifest, "--json");
    expect(JSON.parse(stdout).findings).toMatchObject([{ id: "template_unused" }]);
  });
});

describe.concurrent("run", () => {
  it("stops on a blocker before anything is planned or sent", async ({ world }) => {
    const { url } = await world.sandbox({
      state: { phone_status: "BANNED" },
      template: { category: "UTILITY" },
    });
    const ended = await world.run(writeManifest(world.folder, url), "--json");
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("[number_not_connected]");
    expect(ended.stderr).toContain("[template_not_marketing]");
    expect(JSON.parse(ended.stdout).error).toMatchObject({ id: "number_not_connected" });
    expect(query(world.folder, "select * from campaign")).toEqual([]);
    expect(postsIn(world.log)).toEqual([]);
  });

  it("tells warnings once, briefly, and sends", async ({ world }) => {
    const { url } = await world.sandbox({ state: { quality_rating: "RED" } });
    const ended = await world.run(writeManifest(world.folder, url), "--json");
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr.match(/quality is RED/g)).toHaveLength(1);
    expect(JSON.parse(ended.stdout).findings).toMatchObject([{ id: "number_quality_red" }]);
    expect(statuses(world.folder)).toEqual({ accepted: 3 });
  });

  it("goes on while Meta cannot be asked, and check says to look again", async ({ world }) => {
    const { url } = await world.sandbox({ state: { management: { calls_per_hour: 0 } } });
    const manifest = writeManifest(world.folder, url);
    const checked = await world.run("check", manifest);
    expect(checked.code).toBe(75);
    expect(checked.stdout).toMatch(
      /^ {2}number: .*\. NOT CHECKED: account and template: Meta's limit of calls is reached/m,
    );
    expect((await world.run("check", manifest, "--despite", "meta_unreachable")).code).toBe(0);
    const ended = await world.run(manifest);
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toMatch(/warning: Meta could not be asked about .*limit of calls/);
    expect(statuses(world.folder)).toEqual({ accepted: 3 });
  });

  it.for([
    ["http://127.0.0.1:9", "http://127.0.0.1:9 refused the connection"],
    ["http://nowhere.invalid:80", "nowhere.invalid"],
  ] as const)(
    "says that nothing was checked where %s cannot be reached",
    async ([base, said], { world }) => {
      // Only loopback may be reached without TLS.
      const url = base.replace("http://nowhere", "https://nowhere");
      const manifest = writeManifest(world.folder, url);
      const checked = await world.run("check", manifest);
      expect([checked.code, checked.stderr]).toEqual([75, expect.stringContaining(said)]);
      expect(checked.stdout).toMatch(/^ {2}NOT CHECKED: number, account and template: /m);
      expect(checked.stdout).toContain(said);
      expect(checked.stdout).not.toContain("stands in the way");
      const { stdout } = await world.run("check", manifest, "--json");
      expect(JSON.parse(stdout).not_checked).toEqual([
        { parts: ["number", "account", "template"], why: expect.stringContaining(said) },
      ]);
    },
  );

  it("goes on unchecked once a message was accepted: no night is lost", async ({ world }) => {
    const sandbox = await world.sandbox();
    const manifest = writeManifest(world.folder, sandbox.url);
    expect((await world.run(manifest, "--limit", "1")).code).toBe(75);
    await patch(sandbox, { management: { calls_per_hour: 0 } });
    changeLedger(world.folder, "delete from cache");
    const ended = await world.run(manifest);
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toMatch(/warning: Meta could not be asked about .*limit of calls/);
    expect(statuses(world.folder)).toEqual({ accepted: 3 });
  });

  it("asks for the account once in ten minutes, and for the template before each sending", async ({
    world,
  }) => {
    const sandbox = await world.sandbox();
    const manifest = writeManifest(world.folder, sandbox.url);
    expect((await world.run(manifest, "--limit", "1")).code).toBe(75);
    makeOlder(world.folder);
    await patch(sandbox, {
      templates: [{ ...offer(), message_send_ttl_seconds: null, previous_category: "UTILITY" }],
    });
    const ended = await world.run(manifest);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/change of its category cleared it\. \[ttl_mismatch\]/);
    expect(statuses(world.folder)).toEqual({ accepted: 1, pending: 2 });
    // With the template as it was, the number is not asked about: it is as it was six minutes ago.
    await patch(sandbox, { phone_status: "BANNED", templates: [offer()] });
    makeOlder(world.folder);
    expect((await world.run(manifest, "--limit", "1")).stderr).toContain("Code 131031");
  });

  it("asks for nothing when nothing is left to send", async ({ world }) => {
    const sandbox = await world.sandbox();
    const manifest = writeManifest(world.folder, sandbox.url);
    expect((await world.run(manifest)).code).toBe(0);
    await sandbox.close();
    const ended = await world.run(manifest);
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).not.toContain("warning");
  });

  it("--apply-ttl sets the template's TTL at Meta first; check only says so", async ({ world }) => {
    const sandbox = await world.sandbox({ template: { message_send_ttl_seconds: 259_200 } });
    const manifest = writeManifest(world.folder, sandbox.url);
    const before = await world.run("check", manifest, "--apply-ttl");
    expect(before.code).toBe(0);
    expect(before.stderr).toContain("a run sets it to 24 h first");
    expect((await world.run(manifest)).code).toBe(2);
    const ended = await world.run(manifest, "--apply-ttl");
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain("was set to 24 h at Meta");
    expect(statuses(world.folder)).toEqual({ accepted: 3 });
    // It is there for good: the next check has nothing to say of it.
    const after = await world.run("check", manifest);
    expect(after.code).toBe(0);
    expect(after.stderr).not.toContain("TTL");
  });

  it("works with the built-in sandbox, whose words stay first and last", async ({ world }) => {
    writeFileSync(join(world.folder, "paused.yaml"), "phone_status: BANNED\n");
    writeFileSync(
      join(world.folder, "inner.yaml"),
      `campaign: inner\naccount: sandbox\nsandbox: { scenario: paused.yaml }\nrecipients: { file: list.csv }\ntemplate: { name: offer, language: pt_BR, body: ["a", "b"] }\n`,
    );
    const ended = await world.run("inner.yaml");
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(
      /^SANDBOX: .*\n[\s\S]*\[number_not_connected\][\s\S]*\nSANDBOX: .*\n$/,
    );
  });
});

/** Makes the facts that the ledger keeps six minutes older. */
function makeOlder(folder: string): void {
  changeLedger(
    folder,
    `update cache set answered_at = answered_at - 360000,
      value = json_set(value, '$.readAt', answered_at - 360000)`,
  );
}

function changeLedger(folder: string, change: string): void {
  const db = new Database(join(folder, "data", "ledger.sqlite"));
  db.exec(change);
  db.close();
}

/** An address at which nobody listens. */
const NOBODY = "http://127.0.0.1:9";

function offer() {
  return scenarioOf({}).templates[0] as object;
}

async function patch(sandbox: Sandbox, change: object): Promise<void> {
  const answer = await fetch(`${sandbox.url}/_sandbox`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(change),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

const postsIn = (log: string) =>
  sandboxEvents(log).filter((event) => event.event === "accepted" || event.event === "refused");

describe("preview", () => {
  it("draws the message in the words of the account's own template", async ({ world }) => {
    const { url } = await world.sandbox();
    const shown = await world.run("preview", writeManifest(world.folder, url), "--row", "2");
    expect(shown.stdout).toMatch(/│ Oi [^{]+, use [^{]+\. +│/);
    // Where Meta cannot be asked it still shows the request, and the values by their place.
    const dark = await world.run("preview", writeManifest(world.folder, NOBODY), "--row", "2");
    expect(dark.code).toBe(0);
    expect(dark.stdout).toMatch(/^body 1: /m);
    expect(dark.stderr).toContain("The template's own words are not known here");
  });
});
