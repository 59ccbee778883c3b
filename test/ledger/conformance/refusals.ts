// What every ledger must do with refusals that say more than one row: a country that Meta refuses,
// a code that comes many times in a row, a fault of everybody that is reported by receipt, and the
// limit per person. Part of the suite in ledger.conformance.ts.

import { describe, expect, it } from "vitest";
import type { Claim } from "../../../src/domain/campaign/attempt.ts";
import { callbackKey } from "../../../src/domain/campaign/dispatch.ts";
import type { PlannedRow } from "../../../src/domain/campaign/row.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import {
  accepted,
  answerTo,
  personKey,
  phoneOf,
  planned,
  send,
  sendUser,
  skip,
  statuses,
  T0,
  turn,
} from "./builders.ts";
import { receive, statusBody } from "./receipts.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeRefusals(open: () => Ledger): void {
  let lanes = 0;
  const newLane = () => {
    lanes += 1;
    return `7${String(lanes).padStart(14, "0")}`;
  };
  const inRegion = (row: number, person: number, region: string | null): PlannedRow => ({
    ...send(row, person),
    region,
  });
  const claim = async (id: number, count = 100, now = T0): Promise<Claim[]> =>
    (await open().turn(turn(id, { claim: count, now }))).claimed;
  const campaignOf = async (id: number) =>
    (await open().listCampaigns()).find((one) => one.id === id);
  const failed = (code: string) => ({ to: "failed", code, message: "No." }) as const;
  const keyOf = (campaign: number, row: number, attempt = 1) =>
    callbackKey({ ledger: open().id, campaign, row, attempt });

  describe("a country that Meta refuses", () => {
    it("is held back from the next claim on, and the campaign goes on with the others", async () => {
      const ledger = open();
      const rows = [
        ...[1, 2, 3, 4].map((row) => inRegion(row, 600 + row, "IN")),
        ...[5, 6].map((row) => inRegion(row, 600 + row, "BR")),
        inRegion(7, 607, null),
        sendUser(8, "IN.608"),
      ];
      rows[7] = { ...(rows[7] as PlannedRow), region: "IN" };
      const id = await planned(ledger, rows, newLane());
      const [first, second] = await claim(id, 2);
      const record = [answerTo(first as Claim, failed("130497"), { refusesRegion: "IN" })];
      const release = [{ row: 2, attempt: (second as Claim).attempt }];
      const next = await ledger.turn(turn(id, { record, release, claim: 100 }));
      expect(next.claimed.map(({ row }) => row)).toEqual([5, 6, 7]);
      expect(next).toMatchObject({ suppressed: 4, drained: true, full: null });
      expect(await statuses(ledger, id)).toMatchObject({
        1: "failed",
        2: "skipped/refused_country",
        4: "skipped/refused_country",
        5: "claimed",
        8: "skipped/refused_country",
      });
      const [row] = (await ledger.outcomes(id, 1, 1)).rows;
      expect(row).toMatchObject({ error_message: expect.stringContaining("130497"), attempts: 0 });
      expect((await campaignOf(id))?.refusedRegions).toEqual(["IN"]);
      expect(await ledger.violations()).toEqual([]);
    });

    it("stays so for later runs, and is of one campaign", async () => {
      const ledger = open();
      const lane = newLane();
      const id = await planned(ledger, [inRegion(1, 611, "IN"), inRegion(2, 612, "IN")], lane);
      const [first] = await claim(id, 1);
      const record = [answerTo(first as Claim, failed("130497"), { refusesRegion: "IN" })];
      await ledger.turn(turn(id, { record }));
      await ledger.setState(id, "stopped", null, T0);
      expect(await claim(id)).toEqual([]);
      const other = await planned(ledger, [inRegion(1, 613, "IN")], lane);
      expect(await claim(other)).toHaveLength(1);
    });

    it("waits again when a person asks for it, with the same values, and an opt-out still counts", async () => {
      const ledger = open();
      const rows = [1, 2, 3].map((row) => inRegion(row, 620 + row, "IN"));
      const id = await planned(ledger, rows, newLane());
      const [first] = await claim(id, 1);
      const record = [answerTo(first as Claim, failed("130497"), { refusesRegion: "IN" })];
      await ledger.turn(turn(id, { record, claim: 9 }));
      await ledger.setState(id, "finished", null, T0);
      expect(await ledger.retry(id, ["131026"], T0)).toBe(0);
      expect(await statuses(ledger, id)).toMatchObject({ 2: "skipped/refused_country" });
      expect(await ledger.retry(id, ["131026", "130497"], T0)).toBe(3);
      expect(await statuses(ledger, id)).toEqual({ 1: "pending", 2: "pending", 3: "pending" });
      expect(await campaignOf(id)).toMatchObject({ state: "stopped", refusedRegions: [] });
      const entry = { phone: phoneOf(622), person: personKey(622), userId: null };
      await ledger.suppress([{ ...entry, reason: "asked", source: "manual" }], T0);
      const again = await claim(id);
      expect(again.map(({ row, attempt, values }) => [row, attempt, values])).toEqual([
        [1, 2, '["v1"]'],
        [3, 1, '["v3"]'],
      ]);
      expect(await statuses(ledger, id)).toMatchObject({ 2: "skipped/opted_out" });
      await ledger.unsuppress([{ person: personKey(622) }]);
    });

    it("gives the message to nobody twice whose other row was sent meanwhile", async () => {
      const ledger = open();
      const rows = [inRegion(1, 631, "IN"), inRegion(2, 632, "IN"), skip(3, "missing_value")];
      const id = await planned(ledger, rows, newLane());
      const [first] = await claim(id, 1);
      const record = [answerTo(first as Claim, failed("130497"), { refusesRegion: "IN" })];
      await ledger.turn(turn(id, { record, claim: 9 }));
      // The third row is fixed, and is the second one's person, by a number that is known as
      // another country's.
      await ledger.plan(id, [inRegion(3, 632, "GB")], T0);
      const [third] = await claim(id);
      await ledger.turn(turn(id, { record: [answerTo(third as Claim, accepted(3))] }));
      expect(await ledger.retry(id, ["130497"], T0)).toBe(1);
      expect(await statuses(ledger, id)).toEqual({
        1: "pending",
        2: "skipped/refused_country",
        3: "accepted",
      });
      expect(await ledger.violations()).toEqual([]);
    });

    it("is found out by receipt as well", async () => {
      const ledger = open();
      const lane = newLane();
      const rows = [1, 2, 3].map((row) => inRegion(row, 640 + row, row < 3 ? "IN" : "BR"));
      const id = await planned(ledger, rows, lane);
      const [first] = await claim(id, 1);
      await ledger.turn(
        turn(id, { record: [answerTo(first as Claim, accepted(1, { messageId: "r641" }))] }),
      );
      const reported = {
        status: "failed",
        id: "r641",
        key: keyOf(id, 1),
        code: 130497,
        number: lane,
      };
      await receive(ledger, [statusBody(reported)]);
      expect((await claim(id)).map(({ row }) => row)).toEqual([3]);
      expect(await statuses(ledger, id)).toMatchObject({
        1: "failed",
        2: "skipped/refused_country",
      });
      expect((await campaignOf(id))?.stop).toBeNull();
    });

    it("leaves nothing of a row that is erased", async () => {
      const ledger = open();
      const id = await planned(ledger, [inRegion(1, 651, "IN"), inRegion(2, 652, "IN")], newLane());
      const [first] = await claim(id, 1);
      const record = [answerTo(first as Claim, failed("130497"), { refusesRegion: "IN" })];
      await ledger.turn(turn(id, { record, claim: 9 }));
      const who = { person: personKey(652) };
      for (let after: number | null = null, isAny = true; isAny; isAny = after !== null) {
        after = (await ledger.forget(who, after, T0)).next;
      }
      expect(await ledger.retry(id, ["130497"], T0)).toBe(1);
      expect(await claim(id)).toHaveLength(1);
      expect(await ledger.violations()).toEqual([]);
    });
  });

  describe("a code that comes many times in a row", () => {
    it("is counted once for each halt, by its code", async () => {
      const ledger = open();
      const id = await planned(ledger, [send(1, 661)], newLane());
      const halt = { code: "132012", sentence: "Wrong." };
      await ledger.setState(id, "halted", { ...halt, isStreak: true }, T0);
      await ledger.setState(id, "running", halt, T0);
      await ledger.setState(id, "halted", { ...halt, isStreak: true }, T0);
      await ledger.setState(id, "halted", { code: "131042", sentence: "Pay." }, T0);
      const record = await campaignOf(id);
      expect(record?.streakHalts).toEqual({ 132012: 2 });
      expect(record?.halt).toEqual({ code: "131042", sentence: "Pay." });
    });

    it("by receipt halts, and bears ten times as many after it", async () => {
      const ledger = open();
      const lane = newLane();
      const rows = Array.from({ length: 130 }, (_, at) => send(at + 1, 670 + (at % 130)));
      const id = await planned(ledger, rows, lane);
      const claims = await claim(id, 130);
      const record = claims.map((one) =>
        answerTo(one, accepted(one.row, { messageId: `s${one.row}.${id}` })),
      );
      await ledger.turn(turn(id, { record }));
      const wrong = (from: number, to: number, at: number) =>
        rows.slice(from, to).map(({ row }) =>
          statusBody({
            status: "failed",
            id: `s${row}.${id}`,
            key: keyOf(id, row),
            code: 132012,
            number: lane,
            at,
          }),
        );
      await receive(ledger, wrong(0, 10, T0 + MINUTE), T0 + 2 * MINUTE);
      expect(await campaignOf(id)).toMatchObject({
        stop: {
          kind: "halted",
          code: "132012",
          sentence: expect.stringMatching(/10 times in a row/),
        },
        streakHalts: { 132012: 1 },
      });
      await receive(ledger, wrong(10, 25, T0 + MINUTE), T0 + 2 * MINUTE);
      expect((await campaignOf(id))?.streakHalts).toEqual({ 132012: 1 });
      await ledger.liftStop(id, "halted", T0 + 3 * MINUTE);
      await receive(ledger, wrong(25, 109, T0 + 4 * MINUTE), T0 + 5 * MINUTE);
      expect((await campaignOf(id))?.stop).toBeNull();
      await receive(ledger, wrong(109, 130, T0 + 4 * MINUTE), T0 + 5 * MINUTE);
      expect(await campaignOf(id)).toMatchObject({
        stop: { code: "132012" },
        streakHalts: { 132012: 2 },
      });
    });

    it("of a campaign that is over is no halt, and is not counted", async () => {
      const ledger = open();
      const lane = newLane();
      const rows = Array.from({ length: 12 }, (_, at) => send(at + 1, 810 + at));
      const id = await planned(ledger, rows, lane);
      const claims = await claim(id);
      await ledger.turn(
        turn(id, {
          record: claims.map((one) =>
            answerTo(one, accepted(one.row, { messageId: `o${one.row}.${id}` })),
          ),
        }),
      );
      await ledger.setState(id, "finished", null, T0);
      await receive(
        ledger,
        rows.map(({ row }) =>
          statusBody({
            status: "failed",
            id: `o${row}.${id}`,
            key: keyOf(id, row),
            code: 132012,
            number: lane,
          }),
        ),
      );
      expect(await campaignOf(id)).toMatchObject({
        state: "finished",
        stop: null,
        streakHalts: {},
      });
    });
  });

  describe("a fault of everybody that is reported by receipt", () => {
    const sentTo = async (people: readonly number[], lane: string): Promise<number> => {
      const ledger = open();
      const id = await planned(
        ledger,
        people.map((person, at) => send(at + 1, person)),
        lane,
      );
      const claims = await claim(id);
      const record = claims.map((one) =>
        answerTo(one, accepted(one.row, { messageId: `g${one.row}.${id}` })),
      );
      await ledger.turn(turn(id, { record }));
      return id;
    };

    it("holds whom it hit, whichever code it is, and leaves those failed who may be anybody", async () => {
      const ledger = open();
      const lane = newLane();
      const codes = [
        131042, 132015, 131048, 131031, 131037, 368, 190, 132001, 131000, 131016, 131026,
      ];
      const id = await sentTo(
        codes.map((_, at) => 840 + at),
        lane,
      );
      const reported = codes.map((code, at) =>
        statusBody({
          status: "failed",
          id: `g${at + 1}.${id}`,
          key: keyOf(id, at + 1),
          code,
          number: lane,
        }),
      );
      const applied = await receive(ledger, reported);
      expect(applied.held).toEqual(Object.fromEntries(codes.slice(0, 8).map((code) => [code, 1])));
      expect(applied.failed).toEqual({ 131000: 1, 131016: 1, 131026: 1 });
      expect((await ledger.tally(id)).counts).toEqual({ held: 8, failed: 3 });
    });

    it("holds whom it hit for a minute, halts, and lets the same people be claimed once more", async () => {
      const ledger = open();
      const lane = newLane();
      const id = await sentTo([821, 822], lane);
      await ledger.setState(id, "finished", null, T0);
      const reported = { id: `g1.${id}`, key: keyOf(id, 1), number: lane, at: T0 + MINUTE };
      const now = T0 + 2 * MINUTE;
      await receive(ledger, [statusBody({ ...reported, status: "failed", code: 131042 })], now);
      expect(await statuses(ledger, id)).toEqual({ 1: "held/131042", 2: "accepted" });
      expect(await campaignOf(id)).toMatchObject({ state: "stopped", stop: { code: "131042" } });
      expect(await claim(id, 9, now + 2 * MINUTE)).toEqual([]);
      await ledger.liftStop(id, "halted", now);
      expect(await claim(id, 9, now + MINUTE - 1)).toEqual([]);
      const again = await claim(id, 9, now + MINUTE);
      expect(again).toMatchObject([{ row: 1, attempt: 2, holds: 0, capped: 0 }]);
      await ledger.turn(
        turn(id, { record: [answerTo(again[0] as Claim, accepted(1, { messageId: "g1b" }))] }),
      );
      // Reported again, it is of the message before.
      const late = await receive(
        ledger,
        [statusBody({ ...reported, status: "failed", code: 131042 })],
        now,
      );
      expect(late.counts).toEqual({ failed: { superseded: 1 } });
      expect(await statuses(ledger, id)).toEqual({ 1: "accepted", 2: "accepted" });
    });

    it("sends to nobody again of whom a delivery is reported late", async () => {
      const ledger = open();
      const lane = newLane();
      const id = await sentTo([823], lane);
      const reported = { id: `g1.${id}`, key: keyOf(id, 1), number: lane, at: T0 + MINUTE };
      await receive(ledger, [statusBody({ ...reported, status: "failed", code: 131042 })]);
      await receive(ledger, [statusBody({ ...reported, status: "delivered" })]);
      expect(await statuses(ledger, id)).toEqual({ 1: "delivered" });
      await ledger.liftStop(id, "halted", T0 + DAY);
      expect(await claim(id, 9, T0 + DAY)).toEqual([]);
    });

    it("waits for the runner's own answer, and for a lost one of a later attempt it means nothing", async () => {
      const ledger = open();
      const lane = newLane();
      const id = await sentTo([824], lane);
      const reported = {
        id: `g1.${id}`,
        key: keyOf(id, 1),
        number: lane,
        at: T0 + MINUTE,
        status: "failed",
      };
      await receive(ledger, [statusBody({ ...reported, code: 131042 })]);
      await ledger.liftStop(id, "halted", T0 + DAY);
      expect(await claim(id, 9, T0 + DAY)).toHaveLength(1);
      const parked = await receive(ledger, [statusBody({ ...reported, code: 131031 })], T0 + DAY);
      expect(parked.counts).toEqual({ failed: { parked: 1 } });
      await ledger.recoverClaims(id, T0 + DAY);
      await ledger.processWebhookBodies({ limit: 9, now: T0 + DAY });
      expect(await statuses(ledger, id)).toEqual({ 1: "unknown" });
      expect(await claim(id, 9, T0 + 2 * DAY)).toEqual([]);
    });
  });

  describe("a failure that may be of either of two messages in doubt", () => {
    it("lets nobody be sent to again, and a delivery settles it all the same", async () => {
      const ledger = open();
      const lane = newLane();
      const id = await planned(ledger, [send(1, 951)], lane);
      for (const at of [T0, T0 + MINUTE]) {
        await claim(id, 1, at);
        await ledger.recoverClaims(id, at);
        if (at === T0) await ledger.resolveUnknown(id, "resend", at);
      }
      const reported = { id: "either", person: 951, number: lane, at: T0 + 2 * MINUTE };
      const now = T0 + 3 * MINUTE;
      for (const code of [131042, 131049, 131026]) {
        const applied = await receive(
          ledger,
          [statusBody({ ...reported, status: "failed", code })],
          now,
        );
        expect(applied.counts).toEqual({ failed: { superseded: 1 } });
      }
      expect(await statuses(ledger, id)).toEqual({ 1: "unknown" });
      expect((await campaignOf(id))?.stop).toBeNull();
      await receive(ledger, [statusBody({ ...reported, status: "delivered" })], now);
      expect(await statuses(ledger, id)).toEqual({ 1: "delivered" });
    });

    it("is taken for the one message that there is", async () => {
      const ledger = open();
      const lane = newLane();
      const id = await planned(ledger, [send(1, 952)], lane);
      await claim(id, 1, T0);
      await ledger.recoverClaims(id, T0);
      const reported = { id: "only", person: 952, number: lane, at: T0 + MINUTE };
      await receive(
        ledger,
        [statusBody({ ...reported, status: "failed", code: 131042 })],
        T0 + MINUTE,
      );
      expect(await statuses(ledger, id)).toEqual({ 1: "held/131042" });
    });
  });

  describe("the limit per person", () => {
    it("is borne as often as the campaign says, by reply and by receipt together", async () => {
      const ledger = open();
      const lane = newLane();
      const id = await planned(ledger, [send(1, 831)], lane);
      await ledger.keepCappedTries(id, 4);
      let now = T0;
      const [first] = await claim(id, 1, now);
      const held = { to: "held", until: now + DAY, reason: "131049", counts: "capped" } as const;
      await ledger.turn(turn(id, { record: [answerTo(first as Claim, held)] }));
      for (const [attempt, days] of [
        [2, 2],
        [3, 3],
      ] as const) {
        now += attempt * 2 * DAY;
        const [one] = await claim(id, 1, now);
        expect(one).toMatchObject({ attempt, capped: attempt - 1, holds: 0 });
        const messageId = `c${attempt}.${id}`;
        await ledger.turn(
          turn(id, { record: [answerTo(one as Claim, accepted(1, { messageId }))] }),
        );
        const reported = {
          status: "failed",
          id: messageId,
          key: keyOf(id, 1, attempt),
          code: 131049,
        };
        await receive(ledger, [statusBody({ ...reported, number: lane, at: now })], now);
        expect(await ledger.remaining(id)).toMatchObject({ held: 1, nextDueAt: now + days * DAY });
      }
      now += 9 * DAY;
      const [last] = await claim(id, 1, now);
      await ledger.turn(
        turn(id, { record: [answerTo(last as Claim, accepted(1, { messageId: `c4.${id}` }))] }),
      );
      const reported = {
        status: "failed",
        id: `c4.${id}`,
        key: keyOf(id, 1, 4),
        code: 131049,
        number: lane,
      };
      await receive(ledger, [statusBody({ ...reported, at: now })], now);
      expect(await statuses(ledger, id)).toEqual({ 1: "failed" });
      // On purpose, it begins again.
      expect(await ledger.retry(id, ["131049"], now)).toBe(1);
      expect(await claim(id, 1, now)).toMatchObject([{ attempt: 5, capped: 0 }]);
    });
  });
}
