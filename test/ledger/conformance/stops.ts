// What every ledger must do when a person other than the runner wants a campaign stopped. Part of
// the suite in ledger.conformance.ts.

import { describe, expect, it } from "vitest";
import type { CampaignRecord, Stop } from "../../../src/domain/campaign/campaign.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import { accepted, answerTo, planned, send, statuses, T0, turn } from "./builders.ts";

const PAUSE: Stop = { kind: "paused", code: "paused", sentence: "Paused by Ana.", at: T0 };
const HALT: Stop = { kind: "halted", code: "template_paused", sentence: "Paused.", at: T0 + 5 };

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeStops(open: () => Ledger): void {
  const recordOf = async (id: number): Promise<CampaignRecord> =>
    (await open().listCampaigns()).find((one) => one.id === id) as CampaignRecord;

  describe("a stop from outside the runner", () => {
    for (const stop of [PAUSE, HALT]) {
      it(`(${stop.kind}) is in force from the next claim on, and answers are still recorded`, async () => {
        const ledger = open();
        const id = await planned(ledger, [send(1, 881), send(2, 882)]);
        const { claimed, stop: none } = await ledger.turn(turn(id, { claim: 1 }));
        expect(none).toBeNull();
        await ledger.askStop(id, stop, T0);
        expect((await recordOf(id)).stop).toEqual(stop);
        const record = claimed.map((one) => answerTo(one, accepted(one.row)));
        const result = await ledger.turn(turn(id, { record, claim: 5 }));
        expect(result).toMatchObject({ claimed: [], stop, drained: false, cancelled: false });
        expect(await statuses(ledger, id)).toEqual({ 1: "accepted", 2: "pending" });
        // A turn that only looks is reported, too.
        expect((await ledger.turn(turn(id))).stop).toEqual(stop);
        expect(await ledger.liftStop(id, stop.kind, stop.at)).toBe(true);
        expect((await recordOf(id)).stop).toBeNull();
        const after = await ledger.turn(turn(id, { claim: 5 }));
        expect(after).toMatchObject({ claimed: [{ row: 2 }], stop: null });
      });
    }

    it("is noticed by one of those who see it, and once", async () => {
      const ledger = open();
      const id = await planned(ledger, [send(1, 883)]);
      const other = await planned(ledger, [send(1, 883)]);
      expect(await ledger.noticeOf(id)).toBeNull();
      expect(await ledger.keepNotice(id, null, "halted:x")).toBe(true);
      expect(await ledger.keepNotice(id, null, "halted:x")).toBe(false);
      expect(await ledger.noticeOf(id)).toBe("halted:x");
      expect(await ledger.noticeOf(other)).toBeNull();
      // What could not be posted is given back.
      expect(await ledger.keepNotice(id, "halted:x", null)).toBe(true);
      expect(await ledger.noticeOf(id)).toBeNull();
    });

    it("concerns no other campaign", async () => {
      const ledger = open();
      const one = await planned(ledger, [send(1, 883)]);
      const other = await planned(ledger, [send(1, 883)]);
      await ledger.askStop(one, PAUSE, T0);
      expect((await ledger.turn(turn(other, { claim: 1 }))).claimed).toHaveLength(1);
    });

    it("that is a pause stays under a halt, whichever came first, until it is lifted itself", async () => {
      const ledger = open();
      for (const stops of [
        [PAUSE, HALT],
        [HALT, PAUSE],
      ]) {
        const id = await planned(ledger, [send(1, 884)]);
        for (const stop of stops) await ledger.askStop(id, stop, T0);
        expect((await recordOf(id)).stop).toEqual(HALT);
        expect(await ledger.liftStop(id, "halted", T0 + 10)).toBe(true);
        expect((await ledger.turn(turn(id, { claim: 1 }))).stop).toEqual(PAUSE);
        expect(await ledger.liftStop(id, "paused", T0 + 10)).toBe(true);
        expect(await ledger.liftStop(id, "paused", T0 + 10)).toBe(false);
        expect((await ledger.turn(turn(id, { claim: 1 }))).claimed).toHaveLength(1);
      }
    });

    it("that is asked for again has the later reason, and is not lifted by a look from before", async () => {
      const ledger = open();
      const id = await planned(ledger, [send(1, 885)]);
      const worse = { ...HALT, code: "template_disabled", at: HALT.at + 60 };
      await ledger.askStop(id, worse, T0);
      await ledger.askStop(id, HALT, T0);
      expect((await recordOf(id)).stop).toEqual(worse);
      expect(await ledger.liftStop(id, "halted", HALT.at)).toBe(false);
      expect((await recordOf(id)).stop).toEqual(worse);
    });

    it("is lifted as a whole by null", async () => {
      const ledger = open();
      const id = await planned(ledger, [send(1, 886)]);
      await ledger.askStop(id, PAUSE, T0);
      await ledger.askStop(id, HALT, T0);
      await ledger.askStop(id, null, T0);
      expect((await ledger.turn(turn(id, { claim: 1 }))).claimed).toHaveLength(1);
    });
  });

  it("tells a runner that its campaign was cancelled, and takes what it hands back", async () => {
    const ledger = open();
    const id = await planned(ledger, [send(1, 891), send(2, 892), send(3, 893)]);
    const { claimed } = await ledger.turn(turn(id, { claim: 2 }));
    expect(await ledger.cancel(id, T0)).toBe(1);
    const [first, second] = claimed;
    const record = [answerTo(first as NonNullable<typeof first>, accepted(1))];
    const release = [{ row: 2, attempt: second?.attempt ?? 0 }];
    const result = await ledger.turn(turn(id, { record, release, claim: 5 }));
    expect(result).toMatchObject({ claimed: [], drained: true, cancelled: true, stop: null });
    expect(await statuses(ledger, id)).toEqual({ 1: "accepted", 2: "cancelled", 3: "cancelled" });
    await ledger.setState(id, "finished", null, T0);
    expect((await recordOf(id)).state).toBe("cancelled");
  });
}
