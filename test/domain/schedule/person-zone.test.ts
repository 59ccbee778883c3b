import { describe, expect, it } from "vitest";
import { readInternational } from "../../../src/domain/recipient/phone-plans.ts";
import { isPhoneRegion } from "../../../src/domain/recipient/phone-regions.ts";
import { areaClocks, areaCodes } from "../../../src/domain/schedule/area-clocks.ts";
import { readClock, readZone, zoneOfPerson } from "../../../src/domain/schedule/person-zone.ts";

const zone = (phone: string | null, region: string | null, own: string | null = null) =>
  zoneOfPerson({ own, region, phone });

const clocksOf = (region: string) => readZone(zone(null, region)).clocks;

/** What clocks show, and when they change: the same for names of one clock. */
function rules(clock: string): string {
  const format = new Intl.DateTimeFormat("sv", {
    timeZone: clock,
    dateStyle: "short",
    timeStyle: "short",
  });
  const weeks = Array.from({ length: 60 }, (_, week) => Date.UTC(2026, 10, 30 + 7 * week));
  return weeks.map((at) => format.format(at)).join();
}

describe("the zone of a person", () => {
  it.each([
    ["the row's own clock", zone("+5511987654321", "BR", "Asia/Tokyo"), "BR Asia/Tokyo"],
    ["an area code", zone("+5592987654321", "BR"), "BR America/Manaus"],
    ["a code of two places", zone("+5581987654321", "BR"), "BR America/Noronha,America/Recife"],
    ["a code of two digits", zone("+525512345678", "MX"), "MX America/Mexico_City"],
    ["a code of three", zone("+526641234567", "MX"), "MX America/Tijuana"],
    ["a country with one clock", zone("+819012345678", "JP"), "JP Asia/Tokyo"],
    ["a country that CLDR lacks", zone("+38344123456", "XK"), "XK Europe/Belgrade"],
    ["a person without a number", zone(null, "JP"), "JP Asia/Tokyo"],
    ["no country", zone("+882161234567", null), "-"],
  ])("%s", (_, text, expected) => {
    expect(text).toBe(expected);
  });

  it("has all clocks of a country whose mobiles mean no place", () => {
    const russia = readZone(zone("+79141234567", "RU"));
    expect(russia.region).toBe("RU");
    expect(russia.clocks).toEqual(expect.arrayContaining(["Asia/Kamchatka", "Europe/Moscow"]));
    // 867 is Yukon, the Northwest Territories and Nunavut.
    expect(areaClocks("CA", "+18679791234")).toBeUndefined();
    expect(readZone(zone("+18679791234", "CA")).clocks).toEqual(clocksOf("CA"));
  });
});

describe("area codes", () => {
  it("has every code of Brazil and of Canada that the plan has, but those of no place", () => {
    const tried = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, at) => String(from + at));
    const brazil = tried(11, 99).filter((code) => readInternational(`55${code}987654321`));
    expect(brazil).toHaveLength(67);
    expect(areaCodes("BR").toSorted()).toEqual(brazil);
    const canada = tried(200, 999).filter(
      (code) => readInternational(`1${code}2345678`)?.region === "CA",
    );
    const ofNoPlace = ["273", "600", "622", "633", "867"];
    expect(
      canada.filter((code) => !areaCodes("CA").includes(code) && !ofNoPlace.includes(code)),
    ).toEqual([]);
    expect(areaCodes("CA").filter((code) => !canada.includes(code))).toEqual([]);
    const mexico = areaCodes("MX").filter((code) => !readInternational(`52${code}2345678`));
    expect(mexico).toEqual([]);
  });

  it("means clocks of its own country", () => {
    for (const region of ["BR", "MX", "CA"]) {
      const known = new Set(clocksOf(region).map(rules));
      const used = areaCodes(region).flatMap((code) => {
        const prefix = { BR: "55", MX: "52", CA: "1" }[region];
        return areaClocks(region, `+${prefix}${code}2345678`) ?? [];
      });
      expect([...new Set(used)].filter((clock) => !known.has(rules(clock)))).toEqual([]);
    }
  });
});

describe("the clocks of countries", () => {
  it("are known wherever there are phones", () => {
    const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
    const regions = letters.flatMap((one) => letters.map((two) => one + two)).filter(isPhoneRegion);
    expect(regions.length).toBeGreaterThan(240);
    expect(regions.filter((region) => clocksOf(region).length === 0)).toEqual([]);
  });
});

describe("a row's own clock", () => {
  it.each([
    ["America/Sao_Paulo", "America/Sao_Paulo"],
    [" europe/berlin ", "Europe/Berlin"],
    ["-03:00", "-03:00"],
    ["-3", "-03:00"],
    ["+0530", "+05:30"],
    ["UTC+5:30", "+05:30"],
    ["GMT\u22123", "-03:00"],
    ["+00:00", "UTC"],
    ["utc", "UTC"],
    ["", null],
    ["EST", undefined],
    ["Brasilia", undefined],
    ["America/Nowhere", undefined],
    ["+15:00", undefined],
    ["3", undefined],
  ])("%j is %s", (cell, expected) => {
    expect(readClock(cell)).toBe(expected);
  });
});
