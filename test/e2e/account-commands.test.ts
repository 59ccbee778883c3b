// `campaign template …` and `campaign account …` against the sandbox, whose own state is the proof
// of a change; and the facts that the ledger keeps.

import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, describe, expect, onTestFinished, vi } from "vitest";

import type { FactsOptions } from "../../src/cli/account/account-facts.ts";
import { factsFor } from "../../src/cli/account/account-facts.ts";
import { recordChange } from "../../src/cli/account/meta-change.ts";
import { loadManifest } from "../../src/cli/campaign/wiring.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { readScenario } from "../../src/sandbox/scenario/scenario.ts";
import { startSandbox } from "../../src/sandbox/server/server.ts";
import { test } from "../support/fixture.ts";
import type { TestSandbox } from "../support/harness.ts";
import { start } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const WABA = "100000000000002";

interface World {
  folder: string;
  sandbox: Pick<TestSandbox, "url" | "phoneNumberId" | "token" | "patch"> & {
    close(): Promise<void>;
  };
  run(...args: string[]): ReturnType<typeof campaign>;
}

const SCENARIO = `templates:
  - name: offer
    language: pt_BR
    components:
      - { type: HEADER, format: IMAGE }
      - { type: BODY, text: "Oi {{1}}, use {{2}}." }
      - { type: BUTTONS, buttons: [{ type: URL, text: Ver, url: "https://example.com/{{1}}" }] }
  - name: offer
    language: en_US
    status: PAUSED
    components:
      - { type: BODY, text: "Hi {{1}}, use {{2}}." }
  - name: order
    language: pt_BR
    category: UTILITY
    components:
      - { type: BODY, text: "Oi {{1}}, {{2}}." }
`;

const it = test.extend<{ world: World }>({
  world: async ({ folder }, use) => {
    const sandbox = await play(folder);
    writeAccountManifest(folder, sandbox);
    const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
    await use({ folder, sandbox, run: (...args) => campaign(args, { cwd: folder, env }) });
    await sandbox.close();
  },
});

/** A sandbox in this process: the program under test runs in one of its own anyway. */
async function play(folder: string): Promise<World["sandbox"]> {
  const read = readScenario(SCENARIO, "scenario.yaml");
  if ("problems" in read) throw new Error(read.problems[0]?.message);
  const logFile = join(folder, "sandbox.jsonl");
  const sandbox = await startSandbox({ logFile, scenario: read.value });
  return {
    url: sandbox.url,
    phoneNumberId: sandbox.phoneNumberId,
    token: sandbox.accessToken,
    close: sandbox.close,
    async patch(change) {
      const init = { method: "PATCH", body: JSON.stringify(change) };
      const answer = await fetch(`${sandbox.url}/_sandbox`, init);
      if (!answer.ok) throw new Error(`PATCH /_sandbox: ${answer.status} ${await answer.text()}`);
    },
  };
}

function writeAccountManifest(
  folder: string,
  sandbox: Pick<TestSandbox, "url" | "phoneNumberId">,
  changes: { waba?: string; template?: string; language?: string; ttl?: string } = {},
): void {
  const { waba = `waba_id: "${WABA}"`, template = "offer", language = "pt_BR" } = changes;
  const ttl = changes.ttl === undefined ? "" : `  ttl: ${changes.ttl}\n`;
  writeFileSync(
    join(folder, "c.yaml"),
    `campaign: test
account:
  phone_number_id: "${sandbox.phoneNumberId}"
  ${waba}
  access_token: \${WHATSAPP_ACCESS_TOKEN}
  base_url: ${sandbox.url}
recipients: { file: list.csv }
template:
  name: ${template}
  language: ${language}
${ttl}  body: ["Ana", "X"]
`,
  );
}

const ttlAtMeta = async ({ run }: World) =>
  JSON.parse((await run("template", "show", "c.yaml", "--json")).stdout).message_send_ttl_seconds;

