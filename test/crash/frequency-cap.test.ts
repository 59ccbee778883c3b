// Two campaigns at once over the same people, from two numbers, each killed and started again: the
// frequency cap of one message lets nobody get two. The sandbox's own log is the judge.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { test as it } from "../support/fixture.ts";
import type { Running } from "../support/harness.ts";
import { acceptedBy, numberOf, sandboxEvents, start, writeCsv } from "../support/harness.ts";
import type { PostgresServer } from "../support/postgres.ts";
import { ledgerUrl, startPostgres } from "../support/postgres.ts";
import { ENV, FIRST, SECOND, startAccount } from "../support/several-numbers.ts";

const PEOPLE = 200;

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.end());

function manifest(folder: string, url: string, { name, lane }: { name: string; lane: string }) {
  writeFileSync(
    join(folder, `${name}.yaml`),
    `campaign: ${name}
account:
  phone_number_id: "${lane}"
  access_token: \${WHATSAPP_ACCESS_TOKEN}
  base_url: ${url}
recipients: { file: list.csv }
template: { name: offer, language: pt_BR, body: ["{{ first_name }}"] }
rate: { messages_per_second: 60 }
`,
  );
  return `${name}.yaml`;
}

describe.each(["file", "PostgreSQL"])("on a ledger of %s", (engine) => {
  it("nobody gets two, however the campaigns end and begin", async ({ folder }) => {
    const address = engine === "file" ? {} : { CAMPAIGN_LEDGER: await ledgerUrl(server) };
    const sandbox = await startAccount(folder, "receipt_delay_ms: null");
    writeCsv(folder, PEOPLE);
    writeFileSync(join(folder, "policy.yaml"), "cap: { most: 1, in: 30d }\n");
    const files = [
      manifest(folder, sandbox.url, { name: "one", lane: FIRST }),
      manifest(folder, sandbox.url, { name: "two", lane: SECOND }),
    ];
    const env = { ...ENV, ...address };
    const begin = (file: string): Running => start([file, "--yes", "--wait"], { cwd: folder, env });
    // Both campaigns have posted, so that they are at work at once.
    const hasPosted = (): boolean => {
      const lanes = sandboxEvents(sandbox.log).flatMap((one) =>
        one.event === "accepted" ? [String(one.phone_number_id)] : [],
      );
      return new Set(lanes).size === 2;
    };
    const killed = files.map(begin);
    const ended = Promise.race(killed.map((one) => one.ended));
    while (!hasPosted()) {
      const next = new Promise((done) => setTimeout(done, 20));
      const first = await Promise.race([ended, next]);
      if (first !== undefined) throw new Error(`a run ended too early: ${JSON.stringify(first)}`);
    }
    for (const one of killed) one.child.kill("SIGKILL");
    await Promise.all(killed.map((one) => one.ended));
    const codes = (await Promise.all(files.map((file) => begin(file).ended))).map(
      ({ code }) => code,
    );
    expect(codes, readFileSync(sandbox.log, "utf8").slice(-500)).toEqual([0, 0]);
    const to = acceptedBy(sandbox.log);
    expect(new Set(to).size).toBe(to.length);
    // What was claimed by the killed runs is in doubt, and may have arrived: it counts, and is not
    // sent again.
    const status = async (file: string) => {
      const { stdout } = await start(["status", file, "--json"], { cwd: folder, env }).ended;
      return JSON.parse(stdout) as { counts: Record<string, number> };
    };
    const counts = (await Promise.all(files.map(status))).map((one) => one.counts);
    const sum = (name: string) => counts.reduce((all, one) => all + (one[name] ?? 0), 0);
    expect(sum("accepted") + sum("unknown")).toBe(PEOPLE);
    expect(sum("skipped")).toBe(PEOPLE);
    const missing = PEOPLE - to.length;
    expect(missing).toBeLessThanOrEqual(sum("unknown"));
    expect(to).toContain(numberOf(PEOPLE));
  });
});
