// What every ledger must do with a campaign that has a test and a hold-out. Part of the suite in
// conformance.ts.

import { describe, expect, it } from "vitest";
import { armOf, holdOutOf } from "../../../src/domain/arms/split.ts";
import type { Claim } from "../../../src/domain/campaign/attempt.ts";
import type { Frozen } from "../../../src/domain/campaign/campaign.ts";
import type { PlannedRow } from "../../../src/domain/campaign/row.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import { ARM_BUCKETS, testBucketOf } from "../../../src/domain/limits/bucket.ts";
import type { PlanRules } from "../../../src/domain/planning/rows.ts";
import {
  accepted,
  answerTo,
  personKey,
  phoneOf,
  send,
  sendUser,
  statuses,
  T0,
  turn,
} from "./builders.ts";
import { receive, statusBody } from "./receipts.ts";

const SPLIT = { name: "cta", shares: [0.2, 0.3] };
const HOLD_OUT = { salt: "2026-Q4", share: 0.2, detail: "Kept out." };
const FROZEN: Frozen = {
  "template.name": "offer",
  "template.language": "pt_BR",
  "test.arms": [
    { name: "a", share: 0.2 },
    { name: "b", share: 0.3, template: { name: "offer_b" } },
  ],
};
const RULES: PlanRules = { isShuffled: true, split: SPLIT, holdOuts: [HOLD_OUT] };
const FIRST = 300_000;
const ROWS = 60;
let stories = 0;

const personOf = (at: number) => personKey(FIRST + at);
const rowsFrom = (from: number, to: number): PlannedRow[] =>
  Array.from({ length: to - from + 1 }, (_, at) => send(from + at, FIRST + from + at));
