// What a receipt does to a dispatch: every case in a table, the order of receipts of no matter, and
// only along the arrows.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Status } from "../../../src/domain/campaign/dispatch.ts";
import { isTransition, STATUSES } from "../../../src/domain/campaign/dispatch.ts";
import type { Pricing, StatusReceipt } from "../../../src/domain/receipts/receipt.ts";
import { RECEIPT_STATUSES } from "../../../src/domain/receipts/receipt.ts";
import type { ReceiptContext, ReceiptState } from "../../../src/domain/receipts/receipt-policy.ts";
import {
  afterReceipt,
  alarmOf,
  asksForSuppression,
} from "../../../src/domain/receipts/receipt-policy.ts";
import { CODE_RULES } from "../../../src/domain/sending/error-codes.ts";

const T = 1_795_341_600_000;
const DAY = 86_400_000;
const HELD: Partial<ReceiptState> = { reason: "131049", heldUntil: T + 5, errorCode: "131049" };
const FAILED: Partial<ReceiptState> = { failedAt: T, errorCode: "131026", errorMessage: "No." };
const GIVEN_UP: Partial<ReceiptState> = { ...FAILED, errorCode: "given_up", messageId: null };

function standing(status: Status, more: Partial<ReceiptState> = {}): ReceiptState {
  const isOn = !["pending", "claimed", "held", "unknown", "skipped", "cancelled"].includes(status);
  return {
    status,
    reason: null,
    holds: 0,
    capped: 0,
    heldUntil: null,
    messageId: isOn ? "w1" : null,
    acceptedAt: isOn ? T : null,
    sentAt: null,
    deliveredAt: null,
    readAt: null,
    failedAt: null,
    errorCode: null,
    errorMessage: null,
    path: null,
    pricingType: null,
    pricingCategory: null,
    cost: null,
    costCurrency: null,
    ...more,
  };
}

function receipt(
  status: StatusReceipt["status"],
  more: Partial<StatusReceipt> & { code?: number | null } = {},
): StatusReceipt & { at: number } {
  const { code = status === "failed" ? 131026 : null, ...rest } = more;
  const error = { code, title: "Title", message: null, details: "Details." };
  return {
    kind: "status",
    messageId: "w1",
    waId: null,
    userId: null,
    parentUserId: null,
    number: null,
    key: null,
    pricing: null,
    errors: status === "failed" ? [error] : [],
    ...rest,
    status,
    at: rest.at ?? T + 1_000,
  };
}

const context: ReceiptContext = {
  region: "BR",
  wasLost: false,
  isEarlier: false,
  isOver: false,
  cappedTries: 3,
  now: T + 2_000,
};

const calm = { region: "BR", streak: undefined, streakHalts: {} };

