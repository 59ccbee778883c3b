import { describe, expect, it } from "vitest";
import {
  blockedPlace,
  hasOptimisation,
  hasReporting,
  isBlocked,
  regionKind,
} from "../../../src/domain/recipient/geography.ts";

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
    ["RU", "without_reporting"],
    ["BY", "without_reporting"],
    ["CH", "full"],
    ["UA", "full"],
    ["BR", "full"],
    ["CA", "full"],
    [null, "unknown"],
  ])("%s is %s", (region, kind) => {
    expect(regionKind(region)).toBe(kind);
    expect(hasOptimisation(region)).toBe(kind !== "without_optimisation");
    expect(hasReporting(region)).toBe(kind !== "without_reporting");
    expect(isBlocked(region)).toBe(kind === "blocked");
  });
});

/**
 * The rows of Meta's page "Marketing Messages API, Get started", 2026-09-11, by the names of the
 * countries.
 */
const PAGE = {
  without_optimisation: ["United Kingdom", "Japan", "South Korea", "Nigeria", "South Africa"],
  without_reporting: ["Russia", "Belarus"],
  us: ["United States"],
  blocked: ["Cuba", "Iran", "North Korea", "Syria", "Venezuela"],
};
/**
 * The members of the European Economic Area (efta.int, 2026): the European Union's 27, and three of
 * the EFTA.
 */
const EEA =
  "Austria, Belgium, Bulgaria, Croatia, Cyprus, Czechia, Denmark, Estonia, Finland, France, Germany, Greece, Hungary, Ireland, " +
  "Italy, Latvia, Lithuania, Luxembourg, Malta, Netherlands, Poland, Portugal, Romania, Slovakia, Slovenia, Spain, Sweden, " +
  "Iceland, Liechtenstein, Norway";

/** Every region that the runtime has a name for. */
const NAMES = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const REGIONS = LETTERS.flatMap((first) => LETTERS.map((second) => `${first}${second}`)).filter(
  (region) => NAMES.of(region) !== undefined,
);

describe("the tables of countries", () => {
  it("are those of Meta's page, and no others", () => {
    const page: Record<string, string[]> = {
      ...PAGE,
      without_optimisation: [...PAGE.without_optimisation, ...EEA.split(", ")],
    };
    for (const [kind, names] of Object.entries(page)) {
      const regions = REGIONS.filter((region) => regionKind(region) === kind);
      // A country may have a second code of old days, such as UK or SU.
      const found = new Set(regions.map((region) => NAMES.of(region)));
      expect([...found].sort(), kind).toEqual([...names].sort());
    }
    expect(EEA.split(", ")).toHaveLength(30);
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
