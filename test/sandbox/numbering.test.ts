import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { describe, expect, it } from "vitest";

import { plusOneOf, readTo, waIdOf } from "../../src/sandbox/scenario/numbering.ts";

describe("plusOneOf", () => {
  it.each([
    ["12025550123", "us"],
    ["19075550123", "us"],
    ["18085550123", "us"],
    ["14165550123", "canada"],
    ["18765550123", "caribbean"],
    ["18095550123", "caribbean"],
    ["17875550123", "us_territory"],
    ["16715550123", "us_territory"],
    ["18005550123", "shared"],
    ["19005550123", "shared"],
    ["12115550123", "unassigned"],
    ["1202555012", "malformed"],
    ["120255501234", "malformed"],
  ])("says that %s is %s", (digits, whose) => {
    expect(plusOneOf(digits)).toBe(whose);
  });

  it("says nothing about other countries", () => {
    expect(plusOneOf("5520912345678")).toBeUndefined();
  });

  it("agrees with libphonenumber on every area code that it knows", () => {
    const disagreements: string[] = [];
    let known = 0;
    for (let area = 200; area <= 999; area += 1) {
      const countries = new Set(
        ["5552368", "2342368", "4562368"].map((rest) => {
          const number = parsePhoneNumberFromString(`+1${area}${rest}`);
          return number?.isValid() ? number.country : undefined;
        }),
      );
      const mine = plusOneOf(`1${area}5552368`);
      for (const country of countries) {
        if (country === undefined) continue;
        known += 1;
        if (mine !== wantedOf(country) && mine !== "shared") {
          disagreements.push(`${area}: ${mine}, but ${country}`);
        }
      }
    }
    expect(disagreements).toEqual([]);
    expect(known).toBeGreaterThan(400);
  });

  it("leaves toll-free and personal numbers, and nothing else, without a country", () => {
    const shared = [];
    for (let area = 200; area <= 999; area += 1) {
      if (plusOneOf(`1${area}5552368`) === "shared") shared.push(area);
    }
    expect(shared.filter((area) => area < 500 || (area >= 701 && area < 710))).toEqual([]);
    for (const area of [800, 833, 844, 855, 866, 877, 888, 900]) expect(shared).toContain(area);
  });
});

describe("readTo", () => {
  it.each([
    ["+5520912345678", "5520912345678"],
    ["+55 (20) 91234-5678", "5520912345678"],
    // Without a plus Meta puts the business's country code before it, whatever is there already.
    ["20912345678", "5520912345678"],
    ["46701740605", "5546701740605"],
    ["", undefined],
    ["+", undefined],
    ["+55 20 ramal 9", undefined],
    ["++5520912345678", undefined],
    ["+1234567890123456", undefined],
    ["+123", undefined],
    ["+５５20912345678", undefined],
  ])("reads %j as %j", (to, digits) => {
    expect(readTo(to, "55")).toBe(digits);
  });
});

describe("waIdOf", () => {
  const all = { seed: "s", brazilShortIds: 1 };

  it.each([
    ["5531912345678", "553112345678"],
    ["5520912345678", "5520912345678"],
    ["553132345678", "553132345678"],
    ["525512345678", "5215512345678"],
    ["5491123456789", "5491123456789"],
    ["46701740605", "46701740605"],
  ])("calls %s %s", (digits, waId) => {
    expect(waIdOf(digits, all)).toBe(waId);
  });

  it("shortens only the share of the Brazilian ids that is asked for", () => {
    const numbers = Array.from({ length: 2_000 }, (_, index) => `55319${10_000_000 + index}`);
    const short = numbers.filter(
      (digits) => waIdOf(digits, { seed: "s", brazilShortIds: 0.25 }).length === 12,
    );
    expect(short.length / numbers.length).toBeCloseTo(0.25, 1);
    expect(
      numbers.filter((digits) => waIdOf(digits, { seed: "s", brazilShortIds: 0 }).length === 12),
    ).toEqual([]);
  });
});

function wantedOf(country: string): string {
  if (country === "US") return "us";
  if (country === "CA") return "canada";
  return ["PR", "VI", "GU", "MP", "AS"].includes(country) ? "us_territory" : "caribbean";
}
