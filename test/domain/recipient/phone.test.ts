import fc from "fast-check";
import {
  getCountries,
  getExampleNumber,
  Metadata,
  parsePhoneNumberFromString,
} from "libphonenumber-js/max";
import examples from "libphonenumber-js/mobile/examples";
import { describe, expect, it } from "vitest";
import type { PlanSource } from "../../../src/domain/recipient/numbering.ts";
import { compileNumbering } from "../../../src/domain/recipient/numbering.ts";
import { personOf } from "../../../src/domain/recipient/person.ts";
import { INTERNATIONAL, readPhone } from "../../../src/domain/recipient/phone.ts";
import { maskPhone } from "../../../src/domain/recipient/phone-plans.ts";
import { runsOf } from "../../support/arbitraries.ts";

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
    ["44 (0)20 7946 0018", "GB", "+442079460018", "GB"],
    ["44 (0)20 7946 0018", INTERNATIONAL, "+442079460018", "GB"],
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
    ["447911123456", "GB", "+447911123456", "GG"],
    ["447911123456", INTERNATIONAL, "+447911123456", "GG"],
    ["554197520226", INTERNATIONAL, "+5541997520226", "BR"],
    ["5215512345678", INTERNATIONAL, "+525512345678", "MX"],
    ["541123456789", INTERNATIONAL, "+541123456789", "AR"],
    ["(55) 11 98765-4321", INTERNATIONAL, "+5511987654321", "BR"],
    ["490151 12345678", "DE", "+4915112345678", "DE"],
    ["4917612345679", "DE", "+4917612345679", "DE"],
    // No Emden number begins so.
    ["4930123456", "DE", "+4930123456", "DE"],
    ["38344123456", "XK", "+38344123456", "XK"],
    ["7700900123", "GB", "+447700900123", "GB"],
    ["2079460018", "GB", "+442079460018", "GB"],
    ["030/23125000", "DE", "+493023125000", "DE"],
    ["011 44 20 7946 0018", "US", "+442079460018", "GB"],
    ["+55 11 8765-4321", undefined, "+5511987654321", "BR"],
    ["551187654321", "BR", "+5511987654321", "BR"],
    ["(11) 8765-4321", "BR", "+5511987654321", "BR"],
    ["+52 1 55 1234 5678", undefined, "+525512345678", "MX"],
    ["+52 044 55 1234 5678", undefined, "+525512345678", "MX"],
    ["1 55 1234 5678", "MX", "+525512345678", "MX"],
    ["664 491 2345", "MX", "+526644912345", "MX"],
    ["+229 97 12 34 56", undefined, "+2290197123456", "BJ"],
    ["22997123456@c.us", undefined, "+2290197123456", "BJ"],
    ["97 12 34 56", "BJ", "+2290197123456", "BJ"],
    ["+225 07 12 34 56", undefined, "+2250707123456", "CI"],
    ["+225 20 21 22 23", undefined, "+2252720212223", "CI"],
    ["07 12 34 56", "CI", "+2250707123456", "CI"],
    ["+84 163 123 4567", undefined, "+84331234567", "VN"],
    ["+33 692 11 22 33", undefined, "+262692112233", "RE"],
    ["0690 31 23 45", "FR", "+590690312345", "GP"],
    ["0696 31 23 45", "FR", "+596696312345", "MQ"],
    ["0694 20 12 34", "FR", "+594694201234", "GF"],
    ["0639 03 12 34", "FR", "+262639031234", "YT"],
    ["+1 548 223 1684", undefined, "+15482231684", "CA"],
    ["+1 600 555 0123", undefined, "+16005550123", "CA"],
    ["987-654-3210", "IN", "+919876543210", "IN"],
    // As Colombia writes its landlines, and no American a number.
    ["(608) 5546878", "CO", "+576085546878", "CO"],
    ["(212) 555 01 23", "TR", "+902125550123", "TR"],
    ["(312) 467-01-23", "TR", "+903124670123", "TR"],
    ["(812) 123-45-67", "RU", "+78121234567", "RU"],
    ["099 255 4687", "IT", "+390992554687", "IT"],
    ["02934 15-57-0116", "AR", "+5492934570116", "AR"],
    ["027 829 0389", "ZA", "+27278290389", "ZA"],
    ["416-555-0123", "CA", "+14165550123", "CA"],
    ["8 10 44 7911 123456", "RU", "+447911123456", "GG"],
    ["0011 44 7911 123456", "AU", "+447911123456", "GG"],
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
    ["(212) 555 01 23", "BR", /not written as a number of BR|can be read as/],
    ["", undefined, /empty/],
    [`${NBSP}\u200b `, undefined, /empty/],
    ["9.19812E+11", "BR", /scientific/],
    ["9,19812E+11", "IN", /scientific/],
    ["5.51199E12", "BR", /scientific/],
    ["11987654321", undefined, /`recipients.default_region`.*`recipients.numbers: international`/],
    ["(11) 98765-4321", undefined, /country code/],
    ["98765-4321", "BR", /not a number of BR .*area code missing/],
    ["447400123456", "BR", /with its plus lost it would be \+44\*{6}3456 \(GB\)/],
    ["(44) 7911 123456", "BR", /it would be \+44/],
    ["919987654321", "BR", /correct it, or write the plus/],
    ["1187654321", "BR", /ninth digit/],
    ["(11) 9876-5432", "BR", /ninth digit/],
    // A mobile of area code 55 with a digit too many, or one of 91 without its ninth.
    ["559187654321", "BR", /digit too few or too many/],
    ["49 151 1234567", "DE", /digit too few or too many/],
    ["447911123456", "DE", /\(DE\) and as \+44\*{6}3456 \(GG\)/],
    ["495112345678", "DE", /49 is the country code\) and as .*49 is a part of the number/],
    ["(212) 555-0123", "BR", /\(BR\) and as \+1\*{6}0123 \(US\)/],
    ["212.555.0123", "BR", /\(US\)/],
    ["(212) 5550123", "BR", /\(US\)/],
    ["(432) 2345678", "MX", /\(US\)/],
    ["212 555 0123", "BR", /\(US\)/],
    ["(987) 654-3210", "IN", /not written as a number of IN/],
    ["(664) 491-2345", "MX", /\(MX\) and as .*\(MS\)/],
    ["15512345678", "MX", /\(MX\) and as .*\(US\)/],
    ["1 868 620 1234", "MX", /\(MX\) and as .*\(TT\)/],
    ["55 1234 5678", "CA", /not written as a number of CA/],
    ["06 12 34 56 78", "DE", /\(DE\) and as \+33\*{5}5678 \(FR\)/],
    ["07911 123456", "IN", /\(IN\) and as \+44/],
    ["(13) 98765-4321", "CN", /\(CN\) and as \+55/],
    ["9812000000", "IN", /six zeros/],
    ["011987654321", INTERNATIONAL, /not a country code and a number of it/],
    ["640211234567", INTERNATIONAL, /not a country code and a number of it/],
    ["11987654321", INTERNATIONAL, /not a country code and a number of it/],
    // 09 is no call abroad, whatever the plan says.
    ["09530325489", "MX", /not a number of MX/],
    ["692112233", "FR", /not a number of FR \(9 digits\)/],
    ["5531987650001 5531987650002", "BR", /more than one/],
    ["030/23125000/1", "DE", /more than one/],
    ["98765-4321/4322", "BR", /more than one/],
    ["12345678901234@lid", undefined, /not a number/],
    ["https://wa.me/message/ABCDEF", undefined, /link without a number/],
    ["CPF: 11987654321", "BR", /letters/],
    ["Fax: +55 11 98765-4321", undefined, /letters/],
    ["+55 11 \u{1F4DE} 98765-4321", undefined, /there is a "\u{1F4DE}" in it/u],
    ["+55 11\ud83c 98765-4321", undefined, /U\+D83C/],
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
      { numRuns: runsOf(20_000) },
    );
    expect(sure).toBeGreaterThan(runsOf(10_000));
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
      { numRuns: runsOf(20_000) },
    );
    expect(sure).toBeGreaterThan(runsOf(3_000));
  });
});

