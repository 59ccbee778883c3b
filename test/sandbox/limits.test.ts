import { describe, expect, it } from "vitest";

import { ceilingOf, makePairLimit, makeThroughput } from "../../src/sandbox/limits.ts";

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