describe("a receipt", () => {
  const cases: [string, ReceiptState, StatusReceipt & { at: number }, object, object?][] = [
    ["of a message that is out", standing("accepted"), receipt("sent"), { status: "sent" }],
    ["twice", standing("sent", { sentAt: T }), receipt("sent"), { kind: "repeated" }],
    [
      "late",
      standing("read", { readAt: T }),
      receipt("sent"),
      { status: "read", sentAt: T + 1_000 },
    ],
    [
      "that is missing between",
      standing("accepted"),
      receipt("read"),
      { status: "read", deliveredAt: null },
    ],
    [
      "of a voice message",
      standing("delivered"),
      receipt("played"),
      { status: "read", readAt: T + 1_000 },
    ],
    ["of an expired one", standing("expired"), receipt("delivered"), { status: "delivered" }],
    [
      "that settles",
      standing("unknown"),
      receipt("sent"),
      { settled: true, status: "sent", messageId: "w1", acceptedAt: T + 1_000 },
    ],
    [
      "that settles as failed",
      standing("unknown"),
      receipt("failed"),
      { settled: true, status: "failed", errorCode: "131026" },
    ],
    [
      "that settles as held",
      standing("unknown"),
      receipt("failed", { code: 131049 }),
      { settled: true, status: "held", messageId: null },
    ],
    ["before the runner's word", standing("claimed"), receipt("sent"), { kind: "park" }],
    [
      "of an older message",
      standing("accepted", { messageId: "w2" }),
      receipt("sent"),
      { kind: "superseded" },
    ],
    ["for a skipped row", standing("skipped"), receipt("sent"), { kind: "superseded" }],
    ["for a cancelled row", standing("cancelled"), receipt("read"), { kind: "superseded" }],

    [
      "failed for good",
      standing("sent"),
      receipt("failed"),
      { status: "failed", errorCode: "131026", errorMessage: "Details.", failedAt: T + 1_000 },
    ],
    [
      "failed without a code",
      standing("sent"),
      receipt("failed", { code: null }),
      { status: "failed", errorCode: "no_code" },
    ],
    [
      "failed without any error",
      standing("sent"),
      receipt("failed", { errors: [] }),
      { status: "failed", errorCode: "no_code" },
    ],
    [
      "failed with an unknown code",
      standing("accepted"),
      receipt("failed", { code: 999_999 }),
      { status: "failed", errorCode: "999999" },
    ],
    ["failed twice", standing("failed", FAILED), receipt("failed"), { kind: "repeated" }],
    ["failed after delivered", standing("delivered"), receipt("failed"), { kind: "repeated" }],
    [
      "sent after failed",
      standing("failed", { ...FAILED, sentAt: T }),
      receipt("sent"),
      { kind: "repeated" },
    ],
    [
      "delivered after failed",
      standing("failed", FAILED),
      receipt("delivered"),
      { status: "delivered", failedAt: null, errorCode: null },
    ],
    [
      "131049: held for a day",
      standing("accepted"),
      receipt("failed", { code: 131049 }),
      { status: "held", reason: "131049", heldUntil: T + 1_000 + DAY, capped: 1, messageId: null },
    ],
    [
      "131049 with a clock ahead of ours",
      standing("sent"),
      receipt("failed", { code: 131049, at: T + 9 * DAY }),
      { heldUntil: T + 2_000 + DAY },
    ],
    [
      "131049 of a US number",
      standing("sent"),
      receipt("failed", { code: 131049 }),
      { status: "failed" },
      { region: "US" },
    ],
    [
      "131049 when the campaign is over",
      standing("sent"),
      receipt("failed", { code: 131049 }),
      { status: "failed" },
      { isOver: true },
    ],
    [
      "131049 when its time was over",
      standing("expired"),
      receipt("failed", { code: 131049 }),
      { status: "failed" },
    ],
    [
      "131049 twice",
      standing("held", HELD),
      receipt("failed", { code: 131049 }),
      { kind: "repeated" },
    ],
    [
      "130429: tried again soon",
      standing("accepted"),
      receipt("failed", { code: 130429 }),
      { status: "held", heldUntil: T + 61_000 },
    ],
    [
      "131050",
      standing("sent"),
      receipt("failed", { code: 131050 }),
      { status: "failed", errorCode: "131050" },
    ],
    [
      "132015 after a hold at Meta",
      standing("accepted"),
      receipt("failed", { code: 132015 }),
      { status: "held", reason: "132015", heldUntil: T + 62_000, messageId: null },
    ],

    [
      "131043: its time to live passed",
      standing("accepted"),
      receipt("failed", { code: 131043 }),
      { status: "expired", errorCode: "131043", failedAt: null },
    ],
    [
      "131043 of a message in doubt",
      standing("unknown"),
      receipt("failed", { code: 131043 }),
      { settled: true, status: "expired", messageId: "w1" },
    ],
    [
      "131043 of one that the clock ended before",
      standing("expired"),
      receipt("failed", { code: 131043 }),
      { status: "expired", errorCode: "131043" },
    ],
    [
      "131043 after delivered",
      standing("delivered"),
      receipt("failed", { code: 131043 }),
      { kind: "repeated" },
    ],
    [
      "sent after 131043",
      standing("expired", { errorCode: "131043" }),
      receipt("sent"),
      { status: "expired", sentAt: T + 1_000 },
    ],
    [
      "delivered after 131043",
      standing("expired", { errorCode: "131043" }),
      receipt("delivered"),
      { status: "delivered", errorCode: null },
    ],

    [
      "sent, of one that is held since",
      standing("held", HELD),
      receipt("sent"),
      { kind: "repeated" },
    ],
    [
      "delivered, of one that is held",
      standing("held", HELD),
      receipt("delivered"),
      { status: "delivered", heldUntil: null, reason: null },
    ],
    [
      "sent, of one that is sent again after a failure",
      standing("pending"),
      receipt("sent"),
      { kind: "repeated" },
    ],
    [
      "sent, of one that is sent again in doubt",
      standing("pending"),
      receipt("sent"),
      { status: "sent", messageId: "w1" },
      { wasLost: true },
    ],
    [
      "failed, of one that is sent again in doubt",
      standing("pending"),
      receipt("failed"),
      { kind: "repeated" },
      { wasLost: true },
    ],
    [
      "sent, of one that was given up",
      standing("failed", GIVEN_UP),
      receipt("sent"),
      { settled: true, status: "sent" },
    ],
    [
      "failed, of one that was given up",
      standing("failed", GIVEN_UP),
      receipt("failed", { code: 131049 }),
      { settled: true, status: "failed", errorCode: "131049" },
    ],
    [
      "failed, of an earlier message than the one in doubt",
      standing("unknown"),
      receipt("failed", { code: 131049 }),
      { kind: "superseded" },
      { isEarlier: true },
    ],
    [
      "delivered, of an earlier message than the one in doubt",
      standing("unknown"),
      receipt("delivered"),
      { settled: true, status: "delivered" },
      { isEarlier: true },
    ],
  ];
  it.each(cases)("%s", (_, before, reported, expected, more = {}) => {
    const effect = afterReceipt(before, reported, { ...context, ...more });
    const flat = effect.kind === "changed" ? { ...effect, ...effect.next } : effect;
    expect(flat).toMatchObject(expected);
  });

  it("keeps the first price, and shows the path that it tells", () => {
    const price = (category: string): Pricing => ({ category, type: "regular", cost: null });
    const tell = (before: ReceiptState, category: string) => {
      const effect = afterReceipt(before, receipt("sent", { pricing: price(category) }), context);
      if (effect.kind !== "changed") throw new Error(effect.kind);
      return effect.next;
    };
    const first = tell(standing("accepted"), "marketing_lite");
    expect(first).toMatchObject({ path: "marketing_lite", pricingType: "regular" });
    expect(tell({ ...first, sentAt: null }, "marketing")).toMatchObject({ path: "marketing_lite" });
    expect(tell(standing("accepted"), "utility")).toMatchObject({
      path: null,
      pricingCategory: "utility",
    });
  });

  /** Receipts in this order, each with a cost in dollars or none, and what is kept. */
  const costs: [string, [StatusReceipt["status"], number | null, string?][], unknown][] = [
    ["of the first that has one", [["delivered", 0.05]], [50_000, "USD"]],
    [
      "once, though two have it",
      [
        ["delivered", 0.05],
        ["read", 0.05],
      ],
      [50_000, "USD"],
    ],
    ["of read alone", [["read", 0.04]], [40_000, "USD"]],
    [
      "of a repeated receipt that has it late",
      [
        ["read", null],
        ["delivered", 0.04],
      ],
      [40_000, "USD"],
    ],
    [
      "the higher of two",
      [
        ["delivered", 0.05],
        ["read", 0.06],
      ],
      [60_000, "USD"],
    ],
    [
      "the higher of two, the other way",
      [
        ["read", 0.06],
        ["delivered", 0.05],
      ],
      [60_000, "USD"],
    ],
    [
      "the higher in whatever currency",
      [
        ["delivered", 0.05],
        ["read", 3, "BRL"],
      ],
      [3_000_000, "BRL"],
    ],
    ["none of a message that is only sent", [["sent", 0.05]], [null, null]],
    ["none of a message that failed", [["failed", 0.05]], [null, null]],
    ["0 as a cost", [["delivered", 0]], [0, "USD"]],
  ];
  it.each(costs)("keeps the cost %s", (_, receipts, kept) => {
    let state = standing("accepted");
    for (const [status, amount, currency = "USD"] of receipts) {
      const reported = amount === null ? null : { amount: amount * 1e6, currency };
      const pricing = { category: "marketing_lite", type: "regular", cost: reported };
      const code = status === "failed" ? { code: 131026 } : {};
      const effect = afterReceipt(state, receipt(status, { pricing, ...code }), context);
      if (effect.kind === "changed") state = effect.next;
    }
    expect([state.cost, state.costCurrency]).toEqual(kept);
  });

  it("asks for a suppression with 131050 alone", () => {
    const asking = CODE_RULES.filter(({ code }) => asksForSuppression(receipt("failed", { code })));
    expect(asking.map((rule) => rule.code)).toEqual([131050]);
    expect(
      asksForSuppression(receipt("sent", { errors: receipt("failed").errors })),
    ).toBeUndefined();
  });
});

