// What every ledger must do, whatever database it stands on. An implementation calls this from a
// test of its own.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Claim, Next } from "../../../src/domain/campaign/attempt.ts";
import type { CampaignRecord } from "../../../src/domain/campaign/campaign.ts";
import type { KnownRow, PlannedRow } from "../../../src/domain/campaign/row.ts";
import type { Suppression } from "../../../src/domain/campaign/suppression.ts";
import type { Hold, HoldRequest, Ledger, Taken } from "../../../src/domain/ledger/ledger.ts";
import { runsOf } from "../../support/arbitraries.ts";
import { describeLedgerModel } from "../model/model.ts";
import { describeAccountEvents } from "./account-events.ts";
import { describeArms } from "./arms.ts";
import { describeBudget } from "./budget.ts";
import {
  accepted,
  answerTo,
  finish,
  personKey,
  phoneOf,
  planned,
  send,
  skip,
  statuses,
  T0,
  turn,
} from "./builders.ts";
import { describeFrequencyCap } from "./cap.ts";
import { describeConversions } from "./conversions.ts";
import { describeCosts } from "./costs.ts";
import { describeErasure } from "./erasure.ts";
import { describeTtl } from "./expiry.ts";
import { describeInbound } from "./inbound.ts";
import { describeInsights } from "./insights.ts";
import { describeLanes } from "./lanes.ts";
import { describeLanguages } from "./languages.ts";
import { describeLateAnswers } from "./late-answers.ts";
import { describeDailyLimit } from "./limit.ts";
import { describeLostAttempts } from "./lost.ts";
import { describeOrder } from "./order.ts";
import { describeRamp } from "./ramp.ts";
import { describeReceipts } from "./receipts.ts";
import { describeRefusals } from "./refusals.ts";
import { describeStops } from "./stops.ts";
import { describeUserIds } from "./user-ids.ts";
import { describeZones } from "./zones.ts";

/** A ledger under test, and how to get rid of it. */
export interface LedgerUnderTest {
  ledger: Ledger;
  dispose(): Promise<void>;
}

export interface LedgerSuiteOptions {
  /**
   * `turns`: leaves out what a ledger that only turns otherwise has in common with the one below
   * it, and its histories.
   */
  only?: "turns";
  /** The share of the random histories that is tried, 1 when left out: some ledgers are slow. */
  share?: number;
}

const FAILED: Next = { to: "failed", code: "131026", message: "Undeliverable" };
const held = (until: number): Next => ({ to: "held", until, reason: "marketing_limit" });

function stop(person: number | null, userId: string | null = null): Suppression {
  return {
    phone: person === null ? null : phoneOf(person),
    person: person === null ? null : personKey(person),
    userId,
    reason: "asked",
    source: "manual",
  };
}

/**
 * @param open makes an empty ledger
 */