describe.concurrent("template show", () => {
  it("prints what Meta has as a table", async ({ world: { run } }) => {
    const { code, stdout, stderr } = await run("template", "show", "c.yaml");
    expect([code, stderr]).toEqual([0, ""]);
    for (const line of [
      /^template {2,}offer \(pt_BR\), id \d+$/m,
      /^status {2,}APPROVED$/m,
      /^category {2,}MARKETING$/m,
      /^TTL {2,}none of its own: Meta's default, 30 d$/m,
      /^max price {2,}none: the rate card's price$/m,
      /^optimisations {2,}none set: on, by Meta's default$/m,
      /^the account's {2,}none set: off, by Meta's default$/m,
      /^changed {2,}not known$/m,
      /^languages {2,}pt_BR \(APPROVED\), en_US \(PAUSED\)$/m,
      /^header {2,}IMAGE$/m,
      /^body {2,}Oi \{\{1\}\}, use \{\{2\}\}\.$/m,
      /^button 0 {2,}URL "Ver" https:\/\/example\.com\/\{\{1\}\}$/m,
    ]) {
      expect(stdout).toMatch(line);
    }
  });

  it("gives the same as JSON", async ({ world: { run } }) => {
    const { code, stdout } = await run("template", "show", "c.yaml", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      name: "offer",
      language: "pt_BR",
      status: "APPROVED",
      category: "MARKETING",
      quality: "GREEN",
      message_send_ttl_seconds: null,
      ttl_known: true,
      languages: [
        { language: "pt_BR", status: "APPROVED" },
        { language: "en_US", status: "PAUSED" },
      ],
    });
  });

  it('says "not known" of what a server does not tell', async ({ world: { sandbox, run } }) => {
    await sandbox.patch({ returns_less: true });
    const { code, stdout } = await run("template", "show", "c.yaml");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^TTL +not known$/m);
    expect(stdout).toMatch(/^quality +not known$/m);
    const json = JSON.parse((await run("template", "show", "c.yaml", "--json")).stdout);
    expect(json).toMatchObject({ ttl_known: false, quality: null, status: "APPROVED" });
  });

  it("names the languages there are, at the place of the wrong one", async ({
    world: { folder, sandbox, run },
  }) => {
    writeAccountManifest(folder, sandbox, { language: "es_MX" });
    const { code, stdout, stderr } = await run("template", "show", "c.yaml");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^c\.yaml:10:13: there is no template "offer" in es_MX at Meta\n/);
    expect(stderr).toContain("→ It is there in pt_BR (APPROVED), en_US (PAUSED).");
    writeAccountManifest(folder, sandbox, { template: "nothing" });
    expect((await run("template", "show", "c.yaml")).stderr).toMatch(/No template has this name/);
  });

  it("needs the account's id", async ({ world: { folder, sandbox, run } }) => {
    writeAccountManifest(folder, sandbox, { waba: "" });
    const { code, stderr } = await run("template", "show", "c.yaml");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^c\.yaml:3:20: `account\.waba_id` is left out/);
  });
});

