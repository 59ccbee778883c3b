// Every table of numbers that was written by hand, compared with its source.

import type { CountryCode } from "libphonenumber-js/max";
import { getCountries, Metadata, parsePhoneNumberFromString } from "libphonenumber-js/max";
import { describe, expect, it } from "vitest";
import { marketsOf } from "../../../src/domain/cost/market.ts";
import { blockedPlace } from "../../../src/domain/recipient/geography.ts";
import type { PlanSource } from "../../../src/domain/recipient/numbering.ts";
import { personOf } from "../../../src/domain/recipient/person.ts";
import { readPhone } from "../../../src/domain/recipient/phone.ts";
import { todaysForm } from "../../../src/domain/recipient/renumbering.ts";
import { plusOneOf } from "../../../src/sandbox/scenario/numbering.ts";

const metadata = new Metadata() as unknown as PlanSource;
const EXCHANGES = Array.from({ length: 50 }, (_, at) => 202 + at * 16);
const AREAS = Array.from({ length: 800 }, (_, at) => 200 + at);

/** `500 521-523` gives 500, 521, 522, 523. */
function ranges(text: string): number[] {
  return text.split(/\s+/).flatMap((part) => {
    const [from = 0, to = from] = part.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, at) => from + at);
  });
}

/** Non-geographic codes of the form 5XX (NANPA, "5XX-NXX codes", 2026). */
const NANPA_5XX = ranges(
  "500 521-529 532-533 535 538 542-547 549-550 552-556 566 569 577-578 588-589",
);

/** What libphonenumber knows of an area code of +1: countries, and whether it is shared by all. */
function known(area: number): { countries: Set<string>; isShared: boolean } {
  const countries = new Set<string>();
  let isShared = false;
  for (const exchange of EXCHANGES) {
    const number = parsePhoneNumberFromString(`+1${area}${exchange}2368`);
    if (number === undefined || !number.isValid()) continue;
    countries.add(number.country ?? "");
    const type = number.getType() ?? "";
    isShared ||= number.country === "US" && /TOLL_FREE|PREMIUM_RATE|PERSONAL_NUMBER/.test(type);
  }
  return { countries, isShared };
}

describe("the 800 area codes of +1", () => {
  it("are of the country that libphonenumber says, and the shared ones of none", () => {
    const found: Record<string, number> = {};
    for (const area of AREAS) {
      const { countries, isShared } = known(area);
      for (const exchange of EXCHANGES) {
        const reading = readPhone(`+1${area}${exchange}2368`);
        if (reading.kind === "unreadable") continue;
        const region = reading.region ?? "none";
        found[region] = (found[region] ?? 0) + 1;
        if (isShared) expect([area, region]).toEqual([area, "none"]);
        else expect([area, [...countries]]).toEqual([area, [region]]);
      }
    }
    expect(Object.keys(found).length).toBeGreaterThan(20);
    expect(found.US).toBeGreaterThan(15_000);
  });

  it("have no country where NANPA lists them as non-geographic, and only there among 5XX", () => {
    for (const area of AREAS.filter((one) => one >= 500 && one < 600)) {
      const { countries, isShared } = known(area);
      if (countries.size === 0) continue;
      expect([area, isShared]).toEqual([area, NANPA_5XX.includes(area)]);
    }
    expect(readPhone("+15482231684")).toMatchObject({ region: "CA" });
  });

  it("are the same in the sandbox, which has a table of its own", () => {
    for (const area of AREAS) {
      const whose = plusOneOf(`1${area}5552368`);
      if (area >= 500 && area < 600) {
        expect([area, whose === "shared"]).toEqual([area, NANPA_5XX.includes(area)]);
      }
      const reading = readPhone(`+1${area}5552368`);
      if (reading.kind === "unreadable") continue;
      if (reading.region === "US") expect([area, whose]).toEqual([area, "us"]);
      if (reading.region === null) expect([area, whose]).toEqual([area, "shared"]);
      if (whose === "us") expect([area, reading.region]).toEqual([area, "US"]);
    }
  });
});

