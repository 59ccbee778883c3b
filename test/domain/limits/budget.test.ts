// What a message may cost a budget.

import { describe, expect, it } from "vitest";
import type { MessageMoney } from "../../../src/domain/limits/budget.ts";
import { affordable, costsOtherwise, mayCost } from "../../../src/domain/limits/budget.ts";

const PRICE = 62_500;

function message(given: Partial<MessageMoney> = {}): MessageMoney {
  return { status: "delivered", pricingType: null, cost: null, costCurrency: null, ...given };
}

const inDollars = (cost: number) => ({ cost, costCurrency: "USD" });

describe("what a message may cost", () => {
  it.each<[string, Partial<MessageMoney>, number]>([
    ["its price while it waits for nothing but receipts", { status: "sent" }, PRICE],
    ["its price while nobody knows whether it was sent", { status: "unknown" }, PRICE],
    ["nothing once it failed", { status: "failed" }, 0],
    ["its price once it is delivered", {}, PRICE],
    ["nothing when Meta delivers it for free", { pricingType: "free_entry_point" }, 0],
    ["what its receipts say, below the price", inDollars(40_000), 40_000],
    ["what its receipts say, above the price", inDollars(90_000), 90_000],
    ["nothing, when its receipts say so", inDollars(0), 0],
    ["its cost, though it is called free", { pricingType: "free_x", ...inDollars(7) }, 7],
    ["its price, when the cost is in another currency", { cost: 5, costCurrency: "BRL" }, PRICE],
  ])("is %s", (_, given, expected) => {
    expect(mayCost(message(given), PRICE, "USD")).toBe(expected);
  });

  it("is its cost, though no price was planned, and else nothing", () => {
    expect(mayCost(message(inDollars(40_000)), null, "USD")).toBe(40_000);
    expect(mayCost(message(), null, "USD")).toBe(0);
  });

  it("may change with a cost, and with a failure that was none", () => {
    expect(costsOtherwise(message(), message({ status: "read" }))).toBe(false);
    expect(costsOtherwise(message(), message({ status: "failed" }))).toBe(false);
    expect(costsOtherwise(message({ status: "failed" }), message())).toBe(true);
    expect(costsOtherwise(message(), message(inDollars(1)))).toBe(true);
    expect(costsOtherwise(message(inDollars(1)), message({ cost: 1, costCurrency: "EUR" }))).toBe(
      true,
    );
  });

  it("lets nothing through once more is spent than the budget has", () => {
    expect(affordable([0, 0], -1)).toBe(0);
    expect(affordable([10, 10, 10], 20)).toBe(2);
  });
});
