// The promises under kill -9: a run is killed at random moments and started again, until it ends by itself. The proof is the
// sandbox's own log. The seed is printed, and can be set: CRASH_SEED=…

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { TestSandbox } from "./harness.ts";
import {
  makeFolder,
  query,
  sandboxEvents,
  scenario,
  start,
  startSandboxProcess,
  statuses,
  writeCsv,
  writeManifest,
} from "./harness.ts";

const ROWS = Number(process.env.CRASH_ROWS ?? 1500);
const KILLS = Number(process.env.CRASH_KILLS ?? 6);
const RATE = 300;
const IN_FLIGHT = 64;
/** Claims are at most this far ahead of posting (AHEAD_MS of run.ts at this rate), and one more slice while it is refilled. */
const AHEAD = 2 * Math.ceil(RATE * 0.04);
const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);

const { folder, remove } = makeFolder();
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startSandboxProcess(folder, scenario("latency_ms: { min: 100, max: 200 }"));
});
afterAll(async () => {
  await sandbox.kill();
  remove();
});

describe("killed again and again", () => {
  it(`nobody twice, nobody lost (seed ${SEED})`, { timeout: 110_000 }, async () => {
    writeCsv(folder, ROWS);
    const manifest = writeManifest(folder, sandbox, { rate: RATE, inFlight: IN_FLIGHT });
    const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
    let random = SEED;
    let kills = 0;
    for (;;) {
      const running = start([manifest, "--json"], { cwd: folder, env });
      if (kills < KILLS) {
        random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
        const delay = 350 + (random % 700);
        const timer = setTimeout(() => running.child.kill("SIGKILL"), delay);
        const ended = await running.ended;
        clearTimeout(timer);
        if (ended.signal === "SIGKILL") {
          kills += 1;
          continue;
        }
        expect(ended.code, ended.stderr).toBe(0);
        break;
      }
      const ended = await running.ended;
      expect(ended.code, ended.stderr).toBe(0);
      break;
    }
    const accepted = sandboxEvents(sandbox.log).filter((event) => event.event === "accepted");
    const numbers = accepted.map((event) => event.to);
    expect(new Set(numbers).size, "nobody twice").toBe(numbers.length);
    const counts = statuses(folder);
    const total = Object.values(counts).reduce((sum, number) => sum + number, 0);
    expect(total, "nobody lost").toBe(ROWS);
    expect(Object.keys(counts).sort()).toEqual(
      ["accepted", "unknown"].filter((status) => counts[status] !== undefined),
    );
    // What Meta took and we do not know of is among the unknown, and those are no more than a kill can leave.
    const unknown = new Set(
      query<{ phone: string }>(folder, "select phone from outcomes where status = 'unknown'").map(
        (row) => row.phone,
      ),
    );
    const known = new Set(
      query<{ phone: string }>(folder, "select phone from outcomes where status = 'accepted'").map(
        (row) => row.phone,
      ),
    );
    for (const number of numbers)
      expect(known.has(number as string) || unknown.has(number as string)).toBe(true);
    expect(unknown.size).toBeLessThanOrEqual(kills * (IN_FLIGHT + AHEAD));
    process.stdout.write(
      `crash: ${kills} kills, ${ROWS} rows, ${numbers.length} accepted by the server, ${known.size} known, ${unknown.size} unknown\n`,
    );
  });
});