describe("renumbered lines", () => {
  /** Prefixes by operator (fr.wikipedia after ARTCI, 2021). */
  const IVORY_COAST = {
    "01": "01 02 03 40 41 42 43 50 51 52 53 70 71 72 73",
    "05": "04 05 06 44 45 46 54 55 56 64 65 66 74 75 76 84 85 86 94 95 96",
    "07": "07 08 09 47 48 49 57 58 59 67 68 69 77 78 79 87 88 89 97 98",
    "21": "208 218 228 238",
    "25": "200 210 220 230 240 300 310 320 330 340 350 360",
    "27": "202 203 212 213 215 217 224 225 234 235 243 244 245 306 316 319 327 337 347 359 368",
  };

  it("Ivory Coast: every prefix of an operator gets its two digits, and no other does", () => {
    const wanted = new Map(
      Object.entries(IVORY_COAST).flatMap(([prefix, olds]) =>
        olds.split(" ").map((old) => [old, prefix] as const),
      ),
    );
    for (let first = 0; first < 1_000; first++) {
      const old = `${String(first).padStart(3, "0")}12345`;
      const prefix = wanted.get(old.slice(0, 2)) ?? wanted.get(old.slice(0, 3));
      const today = prefix === undefined ? null : `225${prefix}${old}`;
      // A landline that the table has and libphonenumber does not is caught by the plan.
      if (today === null && todaysForm(`225${old}`)?.startsWith("22527")) continue;
      expect([old, todaysForm(`225${old}`)]).toEqual([old, today]);
    }
  });

  it("Ivory Coast: today's numbers are in the plan, mobiles as mobiles", () => {
    for (let first = 0; first < 1_000; first++) {
      const today = todaysForm(`225${String(first).padStart(3, "0")}12345`);
      if (today === null) continue;
      const number = parsePhoneNumberFromString(`+${today}`);
      const isMobile = today[3] === "0";
      if (number?.isValid()) {
        expect([today, number.getType()]).toEqual([today, isMobile ? "MOBILE" : "FIXED_LINE"]);
      } else expect([today, isMobile]).toEqual([today, false]);
    }
  });

  it("Benin: every number of the old plan is one of today's", () => {
    for (const old of ["20212223", "40123456", "51234567", "61234567", "90123456", "97123456"]) {
      expect(readPhone(`+229${old}`)).toMatchObject({ e164: `+22901${old}`, region: "BJ" });
    }
  });

  it("Vietnam: 21 prefixes, each a mobile with the same last seven digits, none twice", () => {
    const found = new Map<string, string>();
    for (let prefix = 100; prefix < 200; prefix++) {
      const today = todaysForm(`84${prefix}1234567`);
      if (today === null) continue;
      found.set(today, String(prefix));
      const number = parsePhoneNumberFromString(`+${today}`);
      expect([prefix, number?.isValid(), number?.getType()]).toEqual([prefix, true, "MOBILE"]);
      expect(today.endsWith("1234567")).toBe(true);
    }
    expect([...found.values()]).toEqual(
      "120 121 122 123 124 125 126 127 128 129 162 163 164 165 166 167 168 169 186 188 199".split(
        " ",
      ),
    );
    expect(found.get("84331234567")).toBe("163");
  });

  it("Gabon: old and new form are one person, and both are in the plan", () => {
    for (const [old, today] of [
      ["01712345", "11712345"],
      ["02123456", "62123456"],
      ["04123456", "74123456"],
      ["05123456", "65123456"],
      ["06123456", "66123456"],
      ["07280150", "77280150"],
    ] as const) {
      expect(personOf(`+241${old}`)).toBe(personOf(`+241${today}`));
      expect(parsePhoneNumberFromString(`+241${today}`)?.isValid()).toBe(true);
    }
  });

  it.each(["BR", "MX", "AR", "BJ", "CI", "VN", "SM", "GA"] as const)(
    "%s: a number and its old form are one person",
    (region) => {
      metadata.selectNumberingPlan(region);
      const code = parsePhoneNumberFromString("1", region as CountryCode)?.countryCallingCode ?? "";
      for (let national = 0; national < 2_000; national++) {
        const digits = `${code}${String(national * 4_999_801 + 1)
          .padStart(8, "0")
          .slice(0, 10)}`;
        const today = todaysForm(digits);
        if (today !== null) expect([digits, personOf(digits)]).toEqual([digits, personOf(today)]);
      }
    },
  );
});

describe("overseas France", () => {
  it("has at most one code for each number that France does not have", () => {
    for (let first = 1_000; first < 10_000; first++) {
      const national = `${first}12345`;
      if (parsePhoneNumberFromString(`+33${national}`)?.isValid()) continue;
      const codes = ["262", "590", "594", "596", "508"].filter((code) => {
        const number = parsePhoneNumberFromString(`+${code}${national}`);
        return number?.isValid() && number.number === `+${code}${national}`;
      });
      expect([national, codes.length < 2]).toEqual([national, true]);
    }
  });

  it.each([
    ["0690 31 23 45", "GP"],
    ["0691 30 12 34", "GP"],
    ["0692 11 22 33", "RE"],
    ["0693 30 12 34", "RE"],
    ["0694 20 12 34", "GF"],
    ["0696 31 23 45", "MQ"],
    ["0697 31 23 45", "MQ"],
    ["0639 03 12 34", "YT"],
    ["0262 21 12 34", "RE"],
    ["0590 20 12 34", "GP"],
    ["0612 34 56 78", "FR"],
  ])("%s is of %s (Arcep, decision 2018-0881)", (text, region) => {
    expect(readPhone(text, "FR")).toMatchObject({ kind: "phone", region });
  });
});

describe("places", () => {
  it("blocks only prefixes that Russia's plan has", () => {
    for (const prefix of ["365", "869", "978", "856", "949", "857", "959"]) {
      const number = parsePhoneNumberFromString(`+7${prefix}1234567`);
      expect([prefix, number?.isValid(), number?.country]).toEqual([prefix, true, "RU"]);
      expect(blockedPlace(`+7${prefix}1234567`, "RU")).not.toBeNull();
    }
  });

  it("bills a region without a code of its own as the country of its code", () => {
    const codes = metadata.metadata.country_calling_codes;
    for (const [code, [main = "", ...others]] of Object.entries(codes)) {
      // North America and Russia have rules of their own.
      if (code === "1" || code === "7") continue;
      for (const region of others) {
        const market = marketsOf(main).at(-1);
        expect([region, marketsOf(region).at(-1)]).toEqual([region, market]);
      }
    }
    expect(getCountries().length).toBeGreaterThan(240);
  });
});
