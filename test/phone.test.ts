import fc from "fast-check";
import {
  getCountries,
  getExampleNumber,
  Metadata,
  parsePhoneNumberFromString,
} from "libphonenumber-js/max";
import examples from "libphonenumber-js/mobile/examples";
import { describe, expect, it } from "vitest";
import type { PlanSource } from "../src/numbering.ts";
import { compileNumbering } from "../src/numbering.ts";
import { personOf } from "../src/person.ts";
import { isPhoneRegion, maskPhone, nationalPlan, readPhone } from "../src/phone.ts";

const NBSP = "\u00a0";

describe("readPhone, read for sure", () => {
  it.each<[string, string | undefined, string, string | null]>([
    ["+5511987654321", undefined, "+5511987654321", "BR"],
    ["+55 (11) 98765-4321", undefined, "+5511987654321", "BR"],
    [`+55${NBSP}11${NBSP}98765${NBSP}4321`, undefined, "+5511987654321", "BR"],
    ["+55.11.98765.4321", undefined, "+5511987654321", "BR"],
    ["+55 11 98765–4321", undefined, "+5511987654321", "BR"],
    ["+55 11 98765‑4321", undefined, "+5511987654321", "BR"],
    ["\u202a+55\u200b11\u200e98765\u00ad4321\u202c", undefined, "+5511987654321", "BR"],
    ["＋５５　１１　９８７６５－４３２１", undefined, "+5511987654321", "BR"],
    ["٠٠٥٥١١٩٨٧٦٥٤٣٢١", undefined, "+5511987654321", "BR"],
    ["+۵۵۱۱۹۸۷۶۵۴۳۲۱", undefined, "+5511987654321", "BR"],
    ["+५५ ११ ९८७६५ ४३२१", undefined, "+5511987654321", "BR"],
    ["0055 11 98765-4321", undefined, "+5511987654321", "BR"],
    ["005551987654321", "BR", "+5551987654321", "BR"],
    // Also a number of Peru, and of Japan; the region that was set is the one that is meant.
    ["51987654321", "BR", "+5551987654321", "BR"],
    ["81987654321", "BR", "+5581987654321", "BR"],
    // No number of Brazil: the country code stands there without its plus.
    ["447400123456", "BR", "+447400123456", "GB"],
    ["0021 44 20 7946 0018", "BR", "+442079460018", "GB"],
    ["+0055 11 98765-4321", undefined, "+5511987654321", "BR"],
    ["+55 011 98765-4321", undefined, "+5511987654321", "BR"],
    ["(+55) 11 98765-4321", undefined, "+5511987654321", "BR"],
    ["'+5511987654321", undefined, "+5511987654321", "BR"],
    ["tel:+55-11-98765-4321", undefined, "+5511987654321", "BR"],
    ["WhatsApp: +55 11 98765-4321", undefined, "+5511987654321", "BR"],
    ["https://wa.me/5511987654321", undefined, "+5511987654321", "BR"],
    ["https://api.whatsapp.com/send?phone=5511987654321", undefined, "+5511987654321", "BR"],
    ["5511987654321@s.whatsapp.net", undefined, "+5511987654321", "BR"],
    ["+44 (0)20 7946 0018", undefined, "+442079460018", "GB"],
    ["0044 (0)20 7946 0018", undefined, "+442079460018", "GB"],
    ["44 (0)20 7946 0018", "BR", "+442079460018", "GB"],
    ["+39 (0)6 1234 5678", undefined, "+390612345678", "IT"],
    ["(11) 98765-4321", "BR", "+5511987654321", "BR"],
    ["11987654321", "BR", "+5511987654321", "BR"],
    ["011 98765-4321", "BR", "+5511987654321", "BR"],
    ["(81) 98765-4321", "BR", "+5581987654321", "BR"],
    ["081987654321", "BR", "+5581987654321", "BR"],
    ["81 98765-4321", "BR", "+5581987654321", "BR"],
    ["5511987654321", "BR", "+5511987654321", "BR"],
    ["5511987654321.0", "BR", "+5511987654321", "BR"],
    ["5511987654321,00", "BR", "+5511987654321", "BR"],
    ["447911123456", "FR", "+447911123456", "GG"],
    ["4915112345678", "BR", "+4915112345678", "DE"],
    ["7700900123", "GB", "+447700900123", "GB"],
    ["2079460018", "GB", "+442079460018", "GB"],
    ["030/23125000", "DE", "+493023125000", "DE"],
    ["011 44 20 7946 0018", "US", "+442079460018", "GB"],
    ["+55 11 8765-4321", undefined, "+5511987654321", "BR"],
    ["551187654321", "BR", "+5511987654321", "BR"],
    ["(11) 8765-4321", "BR", "+5511987654321", "BR"],
    ["+52 1 55 1234 5678", undefined, "+525512345678", "MX"],
    ["011 15 2345-6789", "AR", "+5491123456789", "AR"],
    ["+447700900001", undefined, "+447700900001", "GB"],
    ["+33 6 39 98 00 10", undefined, "+33639980010", "FR"],
    ["+18005550199", undefined, "+18005550199", null],
    ["+80012345678", undefined, "+80012345678", null],
  ])("%j (%s) is %s of %s", (text, region, e164, country) => {
    expect(readPhone(text, region)).toEqual({ kind: "phone", e164, region: country });
  });
});