describe.concurrent("template set-ttl", () => {
  it("sets it at Meta, and proves it by reading again", async ({ world }) => {
    const { run } = world;
    const { code, stdout } = await run("template", "set-ttl", "c.yaml", "24h");
    expect(code).toBe(0);
    expect(stdout).toBe(
      "offer (pt_BR): the TTL is 24 h now, as read from Meta; it was none of its own: Meta's default, 30 d.\n",
    );
    expect(await ttlAtMeta(world)).toBe(86_400);
    expect((await run("template", "set-ttl", "c.yaml", "1d")).stdout).toBe(
      "offer (pt_BR): the TTL is 24 h already.\n",
    );
  });

  it("takes the manifest's TTL where none is given", async ({ world }) => {
    const { folder, sandbox, run } = world;
    expect((await run("template", "set-ttl", "c.yaml")).stderr).toMatch(/has no `template\.ttl`/);
    writeAccountManifest(folder, sandbox, { ttl: "3d" });
    expect((await run("template", "show", "c.yaml")).stdout).toMatch(/^TTL wanted +3 d; campaign/m);
    expect((await run("template", "set-ttl", "c.yaml")).code).toBe(0);
    expect(await ttlAtMeta(world)).toBe(259_200);
    const other = await run("template", "set-ttl", "c.yaml", "12h");
    expect(other.stderr).toMatch(/^There is no ledger at .* yet: the change is in no audit\.\n/);
    expect(other.stderr).toContain("\nc.yaml has `template.ttl` of 3 d: correct it there too.\n");
  });

  it.for(["5m", "soon"])("does not take %s", async (ttl, { world }) => {
    const { code, stderr, stdout } = await world.run("template", "set-ttl", "c.yaml", ttl);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`"${ttl}" was given`);
    expect(stderr).toContain("12h to 30d");
  });

  it("is for marketing templates", async ({ world: { folder, sandbox, run } }) => {
    writeAccountManifest(folder, sandbox, { template: "order" });
    const { code, stderr } = await run("template", "set-ttl", "c.yaml", "24h");
    expect(code).toBe(2);
    expect(stderr).toMatch(/of category UTILITY, not MARKETING/);
  });
});

