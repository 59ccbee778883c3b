import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { describe, expect, it } from "vitest";

import { chance } from "../../src/sandbox/scenario/chance.ts";
import { fateOf } from "../../src/sandbox/scenario/fates.ts";
import { FAULT_KINDS } from "../../src/sandbox/scenario/scenario.ts";
import { SPECIAL_NUMBERS, specialNumberOf } from "../../src/sandbox/scenario/special-numbers.ts";
import { scenarioOf } from "./posting.ts";

describe("chance", () => {
  it("is the same in every process and on every machine", () => {
    expect(chance("a", "fate", "1")).toBe(0.41248327936045825);
    expect(chance("a", "fate", "2")).toBe(0.867139566456899);
    expect(chance("b", "fate", "1")).toBe(0.42025887640193105);
  });

  it("is even over consecutive numbers", () => {
    const buckets = new Array<number>(10).fill(0);
    for (let index = 0; index < 20_000; index += 1) {
      const bucket = Math.floor(chance("s", "fate", `${5_520_912_000_000 + index}`) * 10);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    for (const size of buckets) expect(Math.abs(size - 2_000)).toBeLessThan(200);
  });
});

describe("the special numbers", () => {
  it("are Swedish numbers reserved for fiction that pass for real mobile numbers", () => {
    for (const { number } of SPECIAL_NUMBERS) {
      const parsed = parsePhoneNumberFromString(number);
      expect([number, parsed?.isValid(), parsed?.getType()]).toEqual([number, true, "MOBILE"]);
      const last = Number(number.slice(-8));
      expect(last).toBeGreaterThanOrEqual(1_740_605);
      expect(last).toBeLessThanOrEqual(1_740_699);
    }
  });

  it("are each there once, with a fate of their own", () => {
    expect(new Set(SPECIAL_NUMBERS.map((one) => one.number)).size).toBe(SPECIAL_NUMBERS.length);
    expect(new Set(SPECIAL_NUMBERS.map((one) => one.means)).size).toBe(SPECIAL_NUMBERS.length);
  });

  it("have one for every fault", () => {
    const faults = new Set(SPECIAL_NUMBERS.map((one) => one.fault));
    for (const kind of FAULT_KINDS) expect(faults).toContain(kind);
  });

  it("are found by their digits", () => {
    expect(specialNumberOf("46701740610")?.failsWith).toBe(131026);
    expect(specialNumberOf("46701740699")).toBeUndefined();
  });
});

describe("fateOf", () => {
  const delivered = { failsWith: null, isHeld: false };

  it.each([
    ["12025550123", { failsWith: 131049 }],
    ["14165550123", delivered],
    ["18765550123", delivered],
    ["17875550123", delivered],
    ["18005550123", delivered],
    ["12115550123", { failsWith: 131026 }],
    ["120255501", { failsWith: 131026 }],
    ["46701740605", { ...delivered, isRead: true }],
    ["46701740606", { ...delivered, isRead: false }],
    ["46701740607", { failsWith: null, isHeld: true }],
    ["46701740610", { failsWith: 131026 }],
    ["46701740611", { failsWith: 131050 }],
    ["46701740612", { failsWith: 131049 }],
    ["46701740613", { failsWith: 130472 }],
  ])("of %s is %o", (digits, fate) => {
    expect(fateOf(scenarioOf(), digits)).toMatchObject(fate);
  });

  it("blocks territories and shared +1 numbers only when the scenario says so", () => {
    const strict = scenarioOf({ block_us_territories: true, block_shared_plus_one: true });
    expect(fateOf(strict, "17875550123").failsWith).toBe(131049);
    expect(fateOf(strict, "18005550123").failsWith).toBe(131049);
    expect(fateOf(strict, "14165550123").failsWith).toBeNull();
  });

  it("keeps the shares, and gives a number the same fate every time", () => {
    const shares = {
      unreachable: 0.1,
      opted_out: 0.2,
      per_user_limit: 0.05,
      experiment: 0.01,
      read: 0.5,
    };
    const scenario = scenarioOf({ seed: "x", shares, held_share: 0.1 });
    const counts = new Map<number | null, number>();
    let held = 0;
    const numbers = Array.from({ length: 20_000 }, (_, index) => `${5_520_910_000_000 + index}`);
    for (const digits of numbers) {
      const fate = fateOf(scenario, digits);
      expect(fateOf(scenarioOf({ seed: "x", shares, held_share: 0.1 }), digits)).toEqual(fate);
      counts.set(fate.failsWith, (counts.get(fate.failsWith) ?? 0) + 1);
      if (fate.isHeld) held += 1;
    }
    for (const [code, share] of [
      [131026, 0.1],
      [131050, 0.2],
      [131049, 0.05],
      [130472, 0.01],
    ] as const) {
      expect(Math.abs((counts.get(code) ?? 0) / numbers.length - share)).toBeLessThan(0.01);
    }
    expect(Math.abs(held / numbers.length - 0.1)).toBeLessThan(0.01);
  });

  it("differs by seed", () => {
    const half = { shares: { unreachable: 0.5 } };
    const numbers = Array.from({ length: 500 }, (_, index) => `${5_520_910_000_000 + index}`);
    const fates = (seed: string): unknown[] =>
      numbers.map((digits) => fateOf(scenarioOf({ ...half, seed }), digits).failsWith);
    expect(fates("a")).not.toEqual(fates("b"));
  });
});