describe("several errors in one receipt", () => {
  const failedWith = (...codes: (number | null)[]) =>
    receipt("failed", {
      errors: codes.map((code) => ({ code, title: null, message: null, details: `${code}` })),
    });

  const cases: [(number | null)[], string, string | null][] = [
    [[131026, 131049], "held", "131049"],
    [[131049, 131026], "held", "131049"],
    [[131026, 131050], "failed", "131050"],
    [[131049, 131050], "failed", "131050"],
    [[131049, 131043], "expired", "131043"],
    [[131000, 131026], "failed", "131026"],
    [[777, 131000], "failed", "131000"],
    [[777, 131026], "failed", "131026"],
    [[131052, 131049], "held", "131049"],
    [[null, 131049], "held", "131049"],
    [[null, null], "failed", "no_code"],
  ];
  it.each(cases)("%j: %s by %s", (codes, status, errorCode) => {
    const effect = afterReceipt(standing("accepted"), failedWith(...codes), context);
    expect(effect).toMatchObject({ kind: "changed", next: { status, errorCode } });
  });

  it.each([
    [[131000, 131042], "131042", "lane"],
    [[131026, 132015], "132015", "campaign"],
    [[132015, 131042], "131042", "lane"],
    [[131042, 131031], "131042", "lane"],
  ])("%j halt by %s", (codes, code, scope) => {
    expect(alarmOf(failedWith(...codes), calm)).toMatchObject({
      scope,
      halt: { code, sentence: expect.stringContaining(code) },
    });
  });
});

