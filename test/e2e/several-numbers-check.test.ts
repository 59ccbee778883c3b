// `check`, `account show` and the gate of a run for a campaign with two sending numbers, against the
// sandbox: each number is asked for, judged at its place, and stops no other.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect } from "vitest";

import { checkScenario } from "../../src/sandbox/scenario/scenario.ts";
import type { Sandbox } from "../../src/sandbox/server/server.ts";
import { startSandbox } from "../../src/sandbox/server/server.ts";
import { test } from "../support/fixture.ts";
import { query, sandboxEvents, writeCsv } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const TOKEN = "EAAtoken-of-the-test";
const FIRST = "100000000000001";
const SECOND = "100000000000009";

interface World {
  folder: string;
  log: string;
  /** Starts the sandbox with keys of its scenario and of its second number. */
  start(state?: Record<string, unknown>, second?: Record<string, unknown>): Promise<void>;
  run(...args: string[]): ReturnType<typeof campaign>;
}

const it = test.extend<{ world: World }>({
  world: async ({ folder }, use) => {
    const log = join(folder, "sandbox.jsonl");
    const open: Sandbox[] = [];
    writeCsv(folder, 3);
    await use({
      folder,
      log,
      async start(state = {}, second = {}) {
        const template = {
          name: "offer",
          language: "pt_BR",
          components: [{ type: "BODY", text: "Oi {{1}}, use {{2}}." }],
        };
        const numbers = [{ phone_number_id: SECOND, ...second }];
        const read = checkScenario({
          access_token: TOKEN,
          templates: [template],
          numbers,
          ...state,
        });
        if ("problems" in read) throw new Error(read.problems.join("\n"));
        const one = await startSandbox({ port: 0, logFile: log, scenario: read.value });
        open.push(one);
        writeManifest(folder, one.url);
      },
      run: (...args) => campaign(args, { cwd: folder, env: { WHATSAPP_ACCESS_TOKEN: TOKEN } }),
    });
    for (const one of open) await one.close();
  },
});

function writeManifest(folder: string, url: string): void {
  const lines = [
    "campaign: test",
    "account:",
    "  numbers:",
    `    - { phone_number_id: "${FIRST}" }`,
    `    - { phone_number_id: "${SECOND}", messages_per_second: 0.3, regions: [MX, AR] }`,
    '  waba_id: "100000000000002"',
    "  access_token: ${WHATSAPP_ACCESS_TOKEN}",
    `  base_url: ${url}`,
    "recipients: { file: list.csv, phone: phone }",
    'template: { name: offer, language: pt_BR, body: ["{{ first_name }}", "{{ coupon }}"] }',
    "rate: { messages_per_second: 0.1 }",
  ];
  writeFileSync(join(folder, "campaign.yaml"), `${lines.join("\n")}\n`);
}

/** Ids of the numbers that Graph was asked about, as often as it was. */
function asked(log: string): string[] {
  return sandboxEvents(log)
    .map((event) => String(event.path ?? ""))
    .flatMap((path) => [FIRST, SECOND].filter((id) => path.includes(id)));
}

function posted(log: string): unknown[] {
  return sandboxEvents(log).filter(({ event }) => event === "accepted" || event === "refused");
}

describe.concurrent("check", () => {
  it("shows the numbers, and the time at the sum of their rates", async ({ world }) => {
    await world.start();
    const ended = await world.run("check", "campaign.yaml");
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).toContain("about 8 s at 0.4 a second\n");
    expect(ended.stdout).toContain(
      [
        "  number           a second  regions",
        `  ${FIRST}       0.1  –`,
        `  ${SECOND}       0.3  MX, AR`,
        "  More numbers give speed, not reach: the 24-hour limit belongs to the business portfolio, and all its numbers share it.",
      ].join("\n"),
    );
    expect(ended.stdout).toContain("numbers, account and template: 1 warning, nothing that stands");
    expect(asked(world.log).sort()).toEqual([FIRST, SECOND]);
    const { stdout } = await world.run("check", "campaign.yaml", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      messages_per_second: 0.4,
      seconds: 8,
      numbers: [
        { phone_number_id: FIRST, messages_per_second: 0.1, regions: [], blocked_by: null },
        { phone_number_id: SECOND, messages_per_second: 0.3, regions: ["MX", "AR"] },
      ],
      estimate: { time: { messages_per_second: 0.4, seconds: 8 } },
      findings: [{ id: "no_hours" }],
    });
  });

  it("finds what is wrong with one number at its place, and says who sends", async ({ world }) => {
    await world.start({ quality_rating: "YELLOW" }, { phone_status: "BANNED" });
    const ended = await world.run("check", "campaign.yaml");
    expect(ended.code).toBe(2);
    expect(ended.stdout).toContain("MX, AR; sends nothing: number_not_connected");
    expect(ended.stdout).toMatch(/^ {2}numbers.*; a run would send from the other numbers only$/m);
    expect(ended.stderr).toContain(
      `campaign.yaml:5:26: blocker: Number ${SECOND}'s status is BANNED`,
    );
    expect(ended.stderr).toContain(
      `campaign.yaml:4:26: warning: Number ${FIRST}'s quality is YELLOW`,
    );
    const { stdout } = await world.run("check", "campaign.yaml", "--json");
    const { numbers, findings, error } = JSON.parse(stdout);
    expect(numbers[1].blocked_by).toBe("number_not_connected");
    expect(findings[0]).toMatchObject({ path: "account.numbers[1].phone_number_id", line: 5 });
    expect(error.id).toBe("number_not_connected");
    expect(posted(world.log)).toEqual([]);
  });

  it("reads on where one of the numbers does not exist", async ({ world }) => {
    await world.start({ numbers: [] });
    const ended = await world.run("check", "campaign.yaml");
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(
      `campaign.yaml:5:26: blocker: Meta knows no phone number id ${SECOND}`,
    );
    expect(ended.stdout).toContain("a run would send from the other numbers only");
  });
});

