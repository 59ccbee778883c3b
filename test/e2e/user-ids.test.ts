// A campaign whose CSV has a column of user ids, as a person runs it: with and without numbers,
// checked, sent, refused, and reported of.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import fc from "fast-check";
import { describe, expect } from "vitest";
import { makePacker, unpack } from "../../src/cli/files/row-batch.ts";
import type { PlannedRow } from "../../src/domain/campaign/row.ts";
import { statusBody } from "../ledger/conformance/receipts.ts";
import { test } from "../support/fixture.ts";
import type { TestSandbox } from "../support/harness.ts";
import {
  query,
  sandboxEvents,
  scenario,
  startSandbox,
  statuses,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const LIST = `phone,user_id,first_name,coupon
+5511970000001,BR.1000000001,Ana,A1
,BR.1000000002,Bia,B2
n/a,CA.1000000003,Caio,C3
,US.1000000004,Dan,D4
,BR.1000000001,Ana,E5
,nonsense,Eva,F6
,BR.1000000007,Fabi,G7
+5511970000008,,Gil,H8
,CU.1000000009,Hugo,I9
+5511970000010,BR.1000000010,Iva,J10
,PR.1000000011,Jim,K11
12345,BR.1000000012,Kai,L12
`;
const OPT_OUTS = "user_id,reason\nBR.1000000007,asked\nBR.1000000010,asked\n";

interface World {
  folder: string;
  sandbox: TestSandbox;
  run(...args: string[]): ReturnType<typeof campaign>;
}

const it = test.extend<{ scene: string; world: World }>({
  scene: "receipt_delay_ms: 20\n",
  world: async ({ folder, scene }, use) => {
    const sandbox = await startSandbox(folder, scenario(scene));
    const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
    writeFileSync(join(folder, "list.csv"), LIST);
    writeFileSync(join(folder, "optouts.csv"), OPT_OUTS);
    await use({ folder, sandbox, run: (...args) => campaign(args, { cwd: folder, env }) });
  },
});

/**
 * The manifest of the harness, with the column of user ids, and without that of numbers if so said.
 */
function writeIdManifest(
  { folder, sandbox }: World,
  options: { phone?: string; more?: string } = {},
): string {
  const { phone = "  phone: phone\n", more = "suppress: { files: [optouts.csv] }\n" } = options;
  const file = writeManifest(folder, sandbox, { more });
  const path = join(folder, file);
  const text = readFileSync(path, "utf8").replace(
    "  phone: phone\n",
    `${phone}  user_id: user_id\n`,
  );
  writeFileSync(path, text);
  return file;
}

const bodiesOf = (log: string) =>
  sandboxEvents(log)
    .filter((event) => event.event === "accepted")
    .map((event) => event.body as { to?: string; recipient?: string });

const SKIPPED = {
  us_number: 1,
  us_territory: 1,
  blocked_region: 1,
  duplicate: 1,
  invalid_user_id: 1,
  invalid_number: 1,
  opted_out: 2,
};

describe.concurrent("a column of user ids", () => {
  it("is checked and previewed", async ({ world }) => {
    const manifest = writeIdManifest(world);
    const checked = await world.run("check", manifest, "--json");
    expect(checked.code, checked.stderr).toBe(0);
    expect(JSON.parse(checked.stdout)).toMatchObject({
      rows: 12,
      send: 4,
      reasons: SKIPPED,
      regions: { BR: 3, CA: 1 },
    });
    const byId = await world.run("preview", manifest, "--row", "2", "--json");
    expect(JSON.parse(byId.stdout)).toMatchObject({ recipient: "BR.1000000002", type: "template" });
    expect(JSON.parse(byId.stdout)).not.toHaveProperty("to");
    const byNumber = await world.run("preview", manifest, "--row", "1", "--json");
    expect(JSON.parse(byNumber.stdout)).toMatchObject({ to: "+5511970000001" });
    expect(JSON.parse(byNumber.stdout)).not.toHaveProperty("recipient");
    const blocked = await world.run("preview", manifest, "--row", "4");
    expect(blocked.stderr).toContain("us_number");
  });

  it("sends by number where there is one and by id where there is none, each person once", async ({
    world,
  }) => {
    const { folder, sandbox, run } = world;
    const manifest = writeIdManifest(world);
    const ended = await run(manifest, "--json", "--log-file", "run.log");
    expect(ended.code, ended.stderr).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      state: "finished",
      counts: { accepted: 4, skipped: 8 },
      reasons: SKIPPED,
    });
    const who = bodiesOf(sandbox.log).map(({ to, recipient }) => `${to ?? ""}|${recipient ?? ""}`);
    expect(who.toSorted()).toEqual([
      "+5511970000001|",
      "+5511970000008|",
      "|BR.1000000002",
      "|CA.1000000003",
    ]);
    const rows = query<{ phone: string | null; user_id: string | null; region: string }>(
      folder,
      "select phone, user_id, region from outcomes where status = 'accepted' order by row_number",
    );
    expect(rows).toEqual([
      { phone: "+5511970000001", user_id: "BR.1000000001", region: "BR" },
      { phone: null, user_id: "BR.1000000002", region: "BR" },
      { phone: null, user_id: "CA.1000000003", region: "CA" },
      { phone: "+5511970000008", user_id: null, region: "BR" },
    ]);
    // The same command again posts nothing.
    expect((await run(manifest)).code).toBe(0);
    expect(bodiesOf(sandbox.log)).toHaveLength(4);
    const log = readFileSync(join(folder, "run.log"), "utf8");
    expect(log).not.toMatch(/1000000\d{3}/);

    const rejects = await run("rejects", manifest);
    expect(rejects.stdout).toMatch(/invalid_user_id,[^\n]*such as BR\.1349873120\.[^\n]*nonsense/);
    expect(rejects.stdout).toMatch(/invalid_number,[^\n]*empty it to send by the user id/);
  });

  it("is reported of by receipts that name the id alone, and stops by them", async ({ world }) => {
    const { folder, sandbox, run } = world;
    const manifest = writeIdManifest(world, {
      more: "suppress: { files: [optouts.csv] }\ndelivery:\n  callback_key: false\n",
    });
    expect((await run(manifest)).code).toBe(0);
    const reported = () =>
      sandboxEvents(sandbox.log).filter(
        (event) => event.event === "receipt" && event.status === "delivered",
      );
    while (reported().length < 4) await sleep(20);
    expect((await run("receipts", "import", sandbox.log)).code).toBe(0);
    expect(statuses(folder).accepted).toBeUndefined();
    const { message_id: id } = query<{ message_id: string }>(
      folder,
      "select message_id from outcomes where user_id = 'BR.1000000002'",
    )[0] as { message_id: string };
    const number = sandbox.phoneNumberId;
    const failed = statusBody({
      status: "failed",
      id,
      userId: "BR.1000000002",
      code: 131050,
      number,
    });
    writeFileSync(join(folder, "more.jsonl"), `${failed}\n`);
    expect((await run("receipts", "import", "more.jsonl")).code).toBe(0);
    const listed = JSON.parse((await run("suppress", "list", "--json")).stdout);
    expect(listed.suppressions.map((one: { user_id: string }) => one.user_id)).toContain(
      "BR.1000000002",
    );
  });

  it("may be all there is, by a manifest that names no column of numbers", async ({ world }) => {
    const { folder, run } = world;
    writeFileSync(
      join(folder, "list.csv"),
      "user_id,first_name,coupon\nBR.1000000001,Ana,A\n,B,C\n",
    );
    const manifest = writeIdManifest(world, { phone: "", more: "" });
    expect((await run(manifest)).code).toBe(0);
    expect(statuses(folder)).toEqual({ accepted: 1, skipped: 1 });
    expect(bodiesOf(world.sandbox.log)).toMatchObject([{ recipient: "BR.1000000001" }]);
  });

  it("goes beside the usual column of numbers, also where the manifest does not name that", async ({
    world,
  }) => {
    const manifest = writeIdManifest(world, { phone: "" });
    expect((await world.run(manifest)).code).toBe(0);
    expect(bodiesOf(world.sandbox.log).filter(({ to }) => to !== undefined)).toHaveLength(2);
  });

  it("must be in the CSV, and so must a column of numbers that is named", async ({ world }) => {
    const { folder, run } = world;
    writeFileSync(join(folder, "list.csv"), "userid,first_name,coupon\nBR.1000000001,Ana,A\n");
    const ended = await run("check", writeIdManifest(world));
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("the CSV has no column `phone`");
    expect(ended.stderr).toMatch(/the CSV has no column `user_id`[\s\S]*Did you mean `userid`/);
  });
});

