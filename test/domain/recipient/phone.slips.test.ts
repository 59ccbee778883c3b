// Slips that lists are full of: a digit too many or too few, a lost plus, a US number in a list of
// another country. None of them may become another person's number.

import fc from "fast-check";
import type { CountryCode } from "libphonenumber-js/max";
import { getCountryCallingCode, Metadata, parsePhoneNumberFromString } from "libphonenumber-js/max";
import { describe, expect, it } from "vitest";
import type { PlanSource } from "../../../src/domain/recipient/numbering.ts";
import { personOf } from "../../../src/domain/recipient/person.ts";
import { INTERNATIONAL, readPhone } from "../../../src/domain/recipient/phone.ts";
import { runsOf } from "../../support/arbitraries.ts";

const REGIONS = [
  ..."BR MX CO GB PK ES IN PH FR ZA TR SA DE".split(" "),
  ..."ID AR NG FI".split(" "),
] as CountryCode[];

interface Number {
  code: string;
  /** Without country code and prefix. */
  national: string;
  e164: string;
}

/**
 * Random valid numbers of a region, made of the pattern of its plan. Brazil's trunking radios,
 * which ended in 2018, are left out: a mobile of ten digits is one of today that lost its 9.
 */
function numbersOf(region: CountryCode, type: string): fc.Arbitrary<Number> {
  const plan = new Metadata() as unknown as PlanSource;
  plan.selectNumberingPlan(region);
  const code = getCountryCallingCode(region);
  return fc
    .stringMatching(new RegExp(`^(?:${plan.type(type)?.pattern()})$`))
    .map((national) => ({ code, national, e164: `+${code}${national}` }))
    .filter(({ e164, national }) => {
      const number = parsePhoneNumberFromString(e164);
      const isOfToday = region !== "BR" || type !== "MOBILE" || national.length === 11;
      const isAsWritten = number?.isValid() === true && number.number === e164;
      return isAsWritten && isOfToday && !e164.endsWith("000000");
    });
}

const digit = fc.nat(9).map(String);
const insert = (text: string, at: number, what: string) =>
  text.slice(0, at % (text.length + 1)) + what + text.slice(at % (text.length + 1));
const remove = (text: string, at: number) =>
  text.slice(0, at % text.length) + text.slice((at % text.length) + 1);

/** What a slip may come out as: nothing, the true number, or the very digits that were typed. */
function expectNobodyElse(typed: string, { code, e164 }: Number, region: string): void {
  const reading = readPhone(typed, region);
  if (reading.kind === "unreadable") return;
  if (personOf(reading.e164) === personOf(e164)) return;
  const asTyped = [`+${code}${typed.replace(/^0/, "")}`, `+${typed}`];
  expect([typed, asTyped]).toEqual([typed, expect.arrayContaining([reading.e164])]);
  expect([typed, reading.e164.startsWith(`+${code}`)]).toEqual([typed, true]);
}

/**
 * Share of a region's mobiles that are read with the country code and no plus; none as another one.
 */
function shareRead(region: CountryCode): number {
  let all = 0;
  let right = 0;
  fc.assert(
    fc.property(numbersOf(region, "MOBILE"), ({ code, national, e164 }) => {
      const reading = readPhone(code + national, region);
      all++;
      if (reading.kind === "unreadable") return;
      expect(personOf(reading.e164)).toBe(personOf(e164));
      right++;
      expect(readPhone(code + national, INTERNATIONAL)).toEqual(reading);
    }),
    // All of them always: a share of few would be chance.
    { numRuns: 400 },
  );
  return right / all;
}

describe.each(REGIONS)("a list of %s", (region) => {
  const mobiles = numbersOf(region, "MOBILE");

  it("reads its mobiles with the country code and no plus", () => {
    expect(shareRead(region)).toBeGreaterThanOrEqual(0.98);
  });

  it("reads its mobiles as libphonenumber writes them at home and abroad", () => {
    fc.assert(
      fc.property(mobiles, ({ e164 }) => {
        const number = parsePhoneNumberFromString(e164);
        for (const text of [number?.formatNational() ?? "", number?.formatInternational() ?? ""]) {
          expect([text, readPhone(text, region)]).toMatchObject([text, { e164 }]);
        }
      }),
      { numRuns: runsOf(300) },
    );
  });

  it("reads no landline with the country code as another one", () => {
    fc.assert(
      fc.property(numbersOf(region, "FIXED_LINE"), (number) => {
        const reading = readPhone(number.code + number.national, region);
        if (reading.kind === "phone") {
          expect(personOf(reading.e164)).toBe(personOf(number.e164));
        }
      }),
      { numRuns: runsOf(300) },
    );
  });

  it("makes no other person's number of a digit too many, or of one or two too few", () => {
    fc.assert(
      fc.property(mobiles, fc.nat(), fc.nat(), digit, (number, at, other, what) => {
        const { national } = number;
        for (const text of [national, `0${national}`]) {
          const short = remove(text, at);
          for (const typed of [insert(text, at, what), short, remove(short, other)]) {
            // What begins with 00 says that it is abroad, unless a 0 too many stands before a
            // number at home.
            const isAbroad =
              typed.startsWith("00") && readPhone(text, region).kind === "unreadable";
            const isCut = typed.startsWith("00") && typed.length < text.length;
            if (!isAbroad && !isCut) expectNobodyElse(typed, number, region);
          }
        }
      }),
      { numRuns: runsOf(600) },
    );
  });

  it("makes nobody's number of a US number in US punctuation", () => {
    const american = fc
      .stringMatching(/^[2-9][0-8][0-9][2-9][0-9]{6}$/)
      .filter((one) => parsePhoneNumberFromString(`+1${one}`)?.country === "US");
    fc.assert(
      fc.property(american, (one) => {
        const [area, exchange, line] = [one.slice(0, 3), one.slice(3, 6), one.slice(6)];
        for (const text of [
          `(${area}) ${exchange}-${line}`,
          `(${area})${exchange}-${line}`,
          `(${area}) ${exchange} ${line}`,
          `${area}-${exchange}-${line}`,
          `${area}.${exchange}.${line}`,
          `1-${area}-${exchange}-${line}`,
          `1 (${area}) ${exchange}-${line}`,
        ]) {
          expect([text, readPhone(text, region).kind]).toEqual([text, "unreadable"]);
        }
      }),
      { numRuns: runsOf(400) },
    );
  });
});

describe("a mobile with the country code and no plus", () => {
  const more = "IT XK AT EG NZ VN KE CL PE NL PL TH".split(" ") as CountryCode[];

  it.each(more)("is read in %s", (region) => {
    expect(shareRead(region)).toBeGreaterThanOrEqual(0.98);
  });
});

describe("a mobile with a digit too many", () => {
  /** Of one length, so that no typed digits are a number by themselves. */
  const fixed = "BR MX CO GB PK ES PH FR TR SA AR".split(" ") as CountryCode[];

  it.each(fixed)("is nobody's in %s", (region) => {
    fc.assert(
      fc.property(numbersOf(region, "MOBILE"), fc.nat(), digit, (number, at, what) => {
        const typed = insert(number.national, at, what);
        // Argentina's own way to write a mobile: area, 15, number.
        fc.pre(region !== "AR" || !/^\d{2,4}15\d{6,8}$/.test(typed));
        const reading = readPhone(typed, region);
        if (reading.kind === "phone") {
          expect(personOf(reading.e164)).toBe(personOf(number.e164));
        }
      }),
      { numRuns: runsOf(1_500) },
    );
  });
});
