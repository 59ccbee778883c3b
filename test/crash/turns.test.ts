// A process killed in the middle of its turns leaves a sound ledger: no claim that was said is
// lost, none is given twice.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PlannedRow } from "../../src/domain/campaign/row.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { startChild } from "../ledger/child-process.ts";
import { planned, send, statuses, T0, turn } from "../ledger/conformance/builders.ts";

const ROWS = 20_000;
const KILLS = 5;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ledger-crash-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The builders' people are a thousand; a crash wants more. */
function rowOf(row: number): PlannedRow {
  const digits = String(447_700_000_000 + row);
  return { ...send(row, 0), phone: `+${digits}`, person: digits };
}

describe("a process killed in the middle of its turns", () => {
  it("leaves every claim known, and none to be posted again", async () => {
    const file = join(folder, "ledger.sqlite");
    const setup = await openSqliteLedger(file);
    const id = await planned(
      setup,
      Array.from({ length: ROWS }, (_, index) => rowOf(index + 1)),
    );
    await setup.close();
    const posted = new Set<number>();
    for (let kill = 0; kill < KILLS; kill += 1) {
      const child = startChild(["turns", file, String(id)]);
      expect(await child.line()).toBe("started");
      const last = 5 + Math.floor(Math.random() * 40);
      let dead = Promise.resolve();
      for (let said = 0; ; said += 1) {
        if (said === last) dead = child.kill();
        const line = await child.line();
        if (line === undefined) break;
        const rows = line.split(" ").slice(1).map(Number);
        for (const row of rows) {
          expect(posted.has(row), `row ${row} given twice`).toBe(false);
          posted.add(row);
        }
      }
      await dead;
      const ledger = await openSqliteLedger(file);
      const before = await statuses(ledger, id);
      const claimed = Object.values(before).filter((status) => status === "claimed").length;
      expect(await ledger.violations()).toEqual([]);
      expect(await ledger.recoverClaims(id, T0)).toBe(claimed);
      expect((await ledger.remaining(id)).claimed).toBe(0);
      expect(await ledger.violations()).toEqual([]);
      const { counts } = await ledger.tally(id);
      const sum = (counts.pending ?? 0) + (counts.accepted ?? 0) + (counts.unknown ?? 0);
      expect(sum).toBe(ROWS);
      // Everything that was said to be posted has its end or is unknown; nothing of it waits to be
      // posted again.
      const again = (await ledger.turn(turn(id, { claim: 100 }))).claimed;
      expect(again.length).toBe(100);
      for (const one of again) expect(posted.has(one.row)).toBe(false);
      await ledger.turn(turn(id, { release: again.map(({ row, attempt }) => ({ row, attempt })) }));
      await ledger.close();
    }
    expect(posted.size).toBeGreaterThan(KILLS * 100);
  });
});