describe.concurrent("what this machine remembers", () => {
  it("holds the ledger against each of the numbers", async ({ world }) => {
    await world.start();
    const { folder } = world;
    const alone = readFileSync(join(folder, "campaign.yaml"), "utf8")
      .replace("campaign: test", "campaign: alone")
      .replace(/ {2}numbers:\n.*\n.*\n/, `  phone_number_id: "${SECOND}"\n`)
      .replace("messages_per_second: 0.1", "messages_per_second: 80");
    writeFileSync(join(folder, "alone.yaml"), alone);
    const sent = await world.run("alone.yaml", "--ledger", "other.sqlite", "--new-ledger");
    expect(sent.code, sent.stderr).toBe(0);
    const ended = await world.run("check", "campaign.yaml", "--json");
    expect(ended.code).toBe(2);
    const { findings } = JSON.parse(ended.stdout);
    expect(findings[0]).toMatchObject({ id: "other_ledger" });
    expect(findings[0].wrong).toContain(`Number id ${SECOND} last sent from another ledger`);
  });
});

describe.concurrent("account show", () => {
  it("shows every number", async ({ world }) => {
    await world.start({}, { quality_rating: "RED" });
    const ended = await world.run("account", "show", "campaign.yaml");
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).toContain(`(id ${FIRST})`);
    expect(ended.stdout).toContain(`(id ${SECOND})`);
    const { stdout } = await world.run("account", "show", "campaign.yaml", "--json");
    const { number, numbers } = JSON.parse(stdout);
    expect(number.id).toBe(FIRST);
    expect(numbers).toMatchObject([{ id: FIRST }, { id: SECOND, quality_rating: "RED" }]);
  });
});

describe.concurrent("run", () => {
  it("is refused where every number has a blocker, with all of them", async ({ world }) => {
    await world.start({ phone_status: "BANNED" }, { phone_status: "RESTRICTED" });
    const ended = await world.run("campaign.yaml", "--new-ledger");
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(`Number ${FIRST}'s status is BANNED`);
    expect(ended.stderr).toContain(`Number ${SECOND}'s status is RESTRICTED`);
    expect(query(world.folder, "select * from campaign")).toEqual([]);
    expect(posted(world.log)).toEqual([]);
    // Both numbers' facts are one entry of the cache.
    expect(asked(world.log).sort()).toEqual([FIRST, SECOND]);
    expect(query(world.folder, "select count(*) as n from cache")).toEqual([{ n: 1 }]);
  });

  it("of other numbers than were planned is refused, and says what moves people", async ({
    world,
  }) => {
    await world.start();
    expect((await world.run("campaign.yaml", "--new-ledger", "--limit", "1")).code).toBe(75);
    const file = join(world.folder, "campaign.yaml");
    const before = readFileSync(file, "utf8");
    writeFileSync(file, before.replace(/ {4}- \{ phone_number_id: "100000000000009".*\n/, ""));
    const ended = await world.run("campaign.yaml");
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(`account was ["${FIRST}","${SECOND}"] when`);
    expect(ended.stderr).toContain("campaign move campaign.yaml --from ID --to ID");
    writeFileSync(file, before.replace("[MX, AR]", "[MX]"));
    expect((await world.run("campaign.yaml")).stderr).toContain("account.numbers.regions was");
  });
});
