// Two workers on one PostgreSQL server: the one that sends is killed, again and again. The other
// one takes over, nobody gets a message twice and nobody is lost.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import type { Running } from "../support/harness.ts";
import {
  acceptedBy,
  claimedAtMost,
  makeFolder,
  start,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import type { PostgresServer } from "../support/postgres.ts";
import { ledgerUrl, startPostgres } from "../support/postgres.ts";
import { startGround } from "./ground.ts";
import type { Ground } from "./trial.ts";

const PEOPLE = 300;
const PACE = { rate: 50, inFlight: 8 };
const LEASE_MS = 2_000;
const KILLS = 3;

let server: PostgresServer;
let ground: Ground & { close(): Promise<void> };

beforeAll(async () => {
  server = await startPostgres();
  ground = await startGround();
});
afterAll(async () => {
  await ground.close();
  await server.end();
});

describe("two workers", () => {
  it("send to everybody once, whichever of them is killed", async () => {
    const { folder, remove } = makeFolder();
    const { log } = ground.sandbox;
    const url = new URL(await ledgerUrl(server));
    url.searchParams.set("lease_ms", String(LEASE_MS));
    const env = { WHATSAPP_ACCESS_TOKEN: ground.sandbox.token, CAMPAIGN_LEDGER: url.href };
    writeCsv(folder, PEOPLE);
    const manifest = writeManifest(folder, ground.sandbox, PACE);
    const planned = await campaign([manifest, "--plan-only"], { cwd: folder, env });
    expect(planned.code, planned.stderr).toBe(0);

    // Each with a folder of its own; the list is nowhere near.
    const workers = [0, 1].map((at) => {
      const own = join(folder, `machine-${at}`);
      mkdirSync(own);
      return { own, run: begin(own, env) };
    });
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const due = (PEOPLE * kill) / (KILLS + 1);
      await workers[0]?.run.until(() => acceptedBy(log).length >= due);
      const pid = await server.query<{ pid: number }>(
        `select pid::int from ${url.searchParams.get("schema")}.lease where name like 'lane %'`,
      );
      const killed = workers.findIndex(({ run }) => run.child.pid === pid[0]?.pid);
      const worker = workers[killed] as (typeof workers)[number];
      worker.run.child.kill("SIGKILL");
      await worker.run.ended;
      worker.run = begin(worker.own, env);
      // The one that is watched is never the one that is killed next.
      if (killed === 0) workers.reverse();
    }
    await Promise.any(workers.map(({ run }) => run.saw(/"event":"end".*"state":"finished"/)));
    for (const { run } of workers) run.child.kill("SIGTERM");
    for (const { code, stderr } of await Promise.all(workers.map(({ run }) => run.ended))) {
      expect(code, stderr).toBe(0);
    }

    const taken = acceptedBy(log);
    expect(taken).toHaveLength(new Set(taken).size);
    const ledger = await openPostgresLedger(url.href);
    const found = (await ledger.listCampaigns())[0];
    const { counts } = await ledger.tally(found?.id as number);
    expect(await ledger.violations()).toEqual([]);
    await ledger.close();
    const { accepted = 0, unknown = 0 } = counts;
    expect(accepted + unknown, JSON.stringify(counts)).toBe(PEOPLE);
    expect(unknown).toBeLessThanOrEqual(KILLS * claimedAtMost(PACE));
    // Of those not taken the answer is not known.
    expect(taken.length).toBeGreaterThanOrEqual(accepted);
    expect(PEOPLE - taken.length).toBeLessThanOrEqual(unknown);
    remove();
  });
});

function begin(cwd: string, env: Record<string, string>): Running {
  return start(["work", "--json"], { cwd, env });
}