describe.concurrent("account show", () => {
  it("prints what Meta has as a table", async ({ world: { run } }) => {
    const { code, stdout, stderr } = await run("account", "show", "c.yaml");
    expect([code, stderr]).toEqual([0, ""]);
    for (const line of [
      /^number {15}\+55 20 5555-0100 \(id 100000000000001\)$/m,
      /^status +CONNECTED$/m,
      /^quality +GREEN$/m,
      /^limit of a day +TIER_UNLIMITED$/m,
      /^number's health +AVAILABLE$/m,
      /^account +Sandbox \(id 100000000000002\)$/m,
      /^currency +USD$/m,
      /^onboarding +ONBOARDED$/m,
      /^terms +TERM_OF_SERVICE_SIGNED$/m,
      /^to do +Nothing: the account sends by the Marketing Messages API\.$/m,
      /^Cloud API marketing {2}on$/m,
      /^payment method +present$/m,
      /^token +valid$/m,
      /^token's end +never$/m,
    ]) {
      expect(stdout).toMatch(line);
    }
  });

  it("says what onboarding needs", async ({ world: { sandbox, run } }) => {
    await sandbox.patch({ onboarding_status: "ELIGIBLE" });
    const { stdout } = await run("account", "show", "c.yaml");
    expect(stdout).toMatch(
      /^onboarding +ELIGIBLE\n.*\nto do +The business has to accept the terms/m,
    );
  });

  it("shows what is wrong, and gives it as JSON", async ({ world: { sandbox, run } }) => {
    await sandbox.patch({
      funding: false,
      health: { waba: "BLOCKED" },
      token: { expires_in_seconds: 3_600, scopes: ["whatsapp_business_management"] },
    });
    const { stdout } = await run("account", "show", "c.yaml");
    expect(stdout).toMatch(/^payment method +absent$/m);
    expect(stdout).toMatch(/^account's health +BLOCKED\n {2}WABA +BLOCKED 131031 \S/m);
    expect(stdout).toMatch(/^token's end +\d+ \w+ 20\d\d, \d\d:\d\d /m);
    const json = JSON.parse((await run("account", "show", "c.yaml", "--json")).stdout);
    expect(json).toMatchObject({
      number: { status: "CONNECTED", health: { can_send: "BLOCKED" } },
      waba: { funding: "absent", fully_onboarded: true, cloud_marketing: "on" },
      token: { is_valid: true, scopes: ["whatsapp_business_management"] },
      unread: [],
    });
  });

  it('says "not known" of what a server does not tell', async ({ world: { sandbox, run } }) => {
    await sandbox.patch({ returns_less: true });
    const { code, stdout } = await run("account", "show", "c.yaml");
    expect(code).toBe(0);
    for (const name of ["status", "limit of a day", "onboarding", "payment method"]) {
      expect(stdout).toMatch(new RegExp(`^${name} +not known$`, "m"));
    }
  });

  it("shows what can be read without the account's id", async ({
    world: { folder, sandbox, run },
  }) => {
    writeAccountManifest(folder, sandbox, { waba: "" });
    const { code, stdout, stderr } = await run("account", "show", "c.yaml");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^status +CONNECTED$/m);
    expect(stderr).toMatch(
      /^The account could not be read: .*WhatsApp Business Account is not given/,
    );
  });

  it.for([
    ["a wrong token", 2, /Put a token that is valid/],
    ["nobody there", 75, /Try the same command again later/],
  ] as [string, number, RegExp][])("%s: exit %d", async ([what, expected, said], { world }) => {
    const { folder, sandbox } = world;
    if (what === "nobody there") await sandbox.close();
    const secret = "EAAwrongtoken123456";
    const env = { WHATSAPP_ACCESS_TOKEN: secret };
    const ended = await campaign(["account", "show", "c.yaml"], { cwd: folder, env });
    expect([ended.code, ended.stdout]).toEqual([expected, expect.not.stringContaining(secret)]);
    expect(ended.stderr).toMatch(said);
    expect(ended.stderr).not.toContain(secret);
  });
});

describe.concurrent("account cloud-marketing", () => {
  it("changes nothing where nobody can be asked, and says what it would do", async ({
    world: { sandbox, run },
  }) => {
    await sandbox.patch({ onboarding_status: "ELIGIBLE", terms_signed: false });
    const { code, stdout, stderr } = await run("account", "cloud-marketing", "off", "c.yaml");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(
      /WARNING: the account is not fully onboarded .*\(ELIGIBLE, NOT_STARTED\)/,
    );
    expect(stderr).toMatch(/CLOUD_API_FALLBACK fail with 131063 for everyone/);
    expect(stderr).toMatch(/Embedded Signup/);
    expect(stderr).toMatch(/Say it with --yes/);
    expect((await run("account", "show", "c.yaml")).stdout).toMatch(/^Cloud API marketing +on$/m);
  });

  it("turns it off and on, and proves it by reading again", async ({ world: { run } }) => {
    const off = await run("account", "cloud-marketing", "off", "c.yaml", "--yes");
    expect(off.code).toBe(0);
    expect(off.stdout).toMatch(/id 100000000000002\) is off now, as read from Meta\.\n$/);
    expect(off.stderr).toMatch(/everybody who sends with this account/);
    expect(off.stderr).not.toMatch(/WARNING/);
    expect((await run("account", "show", "c.yaml")).stdout).toMatch(/^Cloud API marketing +off$/m);
    const again = await run("account", "cloud-marketing", "off", "c.yaml");
    expect([again.code, again.stderr]).toEqual([0, ""]);
    expect(again.stdout).toMatch(/is off already\.\n$/);
    const on = await run("account", "cloud-marketing", "on", "c.yaml", "--yes");
    expect(on.stdout).toMatch(/is on now, as read from Meta\.\n$/);
  });

  it("takes only on and off", async ({ world: { run } }) => {
    const { code, stderr } = await run("account", "cloud-marketing", "maybe", "c.yaml");
    expect(code).toBe(2);
    expect(stderr).toMatch(/on, off/);
  });
});

