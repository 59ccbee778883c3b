// Answers that a run brings when its lane is another one's by now.

import { describe, expect, it } from "vitest";
import type { Claim, Next } from "../../../src/domain/campaign/attempt.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import { accepted, answerTo, planned, send, statuses, T0, turn } from "./builders.ts";

const FAILED: Next = { to: "failed", code: "131026", message: "Undeliverable" };
const HELD: Next = { to: "held", until: T0 + 60_000, reason: "pair_limit" };

/** The suite; every ledger is held to it. */
export function describeLateAnswers(open: () => Ledger): void {
  describe("answers that come when the lane is another run's", () => {
    const claimed = async (rows: number) => {
      const ledger = open();
      const id = await planned(
        ledger,
        Array.from({ length: rows }, (_, at) => send(at + 1)),
      );
      const { claimed: claims } = await ledger.turn(turn(id, { claim: rows }));
      expect(await ledger.recoverClaims(id, T0 + 10)).toBe(rows);
      return { ledger, id, claims };
    };

    it("settle what the new owner had to make unknown, each as it says", async () => {
      const { ledger, id, claims } = await claimed(6);
      const nexts: Next[] = [
        accepted(1),
        FAILED,
        HELD,
        { to: "pending" },
        { to: "unknown", message: "No answer came." },
      ];
      const records = nexts.map((next, at) => answerTo(claims[at] as Claim, next));
      expect(await ledger.settleLate(id, records, T0 + 20)).toBe(4);
      const after = {
        ...{ 1: "accepted", 2: "failed", 3: "held/pair_limit" },
        ...{ 4: "pending", 5: "unknown", 6: "unknown" },
      };
      expect(await statuses(ledger, id)).toEqual(after);
      // Once and for all: the same again changes nothing.
      expect(await ledger.settleLate(id, records, T0 + 30)).toBe(0);
      expect(await statuses(ledger, id)).toEqual(after);
      expect((await ledger.tally(id)).counts).toMatchObject({ accepted: 1, unknown: 2 });
      // Provably not sent: that one is sent to again, as another attempt.
      const { claimed: again } = await ledger.turn(turn(id, { claim: 9, now: T0 + 40 }));
      expect(again.map(({ row, attempt }) => [row, attempt])).toEqual([[4, 2]]);
      expect(await ledger.violations()).toEqual([]);
    });

    it("settle claims that the new owner has not given up yet", async () => {
      const ledger = open();
      const id = await planned(ledger, [send(1), send(2), send(3), send(4)]);
      const { claimed: claims } = await ledger.turn(turn(id, { claim: 4 }));
      const nexts: Next[] = [accepted(1), { to: "pending" }, { to: "unknown", message: "Lost." }];
      const records = nexts.map((next, at) => answerTo(claims[at] as Claim, next));
      expect(await ledger.settleLate(id, records, T0 + 5)).toBe(2);
      expect(await ledger.recoverClaims(id, T0 + 10)).toBe(2);
      const after = { 1: "accepted", 2: "pending", 3: "unknown", 4: "unknown" };
      expect(await statuses(ledger, id)).toEqual(after);
      expect(await ledger.settleLate(id, records, T0 + 20)).toBe(0);
      const { claimed: again } = await ledger.turn(turn(id, { claim: 9, now: T0 + 30 }));
      expect(again.map(({ row, attempt }) => [row, attempt])).toEqual([[2, 2]]);
      expect((await ledger.tally(id)).counts).toMatchObject({ accepted: 1, unknown: 2 });
      expect(await ledger.violations()).toEqual([]);
    });

    it("change nothing of what another attempt or a person has settled since", async () => {
      const { ledger, id, claims } = await claimed(3);
      const [first, second, third] = claims as [Claim, Claim, Claim];
      await ledger.settleLate(id, [answerTo(first, accepted(1))], T0 + 15);
      await ledger.resolveUnknown(id, "resend", T0 + 20);
      const { claimed: again } = await ledger.turn(turn(id, { claim: 1, now: T0 + 30 }));
      expect(again).toMatchObject([{ row: 2, attempt: 2 }]);
      const late = [first, second, third].map((claim) => answerTo(claim, FAILED));
      expect(await ledger.settleLate(id, late, T0 + 40)).toBe(0);
      expect(await statuses(ledger, id)).toEqual({ 1: "accepted", 2: "claimed", 3: "pending" });
    });

    it("wait for nobody in a campaign that is over", async () => {
      const { ledger, id, claims } = await claimed(2);
      const [first, second] = claims as [Claim, Claim];
      await ledger.setState(id, "finished", null, T0 + 20);
      await ledger.settleLate(id, [answerTo(first, HELD)], T0 + 30);
      const find = async () => (await ledger.listCampaigns()).find((one) => one.id === id);
      expect((await find())?.state).toBe("stopped");
      await ledger.cancel(id, T0 + 40);
      await ledger.settleLate(id, [answerTo(second, { to: "pending" })], T0 + 50);
      expect(await statuses(ledger, id)).toEqual({ 1: "cancelled", 2: "cancelled" });
    });
  });
}
