import { describe, expect, it } from "vitest";

import {
  ceilingOf,
  makePairLimit,
  makePortfolio,
  makeThroughput,
  makeWindow,
} from "../../src/sandbox/scenario/limits.ts";

describe("ceilingOf", () => {
  it.each([
    [80, 82],
    [50, 51],
    [100, 102],
    [1_000, 1_020],
    [1, 2],
  ])("gives %d a second a ceiling of %d", (perSecond, ceiling) => {
    expect(ceilingOf(perSecond)).toBe(ceiling);
  });
});

describe("the throughput limit", () => {
  it("lets the ceiling through within any second, and not one more", () => {
    const limit = makeThroughput(80);
    const admitted = Array.from({ length: 200 }, (_, index) => limit.admit(undefined, index));
    expect(admitted.filter(Boolean)).toHaveLength(82);
    expect(admitted.slice(0, 82)).not.toContain(false);
    // The window slides: each place is free again a second after it was taken, and not before.
    expect(limit.admit(undefined, 999.9)).toBe(false);
    expect(limit.admit(undefined, 1_000)).toBe(true);
    expect(limit.admit(undefined, 1_000)).toBe(false);
    expect(limit.admit(undefined, 1_001)).toBe(true);
  });

  it("never lets more than the ceiling through in any window, whatever comes", () => {
    const limit = makeThroughput(20);
    const admitted: number[] = [];
    for (let ms = 0; ms < 5_000; ms += ms % 700 < 300 ? 1 : 40) {
      if (limit.admit(undefined, ms)) admitted.push(ms);
    }
    const worst = admitted.map(
      (start) => admitted.filter((ms) => ms >= start && ms < start + 1_000).length,
    );
    expect(Math.max(...worst)).toBe(21);
  });

  it("does not count what it refused", () => {
    const limit = makeThroughput(10);
    for (let ms = 0; ms < 2_000; ms += 1) limit.admit(undefined, ms);
    expect(limit.admit(undefined, 2_001)).toBe(true);
  });

  it("lets everything through when there is none", () => {
    const limit = makeThroughput(null);
    expect(Array.from({ length: 9_999 }, () => limit.admit(undefined, 0))).not.toContain(false);
  });

  it("tells how much of it is in use", () => {
    const limit = makeThroughput(80);
    expect(limit.usage(0)).toBe(0);
    for (let index = 0; index < 40; index += 1) limit.admit(undefined, 0);
    expect(limit.usage(500)).toBe(50);
    expect(limit.usage(1_000)).toBe(0);
  });
});

describe("the pair limit", () => {
  it("lets 45 at once through to one person, then one every six seconds", () => {
    const limit = makePairLimit();
    const burst = Array.from({ length: 50 }, () => limit.admit("1", 0));
    expect(burst.filter(Boolean)).toHaveLength(45);
    expect(limit.admit("2", 0)).toBe(true);
    expect(limit.admit("1", 5_999)).toBe(false);
    expect(limit.admit("1", 6_000)).toBe(true);
    expect(limit.admit("1", 6_000)).toBe(false);
  });

  it("gives the whole burst back when what was borrowed is paid", () => {
    const limit = makePairLimit();
    for (let index = 0; index < 45; index += 1) limit.admit("1", 0);
    const later = Array.from({ length: 50 }, () => limit.admit("1", 45 * 6_000));
    expect(later.filter(Boolean)).toHaveLength(45);
  });

  it("forgets only those who are out of debt, however many persons there are", () => {
    const limit = makePairLimit();
    for (let index = 0; index < 45; index += 1) limit.admit("busy", 0);
    for (let index = 0; index < 120_000; index += 1) limit.admit(`p${index}`, 10);
    expect(limit.admit("busy", 20)).toBe(false);
  });
});

describe("the people of a portfolio", () => {
  const DAY_MS = 86_400_000;

  it("are as many as the tier within any 24 hours, each counted from the last message", () => {
    const portfolio = makePortfolio();
    for (let person = 0; person < 50; person += 1) {
      expect(portfolio.admit(`${person}`, "TIER_50", person)).toBe(true);
    }
    expect(portfolio.admit("51", "TIER_50", 100)).toBe(false);
    // The first was reached again, so that the second is the first to leave.
    expect(portfolio.admit("0", "TIER_50", 200)).toBe(true);
    expect(portfolio.admit("51", "TIER_50", DAY_MS)).toBe(false);
    expect(portfolio.admit("51", "TIER_50", DAY_MS + 1)).toBe(true);
    expect(portfolio.admit("52", "TIER_50", DAY_MS + 1)).toBe(false);
  });

  it.each(["TIER_UNLIMITED", "UNTIERED", "TIER_OF_2030"])("are any number in %s", (tier) => {
    const portfolio = makePortfolio();
    const all = Array.from({ length: 200_000 }, (_, person) => person);
    expect(all.every((person) => portfolio.admit(`${person}`, tier, 0))).toBe(true);
  });
});

describe("a window", () => {
  it("counts what is within a span, and knows when the next place is free", () => {
    const window = makeWindow(100);
    for (const instant of [0, 10, 95]) window.add(instant);
    expect(window.count(100, 99)).toBe(3);
    expect(window.count(10, 99)).toBe(1);
    expect(window.count(100, 100)).toBe(2);
    expect(window.untilNext(100, 99)).toBe(1);
    expect(window.untilNext(100, 200)).toBe(0);
  });
});