describe.concurrent("account: sandbox", () => {
  const MANIFEST = `campaign: test
account: sandbox
recipients: { file: list.csv }
template:
  name: spring_sale
  language: pt_BR
  header: { image: { link: "https://example.com/a.jpg" } }
  body: ["Ana", "X"]
  buttons: [{ index: 0, url: "X" }]
sandbox: { scenario: played.yaml }
`;

  it.for([
    [["account", "show", "s.yaml"], /^onboarding +ELIGIBLE$/m],
    [["template", "show", "s.yaml"], /^TTL +24 h \(86,400 s\)$/m],
    [["template", "set-ttl", "s.yaml", "12h"], /the TTL is 12 h now/],
    [["account", "cloud-marketing", "off", "s.yaml", "--yes"], /is off now/],
  ] as [string[], RegExp][])(
    "%s is answered by the built-in one, and leaves nothing behind",
    async ([args, said], { folder }) => {
      writeFileSync(join(folder, "s.yaml"), MANIFEST);
      writeFileSync(join(folder, "played.yaml"), "onboarding_status: ELIGIBLE\n");
      const { code, stdout, stderr } = await start(args, { cwd: folder }).ended;
      expect(code, stderr).toBe(0);
      expect(stdout).toMatch(said);
      expect(stderr).toMatch(/^SANDBOX/i);
      expect(readdirSync(folder).sort()).toEqual(["played.yaml", "s.yaml"]);
    },
  );
});

describe("kept facts", () => {
  afterEach(() => vi.unstubAllEnvs());

  /** A world whose facts can be asked for; the sandbox's quality shows whether it was asked. */
  async function open(world: World) {
    vi.stubEnv("WHATSAPP_ACCESS_TOKEN", world.sandbox.token);
    const loaded = await loadManifest(join(world.folder, "c.yaml"));
    const cache = await openSqliteLedger(join(world.folder, "data", "ledger.sqlite"));
    onTestFinished(cache.close);
    let now = Date.parse("2026-03-01T12:00:00Z");
    const clock: FactsOptions["clock"] = { now: () => now };
    const quality = async (fresh = false) =>
      (await factsFor(loaded, { cache, clock, fresh })).number?.qualityRating;
    expect(await quality()).toBe("GREEN");
    await world.sandbox.patch({ quality_rating: "RED" });
    const pass = (ms: number) => {
      now += ms;
    };
    return { loaded, cache, quality, pass };
  }

  it("serve for ten minutes, and not for longer", async ({ world }) => {
    const { quality, pass } = await open(world);
    pass(599_000);
    expect(await quality()).toBe("GREEN");
    pass(1_000);
    expect(await quality()).toBe("RED");
  });

  it("are asked again where that is wanted, or the clock was put back", async ({ world }) => {
    const { quality, pass } = await open(world);
    expect(await quality(true)).toBe("RED");
    await world.sandbox.patch({ quality_rating: "YELLOW" });
    pass(-1);
    expect(await quality()).toBe("YELLOW");
  });

  it("are without the token, and are dropped with a change, which is audited", async ({
    world,
  }) => {
    const { loaded, cache, quality } = await open(world);
    expect(JSON.stringify(await cache.cached("facts"))).not.toContain(world.sandbox.token);
    const done = { action: "set_ttl", subject: "offer (pt_BR)", detail: { after: 1 } };
    await recordChange({ ledger: cache.place }, loaded, done);
    expect(await cache.audits(null, 1)).toMatchObject([done]);
    expect(await cache.cached("facts")).toEqual([]);
    expect(await quality()).toBe("RED");
  });

  it("are another account's, template's or token's own", async ({ world }) => {
    const { folder, sandbox } = world;
    const { cache } = await open(world);
    const clock = { now: () => Date.parse("2026-03-01T12:00:00Z") };
    writeAccountManifest(folder, sandbox, { template: "order" });
    const loaded = await loadManifest(join(folder, "c.yaml"));
    const facts = await factsFor(loaded, { cache, clock });
    expect(facts.template?.definition.name).toBe("order");
    expect(facts.number?.qualityRating).toBe("RED");
  });

  it("are not kept while something is wrong with them", async ({ world }) => {
    const { cache, quality } = await open(world);
    await cache.dropCached("facts");
    await world.sandbox.patch({ nonexistent_fields: ["currency"] });
    expect(await quality()).toBe("RED");
    expect(await cache.cached("facts")).toEqual([]);
  });
});
