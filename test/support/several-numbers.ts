// A campaign of two sending numbers against a sandbox that has both: what its tests share.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { TestSandbox } from "./harness.ts";
import { LONG, numberOf, sandboxEvents, startSandbox, writeCsv } from "./harness.ts";

export const FIRST = "100000000000001";
export const SECOND = "100000000000009";
const TOKEN = "EAAtoken-of-the-test";
/** The variable that the manifest reads. */
export const ENV = { WHATSAPP_ACCESS_TOKEN: TOKEN };

/** Starts the sandbox of an account with both numbers; more keys of its scenario may be given. */
export function startAccount(folder: string, more = ""): Promise<TestSandbox> {
  return startSandbox(
    folder,
    `access_token: ${TOKEN}
numbers: [{ phone_number_id: "${SECOND}" }]
templates:
  - name: offer
    language: pt_BR
    components: [{ type: BODY, text: "Oi {{1}}." }]
${more}
`,
  );
}

/** A number of nobody's in Mexico. */
export function mexicanOf(row: number): string {
  return `+5255${String(12_000_000 + row)}`;
}

/** Writes manifest and list: Brazilians by the first number, Mexicans by the second. */
export function writeCampaign(
  folder: string,
  url: string,
  {
    brazilians,
    mexicans,
    rates = [200, 200],
  }: {
    brazilians: number;
    mexicans: number;
    rates?: [number, number];
  },
): void {
  const rows = [
    ...Array.from({ length: brazilians }, (_, at) => numberOf(at + 1)),
    ...Array.from({ length: mexicans }, (_, at) => mexicanOf(at + 1)),
  ];
  writeFileSync(
    join(folder, "list.csv"),
    `phone,name\n${rows.map((phone) => `${phone},Ana\n`).join("")}`,
  );
  writeFileSync(
    join(folder, "campaign.yaml"),
    `campaign: test
account:
  numbers:
    - { phone_number_id: "${FIRST}", messages_per_second: ${rates[0]} }
    - { phone_number_id: "${SECOND}", messages_per_second: ${rates[1]}, regions: [MX] }
  waba_id: "100000000000002"
  access_token: \${WHATSAPP_ACCESS_TOKEN}
  base_url: ${url}
recipients: { file: list.csv, phone: phone }
template: { name: offer, language: pt_BR, body: ["{{ name }}"] }
`,
  );
}

/** First row of the people of `writeOther`. */
const OTHERS_FROM = 5_001;

/** Writes a slow campaign that keeps the first number busy; gives its manifest. */
export function writeOther(folder: string, url: string): string {
  writeCsv(folder, LONG.people, "other.csv", OTHERS_FROM);
  const name = "other.yaml";
  writeFileSync(
    join(folder, name),
    `campaign: other
account:
  phone_number_id: "${FIRST}"
  waba_id: "100000000000002"
  access_token: \${WHATSAPP_ACCESS_TOKEN}
  base_url: ${url}
recipients: { file: other.csv, phone: phone }
template: { name: offer, language: pt_BR, body: ["{{ first_name }}"] }
rate: { messages_per_second: ${LONG.pace.rate} }
`,
  );
  return name;
}

/** How many of its own people each number of the campaign has reached. */
export function reachedBy(log: string): Record<string, number> {
  const others = new Set(
    Array.from({ length: LONG.people }, (_, at) => numberOf(OTHERS_FROM + at)),
  );
  const taken = takenBy(log);
  return Object.fromEntries(
    Object.entries(taken).map(([id, to]) => [id, to.filter((one) => !others.has(one)).length]),
  );
}

/** Who was sent a message that the account took, by the number that sent it; in order. */
export function takenBy(log: string): Record<string, string[]> {
  const taken: Record<string, string[]> = { [FIRST]: [], [SECOND]: [] };
  for (const { event, phone_number_id: id, to } of sandboxEvents(log)) {
    if (event === "accepted") taken[String(id)]?.push(String(to));
  }
  return taken;
}