describe("the same code in a row", () => {
  const timesUntilHalt = (code: number, most: number, halts = 0): number | null => {
    let streak: Parameters<typeof alarmOf>[1]["streak"];
    for (let times = 1; times <= most; times += 1) {
      const streakHalts = halts === 0 ? {} : { [code]: halts };
      const alarm = alarmOf(receipt("failed", { code }), { region: "BR", streak, streakHalts });
      if (alarm.halt !== null) {
        expect(alarm.halt).toMatchObject({ code: String(code), isStreak: true });
        return times;
      }
      streak = alarm.streak;
    }
    return null;
  };

  it.each([
    [132012, 10],
    [131030, 10],
    [999_999, 100],
    [131000, 100],
    [131016, 100],
    [131026, null],
    [130472, null],
    [131047, null],
    [131050, null],
    [131043, null],
    [131049, null],
    [130429, null],
    [130497, null],
  ])("%i halts after %j", (code, times) => {
    expect(timesUntilHalt(code, 2_000)).toBe(times);
  });

  it("is borne ten times as often after each such halt", () => {
    expect(timesUntilHalt(132012, 2_000, 1)).toBe(100);
    expect(timesUntilHalt(132012, 2_000, 2)).toBe(1_000);
    expect(timesUntilHalt(999_999, 2_000, 1)).toBe(1_000);
  });

  it("is not interrupted by failures that are about their person", () => {
    const fail = (code: number, streak: Parameters<typeof alarmOf>[1]["streak"]) =>
      alarmOf(receipt("failed", { code }), { ...calm, streak }).streak;
    const two = fail(131026, fail(132012, fail(131026, fail(132012, undefined))));
    expect(two).toEqual({ code: "132012", count: 2 });
    expect(fail(132000, two)).toEqual({ code: "132000", count: 1 });
  });
});