export function describeLedger(
  name: string,
  open: () => Promise<LedgerUnderTest>,
  { only, share = 1 }: LedgerSuiteOptions = {},
): void {
  let under: LedgerUnderTest;
  let ledger: Ledger;
  const claim = async (campaign: number, count: number, now = T0): Promise<Claim[]> =>
    (await ledger.turn(turn(campaign, { claim: count, now }))).claimed;
  const end = (campaign: number, claims: Claim[], next: Next) =>
    ledger.turn(turn(campaign, { record: claims.map((one) => answerTo(one, next)) }));

  describe(name, () => {
    beforeAll(async () => {
      under = await open();
      ledger = under.ledger;
    });
    afterAll(async () => {
      expect(await ledger.violations()).toEqual([]);
      await under.dispose();
    });

    describe("campaigns", () => {
      it("keeps a campaign as it was created, planned and changed", async () => {
        const draft = {
          name: "one",
          lane: "1065",
          frozen: { a: [1, "x"] },
          columns: ["p"],
          now: T0,
        };
        const created = await ledger.createCampaign(draft);
        const { now, ...kept } = draft;
        expect(created).toMatchObject({ ...kept, changedAt: now, state: "planning", rows: 0 });
        expect(created).toMatchObject({ halt: null, recipients: null, createdAt: T0 });
        await expect(ledger.createCampaign(draft)).rejects.toThrow();
        await ledger.plan(created.id, [send(1), send(2)], T0);
        expect((await ledger.findCampaign("one"))?.rows).toBe(2);
        await finish(ledger, created.id, 2);
        const halt = { code: "190", sentence: "The token is no longer valid." };
        await ledger.setState(created.id, "halted", halt, T0 + 5);
        const after = await ledger.findCampaign("one");
        expect(after).toMatchObject({ state: "halted", halt, changedAt: T0 + 5, createdAt: T0 });
        expect(after?.recipients).toEqual({
          size: 100,
          modifiedMs: T0 + 0.5,
          sha256: "ab".repeat(32),
        });
        await ledger.setState(created.id, "running", null, T0 + 6);
        expect((await ledger.listCampaigns()).find((one) => one.name === "one")?.halt).toBeNull();
        expect(await ledger.findCampaign("none")).toBeUndefined();
      });

      it("keeps the text of the manifest beside what was frozen, also when that changes", async () => {
        const id = await planned(ledger, [send(1)]);
        const find = async () => (await ledger.listCampaigns()).find((one) => one.id === id);
        const { frozen } = (await find()) as CampaignRecord;
        expect(await find()).toMatchObject({ manifest: null, manifestText: null });
        await ledger.keepManifest(id, "/spring.yaml", {
          manifestText: "campaign: spring",
          manifestPolicy: { file: "/policy.yaml", text: "people_per_day: 5" },
        });
        const kept = {
          manifest: "/spring.yaml",
          manifestText: "campaign: spring",
          manifestPolicy: { file: "/policy.yaml", text: "people_per_day: 5" },
        };
        expect(await find()).toMatchObject(kept);
        await finish(ledger, id, 1);
        expect(await find()).toMatchObject(kept);
        expect((await find())?.frozen).toEqual(frozen);
        await ledger.keepManifest(id, "/spring.yaml", {
          manifestText: "campaign: summer",
          manifestPolicy: null,
        });
        expect(await find()).toMatchObject({
          ...kept,
          manifestText: "campaign: summer",
          manifestPolicy: null,
        });
      });

      it("keeps a plan, which stops the campaign until a person starts it", async () => {
        const id = await planned(ledger, [send(1), send(2)]);
        const find = async () => (await ledger.listCampaigns()).find((one) => one.id === id);
        await ledger.keepManifest(id, "/spring.yaml", {
          manifestText: "campaign: spring",
          manifestPolicy: null,
        });
        await ledger.keepPlan(id, { digest: "p1.one", startedBy: null }, T0);
        expect(await find()).toMatchObject({
          plan: { digest: "p1.one", startedBy: null },
          stop: { kind: "plan" },
          manifestText: "campaign: spring",
        });
        const refused = await ledger.turn(turn(id, { claim: 1 }));
        expect(refused).toMatchObject({ claimed: [], stop: { kind: "plan" } });
        expect(await ledger.startPlan(id, "p1.other", "live page")).toBe(false);
        expect(await find()).toMatchObject({ stop: { kind: "plan" } });
        expect(await ledger.startPlan(id, "p1.one", "live page")).toBe(true);
        expect(await ledger.startPlan(id, "p1.one", "command: anna")).toBe(false);
        await finish(ledger, id, 2);
        expect(await find()).toMatchObject({
          plan: { digest: "p1.one", startedBy: "live page" },
          stop: null,
          manifestText: "campaign: spring",
        });
        expect((await ledger.turn(turn(id, { claim: 1 }))).claimed).toHaveLength(1);
        await ledger.keepPlan(id, { digest: "p1.two", startedBy: "command: anna" }, T0);
        expect(await find()).toMatchObject({ plan: { digest: "p1.two" }, stop: null });
      });

      it("lists those that are not over, the oldest first", async () => {
        const [older, newer, over] = [
          await planned(ledger, [send(1)]),
          await planned(ledger, [send(1)]),
          await planned(ledger, [send(1)]),
        ];
        await ledger.cancel(over, T0);
        const open = (await ledger.listOpenCampaigns()).map(({ id }) => id);
        expect(open.filter((id) => id >= older)).toEqual([older, newer]);
      });

      it("is ready when planning is complete, and keeps another state", async () => {
        const id = await planned(ledger, [send(1)]);
        const find = async () => (await ledger.listCampaigns()).find((one) => one.id === id);
        expect((await find())?.state).toBe("ready");
        await ledger.setState(id, "stopped", null, T0);
        await finish(ledger, id, 1);
        expect((await find())?.state).toBe("stopped");
      });

      it("stays cancelled, whatever its runner says afterwards", async () => {
        const id = await planned(ledger, [send(1), send(2), skip(3, "us_number", 3)]);
        const [first] = await claim(id, 1);
        expect(await ledger.cancel(id, T0)).toBe(1);
        await ledger.setState(id, "stopped", null, T0);
        const record = [answerTo(first as Claim, held(T0 + 9))];
        const result = await ledger.turn(turn(id, { record, claim: 5 }));
        expect(result).toMatchObject({ claimed: [], drained: true, stale: 0 });
        expect(await statuses(ledger, id)).toEqual({
          1: "cancelled",
          2: "cancelled",
          3: "skipped/us_number",
        });
        await ledger.plan(id, [send(1), send(2), send(3)], T0);
        expect((await ledger.tally(id)).counts).toEqual({ cancelled: 3 });
        const state = (await ledger.listCampaigns()).find((one) => one.id === id)?.state;
        expect(state).toBe("cancelled");
      });
    });

    describe("planning", () => {
      it("tells what it has, a page at a time", async () => {
        const id = await planned(ledger, [send(1), skip(2, "ragged_row"), send(3), send(4)]);
        const known = (number: number, rest: Partial<KnownRow>) => ({
          ...{ number, place: number, line: number + 1, hash: number * 1_000_003 },
          ...{ userId: null, recipientId: null, ...rest },
        });
        expect(await ledger.knownRows(id, 1, 2)).toEqual([
          known(2, { person: null, status: "skipped", reason: "ragged_row" }),
          known(3, { person: Number(personKey(3)), status: "pending", reason: null }),
        ]);
        expect(await ledger.knownRows(id, 5, 100)).toEqual([]);
      });

      it("takes each person once, and later rows name the first", async () => {
        const id = await planned(ledger, [send(1, 7), send(2, 8), send(3, 7), send(4, 7)]);
        expect(await statuses(ledger, id)).toEqual({
          1: "pending",
          2: "pending",
          3: "skipped/duplicate",
          4: "skipped/duplicate",
        });
        const { rows: rejects } = await ledger.rejects(id, ["duplicate"], 0, 10);
        expect(rejects.map((one) => one.row)).toEqual([3, 4]);
        for (const one of rejects) expect(one.detail).toContain("row 1.");
      });

      it("takes a person again whose earlier row is skipped", async () => {
        const id = await planned(ledger, [skip(1, "missing_value", 7), send(2, 7)]);
        expect(await statuses(ledger, id)).toEqual({ 1: "skipped/missing_value", 2: "pending" });
      });

      it("takes the same person in another campaign", async () => {
        const id = await planned(ledger, [send(1, 7)]);
        expect(await statuses(ledger, id)).toEqual({ 1: "pending" });
      });

      it("skips who is on the suppression list", async () => {
        await ledger.suppress([stop(100)], T0);
        const id = await planned(ledger, [send(1, 100), send(2, 101), skip(3, "us_number", 100)]);
        expect(await statuses(ledger, id)).toEqual({
          1: "skipped/opted_out",
          2: "pending",
          3: "skipped/us_number",
        });
      });

      const again: [string, PlannedRow[], PlannedRow[], Record<number, string>][] = [
        ["the same rows", [send(1), send(2)], [send(1), send(2)], { 1: "pending", 2: "pending" }],
        ["a fixed row", [skip(1, "invalid_number")], [send(1)], { 1: "pending" }],
        ["a spoilt row", [send(1)], [skip(1, "ragged_row")], { 1: "skipped/ragged_row" }],
        [
          "another reason",
          [skip(1, "ragged_row")],
          [skip(1, "us_number", 4)],
          { 1: "skipped/us_number" },
        ],
        [
          "the file turned round",
          [send(1, 31), send(2, 32), send(3, 33)],
          [send(1, 33), send(2, 32), send(3, 31)],
          { 1: "pending", 2: "pending", 3: "pending" },
        ],
        [
          "a fixed row whose person a later row has",
          [skip(1, "invalid_number"), send(2, 31)],
          [send(1, 31)],
          { 1: "pending", 2: "skipped/duplicate" },
        ],
        [
          "a duplicate whose first row went to another person",
          [send(1, 31), send(2, 31)],
          [send(1, 32), send(2, 31)],
          { 1: "pending", 2: "pending" },
        ],
      ];
      for (const [title, before, after, expected] of again) {
        it(`plans again: ${title}`, async () => {
          const id = await planned(ledger, before);
          await ledger.plan(id, after, T0);
          expect(await statuses(ledger, id)).toEqual(expected);
          const claims = await claim(id, 10);
          const byRow = new Map(after.map((row) => [row.row, row.phone]));
          for (const one of claims) {
            if (byRow.has(one.row)) expect(one.phone).toBe(byRow.get(one.row));
          }
        });
      }

      it("leaves what was posted alone, and its person too", async () => {
        const id = await planned(ledger, [send(1, 41), send(2, 42), send(3, 43), send(4, 44)]);
        const [one, two, three] = await claim(id, 3);
        const record = [answerTo(one as Claim, accepted(1)), answerTo(two as Claim, FAILED)];
        await ledger.turn(turn(id, { record }));
        expect(three?.row).toBe(3);
        await ledger.plan(id, [send(1, 50), send(2, 51), send(3, 52), send(4, 41)], T0);
        expect(await statuses(ledger, id)).toEqual({
          1: "accepted",
          2: "failed",
          3: "claimed",
          4: "skipped/duplicate",
        });
        expect((await ledger.outcomes(id, 0, 1)).rows[0]?.phone).toBe(phoneOf(41));
      });

      it("keeps a hold for the same person, and drops it for another", async () => {
        const id = await planned(ledger, [send(1, 41), send(2, 42)]);
        await end(id, await claim(id, 2), held(T0 + 86_400_000));
        await ledger.plan(id, [send(1, 41, '["new"]'), send(2, 43)], T0);
        expect(await statuses(ledger, id)).toEqual({ 1: "held/marketing_limit", 2: "pending" });
        const due = await claim(id, 5, T0 + 86_400_000);
        expect(due.map((one) => [one.row, one.values, one.holds])).toEqual([
          [1, '["new"]', 1],
          [2, '["v2"]', 0],
        ]);
      });

      it("removes what an interrupted planning took from a longer file", async () => {
        const draft = { lane: "sandbox", frozen: {}, columns: ["phone"], now: T0 };
        const { id } = await ledger.createCampaign({ name: `shorter-${Math.random()}`, ...draft });
        await ledger.plan(id, [send(1), send(2), send(3), skip(4, "us_number", 4)], T0);
        await ledger.plan(id, [send(1), send(2)], T0);
        await finish(ledger, id, 2);
        expect(await statuses(ledger, id)).toEqual({ 1: "pending", 2: "pending" });
        expect((await ledger.listCampaigns()).find((one) => one.id === id)?.rows).toBe(2);
      });

      it("knows whose webhooks it is for: every number, every account, the sandbox not", async () => {
        const of = (lane: string, moreLanes: string[] = []) =>
          ledger.createCampaign({
            ...{ name: `sender-${Math.random()}`, frozen: {}, columns: ["phone"], now: T0 },
            ...{ lane, moreLanes },
          });
        const { id } = await of("3099000000001", ["3099000000002"]);
        await of("3099000000001");
        await of("sandbox");
        await ledger.keepFacts(id, { portfolio: null, ttlSeconds: 86_400, waba: "309977" }, T0);
        const { phoneNumbers, wabas } = await ledger.senders();
        expect(phoneNumbers.filter((one) => one.startsWith("3099"))).toEqual([
          "3099000000001",
          "3099000000002",
        ]);
        expect(phoneNumbers).not.toContain("sandbox");
        expect(wabas).toContain("309977");
        expect(new Set(wabas).size).toBe(wabas.length);
      });

      it("plans nothing and everything alike: an empty file, a batch of nothing", async () => {
        const id = await planned(ledger, []);
        await ledger.plan(id, [], T0);
        expect(await ledger.tally(id)).toMatchObject({ rows: 0, counts: {} });
        expect(await ledger.turn(turn(id, { claim: 5 }))).toMatchObject({ drained: true });
      });
    });

    describe("a turn", () => {
      it("claims in row order, no more than asked, each once", async () => {
        const id = await planned(ledger, [
          send(1),
          send(2),
          skip(3, "us_number", 3),
          send(4),
          send(5),
        ]);
        const first = await ledger.turn(turn(id, { claim: 3 }));
        const plain = { attempt: 1, userId: null, region: "GB", holds: 0, capped: 0 };
        expect(first.claimed).toEqual([
          { ...plain, row: 1, phone: phoneOf(1), values: '["v1"]' },
          { ...plain, row: 2, phone: phoneOf(2), values: '["v2"]' },
          { ...plain, row: 4, phone: phoneOf(4), values: '["v4"]' },
        ]);
        expect(first).toMatchObject({ drained: false, suppressed: 0, stale: 0 });
        const second = await ledger.turn(turn(id, { claim: 3 }));
        expect(second).toMatchObject({ claimed: [{ row: 5 }], drained: true });
        expect(await ledger.turn(turn(id, { claim: 3 }))).toMatchObject({ claimed: [] });
        expect(await ledger.remaining(id)).toEqual({
          pending: 0,
          claimed: 4,
          held: 0,
          nextDueAt: null,
          accepted: false,
        });
      });

      const ends: [string, Next, string, Record<string, unknown>][] = [
        [
          "accepted",
          accepted(1, { messageId: "wamid.X", messageStatus: "held_for_quality_assessment" }),
          "accepted",
          {
            message_id: "wamid.X",
            message_status: "held_for_quality_assessment",
            accepted_at: "2026-11-22T10:00:01.150Z",
            error_code: null,
          },
        ],
        ["pending", { to: "pending" }, "pending", { reason: null, attempts: 1 }],
        ["held", held(T0 + 60_000), "held", { reason: "marketing_limit", error_code: "131049" }],
        ["failed", FAILED, "failed", { error_code: "131026", error_message: "Undeliverable" }],
        ["unknown", { to: "unknown", message: "Cut." }, "unknown", { error_message: "Cut." }],
      ];
      for (const [title, next, status, fields] of ends) {
        it(`records ${title}`, async () => {
          const id = await planned(ledger, [send(1)]);
          const claims = await claim(id, 1);
          expect(await end(id, claims, next)).toMatchObject({ stale: 0 });
          const [row] = (await ledger.outcomes(id, 0, 1)).rows;
          expect(row).toMatchObject({
            status,
            attempts: 1,
            claimed_at: "2026-11-22T10:00:00.000Z",
            ...fields,
          });
          // The same answer a second time moves nothing and is kept all the same.
          expect(await end(id, claims, accepted(1))).toMatchObject({ stale: 1 });
          expect((await ledger.outcomes(id, 0, 1)).rows[0]).toEqual(row);
        });
      }

      it("gives due holds first, and none before its time", async () => {
        const id = await planned(ledger, [send(1), send(2), send(3), send(4), send(5)]);
        const [, two, three, four] = await claim(id, 4);
        const record = [
          answerTo(two as Claim, held(T0 + 3_000)),
          answerTo(three as Claim, held(T0 + 2_000)),
          answerTo(four as Claim, held(T0 + 9_000)),
        ];
        const result = await ledger.turn(turn(id, { record, claim: 5, now: T0 + 1_999 }));
        expect(result.claimed.map((one) => one.row)).toEqual([5]);
        expect(result.drained).toBe(true);
        expect(await ledger.remaining(id)).toEqual({
          pending: 0,
          claimed: 2,
          held: 3,
          nextDueAt: T0 + 2_000,
          accepted: false,
        });
        await ledger.turn(turn(id, { release: [{ row: 5, attempt: 1 }] }));
        const due = await claim(id, 5, T0 + 3_000);
        expect(due.map((one) => [one.row, one.attempt, one.holds])).toEqual([
          [2, 2, 1],
          [3, 2, 1],
          [5, 1, 0],
        ]);
      });

      it("counts a released claim as no attempt", async () => {
        const id = await planned(ledger, [send(1)]);
        await end(id, await claim(id, 1), { to: "pending" });
        const [again] = await claim(id, 1);
        expect(again?.attempt).toBe(2);
        await ledger.turn(turn(id, { release: [{ row: 1, attempt: 1 }] }));
        expect((await ledger.outcomes(id, 0, 1)).rows[0]).toMatchObject({ status: "claimed" });
        await ledger.turn(turn(id, { release: [{ row: 1, attempt: 2 }] }));
        expect((await ledger.outcomes(id, 0, 1)).rows[0]).toMatchObject({
          status: "pending",
          attempts: 1,
        });
      });

      it("keeps what a lane used", async () => {
        const id = await planned(ledger, []);
        expect(await ledger.pace("lane-1")).toBeUndefined();
        for (const pace of [
          { lane: "lane-1", usedUntil: T0 + 20.25, factor: 1 },
          { lane: "lane-1", usedUntil: T0 + 10, factor: 0.7 },
        ]) {
          await ledger.turn(turn(id, { pace }));
          expect(await ledger.pace("lane-1")).toEqual(pace);
        }
      });

      it("takes a lane as used until claims are recovered, of any campaign of it", async () => {
        const id = await planned(ledger, [send(1, 931)], "5005");
        const other = await planned(ledger, [send(1, 932)], "5005");
        const away = await planned(ledger, [send(1, 933)], "5006");
        await ledger.recoverClaims(id, T0 + 1);
        expect(await ledger.pace("5005")).toBeUndefined();
        await claim(id, 1);
        await ledger.recoverClaims(away, T0 + 2);
        expect(await ledger.pace("5006")).toBeUndefined();
        expect(await ledger.recoverClaims(other, T0 + 3)).toBe(0);
        expect(await ledger.pace("5005")).toEqual({ lane: "5005", usedUntil: T0 + 3, factor: 1 });
        expect(await ledger.recoverClaims(id, T0 + 2)).toBe(1);
        expect(await ledger.pace("5005")).toMatchObject({ usedUntil: T0 + 3 });
        await ledger.recoverClaims(id, T0 + 9);
        expect(await ledger.pace("5005")).toMatchObject({ usedUntil: T0 + 3 });
      });

      it("changes nothing at all when a part of it is impossible", async () => {
        const id = await planned(ledger, [send(1), send(2)]);
        const claims = await claim(id, 1);
        const record = [
          answerTo(claims[0] as Claim, accepted(1)),
          answerTo({ row: 99, attempt: 1 }, FAILED),
        ];
        await expect(ledger.turn(turn(id, { record, claim: 1 }))).rejects.toThrow();
        expect(await statuses(ledger, id)).toEqual({ 1: "claimed", 2: "pending" });
      });

      it("lives with a clock that was set back", async () => {
        const id = await planned(ledger, [send(1)]);
        const claims = await claim(id, 1, T0 + 3_600_000);
        const early = answerTo(claims[0] as Claim, accepted(1), { startedAt: 5, endedAt: 4 });
        expect(await ledger.turn(turn(id, { now: 1, record: [early] }))).toMatchObject({
          stale: 0,
        });
        expect(await statuses(ledger, id)).toEqual({ 1: "accepted" });
      });
    });

    describe("the number of a turn", () => {
      it("goes up on its lane with each turn that claims, and with no other", async () => {
        const id = await planned(ledger, [send(1, 901), send(2, 902), send(3, 903)], "5001");
        const other = await planned(ledger, [send(1, 904)], "5002");
        const numbers: (number | null)[] = [];
        for (const [campaign, claim] of [
          [id, 1],
          [id, 0],
          [other, 1],
          [id, 1],
          [other, 1],
          [id, 5],
        ] as const) {
          numbers.push((await ledger.turn(turn(campaign, { claim }))).number);
        }
        expect(numbers).toEqual([1, null, 1, 2, null, 3]);
        expect(await ledger.turnNumbers()).toMatchObject({ 5001: 3, 5002: 1 });
        expect(await ledger.pace("5001")).toBeUndefined();
      });

      it("is raised, and never lowered", async () => {
        const id = await planned(ledger, [send(1, 911)], "5003");
        await ledger.raiseTurnNumbers({ 5003: 40, 5004: 7 });
        await ledger.raiseTurnNumbers({ 5003: 12 });
        expect(await ledger.turnNumbers()).toMatchObject({ 5003: 40, 5004: 7 });
        expect((await ledger.turn(turn(id, { claim: 1 }))).number).toBe(41);
      });
    });

    describe("suppression", () => {
      it("is looked at in the claim, for pending and for held", async () => {
        const id = await planned(ledger, [send(1, 201), send(2, 202), send(3, 203), send(4, 204)]);
        await end(id, await claim(id, 1), held(T0));
        await ledger.suppress([stop(201), stop(203)], T0);
        const result = await ledger.turn(turn(id, { claim: 2 }));
        expect(result.claimed.map((one) => one.row)).toEqual([2, 4]);
        expect(result.suppressed).toBe(2);
        expect(await statuses(ledger, id)).toEqual({
          1: "skipped/opted_out",
          2: "claimed",
          3: "skipped/opted_out",
          4: "claimed",
        });
      });

      it("follows from an answer, at once and in every campaign", async () => {
        const one = await planned(ledger, [send(1, 211)]);
        const two = await planned(ledger, [send(1, 211), send(2, 212)]);
        const claims = await claim(one, 1);
        const record = claims.map((each) =>
          answerTo(each, FAILED, { suppress: { reason: "opted out at Meta" } }),
        );
        await ledger.turn(turn(one, { record }));
        expect((await claim(two, 5)).map((each) => each.row)).toEqual([2]);
        const listed = (await ledger.suppressions(0, 1_000)).at(-1);
        expect(listed).toMatchObject({
          phone: phoneOf(211),
          source: "reply",
          reason: "opted out at Meta",
        });
      });

      for (const order of ["before", "after"] as const) {
        it(`stops the other number of an account, put on the list ${order} it is learned`, async () => {
          const own = order === "before" ? 221 : 223;
          const other = own + 1;
          const first = await planned(ledger, [send(1, own)]);
          const later = await planned(ledger, [send(1, own), send(2, other)]);
          if (order === "before") await ledger.suppress([stop(other)], T0);
          await end(first, await claim(first, 1), accepted(1, { waId: personKey(other) }));
          if (order === "after") await ledger.suppress([stop(own)], T0);
          expect(await claim(later, 5)).toEqual([]);
          // Taking either off the list frees both.
          await ledger.unsuppress([{ person: personKey(own) }]);
          await ledger.plan(later, [send(1, own), send(2, other)], T0);
          expect((await claim(later, 5)).map((each) => each.row)).toEqual([1, 2]);
        });

        it(`stops whom a user id stands for, put on the list ${order} it is learned`, async () => {
          const person = order === "before" ? 231 : 232;
          const userId = `GB.${person}`;
          const first = await planned(ledger, [send(1, person)]);
          const later = await planned(ledger, [send(1, person)]);
          if (order === "before") await ledger.suppress([stop(null, userId)], T0);
          await end(first, await claim(first, 1), accepted(1, { userId }));
          if (order === "after") await ledger.suppress([stop(null, userId)], T0);
          expect(await claim(later, 5)).toEqual([]);
          expect(await ledger.unsuppress([{ userId }])).toBe(1);
        });
      }

      it("leaves an entry that is there as it is, and learns from both its halves", async () => {
        expect(await ledger.suppress([stop(241), stop(241), stop(null, "GB.241")], T0)).toBe(2);
        const before = (await ledger.suppressions(0, 1_000)).filter(
          (one) => one.phone === phoneOf(241),
        );
        const changed = { ...stop(241), reason: "other", source: "file.csv" };
        expect(await ledger.suppress([changed], T0 + 1)).toBe(0);
        const after = (await ledger.suppressions(0, 1_000)).filter(
          (one) => one.phone === phoneOf(241),
        );
        expect(after).toEqual(before);
        expect(after).toMatchObject([
          { reason: "asked", source: "manual", addedAt: T0, userId: null },
        ]);
        await ledger.suppress([stop(null, "GB.242")], T0);
        expect(await ledger.suppress([stop(242, "GB.242")], T0)).toBe(0);
        const id = await planned(ledger, [send(1, 242)]);
        expect(await statuses(ledger, id)).toEqual({ 1: "skipped/opted_out" });
      });

      it("lists in pages and removes by person", async () => {
        await ledger.suppress([stop(251), stop(252), stop(253)], T0);
        const all = await ledger.suppressions(0, 1_000);
        const pages = [];
        for (let after = 0; ; ) {
          const page = await ledger.suppressions(after, 2);
          pages.push(...page);
          const last = page.at(-1);
          if (last === undefined) break;
          after = last.id;
        }
        expect(pages).toEqual(all);
        const keys = [{ person: personKey(251) }, { person: personKey(252) }, { person: "999" }];
        expect(await ledger.unsuppress(keys)).toBe(2);
        expect(await ledger.suppressions(0, 1_000)).toHaveLength(all.length - 2);
      });

      it("passes over a long stretch of suppressed people in the same turn", async () => {
        const rows = Array.from({ length: 300 }, (_, index) => send(index + 1, 500 + index));
        const id = await planned(ledger, rows);
        const list = Array.from({ length: 299 }, (_, index) => stop(500 + index));
        await ledger.suppress(list, T0);
        const result = await ledger.turn(turn(id, { claim: 2 }));
        expect(result).toMatchObject({ suppressed: 299, drained: true, claimed: [{ row: 300 }] });
        await ledger.unsuppress(list.map((one) => ({ person: one.person as string })));
      });
    });

    describe("decisions", () => {
      it("recovers claims as unknown, and an answer that comes late is kept", async () => {
        const id = await planned(ledger, [send(1), send(2)]);
        const claims = await claim(id, 1);
        expect(await ledger.recoverClaims(id, T0 + 7)).toBe(1);
        expect(await ledger.recoverClaims(id, T0 + 8)).toBe(0);
        expect(await statuses(ledger, id)).toEqual({ 1: "unknown", 2: "pending" });
        expect(await end(id, claims, accepted(1))).toMatchObject({ stale: 1 });
        expect(await statuses(ledger, id)).toEqual({ 1: "unknown", 2: "pending" });
      });

      it("resolves unknown both ways", async () => {
        const id = await planned(ledger, [send(1)]);
        await claim(id, 1);
        await ledger.recoverClaims(id, T0);
        expect(await ledger.resolveUnknown(id, "resend", T0)).toBe(1);
        const claims = await claim(id, 1);
        expect(claims[0]?.attempt).toBe(2);
        await end(id, claims, { to: "unknown", message: "Cut." });
        expect(await ledger.resolveUnknown(id, "give-up", T0)).toBe(1);
        const [row] = (await ledger.outcomes(id, 0, 1)).rows;
        expect(row).toMatchObject({ status: "failed", error_code: "given_up", attempts: 2 });
        expect(row?.failed_at).toBe("2026-11-22T10:00:00.000Z");
      });

      it("lets a finished campaign go on in which a person waits again", async () => {
        const id = await planned(ledger, [send(1), send(2)]);
        const [one] = await claim(id, 1);
        await end(id, [one as Claim], FAILED);
        await claim(id, 1);
        await ledger.recoverClaims(id, T0);
        const stateOf = async () =>
          (await ledger.listCampaigns()).find((each) => each.id === id)?.state;
        await ledger.setState(id, "finished", null, T0);
        expect(await ledger.retry(id, ["999"], T0)).toBe(0);
        expect(await stateOf()).toBe("finished");
        expect(await ledger.retry(id, [FAILED.to === "failed" ? FAILED.code : ""], T0)).toBe(1);
        expect(await stateOf()).toBe("stopped");
        expect(await ledger.violations()).toEqual([]);
        await end(id, await claim(id, 1), FAILED);
        await ledger.setState(id, "finished", null, T0);
        expect(await ledger.resolveUnknown(id, "resend", T0)).toBe(1);
        expect(await stateOf()).toBe("stopped");
        // The runner that ended it may write that down only now.
        await ledger.setState(id, "finished", null, T0);
        expect(await stateOf()).toBe("stopped");
        expect(await ledger.violations()).toEqual([]);
      });

      it("retries failures of the codes that were named", async () => {
        const id = await planned(ledger, [send(1), send(2), send(3)]);
        const [one, two, three] = await claim(id, 3);
        const other: Next = { to: "failed", code: "131049", message: "Limit" };
        const record = [
          answerTo(one as Claim, FAILED),
          answerTo(two as Claim, other),
          answerTo(three as Claim, accepted(3)),
        ];
        await ledger.turn(turn(id, { record }));
        expect(await ledger.retry(id, ["131049", "7"], T0)).toBe(1);
        expect(await statuses(ledger, id)).toEqual({ 1: "failed", 2: "pending", 3: "accepted" });
        expect((await ledger.outcomes(id, 1, 1)).rows[0]).toMatchObject({
          error_code: null,
          attempts: 1,
        });
        expect((await claim(id, 5)).map((each) => [each.row, each.attempt])).toEqual([[2, 2]]);
      });

      it("ends a campaign: what was held has failed, what was never tried is cancelled", async () => {
        const id = await planned(ledger, [send(1), send(2), send(3)]);
        const [one] = await claim(id, 2);
        await ledger.turn(turn(id, { record: [answerTo(one as Claim, held(T0 + 9))] }));
        expect(await ledger.endCampaign(id, T0)).toBe(2);
        expect(await statuses(ledger, id)).toEqual({
          1: "failed",
          2: "claimed",
          3: "cancelled",
        });
        expect((await ledger.tally(id)).reasons).toEqual({ campaign_over: 1 });
      });
    });

    describe("reading", () => {
      it("tallies", async () => {
        const rows = [
          send(1),
          send(2),
          send(3),
          send(4),
          skip(5, "us_number", 5),
          skip(6, "us_number"),
        ];
        const id = await planned(ledger, rows);
        const [one, two, three] = await claim(id, 3);
        const record = [
          answerTo(one as Claim, accepted(1)),
          answerTo(two as Claim, FAILED),
          answerTo(three as Claim, held(T0 + 9)),
        ];
        await ledger.turn(turn(id, { record }));
        expect(await ledger.tally(id)).toEqual({
          rows: 6,
          counts: { accepted: 1, failed: 1, held: 1, pending: 1, skipped: 2 },
          reasons: { us_number: 2, "131026": 1, marketing_limit: 1 },
          failures: { "131026": 1 },
          messageStatuses: { accepted: 1 },
          withoutReceipt: { accepted: 1 },
          regions: { GB: 4 },
          holds: [{ reason: "marketing_limit", number: 1, nextAt: T0 + 9, lastAt: T0 + 9 }],
          zones: [],
          money: {
            waiting: [{ region: "GB", price: null, people: 2 }],
            planned: 0,
            reserved: 0,
            delivered: [],
            besides: [],
          },
          reached: {
            toSend: 4,
            sentTo: 3,
            accepted: 1,
            delivered: 0,
            read: 0,
            clicked: 0,
            firstClaimAt: T0,
            lastAcceptedAt: T0 + 1_150,
            sendingMs: 1_150,
          },
          optOuts: { people: 0, byWay: {} },
        });
      });

      it("counts as time of sending no minute in which Meta took no message", async () => {
        const id = await planned(ledger, [send(1), send(2), send(3)]);
        const pause = 3 * 3_600_000;
        for (const [row, at] of [T0, T0 + 1_000, T0 + pause].entries()) {
          await ledger.turn(turn(id, { claim: 1, now: at }));
          const claim = { row: row + 1, attempt: 1 };
          const answered = answerTo(claim, accepted(row), { startedAt: at, endedAt: at + 500 });
          await ledger.turn(turn(id, { record: [answered], now: at + 500 }));
        }
        const { firstClaimAt, lastAcceptedAt, sendingMs } = (await ledger.tally(id)).reached;
        expect((lastAcceptedAt ?? 0) - (firstClaimAt ?? 0)).toBe(pause + 500);
        expect(sendingMs).toBeLessThanOrEqual(120_000);
      });

      it("keeps what names a row for good, in outcomes and in a person's history", async () => {
        const named = (row: number, id: string | null) => ({ ...send(row), recipientId: id });
        const rows = Array.from({ length: 60 }, (_, at) => named(at + 1, `c-${at + 1}`));
        const id = await planned(ledger, [...rows, named(61, null)]);
        const { rows: outcomes } = await ledger.outcomes(id, 0, 100);
        const ids = outcomes.map((row) => row.recipient_id);
        expect(ids).toEqual([...rows.map((row) => row.recipientId), null]);
        const history = await ledger.historyOf({ phone: phoneOf(7) });
        const mine = history.dispatches.find((one) => one.recipientId === "c-7");
        expect(mine).toMatchObject({ row: 7 });
      });

      it("pages outcomes and rejects in row order", async () => {
        const id = await planned(ledger, [
          skip(1, "invalid_number"),
          send(2),
          skip(3, "ragged_row"),
          skip(4, "us_number", 4),
          skip(5, "invalid_number"),
        ]);
        expect((await ledger.outcomes(id, 2, 2)).rows.map((row) => row.row_number)).toEqual([3, 4]);
        expect((await ledger.outcomes(id, 0, 1)).rows[0]).toMatchObject({
          campaign: expect.stringMatching(/^campaign-/),
          phone: null,
          region: null,
          error_message: "Row 1 is skipped: invalid_number.",
        });
        const { rows: page } = await ledger.rejects(id, ["invalid_number", "ragged_row"], 1, 10);
        expect(page).toEqual([
          {
            ...{ number: 3, row: 3, line: 4, hash: 3000009 },
            reason: "ragged_row",
            detail: expect.any(String),
            cells: ["raw", "3"],
          },
          {
            ...{ number: 5, row: 5, line: 6, hash: 5000015 },
            reason: "invalid_number",
            detail: expect.any(String),
            cells: ["raw", "5"],
          },
        ]);
      });
    });

    describe("answers of Meta", () => {
      it("are kept by kind and key, until they are too old", async () => {
        await ledger.keepCached("facts", { key: "a", value: { b: [1] }, at: 10 }, 0);
        await ledger.keepCached("facts", { key: "a", value: null, at: 20 }, 10);
        await ledger.keepCached("uploads", { key: "a", value: "x", at: 1 }, 0);
        expect(await ledger.cached("facts")).toEqual([{ key: "a", value: null, at: 20 }]);
        await ledger.keepCached("facts", { key: "c", value: 1, at: 40 }, 21);
        // The clock was put back.
        await ledger.keepCached("facts", { key: "d", value: 2, at: 39 }, 20);
        expect((await ledger.cached("facts")).map(({ key }) => key)).toEqual(["d"]);
        await ledger.dropCached("facts");
        expect(await ledger.cached("facts")).toEqual([]);
        expect(await ledger.cached("uploads")).toEqual([{ key: "a", value: "x", at: 1 }]);
      });
    });

    describe("a hold", () => {
      const who = { pid: 1, host: "h", since: T0 };
      const one = { ...who, campaign: "c", lanes: ["l"] };
      const held = async (request: HoldRequest): Promise<Hold> => {
        const hold = await ledger.hold(request);
        if (hold.kind === "busy") throw new Error("expected to hold");
        return hold;
      };
      const takenOf = (of: Taken["of"], name: string, by: { campaign: string }) => {
        const lane = of === "lane" ? name : null;
        return { of, name, by: { ...who, campaign: by.campaign, lane } };
      };

      it("is for one at a time, by list and by lane, and leaves nothing taken when refused", async () => {
        const mine = await held(one);
        const sameCampaign = await ledger.hold({ ...one, lanes: ["l2"] });
        expect(sameCampaign).toEqual({ kind: "busy", taken: [takenOf("list", "c", one)] });
        const sameLane = await ledger.hold({ ...one, campaign: "c2" });
        expect(sameLane).toEqual({ kind: "busy", taken: [takenOf("lane", "l", one)] });
        // Who plans needs no lane.
        await (await held({ ...who, campaign: "c3", lanes: [] })).release();
        await (await held({ ...one, campaign: "c2", lanes: ["l2"] })).release();
        await mine.release();
        await (await held(one)).release();
      });

      it("gets the lanes that are free, and its parts can be given back one by one", async () => {
        const two = { ...one, lanes: ["l", "l2", "l3"] };
        const mine = await held(one);
        await mine.releaseList();
        const others = await held(two);
        expect(others).toMatchObject({ lanes: ["l2", "l3"], taken: [takenOf("lane", "l", one)] });
        expect(await ledger.heldBy(two)).toEqual([
          takenOf("list", "c", two),
          takenOf("lane", "l", one),
          takenOf("lane", "l2", two),
          takenOf("lane", "l3", two),
        ]);
        expect(await others.take(["l"])).toEqual([takenOf("lane", "l", one)]);
        await mine.release();
        expect(await others.take(["l"])).toEqual([]);
        await others.releaseLanes(["l", "l2"]);
        expect((await ledger.heldBy(two)).map(({ name }) => name)).toEqual(["c", "l3"]);
        await others.releaseList();
        await (await held({ ...one, lanes: ["l2"] })).release();
        await others.release();
        expect(await ledger.heldBy(two)).toEqual([]);
      });
    });

    describeStops(() => ledger);
    if (only === "turns") return;
    describeReceipts(() => ledger);
    describeInbound(() => ledger);

    describeLostAttempts(() => ledger);
    describeInsights(() => ledger);
    describeAccountEvents(() => ledger);
    describeUserIds(() => ledger, runsOf(80 * share));
    describeLanes(() => ledger);
    describeOrder(() => ledger);
    describeZones(() => ledger);
    describeLanguages(() => ledger);
    describeRamp(() => ledger);
    describeArms(() => ledger);
    describeConversions(() => ledger);
    describeLateAnswers(() => ledger);
    describeRefusals(() => ledger);
    describeDailyLimit(() => ledger, runsOf(60 * share));
    describeFrequencyCap(() => ledger, runsOf(30 * share));
    describeBudget(() => ledger, runsOf(60 * share));
    describeCosts(() => ledger);
    describeTtl(() => ledger);
    describeLedgerModel(() => ledger, runsOf(80 * share));
    describe("erasing people", () => describeErasure(open, runsOf(40 * share)));
  });
}
