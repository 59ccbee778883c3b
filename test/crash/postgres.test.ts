// Three machines, one list, one PostgreSQL server: machines are killed, stopped and cut off, and the
// server is killed. Nobody gets a message twice, nobody is lost, and another machine goes on.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeFolder } from "../support/harness.ts";
import type { PostgresServer } from "../support/postgres.ts";
import { startPostgres } from "../support/postgres.ts";
import { startGround } from "./ground.ts";
import type { Strike } from "./machines.ts";
import { liveThrough } from "./machines.ts";
import type { Ground } from "./trial.ts";

const RATE = 100;
/** Of posts that a second may have more: a busy computer holds some back for 50 ms. */
const JITTER = 1.05;
const LEASE_MS = 2_000;
/** How long a machine may take beyond the lease, on a busy computer. */
const LATE_MS = 10_000;

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

describe("three machines with one list", () => {
  it("send to everybody once, whatever happens to the one that is at work", async () => {
    const { folder, remove } = makeFolder();
    const strikes: Strike[] = [
      { kind: "kill" },
      { kind: "stop" },
      { kind: "cut", ways: [] },
      { kind: "cut", ways: ["toServer"] },
      { kind: "cut", ways: ["toClient"] },
      { kind: "cut", ways: ["toServer", "toClient"] },
      { kind: "server", awayMs: 500 },
      { kind: "outage", forMs: 3_000 },
    ];
    const pace = { rate: RATE, inFlight: 16, people: 1_500 };
    const setting = { server, ground, folder, leaseMs: LEASE_MS, strikes, ...pace };
    const result = await liveThrough(setting);
    const shown = JSON.stringify(result, null, 2);
    expect(result, shown).toMatchObject({ twice: 0, lost: 0, violations: [], state: "finished" });
    expect(result.unknown, shown).toBeLessThanOrEqual(result.bound);
    expect(result.fastest, shown).toBeLessThanOrEqual(RATE * JITTER);
    for (const { takeoverMs } of result.strikes) {
      if (takeoverMs !== null) expect(takeoverMs, shown).toBeLessThan(LEASE_MS + LATE_MS);
    }
    // A machine that was stopped or cut off says who goes on, and ends as one that may be called
    // again; so does one that begins while the server is away, and one to whose commit the server
    // gave no answer before it was killed.
    const again = result.ends.filter(({ code }) => code === 75);
    const lost = again.filter(({ last }) => last.includes("has taken the lane over"));
    expect(lost.length, shown).toBeGreaterThanOrEqual(5);
    for (const { last } of again.filter((end) => !lost.includes(end))) {
      expect(last, shown).toMatch(
        /cannot be reached|ended the connection|reported a commit as failed/,
      );
    }
    const others = result.ends.filter(({ code, signal }) => code !== 75 && signal !== "SIGKILL");
    expect(
      others.map(({ code }) => code),
      shown,
    ).toEqual(others.map(() => 0));
    remove();
  });
});
