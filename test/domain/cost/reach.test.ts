// Meta's estimates of reach: read, looked up at a price, and as a line.

import { describe, expect, it } from "vitest";
import {
  estimateAt,
  reachCountries,
  reachLine,
  readReach,
} from "../../../src/domain/cost/reach.ts";

/** Meta's own sample, its second price first. */
const ANSWER = {
  waba_currency: "USD",
  estimates: [
    estimate(520, [600, 650], [400.74, 510.74]),
    estimate(400, [500, 570], [389.74, 390.74]),
  ],
};

function estimate(bid: number, [from, to]: number[], [low, high]: number[]) {
  return {
    bid_amount: bid,
    users: 1_000,
    deliveries_lower_bound: from,
    deliveries_upper_bound: to,
    cost_lower_bound: low,
    cost_upper_bound: high,
  };
}

describe("an answer of reachestimate", () => {
  it("is read as Meta shows it, lowest price first", () => {
    expect(readReach(ANSWER)).toEqual({
      currency: "USD",
      estimates: [
        { bidAmount: 400, users: 1_000, deliveries: [500, 570], cost: [389.74, 390.74] },
        { bidAmount: 520, users: 1_000, deliveries: [600, 650], cost: [400.74, 510.74] },
      ],
    });
  });

  it.each<[answer: Record<string, unknown>]>([
    [{}],
    [{ estimates: "none" }],
    [{ estimates: [null, 5, {}, { bid_amount: 5 }] }],
    [{ estimates: [{ ...estimate(5, [1, 2], [3, 4]), users: "many" }] }],
  ])("%j has no estimate", (answer) => {
    expect(readReach(answer)).toEqual({ currency: null, estimates: [] });
  });

  it.each<[bid: number, at: number | null]>([
    [399, null],
    [400, 400],
    [519, 400],
    [520, 520],
    [650 * 0.8, 520],
    [9_999, 520],
  ])("at %d has the estimate at %s", (bid, at) => {
    expect(estimateAt(readReach(ANSWER), bid)?.bidAmount ?? null).toBe(at);
  });
});

describe("the line of a country", () => {
  const lineAt = (bidAmount: number, answer: Record<string, unknown> = ANSWER, billed = "USD") =>
    reachLine("BR", readReach(answer), { bidAmount, currency: billed });

  it("has the figures in the currency's unit", () => {
    const answer = { ...ANSWER, estimates: [estimate(6_000, [600, 650], [40_070, 51_070])] };
    expect(lineAt(6_000, answer)).toBe(
      "BR at 0.06: 600-650 of 1,000 delivered, 400.70-510.70 USD per 1,000 deliveries",
    );
  });

  it("names the price that an estimate is of where it is another one", () => {
    expect(lineAt(519)).toBe(
      "BR at 0.004 (Meta's nearest below 0.00519): 500-570 of 1,000 delivered, 3.90-3.91 USD per 1,000 deliveries",
    );
  });

  it("invents nothing below the lowest price, and of no answer", () => {
    expect(lineAt(399)).toBe(
      "BR at 0.00399: no estimate of Meta's at or below this price; the lowest is at 0.004",
    );
    expect(lineAt(399, {})).toBe(
      "BR at 0.00399: no estimate of Meta's at or below this price; none",
    );
  });

  it("goes by the answer's currency, and by units of it", () => {
    const answer = {
      waba_currency: "CLP",
      estimates: [estimate(55_000, [1, 2], [40_000, 50_000])],
    };
    expect(lineAt(55_000, answer)).toBe(
      "BR at 55.00: 1-2 of 1,000 delivered, 40,000.00-50,000.00 CLP per 1,000 deliveries",
    );
    const nameless = readReach({ estimates: [estimate(500, [1, 2], [400, 500])] });
    expect(reachLine("BR", nameless, { bidAmount: 500, currency: null })).toBe(
      "BR at 500: 1-2 of 1,000 delivered, 400-500 of the smallest unit per 1,000 deliveries",
    );
  });
});

it("asks about the three countries with most people that have a max price", () => {
  const people = ["RU", "BR", null, "IN", "MX", "AR"].map((region) => ({ region }));
  expect(reachCountries(people)).toEqual([{ region: "BR" }, { region: "IN" }, { region: "MX" }]);
});