describe("a failure that concerns everybody", () => {
  const CODES = CODE_RULES.filter(({ action }) => action.startsWith("halt"));

  it.each(["accepted", "sent", "unknown"] as const)("holds a message that is %s", (status) => {
    for (const { code } of CODES) {
      const effect = afterReceipt(standing(status), receipt("failed", { code }), context);
      expect(effect, String(code)).toMatchObject({
        kind: "changed",
        next: {
          status: "held",
          reason: String(code),
          heldUntil: context.now + 60_000,
          messageId: null,
          holds: 0,
          capped: 0,
          errorCode: String(code),
        },
      });
    }
  });

  it.each<[string, ReceiptState, Partial<ReceiptContext>, object]>([
    ["was delivered", standing("delivered"), {}, { kind: "repeated" }],
    ["was read", standing("read"), {}, { kind: "repeated" }],
    [
      "belongs to an earlier attempt",
      standing("accepted", { messageId: "w2" }),
      {},
      { kind: "superseded" },
    ],
    ["is of before one in doubt", standing("unknown"), { isEarlier: true }, { kind: "superseded" }],
    ["is of a claimed recipient", standing("claimed"), {}, { kind: "park" }],
    ["waits already", standing("held", HELD), {}, { kind: "repeated" }],
    ["is queued again", standing("pending"), {}, { kind: "repeated" }],
    ["had its time", standing("expired"), {}, { next: { status: "failed", errorCode: "131042" } }],
    ["was given up", standing("failed", GIVEN_UP), {}, { next: { status: "failed" } }],
    [
      "is of a campaign that is over",
      standing("sent"),
      { isOver: true },
      { next: { status: "failed" } },
    ],
  ])("does not send again one that %s", (_, before, more, expected) => {
    const reported = receipt("failed", { code: 131042 });
    expect(afterReceipt(before, reported, { ...context, ...more })).toMatchObject(expected);
  });

  it("is overtaken by a delivery that is reported late", () => {
    const held = afterReceipt(standing("accepted"), receipt("failed", { code: 131042 }), context);
    if (held.kind !== "changed") throw new Error(held.kind);
    expect(afterReceipt(held.next, receipt("sent"), context)).toEqual({ kind: "repeated" });
    expect(afterReceipt(held.next, receipt("delivered"), context)).toMatchObject({
      next: { status: "delivered", heldUntil: null, reason: null, errorCode: null },
    });
  });

  it("says that those whom it hit are sent to again", () => {
    const { halt } = alarmOf(receipt("failed", { code: 131042 }), calm);
    expect(halt?.sentence).toBe(
      'Code 131042 came by receipt: there is a problem with the payment method. Meta says: "Details". ' +
        "Fix the payment method in WhatsApp Manager, then run the same command again. " +
        "Recipients whose messages failed with this code are held, and the next run sends to them again.",
    );
  });
});

