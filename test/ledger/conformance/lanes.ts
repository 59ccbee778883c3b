// What every ledger must do with a campaign that sends from several numbers. Part of the suite in
// conformance.ts.

import { describe, expect, it } from "vitest";
import type { CampaignRecord, Stop } from "../../../src/domain/campaign/campaign.ts";
import type { PlannedRow } from "../../../src/domain/campaign/row.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import type { LaneRule } from "../../../src/domain/planning/lanes.ts";
import { accepted, answerTo, finish, send, skip, statuses, T0, turn } from "./builders.ts";
import { receive, statusBody } from "./receipts.ts";

const HALT: Stop = { kind: "halted", code: "number_banned", sentence: "Banned.", at: T0 + 5 };

let stories = 0;

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeLanes(open: () => Ledger): void {
  /** Ids of three numbers that no other story has. */
  const numbersOf = (): [string, string, string] => {
    stories += 1;
    const id = (nth: number) => String(20_000_000_000_000 + stories * 10 + nth);
    return [id(1), id(2), id(3)];
  };
  const rulesOf = (lanes: readonly string[], regions: readonly string[][] = []): LaneRule[] =>
    lanes.map((lane, at) => ({ lane, messagesPerSecond: 80, regions: regions[at] ?? [] }));
  const recordOf = async (id: number): Promise<CampaignRecord> =>
    (await open().listCampaigns()).find((one) => one.id === id) as CampaignRecord;

  async function campaignOf(rules: readonly LaneRule[], rows: PlannedRow[]): Promise<number> {
    const [lane, ...moreLanes] = rules.map((rule) => rule.lane) as [string, ...string[]];
    const draft = { name: `lanes-${lane}-${Math.random()}`, frozen: { template: "t" }, now: T0 };
    const columns = ["phone", "v"];
    const { id } = await open().createCampaign({ ...draft, lane, moreLanes, columns });
    await open().plan(id, rows, T0, { lanes: rules });
    await finish(open(), id, rows.at(-1)?.row ?? 0);
    return id;
  }
  const inRegion = (row: PlannedRow, region: string): PlannedRow => ({ ...row, region });
  /** Row → lane, as the view has it. */
  async function lanesOf(id: number): Promise<Record<number, string>> {
    const { rows } = await open().outcomes(id, 0, 1_000);
    return Object.fromEntries(rows.map((row) => [row.row_number, row.lane]));
  }

  describe("a campaign of several numbers", () => {
    it("gives each number the people of its regions, and each turn those of its number", async () => {
      const [one, other] = numbersOf();
      const rules = rulesOf([one, other], [["GB"], ["MX"]]);
      const rows = [
        send(1, 701),
        inRegion(send(2, 702), "MX"),
        send(3, 703),
        inRegion(send(4, 704), "MX"),
        skip(5, "invalid_number"),
      ];
      const id = await campaignOf(rules, rows);
      expect((await recordOf(id)).lanes).toEqual([one, other]);
      expect(await lanesOf(id)).toMatchObject({ 1: one, 2: other, 3: one, 4: other });
      const second = await open().turn(turn(id, { claim: 10, lane: 1 }));
      expect(second.claimed.map(({ row }) => row)).toEqual([2, 4]);
      expect(second).toMatchObject({ drained: true, number: 1 });
      expect(await open().remaining(id, 0)).toMatchObject({ pending: 2, claimed: 0 });
      expect(await open().remaining(id, 1)).toMatchObject({ pending: 0, claimed: 2 });
      expect(await open().remaining(id)).toMatchObject({ pending: 2, claimed: 2 });
      const first = await open().turn(turn(id, { claim: 1 }));
      expect(first).toMatchObject({ claimed: [{ row: 1 }], drained: false, number: 1 });
      const record = second.claimed.map((claim) => answerTo(claim, accepted(claim.row)));
      await open().turn(turn(id, { record, lane: 1 }));
      expect(await open().remaining(id, 1)).toMatchObject({ claimed: 0, accepted: true });
      expect(await open().remaining(id, 0)).toMatchObject({ claimed: 1, accepted: false });
      // An unclean stop: what either number had in flight is in doubt, and both were used.
      expect(await open().recoverClaims(id, T0 + 50)).toBe(1);
      expect(await open().pace(one)).toMatchObject({ usedUntil: T0 + 50 });
      expect(await open().pace(other)).toBeUndefined();
    });

    it("keeps a person with the number that reached them last", async () => {
      const [one, other, third] = numbersOf();
      const regions = [["GB"], ["MX"]];
      const before = await campaignOf(rulesOf([other, third], regions), [send(1, 711)]);
      // The ledger looks at the campaigns of late.
      const now = T0 + 1_000 * 86_400_000;
      const { claimed } = await open().turn(turn(before, { claim: 1, now }));
      await open().turn(turn(before, { record: [answerTo(claimed[0]!, accepted(1))] }));
      const rules = rulesOf([one, other], regions);
      const id = await campaignOf(rules, [send(1, 711), send(2, 712)]);
      expect(await lanesOf(id)).toEqual({ 1: other, 2: one });
      // A number that this campaign does not have is none to keep to.
      const apart = await campaignOf(rulesOf([one, third], regions), [send(1, 711)]);
      expect(await lanesOf(apart)).toEqual({ 1: one });
    });

    it("gives a row that is repaired its number, and leaves the others theirs", async () => {
      const [one, other] = numbersOf();
      const rules = rulesOf([one, other], [["MX"], ["GB"]]);
      const id = await campaignOf(rules, [skip(1, "invalid_number"), send(2, 722)]);
      await open().replan(id, [{ number: 1, row: send(1, 721) }], T0, { lanes: rules });
      await open().replan(id, [{ number: 2, row: send(2, 722, '["new"]') }], T0, {
        lanes: rulesOf([one]),
      });
      expect(await lanesOf(id)).toEqual({ 1: other, 2: other });
    });

    it("goes on with the others when one is stopped", async () => {
      const [one, other] = numbersOf();
      const rules = rulesOf([one, other], [["GB"], ["MX"]]);
      const rows = [1, 2, 3, 4].map((row) => {
        const region = row % 2 === 0 ? "MX" : "GB";
        return inRegion(send(row, 730 + row), region);
      });
      const id = await campaignOf(rules, rows);
      const { claimed } = await open().turn(turn(id, { claim: 1, lane: 1 }));
      const [claim] = claimed;
      await open().turn(turn(id, { record: [answerTo(claim!, accepted(2))], lane: 1 }));
      // By receipt, of the number's account: 131031 halts the lane.
      const wamid = await messageOf(id, 2);
      await receive(open(), [statusBody({ status: "failed", id: wamid, code: 131031 })]);
      const { stop, laneStops } = await recordOf(id);
      expect(stop).toBeNull();
      expect(laneStops).toMatchObject([{ lane: other, stop: { kind: "halted" } }]);
      const halted = await open().turn(turn(id, { claim: 5, lane: 1 }));
      expect(halted).toMatchObject({ claimed: [], stop: { kind: "halted" } });
      const well = await open().turn(turn(id, { claim: 5 }));
      expect(well.claimed.map(({ row }) => row)).toEqual([1, 3]);
      expect(await open().liftStop(id, "halted", T0 + 1_000_000)).toBe(true);
      expect((await recordOf(id)).laneStops).toEqual([]);
    });

    it("stops as a whole for a person, and for what concerns its template", async () => {
      const [one, other] = numbersOf();
      const id = await campaignOf(rulesOf([one, other]), [send(1, 741)]);
      await open().askStop(id, HALT, T0);
      for (const lane of [0, 1]) {
        expect((await open().turn(turn(id, { claim: 1, lane }))).stop).toEqual(HALT);
      }
    });

    it("hands over who waits, and leaves what was claimed", async () => {
      const [one, other] = numbersOf();
      const rules = rulesOf([one, other], [["GB"], ["MX"]]);
      const id = await campaignOf(rules, [send(1, 751), send(2, 752), send(3, 753)]);
      await open().turn(turn(id, { claim: 1 }));
      expect(await open().moveLane(id, one, other)).toBe(2);
      expect(await lanesOf(id)).toEqual({ 1: one, 2: other, 3: other });
      const { claimed } = await open().turn(turn(id, { claim: 5, lane: 1 }));
      expect(claimed.map(({ row }) => row)).toEqual([2, 3]);
      expect(await open().moveLane(id, one, other)).toBe(0);
      expect(await statuses(open(), id)).toEqual({ 1: "claimed", 2: "claimed", 3: "claimed" });
      expect(await open().violations()).toEqual([]);
    });

    it("turns its numbers together, each with its own result", async () => {
      const [one, other] = numbersOf();
      const rules = rulesOf([one, other], [["GB"], ["MX"]]);
      const rows = [send(1, 761), inRegion(send(2, 762), "MX"), send(3, 763)];
      const id = await campaignOf(rules, rows);
      const results = await open().turnAll([
        turn(id, { claim: 1 }),
        turn(id, { claim: 5, lane: 1 }),
      ]);
      expect(results).toMatchObject([
        { claimed: [{ row: 1 }], drained: false, number: 1 },
        { claimed: [{ row: 2 }], drained: true, number: 1 },
      ]);
      // What cannot be written of one is written of none.
      const broken = { ...turn(id, { claim: 1 }), campaign: 999_999 };
      await expect(open().turnAll([turn(id, { claim: 1 }), broken])).rejects.toThrow();
      expect(await open().remaining(id, 0)).toMatchObject({ pending: 1, claimed: 1 });
      expect(await open().turnAll([])).toEqual([]);
    });

    it("settles what a killed run left on one lane, and leaves the others to theirs", async () => {
      const [one, other] = numbersOf();
      const rules = rulesOf([one, other], [["GB"], ["MX"]]);
      const id = await campaignOf(rules, [send(1, 771), inRegion(send(2, 772), "MX")]);
      await open().turn(turn(id, { claim: 1 }));
      await open().turn(turn(id, { claim: 1, lane: 1 }));
      expect(await open().recoverClaims(id, T0 + 9, 1)).toBe(1);
      expect(await statuses(open(), id)).toEqual({ 1: "claimed", 2: "unknown" });
      expect([await open().pace(one), (await open().pace(other))?.usedUntil]).toEqual([
        undefined,
        T0 + 9,
      ]);
      expect(await open().recoverClaims(id, T0 + 9)).toBe(1);
    });

    it("runs while one of its lanes does, and ends as they ended together", async () => {
      const [one, other] = numbersOf();
      const rules = rulesOf([one, other], [["GB"], ["MX"]]);
      const id = await campaignOf(rules, [send(1, 781), inRegion(send(2, 782), "MX")]);
      const halt = { code: "131031", sentence: "Locked.", isStreak: true };
      const stateOf = async () => {
        const { state, halt, lastStop, laneStates, streakHalts } = await recordOf(id);
        return { state, halt, lastStop, lanes: laneStates.map((it) => it.state), streakHalts };
      };
      expect((await stateOf()).lanes).toEqual([]);
      await open().setLaneState(id, 0, "running", null, T0);
      expect(await stateOf()).toMatchObject({ state: "running", lanes: ["running", "stopped"] });
      await open().setLaneState(id, 1, "running", null, T0);
      await open().setLaneState(id, 0, "halted", halt, T0);
      expect(await stateOf()).toMatchObject({ state: "running", lanes: ["halted", "running"] });
      // One that nobody waits on has finished, by whichever run.
      await open().moveLane(id, other, one);
      await open().setLaneState(id, 0, "halted", halt, T0);
      expect(await stateOf()).toMatchObject({
        state: "halted",
        halt: { code: "131031", sentence: `Number ${one}: Locked.` },
        streakHalts: { 131031: 1 },
      });
      await open().setLaneState(id, 0, "stopped", null, T0, { why: "interrupted", goOnAt: null });
      const lastStop = { why: "interrupted", goOnAt: null };
      expect(await stateOf()).toMatchObject({ state: "stopped", halt: null, lastStop });
      // A campaign with people left does not finish.
      await open().setLaneState(id, 0, "finished", null, T0);
      await open().setLaneState(id, 1, "finished", null, T0);
      expect(await stateOf()).toMatchObject({ state: "stopped", lastStop: null });
      await open().setState(id, "stopped", null, T0);
      expect((await stateOf()).lanes).toEqual([]);
      await open().cancel(id, T0);
      await open().setLaneState(id, 0, "running", null, T0);
      expect((await stateOf()).state).toBe("cancelled");
    });

    it("finish with the lanes that people wait on, whatever a run did on the others", async () => {
      const [one, other] = numbersOf();
      const rules = rulesOf([one, other], [["GB"], ["US"]]);
      const id = await campaignOf(rules, [inRegion(send(1), "GB"), inRegion(send(2), "GB")]);
      await open().setLaneState(id, 0, "running", null, T0);
      const { claimed } = await open().turn(turn(id, { claim: 2 }));
      const record = claimed.map((claim, at) => answerTo(claim, accepted(at + 1)));
      await open().turn(turn(id, { record }));
      // The other number was never begun with.
      await open().setLaneState(id, 0, "finished", null, T0);
      expect((await recordOf(id)).state).toBe("finished");
      await open().setLaneState(id, 1, "stopped", null, T0, { why: "interrupted", goOnAt: null });
      expect((await recordOf(id)).state).toBe("finished");
    });
  });

  async function messageOf(id: number, row: number): Promise<string> {
    const { rows } = await open().outcomes(id, 0, 10);
    return rows.find((one) => one.row_number === row)?.message_id as string;
  }
}
