// A campaign whose ramp's steps are through, in two zones: whatever is handed back, throttled or
// held, and whichever process goes on, everybody is claimed, and nobody who has got it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { AttemptRecord, Claim } from "../../src/domain/campaign/attempt.ts";
import type { PlannedRow } from "../../src/domain/campaign/row.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import type { PlacedLedger } from "../../src/ledger/placed-ledger.ts";
import { runsOf } from "../support/arbitraries.ts";
import { accepted, answerTo, finish, send, T0, turn } from "./conformance/builders.ts";

const folder = mkdtempSync(join(tmpdir(), "campaign-ramp-order-"));
const file = join(folder, "ledger.sqlite");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FIRST_STEP = 5;
const ZONES = ["BR America/Sao_Paulo", "JP Asia/Tokyo"];
const OPEN = { open: [1, 2], closed: new Map<number, number>() };

/** What becomes of a claimed message, in turns of the claims. */
const FATES = ["accepted", "accepted", "pending", "held", "released"] as const;
type Fate = (typeof FATES)[number];

/** One turn: so many are claimed, of these zones, and this becomes of them. */
interface Step {
  claim: number;
  open: number[];
  fates: Fate[];
  /** Another process goes on from here. */
  isHandedOver: boolean;
  /** A person opts out. */
  optOut: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  claim: fc.integer({ min: 1, max: 25 }),
  open: fc.constantFrom([1, 2], [2, 1], [1], [2]),
  fates: fc.array(fc.constantFrom(...FATES), { minLength: 1, maxLength: 4 }),
  isHandedOver: fc.boolean(),
  optOut: fc.nat(200),
});

let campaigns = 0;

async function campaignOf(ledger: PlacedLedger, people: number): Promise<number> {
  campaigns += 1;
  const draft = { name: `order-${campaigns}`, lane: `4${campaigns}`, frozen: {} };
  const { id } = await ledger.createCampaign({ ...draft, columns: ["phone"], now: T0 });
  const rows = Array.from({ length: people }, (_, at): PlannedRow => {
    const person = String(5_511_970_000_000 + campaigns * 1_000 + at);
    const zone = ZONES[at % 3 === 0 ? 1 : 0] as string;
    return { ...send(at + 1), phone: `+${person}`, person, zone };
  });
  await ledger.plan(id, rows, T0, { isShuffled: true, hasZones: true });
  await finish(ledger, id, people);
  return id;
}

describe("a campaign whose ramp is through", () => {
  it("claims everybody until they have got it, and nobody after that", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 6, max: 200 }),
        fc.array(step, { maxLength: 12 }),
        async (people, steps) => {
          let ledger = await openSqliteLedger(file);
          try {
            const id = await campaignOf(ledger, people);
            const base = { rampSizes: [FIRST_STEP], zones: OPEN };
            const done = new Set<number>();
            const out = new Set<number>();
            let now = T0;
            const claim = async (most: number, open: number[]) => {
              const zones = { ...OPEN, open };
              const result = await ledger.turn(turn(id, { ...base, now, claim: most, zones }));
              for (const { row } of result.claimed) {
                expect([row, done.has(row) || out.has(row)]).toEqual([row, false]);
              }
              return result;
            };
            const answer = async (claimed: readonly Claim[], fates: readonly Fate[]) => {
              const record: AttemptRecord[] = [];
              const release: { row: number; attempt: number }[] = [];
              for (const [at, one] of claimed.entries()) {
                const fate = fates[at % fates.length] as Fate;
                if (fate === "released") release.push({ row: one.row, attempt: one.attempt });
                else if (fate === "pending") record.push(answerTo(one, { to: "pending" }));
                else if (fate === "held") {
                  const held = { to: "held", until: now + 5, reason: "131056" } as const;
                  record.push(answerTo(one, held));
                } else {
                  record.push(answerTo(one, accepted(one.row)));
                  done.add(one.row);
                }
              }
              await ledger.turn(turn(id, { ...base, now, record, release }));
            };
            const first = await claim(50, [1, 2]);
            await answer(first.claimed, ["accepted"]);
            await ledger.moveRamp(id, 0, 1, now);
            for (const { claim: most, open, fates, isHandedOver, optOut } of steps) {
              now += 3;
              const { claimed } = await claim(most, open);
              await answer(claimed, fates);
              const row = optOut + 1;
              if (row <= people && !done.has(row)) {
                const person = String(5_511_970_000_000 + campaigns * 1_000 + optOut);
                const why = { userId: null, reason: "asked", source: "test" };
                await ledger.suppress([{ phone: `+${person}`, person, ...why }], now);
                out.add(row);
              }
              if (isHandedOver) {
                await ledger.close();
                ledger = await openSqliteLedger(file);
              }
            }
            for (let turns = 0; ; turns += 1) {
              expect(turns).toBeLessThan(200);
              now += 10;
              const { claimed, drained } = await claim(40, [1, 2]);
              await answer(claimed, ["accepted"]);
              if (drained) break;
            }
            expect(done.size).toBe(people - out.size);
            expect(await ledger.violations()).toEqual([]);
          } finally {
            await ledger.close();
          }
        },
      ),
      { numRuns: runsOf(60) },
    );
  });
});
