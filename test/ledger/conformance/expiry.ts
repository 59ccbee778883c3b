// What every ledger must do about the TTL. Part of the suite in ledger.conformance.ts.

import { describe, expect, it } from "vitest";
import { callbackKey } from "../../../src/domain/campaign/dispatch.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import { expireAll } from "../model/expiry.ts";
import { accepted, answerTo, planned, send, statuses, turn } from "./builders.ts";
import { story } from "./limit.ts";
import { receive, statusBody } from "./receipts.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A TTL of 12 hours, and one for the receipt. */
const HOURS_13 = 13 * HOUR;

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeTtl(open: () => Ledger): void {
  const keepTtl = (id: number, hours: number, now: number) =>
    open().keepFacts(id, { portfolio: null, ttlSeconds: hours * 3_600 }, now);

  /** Claims so many at an instant, and has all of them accepted. */
  async function post(id: number, count: number, now: number): Promise<void> {
    const { claimed } = await open().turn(turn(id, { now, claim: count }));
    const record = claimed.map((one) =>
      answerTo(one, accepted(one.row, { messageId: `ttl-${id}-${one.row}` }), { endedAt: now }),
    );
    await open().turn(turn(id, { now, record }));
  }

  const campaignOf = (people: number, lane: string) =>
    planned(
      open(),
      Array.from({ length: people }, (_, index) => send(index + 1)),
      lane,
    );

  async function sent(at: number, people: number, lane: string): Promise<number> {
    const id = await campaignOf(people, lane);
    await keepTtl(id, 12, at);
    await post(id, people, at);
    return id;
  }

  /** Rows of the campaign that are expired, after whatever is due anywhere was looked for. */
  async function expired(id: number, now: number): Promise<number[]> {
    await expireAll(open(), now);
    const all = Object.entries(await statuses(open(), id));
    return all.flatMap(([row, status]) => (status === "expired" ? [Number(row)] : []));
  }

  describe("the TTL", () => {
    const tell = (id: number, row: number, status: string, now: number, more: object = {}) => {
      const reported = { id: `ttl-${id}-${row}`, person: row, status, at: now, ...more };
      return receive(open(), [statusBody(reported)], now);
    };

    it("expires what was accepted or sent, once it has passed, and nothing else", async () => {
      const { at, business: lane } = story();
      const id = await sent(at, 5, lane);
      await tell(id, 2, "sent", at + 1_000);
      await tell(id, 3, "delivered", at + 1_000);
      await tell(id, 4, "failed", at + 1_000, { code: 131026 });
      expect(await expired(id, at + HOURS_13 - 1)).toEqual([]);
      expect(await expired(id, at + HOURS_13)).toEqual([1, 2, 5]);
      const expected = { 1: "expired", 2: "expired", 3: "delivered", 4: "failed", 5: "expired" };
      expect(await statuses(open(), id)).toEqual(expected);
    });

    it("lets a late receipt have the last word", async () => {
      const { at, business: lane } = story();
      const id = await sent(at, 3, lane);
      await tell(id, 1, "sent", at + 1_000);
      expect(await expired(id, at + DAY)).toEqual([1, 2, 3]);
      await tell(id, 1, "read", at + DAY);
      await tell(id, 2, "failed", at + DAY, { code: 131049 });
      expect(await statuses(open(), id)).toEqual({ 1: "read", 2: "failed", 3: "expired" });
    });

    it("expires nothing of a campaign that never had a receipt", async () => {
      const { at, business: lane } = story();
      const id = await sent(at, 2, lane);
      expect(await expired(id, at + 40 * DAY)).toEqual([]);
      await tell(id, 1, "delivered", at + 40 * DAY);
      expect(await expired(id, at + 40 * DAY)).toEqual([2]);
    });

    it("holds to the TTL of the time of sending, and to 30 days by the Cloud API", async () => {
      const { at, business: lane } = story();
      const id = await campaignOf(3, lane);
      const sendOne = async (now: number, hours: number) => {
        await keepTtl(id, hours, now);
        await post(id, 1, now);
      };
      await sendOne(at, 48);
      await sendOne(at + HOUR, 12);
      await sendOne(at + 2 * HOUR, 12);
      await tell(id, 3, "sent", at + 2 * HOUR, { category: "marketing" });
      expect(await expired(id, at + HOUR + HOURS_13 - 1)).toEqual([]);
      expect(await expired(id, at + HOUR + HOURS_13)).toEqual([2]);
      expect(await expired(id, at + 49 * HOUR)).toEqual([1, 2]);
      expect(await expired(id, at + 2 * HOUR + 30 * DAY + HOUR - 1)).toEqual([1, 2]);
      expect(await expired(id, at + 2 * HOUR + 30 * DAY + HOUR)).toEqual([1, 2, 3]);
    });

    it("settles by key what was unknown, and expires it from then on", async () => {
      const { at, business: lane } = story();
      const id = await campaignOf(1, lane);
      await keepTtl(id, 12, at);
      await open().turn(turn(id, { now: at, claim: 1 }));
      await open().recoverClaims(id, at);
      const key = callbackKey({ ledger: open().id, campaign: id, row: 1, attempt: 1 });
      await tell(id, 1, "sent", at + HOUR, { key });
      expect(await expired(id, at + HOURS_13)).toEqual([]);
      expect(await expired(id, at + HOUR + HOURS_13)).toEqual([1]);
    });
  });
}