describe("a country that Meta refuses", () => {
  it("fails the recipient and halts nobody", () => {
    expect(
      afterReceipt(standing("sent"), receipt("failed", { code: 130497 }), context),
    ).toMatchObject({ next: { status: "failed", errorCode: "130497" } });
    const alarm = alarmOf(receipt("failed", { code: 130497 }), calm);
    expect(alarm).toMatchObject({ refusesCountry: true, halt: null });
    const nowhere = alarmOf(receipt("failed", { code: 130497 }), { ...calm, region: null });
    expect(nowhere).toMatchObject({ refusesCountry: false, streak: { count: 1 } });
  });
});

describe("the limit per person", () => {
  const DAYS = (count: number) => T + 1_000 + count * DAY;
  it.each<[number, number, object]>([
    [0, 3, { status: "held", heldUntil: DAYS(1), capped: 1, holds: 0 }],
    [1, 3, { status: "held", heldUntil: DAYS(2), capped: 2 }],
    [2, 3, { status: "failed", errorCode: "131049" }],
    [0, 1, { status: "failed", errorCode: "131049" }],
    [2, 5, { status: "held", heldUntil: DAYS(3), capped: 3 }],
  ])("after %i refusals of %i tries", (capped, cappedTries, expected) => {
    const effect = afterReceipt(standing("sent", { capped }), receipt("failed", { code: 131049 }), {
      ...context,
      cappedTries,
    });
    expect(effect).toMatchObject({ next: expected });
  });
});

const code = fc.constantFrom(null, 131026, 131043, 131049, 131050, 132015, 130429, 131000, 777);
const anyReceipt = fc
  .record({ status: fc.constantFrom(...RECEIPT_STATUSES), code, at: fc.nat(5_000) })
  .map(({ at, ...rest }) => receipt(rest.status, { code: rest.code, at: T + at }));

describe("any receipt", () => {
  it("goes along the arrows only", () => {
    const before = fc.constantFrom(
      ...STATUSES.filter((status) => status !== "failed").map((status) =>
        standing(status, status === "held" ? HELD : {}),
      ),
      standing("failed", FAILED),
      standing("failed", GIVEN_UP),
    );
    fc.assert(
      fc.property(
        before,
        anyReceipt,
        fc.boolean(),
        fc.boolean(),
        (from, reported, wasLost, isOver) => {
          const effect = afterReceipt(from, reported, { ...context, wasLost, isOver });
          if (effect.kind !== "changed") return;
          const { status } = effect.next;
          expect(status === from.status || isTransition(from.status, status)).toBe(true);
          expect(effect.next.heldUntil !== null).toBe(status === "held");
          expect(effect.next.failedAt !== null).toBe(status === "failed");
        },
      ),
    );
  });

  it("comes to the same in whatever order, and however often", () => {
    const reported = fc.uniqueArray(
      fc.constantFrom("sent", "delivered", "read", "failed" as const),
    );
    const orders = reported.chain((statuses) =>
      fc.tuple(
        fc.shuffledSubarray(statuses, { minLength: statuses.length }),
        fc
          .array(fc.nat(3), { maxLength: 6 })
          .map((again) =>
            [...statuses, ...again.map((at) => statuses[at % Math.max(1, statuses.length)])].filter(
              (one) => one !== undefined,
            ),
          ),
      ),
    );
    const live = (
      from: ReceiptState,
      statuses: StatusReceipt["status"][],
      code: number,
    ): ReceiptState =>
      statuses.reduce((now, status) => {
        const at = T + 1_000 * RECEIPT_STATUSES.indexOf(status);
        const effect = afterReceipt(now, receipt(status, { at, code }), context);
        return effect.kind === "changed" ? effect.next : now;
      }, from);
    fc.assert(
      fc.property(
        fc.constantFrom("accepted", "expired" as const),
        orders,
        fc.constantFrom(131026, 131043),
        (from, [one, other], reason) => {
          expect(live(standing(from), one, reason)).toEqual(live(standing(from), other, reason));
        },
      ),
    );
  });
});
