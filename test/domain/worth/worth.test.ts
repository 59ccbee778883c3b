// What a campaign was worth: no figure before the end, intervals after it, and "cannot tell" where
// there are too few.

import { describe, expect, it } from "vitest";
import { markupText } from "../../../src/domain/common/html.ts";
import { worthTable } from "../../../src/domain/page/worth-table.ts";
import type { GroupCounts, WorthCounts } from "../../../src/domain/worth/conversion.ts";
import { onceEach, revenueOf } from "../../../src/domain/worth/conversion.ts";
import { worthOf } from "../../../src/domain/worth/worth.ts";
import {
  worthHeading,
  worthRecord,
  worthSentences,
} from "../../../src/domain/worth/worth-words.ts";

const DAY = 86_400_000;
const END = Date.UTC(2026, 10, 30, 12);
const PRICES = { budget: "USD", rateCard: null };
const when = (at: number) => new Date(at).toISOString().slice(0, 10);

/** Orders of 50 each. */
function group(
  kind: GroupCounts["kind"],
  people: number,
  ordered: number,
  name: string | null = null,
): GroupCounts {
  const revenue = [
    { currency: "BRL", orders: ordered, sum: 50 * ordered, squares: 2_500 * ordered },
  ];
  const costs = [
    { region: "BR", currency: "USD", cost: 1_000_000, planned: 0, messages: 10 },
    { region: "BR", currency: null, cost: 0, planned: 56_000 * people, messages: people },
  ];
  return { kind, name, people, ordered, revenue, costs: kind === "hold_out" ? [] : costs };
}

function counts(groups: GroupCounts[], changes: Partial<WorthCounts> = {}): WorthCounts {
  const imported = { at: END + 1, file: "orders.csv" };
  return {
    ...{ from: END - 8 * DAY, last: END - 7 * DAY, windowMs: 7 * DAY, open: 0, imported, groups },
    ...changes,
  };
}

const HELD = group("hold_out", 6_000, 90);
const SENT = [
  group("arm", 6_000, 150, "a"),
  group("arm", 6_000, 180, "b"),
  group("rest", 42_000, 1_000),
];

describe("the worth of a campaign", () => {
  it.each([
    ["no orders are imported yet", { imported: null }],
    ["orders count while it is sent", { open: 3 }],
    ["orders count until 2026-12-02", { last: END - 5 * DAY }],
    ["the last orders are not imported yet", { imported: { at: END - 1, file: "orders.csv" } }],
  ])("has no result while %s", (says, changes) => {
    const worth = worthOf(counts([HELD, ...SENT], changes), PRICES, END + 2);
    expect(worthHeading(worth, when)).toBe(`Worth: ${says}`);
    expect(worth.comparisons).toEqual([]);
    for (const { interval } of worth.groups) expect(interval).toBeNull();
    expect(markupText(worthTable(worth, when))).not.toMatch(/<svg|%/);
    expect(worthSentences(worth, when).length).toBeGreaterThan(0);
  });

  it("is what hold-out and messaged differ by, with what it cost", () => {
    const worth = worthOf(counts([HELD, ...SENT]), PRICES, END + 2);
    expect(worth.groups.map(({ name, people }) => [name, people])).toEqual([
      ...[
        ["hold-out", 6_000],
        ["messaged", 54_000],
        ["a", 6_000],
        ["b", 6_000],
      ],
      ["rest", 42_000],
    ]);
    const [all, a, b] = worth.comparisons;
    // 1,330 of 54,000 against 1.5 %: 520 people more.
    expect(all?.orders?.orders).toBeCloseTo(520, 6);
    expect(all?.orders?.low).toBeGreaterThan(0);
    expect(all?.cost).toBeCloseTo(3 + 0.056 * 54_000, 6);
    expect(all?.perOrder?.cost).toBeCloseTo((all?.cost ?? 0) / 520, 6);
    expect(all?.perOrder?.low).toBeLessThan(all?.perOrder?.cost ?? 0);
    expect(a?.orders?.orders).toBeCloseTo(60, 6);
    expect(b?.orders?.orders).toBeCloseTo(90, 6);
    // 90 orders are too few for an interval of revenue.
    expect(all?.revenue).toBeNull();
    expect(worthHeading(worth, when)).toBe("Worth: about 520 more people ordered");
    const said = worthSentences(worth, when).join(" ");
    expect(said).toMatch(
      /^messaged: \+1\.0 points \(0\.6 to 1\.3\) over the hold-out, which is 520 people who ordered \(/,
    );
    expect(said).toMatch(
      /Too few orders .* BRL\. Each cost 5\.82 USD \(.*\)\. Orders of orders\.csv, imported 2026-11-30\./,
    );
    const page = markupText(worthTable(worth, when));
    expect(page.match(/role="img"/g)).toHaveLength(5);
    expect(page).toContain("66,500.00 BRL");
    expect(worthRecord(worth)).toMatchObject({ state: "final", cost_currency: "USD" });
  });

  it("says what the orders brought where there are enough", () => {
    const big = counts([group("hold_out", 60_000, 900), group("rest", 540_000, 13_300)]);
    const [all, ...others] = worthOf(big, PRICES, END + 2).comparisons;
    expect(others).toEqual([]);
    // 0.963 points of 540,000 people, 50 each.
    expect(all?.revenue?.amount).toBeCloseTo(5_200 * 50, 4);
    expect(all?.revenue?.low).toBeGreaterThan(0);
    expect(all?.revenue?.high).toBeLessThan(2 * 5_200 * 50);
  });

  it("cannot tell where the interval holds nothing, or people are few", () => {
    const same = worthOf(counts([HELD, group("rest", 54_000, 815)]), PRICES, END + 2);
    expect(worthHeading(same, when)).toBe("Worth: cannot tell");
    expect(worthSentences(same, when).join(" ")).toContain("no order came of them beyond doubt");
    const few = worthOf(counts([group("hold_out", 20, 1), group("rest", 80, 9)]), PRICES, END + 2);
    expect(worthHeading(few, when)).toBe("Worth: cannot tell");
    expect(few.comparisons[0]?.orders).toBeNull();
  });

  it("claims nothing without a hold-out", () => {
    const worth = worthOf(
      counts([group("rest", 100, 9)]),
      { budget: null, rateCard: null },
      END + 2,
    );
    expect(worthHeading(worth, when)).toBe("Orders");
    expect(worth.groups.map(({ name }) => name)).toEqual(["messaged"]);
    expect(worthSentences(worth, when).join(" ")).toContain("Without a hold-out nobody knows");
  });
});

describe("orders of people", () => {
  /** @param units of the currency */
  const order = (orderId: string, row: number, units: number | null, currency = "BRL") => ({
    ...{ orderId, row, arm: 0, isOut: false, value: units === null ? null : units * 1_000_000 },
    currency: units === null ? null : currency,
  });

  it("count once, and are added up a person at a time", () => {
    const all = onceEach([
      order("1", 7, 10),
      order("1", 3, 10),
      order("2", 3, 20),
      order("3", 9, null),
    ]);
    expect(all.map(({ orderId, row }) => [orderId, row])).toEqual([
      ["1", 3],
      ["2", 3],
      ["3", 9],
    ]);
    expect(revenueOf(all)).toEqual([{ currency: "BRL", orders: 2, sum: 30, squares: 900 }]);
    expect(revenueOf([order("1", 1, 5, "USD"), ...all]).map(({ currency }) => currency)).toEqual([
      "BRL",
      "USD",
    ]);
  });
});