const MAX_PRICE = `  - name: offer
    language: pt_BR
    optimization_spec: { bid_strategy: LOWEST_COST_WITH_BID_CAP, bid_amount: 100 }
    components:
      - { type: BODY, text: "Oi {{1}}, use {{2}}." }
`;

describe("131062", () => {
  it("fails the rows by user id in plain words, and the others go on", async ({ folder }) => {
    const sandbox = await startSandbox(folder, `templates:\n${MAX_PRICE}`);
    const run = (...args: string[]) =>
      campaign(args, { cwd: folder, env: { WHATSAPP_ACCESS_TOKEN: sandbox.token } });
    writeFileSync(join(folder, "list.csv"), LIST);
    const manifest = writeIdManifest({ folder, sandbox, run }, { more: "" });
    const ended = await run(manifest);
    expect(ended.code, ended.stderr).toBe(0);
    const reported = ended.stdout + ended.stderr;
    expect(reported).toMatch(/131062 +3 .*cannot go to\s+a\s+business-scoped user id/);
    const rows = query(
      folder,
      "select coalesce(phone, user_id) as who, error_code from outcomes where status = 'failed'",
    );
    expect(rows).toEqual(
      ["BR.1000000002", "CA.1000000003", "BR.1000000007"].map((who) => ({
        who,
        error_code: "131062",
      })),
    );
    expect(statuses(folder).accepted).toBe(3);
  });
});

describe("what goes from the reading thread to planning", () => {
  const nullable = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: null });
  const digits = fc.integer({ min: 1_000_000, max: 999_999_999_999_999 }).map(String);
  const who = fc.oneof(
    fc.record({ phone: digits.map((one) => `+${one}`), person: digits }),
    fc.constant({ phone: null, person: null }),
  );
  const verdict = fc.oneof(
    fc.constant({ kind: "send", values: '["a"]' } as const),
    fc.constant({ kind: "skip", reason: "invalid_user_id", detail: "No." } as const),
  );
  const row = fc.record({
    who,
    userId: nullable(digits.map((one) => `BR.${one}`)),
    recipientId: nullable(fc.constantFrom("a-1", "x 2")),
    region: nullable(fc.constantFrom("BR", "CA")),
    verdict,
  });

  test("is every row as it went in", () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (drawn) => {
        const rows = drawn.map(({ who: { phone, person }, ...rest }, at): PlannedRow => {
          const cells = rest.verdict.kind === "skip" ? '["x"]' : "[]";
          return { row: at + 5, line: at + 6, hash: at, phone, person, ...rest, cells };
        });
        const packer = makePacker(20);
        for (const one of rows) packer.add(one);
        const batch = unpack(structuredClone(packer.take(1)) as never);
        expect(rows.map((_, at) => batch.plan(at))).toEqual(rows);
      }),
    );
  });
});