const isOut = (person: string) => holdOutOf([HOLD_OUT], person) !== undefined;

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeArms(open: () => Ledger): void {
  async function campaignOf(rows: PlannedRow[], rules = RULES): Promise<[number, string]> {
    stories += 1;
    const name = `arms-${Math.random()}`;
    const draft = { lane: `2299${stories}`, frozen: FROZEN, columns: ["phone"], now: T0 };
    const { id } = await open().createCampaign({ name, ...draft });
    await open().plan(id, rows, T0, rules);
    await end(id, rows.length);
    return [id, name];
  }
  const end = (id: number, rows: number) =>
    open().finishPlanning(id, {
      ...{ frozen: FROZEN, columns: ["phone"], rows, now: T0 },
      recipients: { size: 100, modifiedMs: T0, sha256: "ab".repeat(32) },
    });
  async function armsIn(id: number): Promise<Map<number, string | null>> {
    const { rows } = await open().outcomes(id, 0, 10_000);
    return new Map(rows.map((row) => [row.row_number ?? 0, row.arm]));
  }
  /** Claims everybody who may be, and has their messages accepted. */
  async function sendAll(id: number, now: number): Promise<Claim[]> {
    const claimed: Claim[] = [];
    for (;;) {
      const result = await open().turn(turn(id, { claim: 7, now }));
      const record = result.claimed.map((claim) => answerTo(claim, accepted(claim.row)));
      await open().turn(turn(id, { record, now }));
      claimed.push(...result.claimed);
      if (result.drained) return claimed;
    }
  }

  describe("a test and a hold-out", () => {
    it("puts each person where their hash says, and nobody elsewhere when more come", async () => {
      const [id] = await campaignOf(rowsFrom(1, ROWS));
      const expected = (row: number) => {
        const arm = armOf(SPLIT, personOf(row));
        return isOut(personOf(row)) || arm === 0 ? null : arm === 1 ? "a" : "b";
      };
      const before = await armsIn(id);
      for (const [row, arm] of before) expect([row, arm]).toEqual([row, expected(row)]);
      const found = await statuses(open(), id);
      for (let row = 1; row <= ROWS; row += 1) {
        expect(found[row]).toBe(isOut(personOf(row)) ? "skipped/hold_out" : "pending");
      }
      expect(new Set(before.values())).toEqual(new Set([null, "a", "b"]));
      await open().plan(id, rowsFrom(ROWS + 1, 2 * ROWS), T0, RULES);
      const after = await armsIn(id);
      for (const [row, arm] of before) expect(after.get(row)).toBe(arm);
      for (const [row, arm] of after) expect([row, arm]).toEqual([row, expected(row)]);
    });

    it("knows a person by each of their names", async () => {
      const at = Array.from({ length: 50 }, (_, one) => one + 500).filter((one) =>
        isOut(personOf(one)),
      );
      const [first, second] = at as [number, number];
      // The id alone is not kept out, and leads to a number that is.
      const ids = [`GB.arms${stories}one`, `GB.arms${stories}two`].map((id) => {
        for (let tail = 0; ; tail += 1) if (!isOut(`${id}${tail}`)) return `${id}${tail}`;
      });
      const rows = [
        sendUser(1, ids[0] as string, FIRST + first),
        sendUser(2, ids[0] as string),
        sendUser(3, ids[1] as string, FIRST + second),
        { ...sendUser(4, ids[1] as string) },
      ];
      const [id] = await campaignOf(rows);
      expect(Object.values(await statuses(open(), id))).toEqual(Array(4).fill("skipped/hold_out"));
    });

    it("sends its arms first, mixed, and the rest when it is decided", async () => {
      const rows = rowsFrom(1, ROWS);
      const [id, name] = await campaignOf(rows);
      const arms = await armsIn(id);
      const claimed = await sendAll(id, T0 + 1);
      const inArms = rows.map(({ row }) => row).filter((row) => arms.get(row) !== null);
      expect(claimed.map(({ row }) => row)).toEqual(
        inArms.toSorted((one, other) => bucket(one) - bucket(other)),
      );
      function bucket(row: number): number {
        const arm = armOf(SPLIT, personOf(row));
        const place = testBucketOf(name, personOf(row), arm);
        expect(place <= ARM_BUCKETS).toBe(arm > 0);
        return place;
      }
      for (const claim of claimed) expect(claim.arm).toBe(arms.get(claim.row) === "a" ? 1 : 2);
      const rest = rows.filter(
        ({ row }) => armOf(SPLIT, personOf(row)) === 0 && !isOut(personOf(row)),
      );
      expect(await open().remaining(id)).toMatchObject({ pending: rest.length });
      expect(await open().remaining(id, undefined, "claimable")).toMatchObject({ pending: 0 });
      expect(await open().turn(turn(id, { claim: 5 }))).toMatchObject({
        claimed: [],
        drained: true,
        full: null,
      });
      const decision = { decidedAt: T0 + 9, winner: null, rest: 2, sentence: "b.", evidence: {} };
      const entry = { at: T0, actor: "test", action: "test_decided", subject: name, detail: {} };
      expect(await open().decideTest(id, decision, entry)).toBe(true);
      expect(await open().decideTest(id, { ...decision, rest: 1 }, entry)).toBe(false);
      const audits = await open().audits(null, 50);
      expect(audits.filter(({ subject }) => subject === name)).toHaveLength(1);
      const others = await sendAll(id, T0 + 10);
      expect(others.map(({ row }) => row).toSorted()).toEqual(
        rest.map(({ row }) => row).toSorted(),
      );
      expect(new Set(others.map(({ arm }) => arm))).toEqual(new Set([2]));
      expect(await open().testState(id, T0)).toMatchObject({ rest: 0, decision });
      // Of the row's own arm, which is none.
      expect((await armsIn(id)).get(rest[0]?.row ?? 0)).toBeNull();
      expect(await open().messageOf(id, rest[0]?.row ?? 0)).toMatchObject({ arm: 2 });
    });

    it("counts everybody who was assigned, and what they did up to an instant", async () => {
      const [id] = await campaignOf(rowsFrom(1, ROWS));
      const arms = await armsIn(id);
      const of = (arm: string) => [...arms].filter(([, one]) => one === arm).map(([row]) => row);
      const at = (await open().testState(id, T0)) as NonNullable<
        Awaited<ReturnType<Ledger["testState"]>>
      >;
      expect(at).toMatchObject({ lastClaimAt: null, decision: null });
      expect(at.arms.map(({ name, people, open }) => [name, people, open])).toEqual(
        ["a", "b"].map((name) => [name, of(name).length, of(name).length]),
      );
      // Who opts out before their turn was assigned all the same.
      const asked = of("a")[0] as number;
      const { phone, person } = { phone: phoneOf(FIRST + asked), person: personOf(asked) };
      const entry = { phone, person, userId: null, reason: "asked", source: "test" };
      await open().suppress([entry], T0);
      const result = await open().turn(turn(id, { claim: ROWS, now: T0 + 5 }));
      const answers = result.claimed.map((claim) => ({ claim, next: accepted(claim.row) }));
      await open().turn(
        turn(id, { record: answers.map(({ claim, next }) => answerTo(claim, next)) }),
      );
      const b = answers.filter(({ claim }) => claim.arm === 2).slice(0, 2);
      for (const { next } of b) {
        const { messageId } = next as { messageId: string };
        await receive(open(), [statusBody({ id: messageId, status: "delivered" })]);
      }
      const far = await open().testState(id, Number.MAX_SAFE_INTEGER);
      expect(far).toMatchObject({ lastClaimAt: T0 + 5 });
      expect(far?.arms).toEqual([
        expect.objectContaining({
          arm: 1,
          name: "a",
          people: of("a").length,
          open: 0,
          delivered: 0,
        }),
        expect.objectContaining({
          arm: 2,
          name: "b",
          people: of("b").length,
          open: 0,
          delivered: 2,
        }),
      ]);
      expect((await open().testState(id, 0))?.arms[1]).toMatchObject({ delivered: 0 });
    });

    it("moves nobody into another arm when its list is planned again", async () => {
      const [id] = await campaignOf(rowsFrom(1, ROWS));
      const before = await armsIn(id);
      const { claimed } = await open().turn(turn(id, { claim: 9 }));
      const record = claimed.map((claim) => answerTo(claim, accepted(claim.row)));
      await open().turn(turn(id, { record }));
      await open().beginReplanning(id, "again");
      const rows = rowsFrom(1, ROWS).map((row) => ({ number: row.row, row }));
      await open().replan(id, rows, T0 + 1, RULES);
      await end(id, ROWS);
      expect(await armsIn(id)).toEqual(before);
    });
  });
}
