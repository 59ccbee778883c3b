// What `check` prints of a campaign under every condition: one screen, in the order of the
// questions, and nothing twice.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";
import { fitted } from "../../src/cli/print/columns.ts";
import { test as it } from "../support/fixture.ts";
import { writeCsv } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

/** A day in a month: `check` plays a year through. */
const START = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);

it("fits on 80x24, and asks who, when, how fast, what it costs, what could stop it", async ({
  folder,
}) => {
  writeCsv(folder, 60);
  writeFileSync(join(folder, "rates.csv"), "Market,Currency,Marketing\nBrazil,USD,0.0625\n");
  writeFileSync(
    join(folder, "july.yaml"),
    `campaign: july
account: sandbox
recipients: { file: list.csv, phone: phone }
template: { name: offer, language: pt_BR, body: ["{{ first_name }}", "{{ coupon }}"] }
starts: ${START}
hours: { from: "09:00", to: "20:00", time_zone: America/Sao_Paulo, days: [mon, tue] }
rate: { messages_per_second: 20, people_per_day: 25 }
cap: { most: 2, in: 7d }
ramp: { steps: [10, 20], settle: 30m }
rate_card: rates.csv
budget: { most: 100.00, currency: USD }
`,
  );
  const checked = await campaign(["check", "july.yaml"], { cwd: folder });
  expect(checked.code, checked.stderr).toBe(0);
  const screen = fitted(checked.stdout.trimEnd(), { isTTY: true, columns: 80 } as never);
  const lines = screen.split("\n");
  expect(lines.length, screen).toBeLessThanOrEqual(24);
  expect(new Set(lines).size, screen).toBe(lines.length);
  expect(lines.filter((line) => line.endsWith(":") && !line.startsWith(" "))).toEqual([
    ...["when:", "how fast:", "what it costs:", "what could stop it:"],
  ]);
  for (const words of [
    "july: 60 rows, 60 to send, 0 skipped",
    ", 00:00 (America/Sao_Paulo); 09:00 to 20:00 America/Sao_Paulo, mon tue; done about ",
    "  about 3 s at 20 a second; ",
    " days with the daily limit of 25 (rate.people_per_day)",
    "  ramp: 10 people, then 20, then all 60; each step settles 30 min",
    "  frequency cap 2 in 7d: nobody is over it now",
    "  ramp: it halts above failed 20%",
    "  budget 100.00 USD; who waits may cost 3.75: it is enough for all",
  ]) {
    expect(checked.stdout).toContain(words);
  }
});