describe("readPhone, not read", () => {
  it.each<[string, string | undefined, RegExp]>([
    ["", undefined, /empty/],
    [`${NBSP}\u200b `, undefined, /empty/],
    ["9.19812E+11", "BR", /scientific/],
    ["9,19812E+11", "IN", /scientific/],
    ["5.51199E12", "BR", /scientific/],
    ["11987654321", undefined, /country code/],
    ["(11) 98765-4321", undefined, /country code/],
    ["98765-4321", "BR", /not a number of BR/],
    ["00212693212345", "BR", /\(MA\) and as .*\(KM\)/],
    ["612345678", "IT", /not a number of IT/],
    ["+55 11 98765-4321 / 11 91234-5678", undefined, /more than one/],
    ["11 98765-4321, 11 91234-5678", "BR", /more than one/],
    ["+5511987654321+5511912345678", undefined, /more than one/],
    ["11 98765-4321 ou 11 91234-5678", "BR", /more than one/],
    ["11987654321\n11912345678", "BR", /more than one/],
    ["+55 11 98765-4321 ramal 12", undefined, /extension/],
    ["+1 415 555 2671 x5", undefined, /extension/],
    ["tel:+14155552671;ext=5", undefined, /extension/],
    ["call me", undefined, /no digits/],
    ["11 9876O-4321", "BR", /letters/],
    ["+55 11 98765*4321", undefined, /"\*"/],
    ["11 98765-4321 +55", "BR", /plus/],
    ["123", "BR", /too few digits/],
    ["+551198765432198765432", undefined, /22 digits|21 digits/],
    ["+5511", undefined, /digits/],
    ["+999123456789", undefined, /no numbering plan/],
    ["+0987654321", undefined, /no numbering plan/],
    [`+55 11 98765-4321 ${"x".repeat(60)}`, undefined, /longer than 64/],
    ["²²²²²²²²²", "BR", /no digits/],
  ])("%j (%s): %s", (text, region, detail) => {
    const reading = readPhone(text, region);
    expect(reading).toMatchObject({ kind: "unreadable" });
    expect(reading.kind === "unreadable" && reading.detail).toMatch(detail);
  });

  it("never shows a whole number in the detail", () => {
    const reading = readPhone("00212693212345", "BR");
    expect(JSON.stringify(reading)).not.toMatch(/\d{5}/);
  });
});

/** A national number near the real ones of a region: its example with digits changed at random. */
const nearNumber = fc
  .tuple(
    fc.constantFrom(...getCountries()),
    fc.array(fc.nat(9), { minLength: 15, maxLength: 15 }),
    fc.nat(15),
    fc.nat(3),
  )
  .map(([region, digits, keep, cut]) => {
    const example = getExampleNumber(region, examples);
    const national = example?.nationalNumber ?? "123456789";
    const varied = [...national].map((digit, at) => (at < keep ? digit : String(digits[at])));
    const text =
      varied.join("").slice(0, cut === 3 ? -1 : undefined) + (cut === 2 ? String(digits[14]) : "");
    return { region, national: text, digits: `${example?.countryCallingCode ?? "999"}${text}` };
  });

describe("numbering plans against the full parse", () => {
  const numbering = compileNumbering(new Metadata() as unknown as PlanSource);

  it("judges international numbers alike, except where it is unsure", () => {
    let sure = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          nearNumber.map((one) => one.digits),
          fc.stringMatching(/^[1-9][0-9]{4,15}$/),
        ),
        (digits) => {
          const quick = numbering.international(digits);
          const full = parsePhoneNumberFromString(`+${digits}`, { extract: false });
          if (quick.kind === "unsure") return;
          sure++;
          const isValid = full?.isValid() === true;
          expect(quick.kind).toBe(isValid ? "valid" : "invalid");
          if (quick.kind === "valid")
            expect([`+${digits}`, quick.region]).toEqual([full?.number, full?.country]);
        },
      ),
      { numRuns: 20_000 },
    );
    expect(sure).toBeGreaterThan(10_000);
  });

  it("accepts national numbers only as the full parse does", () => {
    let sure = 0;
    fc.assert(
      fc.property(nearNumber, ({ region, national }) => {
        const quick = numbering.national(national, region);
        if (quick.kind === "unsure") return;
        sure++;
        const full = parsePhoneNumberFromString(national, {
          defaultCountry: region,
          extract: false,
        });
        expect([quick.e164, quick.region, true]).toEqual([
          full?.number,
          full?.country,
          full?.isValid(),
        ]);
      }),
      { numRuns: 20_000 },
    );
    expect(sure).toBeGreaterThan(3_000);
  });
});