describe("readPhone, what stands around a number", () => {
  it.each([
    "Celular: +55 11 98765-4321",
    "Cell: 11 98765-4321",
    "Fone: (11) 98765-4321",
    "Téléphone : +55 11 98765 4321",
    "Tel.: 011 98765-4321",
    "Cel/WhatsApp: 11 98765-4321",
    "+55 11 98765-4321 (WhatsApp)",
    "11 98765-4321 - cel",
    "(0xx11) 98765-4321",
    "+55 (0xx11) 98765-4321",
    "📞 +55 11 98765-4321",
    "☎️ 11 98765-4321 📱",
    "p:+5511987654321",
    "++55 11 98765-4321",
    "+55 11 98765-4321,",
    "+55/11/98765/4321",
    '="5511987654321"',
    '="+55 11 98765-4321"',
    "=+5511987654321",
    "“+55 11 98765-4321”",
    "5,511,987,654,321",
    "5.511.987.654.321",
    "5.511987654321E+12",
    "5511987654321:12@s.whatsapp.net",
    "wa.me/+55 11 98765-4321",
    "https://wa.me/5511987654321?text=Oi%20Ana",
    "https://api.whatsapp.com/send?text=Oi&phone=%2B5511987654321",
    "https://web.whatsapp.com/send/?phone=5511987654321&text&app_absent=0",
    "whatsapp://send?phone=5511987654321",
    "+55\u3164 11 98765-4321",
  ])("%j", (text) => {
    expect(readPhone(text, "BR")).toEqual({ kind: "phone", e164: "+5511987654321", region: "BR" });
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
          // Whatever comes out was written, but for the country code in front of it. The shortest
          // numbers have five digits behind the prefix that is dialled at home.
          const written = text.replace(/\D/g, "");
          expect(e164.slice(1).endsWith(written.slice(-5))).toBe(true);
        },
      ),
      { numRuns: runsOf(10_000) },
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
      { numRuns: runsOf(3_000) },
    );
  });
});

describe("personOf", () => {
  it.each([
    [["+2290197123456", "2290197123456", "22997123456"], "22997123456"],
    [["+2250707123456", "22507123456"], "22507123456"],
    [["+2252720212223", "22520212223"], "22520212223"],
    [["+84331234567", "841631234567"], "84331234567"],
    [["+24177280150", "24107280150", "2417280150"], "24177280150"],
    [["+3780549882555", "+390549882555"], "390549882555"],
    [["+5531987654321", "553187654321", "+553187654321", "5531987654321"], "553187654321"],
    [["+5215512345678", "525512345678"], "525512345678"],
    [["+5491123456789", "541123456789"], "541123456789"],
    [["+447700900001"], "447700900001"],
  ])("%j are one", (forms, person) => {
    expect(forms.map(personOf)).toEqual(forms.map(() => person));
  });

  it("keeps Ivorian numbers apart of which only one can have been renumbered", () => {
    expect(personOf("+2250507123456")).not.toBe(personOf("+2250707123456"));
    expect(personOf("+2250507123456")).not.toBe(personOf("22507123456"));
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
