// The sums of what messages were to cost, and cost.

import { describe, expect, it } from "vitest";
import type { MoneyTally } from "../../../src/domain/cost/money.ts";
import {
  costRecords,
  courseRecord,
  courseText,
  moneyCourses,
  settledIn,
  usedIn,
} from "../../../src/domain/cost/money.ts";
import type { RowGroup } from "../../../src/domain/result/row-groups.ts";
import { moneyOf } from "../../../src/domain/result/row-groups.ts";

const BUDGET = { most: 5_000_000, currency: "USD" };

function money(changes: Partial<MoneyTally> = {}): MoneyTally {
  return { waiting: [], planned: 0, reserved: 0, delivered: [], besides: [], ...changes };
}

const delivered = (currency: string | null, messages: number, planned: number, cost = 0) => ({
  ...{ currency, messages, planned, cost },
});

const MIXED = money({
  planned: 1_250_000,
  reserved: 125_000,
  delivered: [delivered(null, 2, 125_000), delivered("USD", 10, 625_000, 475_001)],
});

describe("the sums of costs", () => {
  it("are one for each currency, exact, with messages that rows have no more", () => {
    const more = money({
      delivered: [
        delivered("EUR", 1, 0, 7),
        delivered(null, 4, 5),
        delivered("USD", 3, 0, 100_001),
      ],
      besides: [{ currency: "USD", messages: 1, cost: 2 }],
    });
    expect(costRecords(more)).toEqual([
      { currency: "USD", messages: 4, amount: 0.100003 },
      { currency: "EUR", messages: 1, amount: 0.000007 },
    ]);
    expect(costRecords(money())).toEqual([]);
  });

  it("settle a budget by the receipts in its currency, else by the planned prices", () => {
    expect(settledIn(MIXED, "USD")).toBe(125_000 + 475_001);
    expect(settledIn(MIXED, "EUR")).toBe(750_000);
    expect(usedIn(MIXED, "USD")).toBe(725_001);
    const besides = [{ currency: "USD", messages: 1, cost: 5 }];
    expect(settledIn({ ...MIXED, besides }, "USD")).toBe(600_006);
  });
});

describe("the way from the plan to the bill", () => {
  it.each<[string, MoneyTally, typeof BUDGET | null, string[]]>([
    [
      "of a budget",
      MIXED,
      BUDGET,
      [
        "USD: estimated 1.25 → reserved 0.13 → settled 0.60 → by Meta's receipts 0.48 (10 messages, 0.15 or 24.0% less than planned for them)",
      ],
    ],
    [
      "before any receipt",
      money({ planned: 1_250_000, reserved: 625_000 }),
      BUDGET,
      ["USD: estimated 1.25 → reserved 0.63 → settled 0.00"],
    ],
    [
      "without a budget",
      money({ delivered: [delivered("USD", 1, 0, 50_000)] }),
      null,
      ["USD: by Meta's receipts 0.05 (1 message)"],
    ],
    [
      "above the plan",
      money({ delivered: [delivered("USD", 1, 100_000, 250_000)] }),
      BUDGET,
      [
        "USD: estimated 0.00 → reserved 0.00 → settled 0.25 → by Meta's receipts 0.25 (1 message, 0.15 or 150% more than planned for them)",
      ],
    ],
    [
      "as planned",
      money({ delivered: [delivered("USD", 1, 100_000, 100_000)] }),
      BUDGET,
      [
        "USD: estimated 0.00 → reserved 0.00 → settled 0.10 → by Meta's receipts 0.10 (1 message, as planned for them)",
      ],
    ],
    [
      "in another currency than the budget's",
      money({ delivered: [delivered("BRL", 2, 100_000, 500_000)] }),
      BUDGET,
      [
        "USD: estimated 0.00 → reserved 0.00 → settled 0.10",
        "BRL: by Meta's receipts 0.50 (2 messages)",
      ],
    ],
    ["of nothing", money(), null, []],
  ])("is one line, %s", (_, tally, budget, lines) => {
    expect(moneyCourses(tally, budget).map(courseText)).toEqual(lines);
  });

  it.each<[what: string, currency: string, lines: string[]]>([
    [
      "of its currency",
      "USD",
      [
        "USD: estimated 1.25 → reserved 0.13 → settled 0.60 → by Meta's receipts 0.48 → by Meta's analytics 0.50 (10 messages, 0.15 or 24.0% less than planned for them)",
      ],
    ],
    [
      "of another one",
      "BRL",
      [
        "USD: estimated 1.25 → reserved 0.13 → settled 0.60 → by Meta's receipts 0.48 (10 messages, 0.15 or 24.0% less than planned for them)",
        "BRL: by Meta's analytics 0.50",
      ],
    ],
  ])("has what Meta counted, %s", (_, currency, lines) => {
    const counted = { currency, amount: 500_000 };
    expect(moneyCourses(MIXED, BUDGET, counted).map(courseText)).toEqual(lines);
    expect(moneyCourses(MIXED, null, counted).map(courseRecord).at(-1)).toMatchObject({
      by_meta: 0.5,
    });
  });

  it("is the same in `--json`, in units", () => {
    expect(moneyCourses(MIXED, BUDGET).map(courseRecord)).toEqual([
      {
        ...{ currency: "USD", estimated: 1.25, reserved: 0.125, settled: 0.600001 },
        ...{ by_receipts: 0.475001, by_meta: null, messages: 10, difference: -0.149999 },
      },
    ]);
    expect(moneyCourses(MIXED, null).map(courseRecord)).toEqual([
      {
        ...{ currency: "USD", estimated: null, reserved: null, settled: null },
        ...{ by_receipts: 0.475001, by_meta: null, messages: 10, difference: null },
      },
    ]);
  });
});

it("adds up what rows cost by their prices and by their receipts", () => {
  const group = (given: Partial<RowGroup>): RowGroup => ({
    ...{ status: "delivered", why: null, region: "BR", path: null, pricingType: null, count: 1 },
    ...{ messageStatus: null, price: 100, costCurrency: null, cost: null, isPosted: 1 },
    ...{ isAccepted: 1, isSent: 0, heldFrom: null, heldTo: null, oldestAt: null, example: null },
    ...{ firstClaimAt: null, lastAcceptedAt: null },
    ...given,
  });
  const groups = [
    group({ status: "skipped", count: 9 }),
    group({ status: "pending", count: 2 }),
    group({ status: "unknown", count: 3 }),
    group({ status: "failed", count: 4 }),
    group({ count: 5 }),
    group({ pricingType: "free_entry_point", count: 6 }),
    group({ status: "read", costCurrency: "USD", cost: 120, count: 2 }),
    group({ pricingType: "free_entry_point", costCurrency: "USD", cost: 1 }),
  ];
  expect(moneyOf(groups)).toEqual({
    waiting: [{ region: "BR", price: 100, people: 2 }],
    planned: 2_300,
    reserved: 300,
    delivered: [delivered(null, 5, 500), delivered("USD", 3, 200, 121)],
  });
});