describe("readPhone, properties", () => {
  const region = fc.option(fc.constantFrom("BR", "US", "GB", "DE", "IT", "AR", "MX", "IN"), {
    nil: undefined,
  });
  const anything = fc.oneof(
    fc.string({ maxLength: 70 }),
    fc.string({ unit: "grapheme", maxLength: 30 }),
    fc.string({
      unit: fc.constantFrom(..."+0123456789 ()-./,;eE٣५５\u00a0\u200b\n'"),
      maxLength: 30,
    }),
  );

  it("never throws, and what it reads is valid, is read as itself, and invents no digits", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anything,
          nearNumber.map((one) => one.digits),
        ),
        region,
        (text, home) => {
          const reading = readPhone(text, home);
          if (reading.kind === "unreadable") {
            expect(reading.detail).not.toBe("");
            return;
          }
          const { e164 } = reading;
          const isFiction = /^\+(?:447700900|3363998)/.test(e164);
          expect(parsePhoneNumberFromString(e164)?.isValid() || isFiction).toBe(true);
          expect(readPhone(e164)).toEqual(reading);
          if (!/^[ -~]*$/.test(text) || e164.startsWith("+54") || e164.startsWith("+55")) return;
          // Whatever comes out was written, but for the country code in front of it. The shortest numbers have five
          // digits behind the prefix that is dialled at home.
          const written = text.replace(/\D/g, "");
          expect(e164.slice(1).endsWith(written.slice(-5))).toBe(true);
        },
      ),
      { numRuns: 10_000 },
    );
  });

  it("does not care for the noise of formatting", () => {
    const noise = fc.constantFrom(
      "",
      "",
      " ",
      "-",
      ".",
      NBSP,
      "\u200b",
      "\u2011",
      "\u2009",
      "\u200f",
    );
    fc.assert(
      fc.property(
        nearNumber,
        fc.array(noise, { minLength: 20, maxLength: 20 }),
        ({ digits }, between) => {
          const plain = readPhone(`+${digits}`);
          fc.pre(plain.kind === "phone");
          const noisy = [...digits].map((digit, at) => digit + (between[at] as string)).join("");
          const trailing = /[.,]0{1,2}$/.test(noisy);
          fc.pre(!trailing);
          expect(readPhone(`+${noisy}`)).toEqual(plain);
          expect(readPhone(`00${noisy}`)).toEqual(plain);
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

describe("personOf", () => {
  it.each([
    [["+5531987654321", "553187654321", "+553187654321", "5531987654321"], "553187654321"],
    [["+5215512345678", "525512345678"], "525512345678"],
    [["+5491123456789", "541123456789"], "541123456789"],
    [["+447700900001"], "447700900001"],
  ])("%j are one", (forms, person) => {
    expect(forms.map(personOf)).toEqual(forms.map(() => person));
  });

  it("keeps a Brazilian mobile apart from the landline that its last eight digits would be", () => {
    expect(personOf("+5511923456789")).not.toBe(personOf("+551123456789"));
  });
});

describe("maskPhone", () => {
  it.each([
    ["+5511987654321", "+55*******4321"],
    ["+447700900001", "+44******0001"],
    ["+2901234", "+290**34"],
    ["+", "+"],
  ])("%s → %s", (phone, masked) => {
    expect(maskPhone(phone)).toBe(masked);
  });
});

describe("nationalPlan", () => {
  it.each([
    ["+12125550123", "US"],
    ["+14165550123", "CA"],
    ["+16005550100", "CA"],
    ["+18765550123", "JM"],
    ["+17875550123", "PR"],
    ["+13405550123", "VI"],
    ["+16715550123", "GU"],
    ["+16705550123", "MP"],
    ["+16846221234", "AS"],
    ["+18095550123", "DO"],
    ["+18005550199", null],
    ["+18885550199", null],
    ["+15005550006", null],
    ["+19005550100", null],
    ["+12345", null],
    ["+5511987654321", null],
  ])("%s is of %s", (phone, region) => {
    expect(nationalPlan(phone)).toBe(region);
  });

  it("calls no area code a country's that libphonenumber files under toll-free, premium or personal", () => {
    for (let area = 200; area <= 999; area++) {
      const number = parsePhoneNumberFromString(`+1${area}2345678`);
      const isShared = ["TOLL_FREE", "PREMIUM_RATE", "PERSONAL_NUMBER"].includes(
        number?.getType() ?? "",
      );
      if (number?.country !== "US") continue;
      expect([area, nationalPlan(number.number)]).toEqual([area, isShared ? null : "US"]);
    }
  });
});

describe("isPhoneRegion", () => {
  it.each([
    ["BR", true],
    ["br", false],
    ["XX", false],
    ["UK", false],
  ])("%s: %s", (text, is) => {
    expect(isPhoneRegion(text)).toBe(is);
  });
});
