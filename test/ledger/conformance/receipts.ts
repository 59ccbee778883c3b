// What every ledger must do with webhook deliveries: keep them, apply each once, settle what was in
// doubt, honour opt-outs. Part of the suite in ledger.conformance.ts.

import { describe, expect, it } from "vitest";
import type { Claim, Next } from "../../../src/domain/campaign/attempt.ts";
import { callbackKey } from "../../../src/domain/campaign/dispatch.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import type { Applied } from "../../../src/domain/receipts/processing.ts";
import type { OutcomeRow } from "../../../src/domain/result/outcome-row.ts";
import {
  accepted,
  answerTo,
  personKey,
  phoneOf,
  planned,
  send,
  statuses,
  T0,
  turn,
} from "./builders.ts";

/**
 * Lane of the campaigns here; other tests on the same ledger use `sandbox`, which sends from any
 * number.
 */
const NUMBER = "106540352242922";
const MINUTE = 60_000;
const DAY = 86_400_000;

export interface StatusOptions {
  status: string;
  id: string;
  person?: number;
  /** The callback key, as text. */
  key?: string;
  at?: number;
  code?: number;
  userId?: string;
  waId?: string;
  category?: string;
  /** `pricing.cost`, in the currency's unit. */
  cost?: { amount: unknown; currency?: string };
  number?: string;
}

/** The body of a status webhook. */
export function statusBody(options: StatusOptions): string {
  const {
    status,
    id,
    person,
    key,
    at = T0 + 2_000,
    code,
    userId,
    category,
    cost,
    number,
  } = options;
  const waId = options.waId ?? (person === undefined ? undefined : personKey(person));
  return bodyOf(
    {
      statuses: [
        {
          id,
          status,
          timestamp: String(Math.floor(at / 1_000)),
          recipient_id: waId,
          recipient_user_id: userId,
          biz_opaque_callback_data: key,
          pricing:
            category || cost
              ? { category, type: "regular", pricing_model: "PMP", cost }
              : undefined,
          errors: code && [{ code, title: "Title", error_data: { details: "Details." } }],
        },
      ],
    },
    number,
  );
}

function preferenceBody(value: "stop" | "resume", at: number, who: object): string {
  const one = { ...who, value, category: "marketing_messages", timestamp: Math.floor(at / 1_000) };
  return bodyOf({ user_preferences: [one] });
}

export function inboundBody(message: object, at = T0, number = NUMBER): string {
  return bodyOf({ messages: [{ timestamp: String(Math.floor(at / 1_000)), ...message }] }, number);
}

function bodyOf(value: object, number = NUMBER): string {
  const whole = { ...value, metadata: { phone_number_id: number } };
  const changes = [{ field: "messages", value: whole }];
  return JSON.stringify({ object: "whatsapp_business_account", entry: [{ id: "1", changes }] });
}

