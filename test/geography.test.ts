import { describe, expect, it } from "vitest";
import { blockedPlace, hasOptimisation, isBlocked, regionKind } from "../src/geography.ts";

describe("regionKind", () => {
  it.each([
    ["US", "us"],
    ["PR", "us_territory"],
    ["GU", "us_territory"],
    ["VI", "us_territory"],
    ["AS", "us_territory"],
    ["MP", "us_territory"],
    ["CU", "blocked"],
    ["IR", "blocked"],
    ["KP", "blocked"],
    ["SY", "blocked"],
    ["VE", "blocked"],
    ["DE", "without_optimisation"],
    ["NO", "without_optimisation"],
    ["GB", "without_optimisation"],
    ["JP", "without_optimisation"],
    ["KR", "without_optimisation"],
    ["NG", "without_optimisation"],
    ["ZA", "without_optimisation"],
    ["CH", "full"],
    ["RU", "full"],
    ["BR", "full"],
    ["CA", "full"],
    [null, "unknown"],
  ])("%s is %s", (region, kind) => {
    expect(regionKind(region)).toBe(kind);
    expect(hasOptimisation(region)).toBe(kind !== "without_optimisation");
    expect(isBlocked(region)).toBe(kind === "blocked");
  });
});

describe("blockedPlace", () => {
  it.each([
    ["+5352345678", "CU", "Cuba"],
    ["+79781234567", "RU", "Crimea"],
    ["+78692123456", "RU", "Crimea"],
    ["+79491234567", "RU", "Donetsk"],
    ["+79591234567", "RU", "Luhansk"],
    ["+79161234567", "RU", null],
    ["+380501234567", "UA", null],
    ["+870773111632", null, null],
  ])("%s (%s): %s", (phone, region, place) => {
    expect(blockedPlace(phone, region)).toBe(place);
  });
});
