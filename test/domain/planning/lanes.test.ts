import { describe, expect, it } from "vitest";

import type { LaneRule } from "../../../src/domain/planning/lanes.ts";
import { laneFor } from "../../../src/domain/planning/lanes.ts";

const rule = (lane: string, messagesPerSecond = 80, ...regions: string[]): LaneRule => ({
  lane,
  messagesPerSecond,
  regions,
});
const PEOPLE = Array.from({ length: 20_000 }, (_, at) => String(5_511_900_000_000 + at));
const shares = (rules: LaneRule[]): number[] => {
  const counts = rules.map(() => 0);
  for (const person of PEOPLE) counts[laneFor(rules, person, "BR", undefined)]! += 1;
  return counts.map((count) => count / PEOPLE.length);
};

describe("the lane of a person", () => {
  it.each<[string, LaneRule[], string | null, string | undefined, number]>([
    ["reached them last", [rule("1"), rule("2", 80, "MX")], "MX", "1", 0],
    ["has their region", [rule("1"), rule("2", 80, "MX")], "MX", undefined, 1],
    ["is not one of these: the region counts", [rule("1"), rule("2", 80, "MX")], "MX", "9", 1],
    ["is for others, though it reached them", [rule("1"), rule("2", 80, "MX")], "BR", "2", 1],
    ["is the only one without regions", [rule("1", 80, "MX"), rule("2")], "BR", undefined, 1],
    ["is free for who has no region", [rule("1", 80, "MX"), rule("2")], null, undefined, 1],
  ])("is the one that %s", (_, rules, region, last, place) => {
    expect(laneFor(rules, "5511900000001", region, last)).toBe(place);
  });

  it("is drawn as often as the rates say", () => {
    const [one, two, four] = shares([rule("1", 80), rule("2", 160), rule("3", 320)]);
    expect(one).toBeCloseTo(1 / 7, 1.5);
    expect(two).toBeCloseTo(2 / 7, 1.5);
    expect(four).toBeCloseTo(4 / 7, 1.5);
    // Where every number has regions, all share the people of other regions.
    const [mx, ar] = shares([rule("1", 80, "MX"), rule("2", 80, "AR")]);
    expect(mx).toBeCloseTo(0.5, 1.5);
    expect(ar).toBeCloseTo(0.5, 1.5);
  });

  it("stays when a number is added, but for those who go to that one", () => {
    const before = [rule("1"), rule("2")];
    const after = [...before, rule("3")];
    for (const person of PEOPLE) {
      const place = laneFor(after, person, "BR", undefined);
      if (place < 2) expect(place).toBe(laneFor(before, person, "BR", undefined));
    }
  });
});