/** Keeps the bodies and applies all that waits; the sum of it. */
export async function receive(
  ledger: Ledger,
  bodies: string[],
  now = T0 + 3_000,
): Promise<Applied> {
  const deliveries = bodies.map((body) => ({ body, receivedAt: now, source: "webhook" }));
  await ledger.storeWebhookBodies(deliveries);
  return ledger.processWebhookBodies({ limit: 10_000, now });
}

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeReceipts(open: () => Ledger): void {
  const keyOf = (campaign: number, row: number, attempt = 1): string =>
    callbackKey({ ledger: open().id, campaign, row, attempt });
  const claim = async (id: number, count = 10, now = T0): Promise<Claim[]> =>
    (await open().turn(turn(id, { claim: count, now }))).claimed;
  const end = (id: number, claims: Claim[], next: Next) =>
    open().turn(turn(id, { record: claims.map((one) => answerTo(one, next)) }));
  const rowOf = async (id: number, row = 1): Promise<OutcomeRow> =>
    (await open().outcomes(id, row - 1, 1)).rows[0] as OutcomeRow;

  /** A campaign of one person, whose message was accepted under this id. */
  async function sent(person: number, messageId: string, lane = NUMBER): Promise<number> {
    const id = await planned(open(), [send(1, person)], lane);
    await end(id, await claim(id), accepted(1, { messageId }));
    return id;
  }

  /** A campaign of one person, whose answer was lost. */
  async function lost(person: number, lane = NUMBER, at = T0): Promise<number> {
    const id = await planned(open(), [send(1, person)], lane);
    await claim(id, 10, at);
    await open().recoverClaims(id, at);
    return id;
  }

  describe("deliveries", () => {
    it("are kept as they came, and applied once, in order, some at a time", async () => {
      const ledger = open();
      const id = await sent(301, "w301");
      const before = await ledger.receiptTotals();
      const bodies = ["sent", "delivered", "read"].map((status) =>
        statusBody({ status, id: "w301", key: keyOf(id, 1) }),
      );
      await ledger.storeWebhookBodies(
        bodies.map((body) => ({ body, receivedAt: T0, source: "webhook" })),
      );
      expect(await ledger.receiptTotals()).toMatchObject({
        bodies: before.bodies + 3,
        waiting: 3,
      });
      const first = await ledger.processWebhookBodies({ limit: 2, now: T0 + 5_000 });
      expect(first).toMatchObject({ bodies: 2, more: true });
      expect((await rowOf(id)).status).toBe("delivered");
      const second = await ledger.processWebhookBodies({ limit: 2, now: T0 + 5_000 });
      expect(second).toEqual({
        bodies: 1,
        counts: { read: { applied: 1 } },
        settled: 0,
        lost: 0,
        optOuts: 0,
        lifted: 0,
        failed: {},
        held: {},
        more: false,
      });
      const third = await ledger.processWebhookBodies({ limit: 2, now: T0 + 5_000 });
      expect(third).toMatchObject({ bodies: 0, counts: {}, more: false });
      expect(await ledger.receiptTotals()).toMatchObject({ waiting: 0 });
    });

    it("change nothing when they come again", async () => {
      const ledger = open();
      const id = await sent(302, "w302");
      const bodies = [
        statusBody({ status: "delivered", id: "w302", key: keyOf(id, 1), category: "marketing" }),
        statusBody({ status: "sent", id: "w302", person: 302, at: T0 + 1_000 }),
        preferenceBody("stop", T0, { wa_id: personKey(302) }),
      ];
      await receive(ledger, bodies);
      const row = await rowOf(id);
      expect(row).toMatchObject({
        status: "delivered",
        path: "marketing",
        sent_at: "2026-11-22T10:00:01.000Z",
        delivered_at: "2026-11-22T10:00:02.000Z",
        read_at: null,
      });
      const again = await receive(ledger, bodies);
      expect(again).toMatchObject({ settled: 0, optOuts: 0, lifted: 0 });
      expect(again.counts).toEqual({
        delivered: { repeated: 1 },
        sent: { repeated: 1 },
        stop: { repeated: 1 },
      });
      expect(await rowOf(id)).toEqual(row);
    });

    it("that are not ours, not known or not JSON are kept, counted, and change nothing", async () => {
      const ledger = open();
      const id = await sent(303, "w303");
      const row = await rowOf(id);
      const other = { status: "read", person: 303, id: "w303" };
      const result = await receive(ledger, [
        "not JSON",
        "[]",
        JSON.stringify({ object: "instagram", entry: [] }),
        JSON.stringify({ object: "whatsapp_business_account", entry: [] }),
        statusBody({ ...other, id: "w303.a", key: `mm1.another.${id}.1.1` }),
        statusBody({ ...other, id: "w303.b", key: "order-7" }),
        statusBody({ ...other, id: "w-of-another-program" }),
        statusBody({ status: "read", id: "w", person: 399 }),
        statusBody({ status: "read", id: "w" }),
        bodyOf({ user_actions: [{ action_type: "marketing_messages_link_click" }] }),
      ]);
      expect(result.counts).toEqual({
        unreadable: { noted: 1 },
        other: { noted: 3 },
        read: { unmatched: 5 },
        click: { noted: 1 },
      });
      expect(await rowOf(id)).toEqual(row);
    });

    it("of a number that no campaign sends from are kept, and change nothing", async () => {
      const ledger = open();
      const campaigns = await ledger.listCampaigns();
      // A sandbox may have any number.
      const hasSandbox = campaigns.some((one) => one.lane === "sandbox");
      const result = await receive(ledger, [
        statusBody({ status: "sent", id: "x", person: 399, number: "1" }),
      ]);
      expect(result.counts.sent).toEqual(hasSandbox ? { unmatched: 1 } : { other_number: 1 });
    });
  });

  describe("a receipt", () => {
    it("finds its message without a key, in the campaign that has it", async () => {
      const first = await sent(311, "w311a");
      const second = await sent(311, "w311b");
      await receive(open(), [
        statusBody({ status: "read", id: "w311a", person: 311 }),
        statusBody({ status: "delivered", id: "w311b", person: 311 }),
      ]);
      expect((await rowOf(first)).status).toBe("read");
      expect((await rowOf(second)).status).toBe("delivered");
    });

    it("finds its message by another number of the account, and by user id alone", async () => {
      const id = await planned(open(), [send(1, 312), send(2, 313)], NUMBER);
      const [one, two] = await claim(id);
      const record = [
        answerTo(one as Claim, accepted(1, { messageId: "w312", waId: personKey(314) })),
        answerTo(two as Claim, accepted(2, { messageId: "w313", userId: "GB.313" })),
      ];
      await open().turn(turn(id, { record }));
      await receive(open(), [
        statusBody({ status: "delivered", id: "w312", person: 314 }),
        statusBody({ status: "read", id: "w313", userId: "GB.313" }),
      ]);
      expect(await statuses(open(), id)).toEqual({ 1: "delivered", 2: "read" });
    });

    it("teaches other names of the recipient, so that an opt-out under them counts", async () => {
      const id = await sent(315, "w315");
      const later = await planned(open(), [send(1, 315)], NUMBER);
      const reported = { status: "sent", id: "w315", key: keyOf(id, 1) };
      await receive(open(), [statusBody({ ...reported, waId: personKey(316), userId: "GB.315" })]);
      await receive(open(), [preferenceBody("stop", T0, { user_id: "GB.315" })]);
      expect(await claim(later)).toEqual([]);
    });

    it("waits while the runner has not written down its own answer", async () => {
      const ledger = open();
      const id = await planned(ledger, [send(1, 321), send(2, 322)], NUMBER);
      const [one, two] = await claim(id);
      const early = await receive(ledger, [
        statusBody({ status: "delivered", id: "w321", key: keyOf(id, 1) }),
        statusBody({ status: "read", id: "w322", person: 322 }),
      ]);
      expect(early.counts).toEqual({ delivered: { parked: 1 }, read: { parked: 1 } });
      expect(await statuses(ledger, id)).toEqual({ 1: "claimed", 2: "claimed" });
      expect((await ledger.receiptTotals()).parked).toBe(2);
      const nothing = await ledger.processWebhookBodies({ limit: 10, now: T0 });
      expect(nothing).toMatchObject({ counts: {} });
      const record = [
        answerTo(one as Claim, accepted(1, { messageId: "w321" })),
        answerTo(two as Claim, accepted(2, { messageId: "w322" })),
      ];
      expect(await ledger.turn(turn(id, { record }))).toMatchObject({ stale: 0 });
      const late = await ledger.processWebhookBodies({ limit: 10, now: T0 });
      expect(late.counts).toEqual({
        delivered: { parked: -1, applied: 1 },
        read: { parked: -1, applied: 1 },
      });
      expect(late.settled).toBe(0);
      expect(await statuses(ledger, id)).toEqual({ 1: "delivered", 2: "read" });
      expect((await ledger.receiptTotals()).parked).toBe(0);
    });

    it("that waited for a runner that died settles its message", async () => {
      const ledger = open();
      const id = await planned(ledger, [send(1, 323)], NUMBER);
      const claims = await claim(id);
      await receive(ledger, [statusBody({ status: "sent", id: "w323", key: keyOf(id, 1) })]);
      await ledger.recoverClaims(id, T0);
      expect(await ledger.processWebhookBodies({ limit: 10, now: T0 })).toMatchObject({
        settled: 1,
      });
      expect(await rowOf(id)).toMatchObject({
        status: "sent",
        message_id: "w323",
        error_message: null,
      });
      // The answer of the runner that was thought dead is kept, and moves nothing.
      expect(await end(id, claims, accepted(1, { messageId: "w323" }))).toMatchObject({ stale: 1 });
      expect((await rowOf(id)).status).toBe("sent");
    });

    const failures: [number, string, string, object][] = [
      [
        131049,
        "held/131049",
        "stopped",
        { error_code: "131049", message_id: null, accepted_at: null },
      ],
      [131050, "failed", "finished", { error_code: "131050" }],
      [
        132015,
        "held/132015",
        "stopped",
        { error_code: "132015", error_message: "Details.", message_id: null },
      ],
      [131026, "failed", "finished", { failed_at: "2026-11-22T10:00:02.000Z" }],
    ];
    for (const [code, status, state, row] of failures) {
      it(`of a failure with ${code}`, async () => {
        const ledger = open();
        const id = await sent(330, `w${code}`);
        await ledger.setState(id, "finished", null, T0);
        const reported = { status: "failed", id: `w${code}`, key: keyOf(id, 1), person: 330, code };
        expect(await receive(ledger, [statusBody(reported)])).toMatchObject({
          counts: { failed: { applied: 1 } },
          optOuts: code === 131050 ? 1 : 0,
        });
        expect(await statuses(ledger, id)).toEqual({ 1: status });
        expect(await rowOf(id)).toMatchObject(row);
        expect((await ledger.listCampaigns()).find((one) => one.id === id)?.state).toBe(state);
        await ledger.unsuppress([{ person: personKey(330) }]);
        const again = await receive(ledger, [statusBody(reported)]);
        expect(again).toMatchObject({ counts: { failed: { repeated: 1 } }, optOuts: 0 });
        expect(await statuses(ledger, id)).toEqual({ 1: status });
      });
    }

    it("makes a held one wait a day, and its second message has receipts of its own", async () => {
      const ledger = open();
      const id = await sent(331, "w331a");
      await receive(ledger, [
        statusBody({ status: "failed", id: "w331a", person: 331, key: keyOf(id, 1), code: 131049 }),
      ]);
      expect(await claim(id, 1, T0 + DAY)).toEqual([]);
      const again = await claim(id, 1, T0 + 2_000 + DAY);
      expect(again).toMatchObject([{ row: 1, attempt: 2, capped: 1 }]);
      await end(id, again, accepted(1, { messageId: "w331b" }));
      const result = await receive(ledger, [
        statusBody({ status: "failed", id: "w331a", person: 331, code: 131049 }),
        statusBody({ status: "sent", id: "w331b", key: keyOf(id, 1, 2) }),
      ]);
      expect(result.counts).toEqual({ failed: { superseded: 1 }, sent: { applied: 1 } });
      expect(await rowOf(id)).toMatchObject({ status: "sent", message_id: "w331b" });
    });

    it("does not let a campaign end while it makes a person wait", async () => {
      const ledger = open();
      const id = await sent(332, "w332");
      await receive(ledger, [
        statusBody({ status: "failed", id: "w332", key: keyOf(id, 1), code: 131049 }),
      ]);
      await ledger.setState(id, "finished", null, T0);
      expect((await ledger.listCampaigns()).find((one) => one.id === id)?.state).toBe("stopped");
    });

    it("keeps a person from getting it again who was to be sent to again", async () => {
      const ledger = open();
      const id = await lost(333);
      await ledger.resolveUnknown(id, "resend", T0);
      await receive(ledger, [
        statusBody({ status: "sent", id: "w333", key: keyOf(id, 1), person: 333 }),
      ]);
      expect(await rowOf(id)).toMatchObject({ status: "sent", message_id: "w333" });
      expect(await claim(id)).toEqual([]);
    });

    it("is not for the person who has the row now", async () => {
      const ledger = open();
      const id = await planned(ledger, [send(1, 334)], NUMBER);
      await end(id, await claim(id), { to: "pending" });
      await ledger.plan(id, [send(1, 335)], T0);
      const reported = { status: "delivered", id: "w334", key: keyOf(id, 1), person: 334 };
      expect((await receive(ledger, [statusBody(reported)])).counts).toEqual({
        delivered: { unmatched: 1 },
      });
      expect(await statuses(ledger, id)).toEqual({ 1: "pending" });
    });

    it("is not for the person who has the row now, even when their answer was lost", async () => {
      const ledger = open();
      const id = await planned(ledger, [send(1, 336)], NUMBER);
      await end(id, await claim(id), { to: "pending" });
      await ledger.plan(id, [send(1, 337)], T0);
      await claim(id);
      await ledger.recoverClaims(id, T0);
      const reported = { status: "delivered", id: "w336", key: keyOf(id, 1) };
      const nobody = statusBody(reported);
      const byUser = statusBody({ ...reported, userId: "GB.336" });
      const named = statusBody({ ...reported, person: 336, userId: "GB.336" });
      expect((await receive(ledger, [named, nobody, byUser])).counts).toEqual({
        delivered: { unmatched: 3 },
      });
      expect(await statuses(ledger, id)).toEqual({ 1: "unknown" });
      // Nor are the two taken for one person.
      await receive(ledger, [preferenceBody("stop", T0, { wa_id: personKey(336) })]);
      const other = await planned(ledger, [send(1, 337)], NUMBER);
      expect(await claim(other)).toHaveLength(1);
    });

    it("opts out nobody who has the row now", async () => {
      const ledger = open();
      const id = await planned(ledger, [send(1, 338)], NUMBER);
      await end(id, await claim(id), { to: "pending" });
      await ledger.plan(id, [send(1, 339)], T0);
      const reported = { status: "failed", id: "w338", key: keyOf(id, 1), code: 131050 };
      expect(await receive(ledger, [statusBody(reported)])).toMatchObject({ optOuts: 0 });
      expect(await claim(id)).toHaveLength(1);
    });

    it("leaves the person who has the row now nothing that Meta reported of the one before", async () => {
      const ledger = open();
      const id = await sent(346, "w346");
      const reported = { id: "w346", person: 346, userId: "GB.346" };
      await receive(ledger, [
        statusBody({ ...reported, status: "sent" }),
        statusBody({ ...reported, status: "failed", code: 131049 }),
      ]);
      expect(await rowOf(id)).toMatchObject({ status: "held", user_id: "GB.346" });
      await ledger.plan(id, [send(1, 347)], T0);
      expect(await rowOf(id)).toMatchObject({
        status: "pending",
        phone: phoneOf(347),
        user_id: null,
        error_code: null,
        error_message: null,
      });
      const { dispatches } = await ledger.historyOf({ phone: phoneOf(347) });
      expect(dispatches.find(({ row }) => row === 1)?.attempts).toEqual([]);
    });

    it("of an earlier message, reported again, sends to nobody whose last answer was lost", async () => {
      const ledger = open();
      const id = await sent(348, "w348");
      const reported = { id: "w348", person: 348, key: keyOf(id, 1) };
      const story = [
        statusBody({ ...reported, status: "sent" }),
        statusBody({ ...reported, status: "failed", code: 131049 }),
      ];
      await receive(ledger, story);
      expect(await claim(id, 10, T0 + 2 * DAY)).toHaveLength(1);
      await ledger.recoverClaims(id, T0 + 2 * DAY);
      expect((await receive(ledger, story, T0 + 3 * DAY)).counts).toEqual({
        sent: { superseded: 1 },
        failed: { superseded: 1 },
      });
      expect(await statuses(ledger, id)).toEqual({ 1: "unknown" });
      expect(await claim(id, 10, T0 + 4 * DAY)).toEqual([]);
      // That it came after all is reported of the person, and ends the doubt.
      await receive(ledger, [statusBody({ ...reported, status: "delivered" })], T0 + 4 * DAY);
      expect(await statuses(ledger, id)).toEqual({ 1: "delivered" });
    });

    it("of a failure that holds a person counts whenever `sent` is reported, even of a lost answer", async () => {
      const ledger = open();
      const id = await lost(349);
      const reported = { id: "w349", person: 349, key: keyOf(id, 1) };
      await receive(ledger, [
        statusBody({ ...reported, status: "failed", code: 131049 }),
        statusBody({ ...reported, status: "sent" }),
      ]);
      expect(await statuses(ledger, id)).toEqual({ 1: "held/131049" });
    });
  });

  describe("what was in doubt", () => {
    it("is settled by our key", async () => {
      const id = await lost(341);
      const reported = {
        status: "delivered",
        id: "w341",
        key: keyOf(id, 1),
        category: "marketing_lite",
      };
      expect(await receive(open(), [statusBody(reported)])).toMatchObject({ settled: 1 });
      expect(await rowOf(id)).toMatchObject({
        status: "delivered",
        message_id: "w341",
        accepted_at: "2026-11-22T10:00:02.000Z",
        path: "marketing_lite",
        error_message: null,
      });
    });

    it("is settled without a key when one dispatch alone fits", async () => {
      const id = await lost(342);
      const reported = { status: "sent", id: "w342", person: 342, category: "marketing" };
      expect(await receive(open(), [statusBody(reported)])).toMatchObject({ settled: 1 });
      expect(await rowOf(id)).toMatchObject({ status: "sent", message_id: "w342" });
    });

    const misfits: [string, Partial<StatusOptions>][] = [
      ["reported before it was claimed", { at: T0 - 10 * MINUTE }],
      ["reported when every message of that time is over", { at: T0 + 40 * DAY }],
      ["of another kind of message", { category: "utility" }],
      ["for another person", { person: 398 }],
    ];
    for (const [title, change] of misfits) {
      it(`is not settled by a receipt ${title}`, async () => {
        const id = await lost(343);
        const reported = { status: "sent", id: "w343", person: 343, ...change };
        const now = Math.max(T0 + 3_000, change.at ?? 0);
        expect((await receive(open(), [statusBody(reported)], now)).counts).toEqual({
          sent: { unmatched: 1 },
        });
        expect((await rowOf(id)).status).toBe("unknown");
        await open().resolveUnknown(id, "give-up", T0);
      });
    }

    it("stays so while two fit, and is settled when only one is left", async () => {
      const ledger = open();
      const first = await lost(344);
      const second = await lost(344);
      const reported = statusBody({ status: "sent", id: "w344", person: 344 });
      expect((await receive(ledger, [reported])).counts).toEqual({ sent: { parked: 1 } });
      expect((await ledger.processWebhookBodies({ limit: 9, now: T0 })).counts).toEqual({});
      await ledger.resolveUnknown(second, "give-up", T0);
      expect(await ledger.processWebhookBodies({ limit: 9, now: T0 })).toMatchObject({
        settled: 1,
      });
      expect((await rowOf(first)).status).toBe("sent");
      expect((await rowOf(second)).status).toBe("failed");
    });

    it("is reported even after it was given up", async () => {
      const id = await lost(345);
      await open().resolveUnknown(id, "give-up", T0);
      const reported = { status: "read", id: "w345", key: keyOf(id, 1) };
      expect(await receive(open(), [statusBody(reported)])).toMatchObject({ settled: 1 });
      expect(await rowOf(id)).toMatchObject({ status: "read", error_code: null, failed_at: null });
    });
  });

  describe("opt-outs", () => {
    const entryOf = async (person: number) => {
      const all = await open().suppressions(0, 10_000);
      return all.find((one) => one.person === personKey(person));
    };

    it("by the switch in WhatsApp are in force from the next claim on, and lifted by it", async () => {
      const ledger = open();
      const id = await planned(ledger, [send(1, 351)], NUMBER);
      const who = { wa_id: personKey(351), user_id: "GB.351" };
      expect(await receive(ledger, [preferenceBody("stop", T0, who)])).toMatchObject({
        optOuts: 1,
      });
      expect(await entryOf(351)).toMatchObject({
        phone: phoneOf(351),
        userId: "GB.351",
        source: "webhook",
        addedAt: T0,
      });
      expect(await claim(id)).toEqual([]);
      const back = await receive(ledger, [preferenceBody("resume", T0 + MINUTE, who)]);
      expect(back).toMatchObject({ lifted: 1, counts: { resume: { applied: 1 } } });
      // The whole story again: the end of it stays.
      const again = await receive(ledger, [
        preferenceBody("stop", T0, who),
        preferenceBody("resume", T0 + MINUTE, who),
      ]);
      expect(again).toMatchObject({ optOuts: 0, lifted: 0 });
      expect(await entryOf(351)).toBeUndefined();
    });

    it("reported late do not undo what came after them", async () => {
      const ledger = open();
      const who = { wa_id: personKey(352) };
      await receive(ledger, [preferenceBody("stop", T0 + 2 * MINUTE, who)]);
      const late = await receive(ledger, [
        preferenceBody("resume", T0 + MINUTE, who),
        preferenceBody("resume", T0 + 2 * MINUTE, who),
      ]);
      expect(late).toMatchObject({ lifted: 0, counts: { resume: { repeated: 2 } } });
      expect(await entryOf(352)).toBeDefined();
    });

    it("are not overruled by a resume that is dated far ahead", async () => {
      const ledger = open();
      const who = { wa_id: personKey(3955) };
      await receive(ledger, [preferenceBody("resume", T0 + 400 * DAY, who)], T0);
      await receive(ledger, [preferenceBody("stop", T0 + MINUTE, who)], T0 + MINUTE);
      expect(await entryOf(3955)).toBeDefined();
    });

    it("by hand are not lifted by the switch, even when the switch came first", async () => {
      const ledger = open();
      const entry = { phone: phoneOf(353), person: personKey(353), userId: null };
      const who = { wa_id: personKey(353) };
      await receive(ledger, [preferenceBody("stop", T0, who)]);
      await ledger.suppress([{ ...entry, reason: "called us", source: "manual" }], T0);
      const back = await receive(ledger, [preferenceBody("resume", T0 + MINUTE, who)]);
      expect(back).toMatchObject({ lifted: 0 });
      expect(await entryOf(353)).toMatchObject({ source: "manual", reason: "called us" });
    });

    it("are not set again by an old webhook after the operator took them off", async () => {
      const ledger = open();
      const stop = preferenceBody("stop", T0, { wa_id: personKey(354) });
      await receive(ledger, [stop]);
      await ledger.unsuppress([{ person: personKey(354) }]);
      expect(await receive(ledger, [stop])).toMatchObject({ optOuts: 0 });
      expect(await entryOf(354)).toBeUndefined();
    });

    it("by 131050 concern every campaign, and the switch lifts them", async () => {
      const ledger = open();
      const id = await sent(355, "w355");
      const other = await planned(ledger, [send(1, 355)], NUMBER);
      await receive(ledger, [
        statusBody({ status: "failed", id: "w355", key: keyOf(id, 1), code: 131050, at: T0 }),
      ]);
      expect(await entryOf(355)).toMatchObject({ source: "webhook", reason: /131050/ });
      expect(await claim(other)).toEqual([]);
      const who = { wa_id: personKey(355) };
      const back = await receive(ledger, [preferenceBody("resume", T0 + MINUTE, who)]);
      expect(back).toMatchObject({ lifted: 1 });
    });

    it("by 131050 count at once, of a message of any program and while the runner is at it", async () => {
      const ledger = open();
      const reported = { status: "failed", id: "w356", person: 356, code: 131050 };
      expect(await receive(ledger, [statusBody({ ...reported, key: "order-8" })])).toMatchObject({
        optOuts: 1,
      });
      const id = await planned(ledger, [send(1, 357)], NUMBER);
      await claim(id);
      const early = { status: "failed", id: "w357", key: keyOf(id, 1), code: 131050 };
      expect(await receive(ledger, [statusBody(early)])).toMatchObject({
        optOuts: 1,
        counts: { failed: { parked: 1 } },
      });
      await ledger.recoverClaims(id, T0);
      await ledger.processWebhookBodies({ limit: 9, now: T0 });
      expect(await rowOf(id)).toMatchObject({ status: "failed", error_code: "131050" });
    });

    it("by a written word or a tapped button stay until a person takes them off", async () => {
      const ledger = open();
      const id = await sent(358, "w358");
      const wrote = inboundBody({
        id: "i1",
        from: personKey(359),
        type: "text",
        text: { body: "Sair!" },
      });
      const button = { payload: "x", text: "Parar promoções" };
      const context = { id: "w358" };
      const tapped = inboundBody({
        id: "i2",
        from: personKey(358),
        type: "button",
        button,
        context,
      });
      const hello = inboundBody({
        id: "i3",
        from: personKey(360),
        type: "text",
        text: { body: "Olá" },
      });
      const result = await receive(ledger, [wrote, tapped, hello]);
      expect(result).toMatchObject({
        optOuts: 2,
        counts: { message: { applied: 1, noted: 1 }, tap: { applied: 1 } },
      });
      for (const person of [358, 359]) {
        expect(await entryOf(person)).toMatchObject({ source: "message" });
        const who = { wa_id: personKey(person) };
        const back = await receive(ledger, [preferenceBody("resume", T0 + MINUTE, who)]);
        expect(back).toMatchObject({ lifted: 0 });
        expect(await entryOf(person)).toBeDefined();
      }
      expect(await receive(ledger, [wrote, tapped])).toMatchObject({ optOuts: 0 });
      expect(await rowOf(id)).toMatchObject({ status: "accepted" });
    });

    it("by words of another list", async () => {
      const ledger = open();
      const from = personKey(361);
      const body = inboundBody({ id: "i9", from, type: "text", text: { body: "chega" } });
      await ledger.storeWebhookBodies([{ body, receivedAt: T0, source: "webhook" }]);
      const options = { limit: 9, now: T0, stopWords: ["Chega"] };
      expect(await ledger.processWebhookBodies(options)).toMatchObject({ optOuts: 1 });
    });

    it("under whatever name the person is reported", async () => {
      const ledger = open();
      const first = await planned(ledger, [send(1, 362)], NUMBER);
      const later = await planned(ledger, [send(1, 362)], NUMBER);
      await end(first, await claim(first), accepted(1, { waId: personKey(363), userId: "GB.362" }));
      await receive(ledger, [preferenceBody("stop", T0, { wa_id: personKey(363) })]);
      expect(await claim(later)).toEqual([]);
      const back = [preferenceBody("resume", T0 + MINUTE, { user_id: "GB.362" })];
      await receive(ledger, [preferenceBody("stop", T0, { user_id: "GB.362" }), ...back]);
      await receive(ledger, [preferenceBody("resume", T0 + MINUTE, { wa_id: personKey(363) })]);
      expect(await entryOf(363)).toBeUndefined();
    });
  });
}
