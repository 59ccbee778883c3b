// A campaign with three arms, a rest and a hold-out, and what the sandbox took for it.

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { query, sandboxEvents, writeCsv } from "./harness.ts";

const PEOPLE = 400;
export const M = "campaign.yaml";
const TEMPLATES = ["offer", "offer_b"].map(
  (name) =>
    `  - { name: ${name}, language: pt_BR, category: MARKETING, status: APPROVED, parameter_format: POSITIONAL, ` +
    'components: [{ type: BODY, text: "Oi {{1}}, use {{2}}.", example: { body_text: [["Ana", "X"]] } }]',
);

interface Written {
  /** Keys of the test. */
  test?: string;
  /** Of each template's messages. */
  shares?: [string, string];
  /** YAML of the manifest. */
  more?: string;
  /** YAML of the scenario. */
  scenario?: string;
  people?: number;
  arms?: string;
  rate?: number;
}

const ARMS = `{ a: { share: 25% }, b: { share: 25%, template: { name: offer_b } }, c: { share: 20%, delivery: { api: cloud } } }`;

/** Writes a list, a manifest and a scenario. */
export function write(folder: string, written: Written = {}): void {
  const {
    test = "wait: 1s",
    shares = ["{}", "{}"],
    more = "",
    people = PEOPLE,
    arms = ARMS,
  } = written;
  writeCsv(folder, people);
  writeFileSync(
    join(folder, "scenario.yaml"),
    `receipt_delay_ms: 20
seed: arms
throughput: 1000
${written.scenario ?? ""}
templates:
${TEMPLATES.map((template, at) => `${template}, shares: ${shares[at]} }`).join("\n")}
`,
  );
  writeFileSync(
    join(folder, M),
    `campaign: cta
account: sandbox
recipients: { file: list.csv, phone: phone }
template: { name: offer, language: pt_BR, body: ["{{ first_name }}", "{{ coupon }}"] }
delivery: { product_policy: STRICT }
rate: { messages_per_second: ${written.rate ?? 400} }
hold_out: 10%
test:
  name: cta
  arms: ${arms}
  metric: read
  ${test}
sandbox: { scenario: scenario.yaml }
${more}
`,
  );
}

interface Row {
  row: number;
  arm: string | null;
  status: string;
  reason: string | null;
  phone: string;
}

export const rowsOf = (folder: string): Row[] =>
  query<Row>(
    folder,
    "select row_number as row, arm, status, reason, phone from outcomes order by row_number",
  );

/** What the sandbox took, by number: the template and the API. */
export function taken(folder: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const log = join(folder, "data", "sandbox.jsonl");
  for (const event of existsSync(log) ? sandboxEvents(log) : []) {
    if (event.event !== "accepted") continue;
    const to = String(event.to);
    const what = `${event.template} ${event.api ?? "marketing"} ${event.policy}`;
    found.set(to, [...(found.get(to) ?? []), what]);
  }
  return found;
}

export const MESSAGES: Record<string, string> = {
  a: "offer marketing STRICT",
  b: "offer_b marketing STRICT",
  c: "offer cloud null",
};

/** That everybody got the message of their arm, once, and who is kept out none. */
export function expectByArm(folder: string, ofRest?: string): void {
  const messages = taken(folder);
  for (const { arm, phone, reason, row } of rowsOf(folder)) {
    const got = messages.get(phone) ?? [];
    if (reason === "hold_out") expect([row, got]).toEqual([row, []]);
    else if (arm !== null) expect([row, got]).toEqual([row, [MESSAGES[arm]]]);
    else if (ofRest !== undefined) expect([row, got]).toEqual([row, [MESSAGES[ofRest]]]);
    else expect([row, got]).toEqual([row, []]);
  }
}
