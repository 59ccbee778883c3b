// A campaign of two numbers that is killed again and again, on either engine: nobody twice, nobody
// lost, by the sandbox's own log.

import { afterAll, describe, expect, it } from "vitest";

import { makeFolder, sandboxEvents, start } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import type { PostgresServer } from "../support/postgres.ts";
import { ledgerUrl, startPostgres } from "../support/postgres.ts";
import {
  ENV,
  FIRST,
  SECOND,
  startAccount,
  takenBy,
  writeCampaign,
} from "../support/several-numbers.ts";

const KILLS = 6;
const PEOPLE = 300;

/** Waits until the account took so many messages. */
async function untilTaken(log: string, count: number): Promise<void> {
  const taken = () => sandboxEvents(log).filter(({ event }) => event === "accepted").length;
  while (taken() < count) await new Promise((resolve) => setTimeout(resolve, 5));
}

let server: PostgresServer | undefined;
afterAll(() => server?.end());

async function onServer(): Promise<Record<string, string>> {
  server = await startPostgres();
  return { CAMPAIGN_LEDGER: await ledgerUrl(server) };
}

describe.each<[string, () => Promise<Record<string, string>>]>([
  ["a file", async () => ({})],
  ["a server", onServer],
])("a campaign of two numbers with its ledger in %s", (_, place) => {
  it("sends to nobody twice and loses nobody, however often it is killed", async () => {
    const { folder, remove } = makeFolder();
    const sandbox = await startAccount(folder);
    try {
      writeCampaign(folder, sandbox.url, {
        brazilians: PEOPLE / 2,
        mexicans: PEOPLE / 2,
        rates: [60, 60],
      });
      const env = { ...ENV, ...(await place()) };
      for (let kill = 1; kill <= KILLS; kill += 1) {
        const running = start(["campaign.yaml", "--wait"], {
          ...{ cwd: folder, env },
        });
        await Promise.race([untilTaken(sandbox.log, kill * 25), running.ended]);
        running.child.kill("SIGKILL");
        await running.ended;
      }
      const last = await campaign(["campaign.yaml", "--wait"], { cwd: folder, env });
      expect(last.code, last.stderr).toBe(0);
      const taken = takenBy(sandbox.log);
      const all = [...(taken[FIRST] as string[]), ...(taken[SECOND] as string[])];
      expect(new Set(all).size).toBe(all.length);
      const status = await campaign(["status", "campaign.yaml", "--json"], { cwd: folder, env });
      const { counts, numbers } = JSON.parse(status.stdout);
      // Who is not known to be sent to was in flight when it was killed.
      expect(counts.accepted + counts.unknown).toBe(PEOPLE);
      expect(all.length).toBeGreaterThanOrEqual(counts.accepted);
      expect(counts.unknown).toBeLessThanOrEqual(KILLS * 2 * 16);
      expect(numbers).toHaveLength(2);
      const doctor = await campaign(["doctor"], { cwd: folder, env });
      expect(doctor.code, doctor.stdout + doctor.stderr).toBe(0);
    } finally {
      await sandbox.kill();
      remove();
    }
  });
});
