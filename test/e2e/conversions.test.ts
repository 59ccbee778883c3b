// Orders from a file: what is read, what is not, what the test is decided by, and what the campaign
// was worth; once each, however often the file is imported.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { test as it } from "../support/fixture.ts";
import { QUICK_SANDBOX, query, writeCsv } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const M = "campaign.yaml";
const PEOPLE = 600;

function write(folder: string): void {
  writeCsv(folder, PEOPLE);
  writeFileSync(
    join(folder, M),
    `campaign: orders
recipients: { file: list.csv, phone: phone }
template: { name: offer, language: pt_BR, body: ["{{ first_name }}", "{{ coupon }}"] }
delivery: { product_policy: STRICT }
rate: { messages_per_second: 400 }
hold_out: 30%
conversions: { window: 1s }
test:
  name: cta
  arms: { a: { share: 40% }, b: { share: 40% } }
  metric: converted
  wait: 1s
${QUICK_SANDBOX}
`,
  );
}

describe("orders from a file", () => {
  it("decide a test and say what it was worth, once each", async ({ folder }) => {
    write(folder);
    const first = await campaign([M, "--wait", "--json"], { cwd: folder });
    expect(first.code, first.stderr).toBe(75);
    expect(first.stderr).toMatch(/no file of orders was imported since its wait ended/);
    const before = await campaign(["report", M], { cwd: folder });
    expect(before.stdout).toMatch(/test cta: waits for orders to be imported/);
    expect(before.stdout).toMatch(/worth: no orders are imported yet/);
    const rows = query<{ phone: string; arm: string | null; at: string | null; reason: string }>(
      folder,
      "select phone, arm, claimed_at as at, reason from outcomes order by row_number",
    );
    const at = rows.find((row) => row.at !== null)?.at as string;
    // Each of b, every fifth of a, every tenth of those kept out.
    const every = (part: typeof rows, step: number) =>
      part.filter((_, place) => place % step === 0);
    const buyers = [
      ...rows.filter(({ arm }) => arm === "b"),
      ...every(
        rows.filter(({ arm }) => arm === "a"),
        5,
      ),
      ...every(
        rows.filter(({ reason }) => reason === "hold_out"),
        10,
      ),
    ];
    const lines = buyers.map(({ phone }, place) => `o-${place};${phone};${at};99,90;BRL`);
    const header = "order_id;phone;created_at;value;currency";
    const broken = [header, ...lines, "o-x;12;yesterday;1;BRL", `o-y;;${at};1;BRL`];
    writeFileSync(join(folder, "orders.csv"), broken.join("\n"));
    const refused = await campaign(["conversions", "import", "orders.csv", "--json"], {
      cwd: folder,
    });
    expect(refused.code).toBe(2);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      ...{ added: buyers.length, known: 0, unnamed: 1, unreadable: 1 },
      error: { problems: [{ file: "orders.csv", line: buyers.length + 2, column: 2 }, {}] },
    });
    // It is not whole, so that nothing is decided by it.
    expect((await campaign([M], { cwd: folder })).code).toBe(75);
    writeFileSync(join(folder, "orders.csv"), [header, ...lines].join("\n"));
    const again = await campaign(["conversions", "import", "orders.csv"], { cwd: folder });
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).toContain(`0 orders new, ${buyers.length} known already.`);
    const last = await campaign([M], { cwd: folder });
    expect(last.code, last.stderr).toBe(0);
    const reported = async () => {
      await campaign(["conversions", "import", "orders.csv"], { cwd: folder });
      return JSON.parse((await campaign(["report", M, "--json"], { cwd: folder })).stdout).report;
    };
    await expect.poll(async () => (await reported()).worth.state).toBe("final");
    const report = await reported();
    expect(report.test).toMatchObject({ metric: "converted", winner: "b" });
    const [, b] = report.test.arms;
    expect(b.converted).toBe(b.people);
    const held = rows.filter(({ reason }) => reason === "hold_out").length;
    expect(report.worth).toMatchObject({ state: "final", currency: "BRL", window_seconds: 1 });
    expect(report.worth.groups.slice(0, 2)).toMatchObject([
      { group: "hold-out", people: held, ordered: Math.ceil(held / 10) },
      { group: "messaged", people: PEOPLE - held },
    ]);
    expect(report.worth.against_hold_out[0].people_who_ordered.low).toBeGreaterThan(0);
    await campaign(["report", M, "--html", "r.html"], { cwd: folder });
    expect((await campaign(["report", M], { cwd: folder })).stdout).toMatch(
      /worth: about \d+ more people ordered\n +group +people +ordered +rate/,
    );
    const audit = await campaign(["audit", "--json"], { cwd: folder });
    expect(audit.stdout.match(/conversions_import/g)?.length).toBeGreaterThan(1);
    expect(audit.stdout).not.toContain(buyers[0]?.phone.slice(-8));
    expect((await campaign(["doctor"], { cwd: folder })).code).toBe(0);
  });
});
