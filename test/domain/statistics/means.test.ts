// Means of amounts and what an order cost: intervals where they hold, and "cannot tell" elsewhere.

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { costPerOrder, incrementalOrders } from "../../../src/domain/statistics/incremental.ts";
import type { MeanDifference, Sums } from "../../../src/domain/statistics/means.ts";
import {
  EFFECTIVE_ORDERS_MIN,
  effectiveOrders,
  welch,
} from "../../../src/domain/statistics/means.ts";
import { criticalValue } from "../../../src/domain/statistics/normal.ts";
import { newcombe } from "../../../src/domain/statistics/two-shares.ts";
import { makeChance } from "../../support/chance.ts";

/** The sums of amounts, each with how many people have it. */
function sumsOf(people: number, ...amounts: [amount: number, people: number][]): Sums {
  return {
    people,
    sum: amounts.reduce((sum, [amount, times]) => sum + amount * times, 0),
    squares: amounts.reduce((sum, [amount, times]) => sum + amount * amount * times, 0),
  };
}

describe("Welch's interval", () => {
  // scipy.stats.ttest_ind(equal_var=False).confidence_interval, SciPy 1.17.1.
  it.each([
    [
      sumsOf(10_000, [20, 300], [45, 150]),
      sumsOf(5_000, [22, 320], [50, 190]),
      0.05,
      1.7103719,
      2.3556281,
    ],
    [
      sumsOf(10_000, [20, 300], [45, 150]),
      sumsOf(5_000, [22, 320], [50, 190]),
      0.01,
      1.6089513,
      2.4570487,
    ],
    [
      sumsOf(300, [10, 150], [20, 150]),
      sumsOf(300, [10, 200], [26, 100]),
      0.05,
      -0.694774,
      1.3614406,
    ],
  ])("of %j and %j at %d is that of SciPy", (a, b, alpha, low, high) => {
    const found = welch(a, b, alpha) as MeanDifference;
    expect(found.low).toBeCloseTo(low, 6);
    expect(found.high).toBeCloseTo(high, 6);
    expect(found.difference).toBeCloseTo((low + high) / 2, 6);
  });

  it("is null where few orders, or one large one, carry the mean", () => {
    const many = sumsOf(10_000, [20, 500]);
    expect(effectiveOrders(many)).toBe(500);
    expect(effectiveOrders(sumsOf(10_000))).toBe(0);
    expect(effectiveOrders(sumsOf(10_000, [20, 500], [90_000, 1]))).toBeLessThan(2);
    expect(welch(many, many)).not.toBeNull();
    expect(welch(many, sumsOf(10_000, [20, EFFECTIVE_ORDERS_MIN]))).not.toBeNull();
    expect(welch(many, sumsOf(10_000, [20, EFFECTIVE_ORDERS_MIN - 1]))).toBeNull();
    expect(welch(sumsOf(10_000, [20, 500], [90_000, 1]), many)).toBeNull();
    expect(welch(sumsOf(10_000), many)).toBeNull();
  });

  it("has no width where all amounts are the same, and turns over", () => {
    const [one, other] = [sumsOf(400, [10, 400]), sumsOf(400, [12, 400])];
    expect(welch(one, other)).toEqual({ difference: 2, low: 2, high: 2 });
    const amounts = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 400, max: 900 }));
    fc.assert(
      fc.property(amounts, amounts, (first, second) => {
        const [a, b] = [sumsOf(2_000, first), sumsOf(1_000, second)];
        const [there, back] = [welch(a, b), welch(b, a)] as [MeanDifference, MeanDifference];
        expect(there.low).toBeCloseTo(-back.high, 9);
        expect(there.low).toBeLessThanOrEqual(there.difference);
        expect(there.high).toBeGreaterThanOrEqual(there.difference);
      }),
    );
  });

  it("of shares is nearly Newcombe's", () => {
    const [a, b] = [
      { number: 900, of: 9_000 },
      { number: 1_100, of: 9_000 },
    ];
    const found = welch(sumsOf(a.of, [1, a.number]), sumsOf(b.of, [1, b.number]));
    expect(found?.low).toBeCloseTo(Number(newcombe(a, b)?.low), 4);
    expect(found?.high).toBeCloseTo(Number(newcombe(a, b)?.high), 4);
  });

  // Orders of 3 % of people, log-normal: the standard deviation is so many times the mean.
  it.each([
    { times: 0.5, orders: 300, larger: 1 },
    { times: 1, orders: 500, larger: 1 },
    { times: 1, orders: 500, larger: 5 },
    { times: 2, orders: 1_200, larger: 3 },
  ])(
    "holds in 93 % and more: spread $times, $orders orders, against $larger times as many",
    ({ times, orders, larger }) => {
      const { uniform } = makeChance(5);
      const spread = Math.sqrt(Math.log(1 + times * times));
      const simulated = (expected: number): Sums => {
        const people = Math.round(expected / 0.03);
        let [sum, squares] = [0, 0];
        // The gaps between people who order are geometric.
        const gap = () => 1 + Math.floor(Math.log(1 - uniform()) / Math.log(0.97));
        for (let at = gap() - 1; at < people; at += gap()) {
          const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
          const amount = Math.exp(spread * radius * Math.cos(2 * Math.PI * uniform()));
          sum += amount;
          squares += amount * amount;
        }
        return { people, sum, squares };
      };
      const found = Array.from({ length: 300 }, () =>
        welch(simulated(orders), simulated(larger * orders)),
      ).filter((one) => one !== null);
      const holding = found.filter(({ low, high }) => low <= 0 && high >= 0);
      expect(found.length).toBeGreaterThan(200);
      // Two standard errors below.
      expect(holding.length / found.length).toBeGreaterThan(0.93 - 0.03);
      expect(holding.length / found.length).toBeLessThan(0.99);
    },
  );
});

describe("what an order cost", () => {
  const holdOut = { number: 100, of: 5_000 };
  const sentTo = { number: 2_660, of: 95_000 };

  it("is the cost over the orders that sending brought, with the bounds turned over", () => {
    const orders = incrementalOrders(holdOut, sentTo);
    expect(orders?.orders).toBeCloseTo(760, 9);
    expect(orders?.low).toBeCloseTo(95_000 * Number(newcombe(holdOut, sentTo)?.low), 9);
    const cost = costPerOrder(7_600, orders);
    expect(cost?.cost).toBeCloseTo(10, 9);
    expect(cost?.low).toBeCloseTo(7_600 / Number(orders?.high), 9);
    expect(cost?.high).toBeCloseTo(7_600 / Number(orders?.low), 9);
    expect(Number(cost?.low)).toBeLessThan(10);
    expect(Number(cost?.high)).toBeGreaterThan(10);
  });

  it("is not known where sending may have brought none, or of few", () => {
    const none = incrementalOrders(holdOut, { number: 2_000, of: 95_000 });
    expect(none?.low).toBeLessThan(0);
    expect(costPerOrder(7_600, none)).toBeNull();
    expect(costPerOrder(7_600, incrementalOrders(holdOut, { number: 900, of: 95_000 }))).toBeNull();
    // What seems sure at 95 % is not at 99.99 %.
    const surer = incrementalOrders(holdOut, sentTo, criticalValue(0.0001));
    expect(costPerOrder(7_600, surer)).toBeNull();
    expect(incrementalOrders({ number: 0, of: 20 }, sentTo)).toBeNull();
    expect(costPerOrder(7_600, null)).toBeNull();
  });
});
