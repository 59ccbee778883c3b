// What every ledger must do with a campaign that goes by everybody's own clock. Part of the suite
// in conformance.ts.

import { describe, expect, it } from "vitest";
import type { PlannedRow } from "../../../src/domain/campaign/row.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import type { OpenZones } from "../../../src/domain/schedule/schedule.ts";
import { answerTo, finish, personKey, phoneOf, send, T0, turn } from "./builders.ts";

const HOUR = 3_600_000;
const [BRAZIL, JAPAN, RUSSIA] = [
  "BR America/Sao_Paulo",
  "JP Asia/Tokyo",
  "RU Asia/Kamchatka,Europe/Moscow",
] as const;

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeZones(open: () => Ledger): void {
  let lanes = 0;

  async function planned(rows: PlannedRow[]): Promise<number> {
    lanes += 1;
    const draft = { name: `zones-${Math.random()}`, lane: `2097000000000${lanes}`, frozen: {} };
    const { id } = await open().createCampaign({ ...draft, columns: ["phone"], now: T0 });
    await open().plan(id, rows, T0, { hasZones: true });
    await finish(open(), id, rows.length);
    return id;
  }

  /** Rows in turn of three zones, people from `from` on. */
  const rowsOf = (count: number, from: number): PlannedRow[] =>
    Array.from({ length: count }, (_, at) => ({
      ...send(at + 1, from + at),
      zone: [BRAZIL, JAPAN, RUSSIA][at % 3] as string,
    }));

  const zones = (openOnes: number[], closed: Record<number, number> = {}): OpenZones => ({
    open: openOnes,
    closed: new Map(Object.entries(closed).map(([zone, at]) => [Number(zone), at])),
  });

  const rowsIn = (claimed: readonly { row: number }[]) => claimed.map(({ row }) => row);

  describe("zones", () => {
    it("are kept once for each text, and counted", async () => {
      const id = await planned(rowsOf(700, 300_000));
      expect(await open().waitingZones(id)).toEqual([
        { zone: 1, clocks: BRAZIL, pending: 234, held: 0 },
        { zone: 2, clocks: JAPAN, pending: 233, held: 0 },
        { zone: 3, clocks: RUSSIA, pending: 233, held: 0 },
      ]);
      expect(await open().waitingZones(id, 1)).toMatchObject([
        { pending: 0 },
        { pending: 0 },
        { pending: 0 },
      ]);
      // A row that is planned again, elsewhere.
      const moved = { ...send(1, 309_999), zone: "PT Europe/Lisbon" };
      await open().replan(id, [{ number: 1, row: moved }], T0, { hasZones: true });
      const found = await open().waitingZones(id);
      expect(found.map(({ pending }) => pending)).toEqual([233, 233, 233, 1]);
      expect(found[3]?.clocks).toBe("PT Europe/Lisbon");
      // The tally has the same, also when it is kept: the second one is not counted again.
      expect((await open().tally(id)).zones).toEqual(found);
      expect((await open().tally(id)).zones).toEqual(found);
    });

    it("are claimed one after the other as the turn names them, and the closed ones not", async () => {
      const id = await planned(rowsOf(12, 310_000));
      const first = await open().turn(
        turn(id, { claim: 3, zones: zones([2, 1], { 3: T0 + HOUR }) }),
      );
      expect(rowsIn(first.claimed)).toEqual([2, 5, 8]);
      expect(first.claimed.map(({ zone }) => zone)).toEqual([2, 2, 2]);
      expect(first).toMatchObject({ drained: false, emptyZones: [] });
      const second = await open().turn(turn(id, { claim: 9, zones: zones([2, 1]) }));
      expect(rowsIn(second.claimed)).toEqual([11, 1, 4, 7, 10]);
      expect(second).toMatchObject({ drained: true, emptyZones: [2, 1] });
      const third = await open().turn(turn(id, { claim: 9, zones: zones([]) }));
      expect(third).toMatchObject({ claimed: [], drained: true });
      const last = await open().turn(turn(id, { claim: 9, zones: zones([3]) }));
      expect(rowsIn(last.claimed)).toEqual([3, 6, 9, 12]);
    });

    it("skip those who opted out, a block of one zone and not of another", async () => {
      const id = await planned(rowsOf(600, 320_000));
      const stops = Array.from({ length: 450 }, (_, at) => ({
        ...{ phone: phoneOf(320_000 + at), person: personKey(320_000 + at), userId: null },
        ...{ reason: "asked", source: "test" },
      }));
      await open().suppress(stops, T0);
      const one = await open().turn(turn(id, { claim: 5, zones: zones([2]) }));
      expect(rowsIn(one.claimed)).toEqual([452, 455, 458, 461, 464]);
      expect(one.suppressed).toBe(150);
      const waiting = await open().waitingZones(id);
      expect(waiting.map(({ pending }) => pending)).toEqual([200, 45, 200]);
    });

    it("have holds that come due in their hours, or when those begin", async () => {
      const id = await planned(rowsOf(6, 330_000));
      const all = await open().turn(turn(id, { claim: 6, zones: zones([1, 2, 3]) }));
      const record = all.claimed.map((claim) =>
        answerTo(claim, { to: "held", until: T0 + HOUR, reason: "131056" }),
      );
      await open().turn(turn(id, { record }));
      expect(await open().waitingZones(id)).toMatchObject(Array(3).fill({ pending: 0, held: 2 }));
      const now = T0 + 2 * HOUR;
      const opensAt = T0 + 9 * HOUR;
      const due = await open().turn({
        ...turn(id, { claim: 6, zones: zones([1], { 2: opensAt, 3: opensAt + HOUR }) }),
        now,
      });
      expect(rowsIn(due.claimed)).toEqual([1, 4]);
      expect(due.drained).toBe(true);
      expect((await open().remaining(id)).nextDueAt).toBe(opensAt);
      const later = { ...turn(id, { claim: 6, zones: zones([2], { 3: opensAt + HOUR }) }) };
      expect(rowsIn((await open().turn({ ...later, now: opensAt })).claimed)).toEqual([2, 5]);
    });
  });
}
