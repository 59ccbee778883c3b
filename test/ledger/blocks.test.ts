// Blocks of people who may not be sent to any more, ahead of others who may: passed over at once,
// and exactly those.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Claim } from "../../src/domain/campaign/attempt.ts";
import type { PlannedRow } from "../../src/domain/campaign/row.ts";
import type { Suppression } from "../../src/domain/campaign/suppression.ts";
import type { Ledger } from "../../src/domain/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { runsOf } from "../support/arbitraries.ts";
import { answerTo, planned, send, statuses, turn } from "./conformance/builders.ts";

const folder = mkdtempSync(join(tmpdir(), "campaign-blocks-"));
let ledger: Ledger;
beforeAll(async () => {
  ledger = await openSqliteLedger(join(folder, "ledger.sqlite"));
});
afterAll(async () => {
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

type Kind = "free" | "opted_out" | "refused_country";

let people = 0;
function rowOf(row: number, region: string): PlannedRow {
  people += 1;
  const person = String(5_511_970_000_000 + people);
  return { ...send(row), phone: `+${person}`, person, region };
}

const optOut = ({ phone, person }: PlannedRow): Suppression => ({
  phone: phone as string,
  person: person as string,
  userId: null,
  reason: "asked",
  source: "test",
});

/**
 * A campaign of rows of these kinds, behind one whose answer has refused the country of some of
 * them.
 */
async function campaignOf(kinds: readonly Kind[]): Promise<number> {
  const rows = ["refused_country" as const, ...kinds].map((kind, index) =>
    rowOf(index + 1, kind === "refused_country" ? "IN" : "BR"),
  );
  const id = await planned(ledger, rows, `7${String(people).padStart(14, "0")}`);
  const [first] = (await ledger.turn(turn(id, { claim: 1 }))).claimed;
  const failed = { to: "failed", code: "130497", message: "No." } as const;
  const record = [answerTo(first as Claim, failed, { refusesRegion: "IN" })];
  await ledger.turn(turn(id, { record }));
  await ledger.suppress(
    rows.filter((_, index) => kinds[index - 1] === "opted_out").map(optOut),
    turn(id).now,
  );
  return id;
}

/** Claims to the end, so many at a time. */
async function claimAll(id: number, claim: number): Promise<number[]> {
  const claimed: number[] = [];
  for (;;) {
    const { claimed: some, drained } = await ledger.turn(turn(id, { claim }));
    claimed.push(...some.map(({ row }) => row));
    if (drained) return claimed;
  }
}

describe("blocks of people who are stopped", () => {
  const runs = fc.array(
    fc.tuple(
      fc.constantFrom<Kind>("free", "opted_out", "refused_country"),
      fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 60, max: 300 })),
    ),
    { maxLength: 8 },
  );

  it("are passed over, each with its reason, and everybody else is claimed in order", async () => {
    await fc.assert(
      fc.asyncProperty(runs, fc.integer({ min: 1, max: 70 }), async (blocks, claim) => {
        const kinds = blocks.flatMap(([kind, length]) => Array.from({ length }, () => kind));
        const id = await campaignOf(kinds);
        const claimed = await claimAll(id, claim);
        expect(claimed).toEqual(kinds.flatMap((kind, index) => (kind === "free" ? index + 2 : [])));
        const seen = await statuses(ledger, id);
        for (const [index, kind] of kinds.entries()) {
          const status = kind === "free" ? "claimed" : `skipped/${kind}`;
          expect([index + 2, seen[index + 2]]).toEqual([index + 2, status]);
        }
      }),
      { numRuns: runsOf(40) },
    );
    expect(await ledger.violations()).toEqual([]);
  });

  it("cost hardly more than it cost to plan them, also where one message is claimed at a time", async () => {
    const cpu = async (work: () => Promise<unknown>) => {
      const before = process.cpuUsage();
      await work();
      const { user } = process.cpuUsage(before);
      return user;
    };
    const kinds = [...Array.from({ length: 30_000 }, () => "opted_out" as const), "free" as const];
    let id = 0;
    const planning = await cpu(async () => {
      id = await campaignOf(kinds);
    });
    let claimed: number[] = [];
    const passing = await cpu(async () => {
      claimed = await claimAll(id, 1);
    });
    expect(claimed).toEqual([30_002]);
    expect(passing).toBeLessThan(2 * planning);
  });
});
