// A ledger whose server is another one than before: made again from a backup, or a standby that
// took over.

import { chownSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HoldRequest } from "../../src/domain/ledger/ledger.ts";
import type { PlacedLedger } from "../../src/ledger/placed-ledger.ts";
import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import { isOtherHistory } from "../../src/ledger/postgres/server-history.ts";
import { planned, send, T0, turn } from "../ledger/conformance/builders.ts";
import type { PostgresServer } from "../support/postgres.ts";
import { ledgerUrl, startPostgres } from "../support/postgres.ts";

const LANE = "106";
const ME: HoldRequest = { pid: 1, host: "here", campaign: "spring", lanes: [LANE], since: T0 };

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.end());

/** What a standby does that takes over: it begins a timeline of its own. */
async function takeOver(): Promise<void> {
  await server.query("alter system set restore_command = 'false'");
  await server.stop();
  const signal = join(server.data, "recovery.signal");
  writeFileSync(signal, "");
  const { uid, gid } = statSync(server.data);
  chownSync(signal, uid, gid);
  await server.restart();
}

async function held(ledger: PlacedLedger): Promise<void> {
  expect((await ledger.hold(ME)).kind).toBe("held");
}

describe("a server", () => {
  it("is the same after a restart and a crash, and another one once a standby took over", async () => {
    const url = await ledgerUrl(server);
    const ledger = await openPostgresLedger(url);
    const id = await planned(ledger, [send(1), send(2), send(3)], LANE);
    const sameAsEver = { failedOver: null, hasAsyncStandby: false };
    expect(await ledger.serverState(LANE)).toEqual(sameAsEver);
    await held(ledger);
    expect((await ledger.turn(turn(id, { claim: 1 }))).claimed).toHaveLength(1);
    await server.restart();
    expect((await ledger.turn(turn(id, { claim: 1 }))).claimed).toHaveLength(1);
    await server.kill();
    await server.restart();
    expect((await ledger.turn(turn(id))).claimed).toHaveLength(0);

    await takeOver();
    // The run that is at work notices it with its first write there.
    const failed = ledger.turn(turn(id, { claim: 1 }));
    await expect(failed).rejects.toMatchObject({ fault: "failed_over" });
    await expect(failed).rejects.toThrow("--despite database_failed_over");
    await expect(ledger.setState(id, "stopped", null, T0)).rejects.toThrow();
    await ledger.close();

    // And so does the next one, until a person decides.
    const next = await openPostgresLedger(url);
    try {
      await held(next);
      const { failedOver } = (await next.serverState(LANE)) ?? {};
      expect(failedOver?.from).toMatch(/^\d+ 1$/);
      expect(failedOver?.to).toMatch(/^\d+ 2$/);
      expect(await next.serverState("another")).toEqual(sameAsEver);
      await next.acceptServer(LANE);
      expect(await next.serverState(LANE)).toEqual(sameAsEver);
      expect(await next.recoverClaims(id, T0)).toBe(2);
      expect((await next.turn(turn(id, { claim: 1 }))).claimed).toHaveLength(1);
    } finally {
      await next.close();
    }
  });

  it("that tells nothing of its history is never another one", () => {
    expect(isOtherHistory("7713711784220704021 1", "- -")).toBe(false);
    expect(isOtherHistory("- 1", "7713711784220704021 1")).toBe(false);
    expect(isOtherHistory("- 1", "7713711784220704021 2")).toBe(true);
    expect(isOtherHistory("7713711784220704021 1", "7713711784220704022 1")).toBe(true);
  });
});
