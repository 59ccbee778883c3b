// What every ledger must do with receipts of attempts that it never made: it is an older copy. Part
// of the suite in ledger.conformance.ts.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Next } from "../../../src/domain/campaign/attempt.ts";
import { callbackKey } from "../../../src/domain/campaign/dispatch.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import { accepted, answerTo, planned, send, sendUser, statuses, T0, turn } from "./builders.ts";
import { receive, statusBody } from "./receipts.ts";

/** A lane of its own for each test: an override counts for later ones. */
let lanes = 0;
let lane = "";
const SECOND = 1_000;

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeLostAttempts(open: () => Ledger): void {
  const body = (
    campaign: number,
    row: number,
    person: number | undefined,
    more: { status?: string; code?: number; attempt?: number; at?: number; userId?: string } = {},
  ): string => {
    const { status = "sent", attempt = 1, ...rest } = more;
    const key = callbackKey({ ledger: open().id, campaign, row, attempt });
    const who = person === undefined ? {} : { person };
    return statusBody({ status, id: `lost.${campaign}.${row}`, key, ...who, ...rest });
  };

  describe("a receipt of an attempt that the ledger never made", () => {
    beforeEach(() => {
      lanes += 1;
      lane = `1888${lanes}`;
    });
    afterEach(() => open().overrideWentBack(lane, T0));

    const statusesTold: [string, { code?: number }, string][] = [
      ["sent", {}, "sent"],
      ["delivered", {}, "delivered"],
      ["read", {}, "read"],
      ["failed", { code: 131026 }, "failed"],
      ["failed", { code: 131049 }, "held/131049"],
    ];
    for (const [status, more, to] of statusesTold) {
      it(`settles a pending dispatch as ${to}, and stops every real campaign`, async () => {
        const ledger = open();
        const id = await planned(ledger, [send(1, 501), send(2, 502)], lane);
        const other = await planned(ledger, [send(1, 503)], "77");
        const simulated = await planned(ledger, [send(1, 504)], "sandbox");
        const applied = await receive(ledger, [body(id, 1, 501, { status, ...more })]);
        expect(applied).toMatchObject({
          lost: 1,
          settled: 0,
          counts: { [status]: { applied: 1 } },
        });
        expect(await statuses(ledger, id)).toEqual({ 1: to, 2: "pending" });
        const [row] = (await ledger.outcomes(id, 0, 1)).rows;
        expect(row).toMatchObject({
          attempts: 1,
          message_id: to.startsWith("held") ? null : `lost.${id}.1`,
        });
        for (const one of [id, other]) {
          const result = await ledger.turn(turn(one, { claim: 5 }));
          expect(result).toMatchObject({
            claimed: [],
            stop: { kind: "halted", code: "ledger_went_back" },
          });
        }
        expect((await ledger.turn(turn(simulated, { claim: 5 }))).claimed).toHaveLength(1);
        expect(await ledger.wentBack("77")).toMatchObject({ receipts: 1 });
        expect(await ledger.wentBack("sandbox")).toBeNull();
        expect(await ledger.violations()).toEqual([]);
      });
    }

    it("counts its person for the daily limit, also where the campaign never claimed", async () => {
      const ledger = open();
      const counting = await planned(ledger, [send(1, 505)], lane);
      await ledger.turn(turn(counting, { claim: 1, peopleMax: 1_000 }));
      const id = await planned(ledger, [send(1, 506)], lane);
      const before = await ledger.dailyLimit({ lane, portfolio: null }, T0);
      await receive(ledger, [body(id, 1, 506)]);
      const after = await ledger.dailyLimit({ lane, portfolio: null }, T0);
      expect(after?.people).toBe((before?.people ?? 0) + 1);
      expect(await ledger.violations()).toEqual([]);
    });

    it("is in force after a check of the account, and until a person overrides it", async () => {
      const ledger = open();
      const id = await planned(ledger, [send(1, 511), send(2, 512)], lane);
      await receive(ledger, [body(id, 1, 511)]);
      await ledger.liftStop(id, "halted", T0 + 3_600_000);
      await ledger.askStop(id, null, T0);
      expect((await ledger.turn(turn(id, { claim: 5 }))).claimed).toEqual([]);
      await ledger.overrideWentBack(lane, T0 + 60 * SECOND);
      const { claimed, stop } = await ledger.turn(turn(id, { claim: 5 }));
      expect({ rows: claimed.map(({ row }) => row), stop }).toEqual({ rows: [2], stop: null });
    });

    it("stops it again after that only when a message was sent since", async () => {
      const ledger = open();
      const id = await planned(ledger, [send(1, 521), send(2, 522), send(3, 523)], lane);
      await receive(ledger, [body(id, 1, 521)]);
      await ledger.overrideWentBack(lane, T0 + 60 * SECOND);
      const late = { at: T0 + 90 * SECOND };
      await receive(ledger, [body(id, 2, 522, { ...late, status: "read" })]);
      expect(await statuses(ledger, id)).toEqual({ 1: "sent", 2: "read", 3: "pending" });
      expect(await ledger.wentBack(lane)).toBeNull();
      await receive(ledger, [body(id, 3, 523, late)]);
      expect(await ledger.wentBack(lane)).toMatchObject({ receipts: 1 });
    });

    const refused: Next = { to: "failed", code: "131026", message: "Undeliverable" };
    const waiting: Next = { to: "held", until: T0, reason: "131049" };
    for (const [from, next] of [
      ["failed", refused],
      ["held", waiting],
      ["unknown", { to: "unknown", message: "Cut." }],
    ] as const) {
      it(`settles a dispatch that is ${from} after fewer attempts`, async () => {
        const ledger = open();
        const id = await planned(ledger, [send(1, 531)], lane);
        const { claimed } = await ledger.turn(turn(id, { claim: 1 }));
        await ledger.turn(turn(id, { record: claimed.map((one) => answerTo(one, next)) }));
        await receive(ledger, [body(id, 1, 531, { attempt: 3, status: "delivered" })]);
        const [row] = (await ledger.outcomes(id, 0, 1)).rows;
        expect(row).toMatchObject({
          status: "delivered",
          attempts: 3,
          error_code: null,
          reason: null,
        });
        expect(await ledger.violations()).toEqual([]);
      });
    }

    it("by a user id settles the dispatch of that user id", async () => {
      const ledger = open();
      const id = await planned(ledger, [sendUser(1, "GB.541")], lane);
      await receive(ledger, [body(id, 1, undefined, { userId: "GB.541", status: "delivered" })]);
      expect(await statuses(ledger, id)).toEqual({ 1: "delivered" });
    });

    it("settles nobody else, and stops all the same", async () => {
      const ledger = open();
      const id = await planned(ledger, [send(1, 551)], lane);
      const bodies = [
        body(id, 1, 559), // the row is another person's
        body(id, 7, 551), // no such row
        body(999_999, 1, 551), // no such campaign
      ];
      const applied = await receive(ledger, bodies);
      expect(applied).toMatchObject({ lost: 3, counts: { sent: { unmatched: 3 } } });
      expect(await statuses(ledger, id)).toEqual({ 1: "pending" });
      expect((await ledger.turn(turn(id, { claim: 1 }))).stop?.code).toBe("ledger_went_back");
    });

    it("leaves a message that Meta took as it is, and stops all the same", async () => {
      const ledger = open();
      const id = await planned(ledger, [send(1, 571), send(2, 572)], lane);
      const { claimed } = await ledger.turn(turn(id, { claim: 1 }));
      const record = claimed.map((one) => answerTo(one, accepted(1, { messageId: "w571" })));
      await ledger.turn(turn(id, { record }));
      const applied = await receive(ledger, [body(id, 1, 571, { attempt: 2, status: "failed" })]);
      expect(applied).toMatchObject({ lost: 1, counts: { failed: { unmatched: 1 } } });
      expect((await ledger.outcomes(id, 0, 1)).rows[0]).toMatchObject({
        status: "accepted",
        message_id: "w571",
        attempts: 1,
      });
      expect((await ledger.turn(turn(id, { claim: 1 }))).stop?.code).toBe("ledger_went_back");
    });

    it("is none where the key is another ledger's, or far ahead of any attempt", async () => {
      const ledger = open();
      const id = await planned(ledger, [send(1, 561)], lane);
      const key = callbackKey({ ledger: "another", campaign: id, row: 1, attempt: 1 });
      const bodies = [
        statusBody({ status: "sent", id: "w561", key, person: 561 }),
        body(id, 1, 561, { attempt: 900_000 }),
      ];
      const applied = await receive(ledger, bodies);
      expect(applied).toMatchObject({ lost: 0, counts: { sent: { unmatched: 2 } } });
      expect((await ledger.turn(turn(id, { claim: 1 }))).claimed).toHaveLength(1);
    });
  });
}
