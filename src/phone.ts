// Reads a phone number as people write it into E.164, or says why not. Never guesses whose number
// it could be.

import type { CountryCode } from "libphonenumber-js/max";
import { isSupportedCountry, Metadata, parsePhoneNumberFromString } from "libphonenumber-js/max";
import { unreachable } from "./errors.ts";
import type { PlanSource } from "./numbering.ts";
import { compileNumbering } from "./numbering.ts";
import type { PhoneText } from "./phone-text.ts";
import { readPhoneText } from "./phone-text.ts";

export type PhoneReading =
  | {
      kind: "phone";
      /** With `+`. */
      e164: string;
      /**
       * ISO 3166-1 alpha-2; null for +1 numbers that belong to no one country, and for satellite
       * and the like.
       */
      region: string | null;
    }
  | {
      kind: "unreadable";
      /**
       * Half a sentence for the person who mends the file; has no digits of the number beyond a
       * masked form.
       */
      detail: string;
    };

interface Candidate {
  e164: string;
  region: string | null;
}

const E164 = /^\+[1-9][0-9]{6,14}$/;

const numbering = compileNumbering(new Metadata() as unknown as PlanSource);

/**
 * Ranges that a regulator keeps for films and tests. libphonenumber calls them invalid since nobody
 * can have them, and that is what makes them fit for the sandbox and for examples. Ofcom,
 * "Telephone numbers for use in TV and radio drama"; Arcep, decision 2018-0881, read 2026-11.
 */
const FICTION: readonly { pattern: RegExp; region: string }[] = [
  { pattern: /^447700900\d{3}$/, region: "GB" },
  { pattern: /^3363998\d{4}$/, region: "FR" },
];

/**
 * Area codes of +1 that belong to the whole numbering plan and not to a country: personal (5XX),
 * carriers (700), the US government (710), toll-free (8XX) and premium (900). libphonenumber files
 * all of them under US. (nanpa.com, "Non-Geographic Services", 2026.) 600, 622 and the like are
 * Canada's alone.
 */
const NANP_SHARED = new RegExp(
  "^(?:500|52[1-9]|53[2358]|54[2-9]|55[02-6]|56[69]|57[78]|58[89]|700|710|" +
    "800|822|833|844|855|866|877|88\\d|900)$",
);

/**
 * Reads one cell. `defaultRegion` (ISO 3166-1 alpha-2) is whose national form is meant where there
 * is no country code; without it a number needs a plus or 00. Digits that are a number of that region
 * are one; else every reading that fits is tried, and a number comes out only when exactly one does. What is added to the written digits is the country
 * code, and Brazil's ninth digit of mobiles (Anatel, 2012–2016: each eight-digit mobile 6–9 got a 9
 * before it); what is taken away, prefixes dialled inside a country, among them Argentina's 15 and
 * Mexico's 1, which both plans have written otherwise or dropped.
 */
export function readPhone(text: string, defaultRegion?: string): PhoneReading {
  // Most files are mostly this, and it has one reading only.
  if (E164.test(text)) {
    const candidate = readInternational(text.slice(1));
    if (candidate !== null) return { kind: "phone", ...candidate };
  }
  const written = readPhoneText(text);
  if (written.kind === "unreadable") return written;
  if (needsRegion(written.form) && defaultRegion === undefined) {
    return unreadable("it has no country code: write it with a plus, or set default_region");
  }
  const candidates = distinct(candidatesOf(written, defaultRegion));
  if (candidates.length === 1) return { kind: "phone", ...(candidates[0] as Candidate) };
  if (candidates.length === 0) return unreadable(whyNone(written, defaultRegion));
  const grouped = candidates.filter((candidate) => isGroupedAs(candidate, written));
  if (grouped.length === 1) return { kind: "phone", ...(grouped[0] as Candidate) };
  const names = candidates.map((one) => `${maskPhone(one.e164)} (${one.region ?? "no country"})`);
  return unreadable(`it can be read as ${names.join(" and as ")}: write it with a plus`);
}

/**
 * `+55*******4321`: the country code and the last four digits (two of a short number); for logs and
 * messages.
 */
export function maskPhone(e164: string): string {
  const digits = e164.replace(/\D/g, "");
  const code = numbering.callingCode(digits) ?? "";
  const national = digits.length - code.length;
  const shown = national >= 8 ? 4 : Math.min(2, Math.max(0, national - 2));
  return `+${code}${"*".repeat(national - shown)}${shown === 0 ? "" : digits.slice(-shown)}`;
}

/**
 * The country of a +1 number by its area code (`US`, `CA`, `JM`, `PR`, …); null when the numbering
 * plan does not tell it: toll-free, personal, premium, or not a number at all. Takes E.164.
 */
export function nationalPlan(e164: string): string | null {
  if (!e164.startsWith("+1") || NANP_SHARED.test(e164.slice(2, 5))) return null;
  return parse(e164)?.region ?? null;
}

/**
 * Tells whether a text is a region (ISO 3166-1 alpha-2, upper case) whose national form can be
 * read.
 */
export function isPhoneRegion(text: string): boolean {
  return isSupportedCountry(text);
}

function needsRegion(form: string): boolean {
  return form === "national" || form === "bare";
}

type WrittenDigits = Extract<PhoneText, { kind: "digits" }>;

function candidatesOf(
  written: WrittenDigits,
  defaultRegion: string | undefined,
): (Candidate | null)[] {
  // Eight digits written as four and four are a whole number; without that, one may have got lost.
  const isWhole = /(^|,)4,4$/.test(written.groups.join());
  return written.readings.flatMap((digits) => {
    const national =
      defaultRegion === undefined ? null : readNational(digits, defaultRegion, isWhole);
    switch (written.form) {
      case "international":
        return [readInternational(digits, isWhole)];
      case "double_zero": {
        const abroad = readInternational(digits.slice(2), isWhole);
        // Some regions dial abroad by 00 and more digits (Brazil: a carrier), so both readings
        // count; but 00 and the region's own code is a number at home, and no call abroad by a
        // carrier of that name.
        return abroad !== null && abroad.region === defaultRegion ? [abroad] : [abroad, national];
      }
      case "national":
        return [national];
      case "bare":
        // Whoever sets default_region says that numbers without a country code are of that region; a quarter
        // of Brazil's mobiles would fit another country as well (51 is Porto Alegre, and Peru's code).
        return [national ?? readInternational(digits, isWhole)];
      default:
        return unreachable(written.form);
    }
  });
}

function readInternational(digits: string, isWhole = false): Candidate | null {
  const quick = numbering.international(digits);
  if (quick.kind === "valid") return { e164: `+${digits}`, region: regionOf(digits, quick.region) };
  const parsed = quick.kind === "invalid" ? null : parse(`+${digits}`);
  return parsed ?? fictional(digits) ?? mended(digits, isWhole);
}

function readNational(digits: string, region: string, isWhole: boolean): Candidate | null {
  const quick = numbering.national(digits, region);
  if (quick.kind === "valid") {
    return { e164: quick.e164, region: regionOf(quick.e164.slice(1), quick.region) };
  }
  const parsed = parse(digits, region);
  if (parsed !== null) return parsed;
  const ninth = region === "BR" ? /^0?(\d\d[6-9]\d{7})$/.exec(digits) : null;
  return ninth === null ? null : mended(`55${ninth[1] as string}`, isWhole);
}

/**
 * A number in a form that its country has given up, in today's form. Eight digits that begin with a 9 may as well be a mobile of
 * today that lost one of its nine, and are only read when they are written as a whole number.
 */
function mended(digits: string, isWhole: boolean): Candidate | null {
  const brazil = /^55(\d\d)([6-9]\d{7})$/.exec(digits);
  if (brazil !== null && !isWhole && (brazil[2] as string).startsWith("9")) return null;
  if (brazil !== null) return parse(`+55${brazil[1] as string}9${brazil[2] as string}`);
  const mexico = /^521(\d{10})$/.exec(digits);
  if (mexico !== null) return parse(`+52${mexico[1] as string}`);
  return null;
}

function fictional(digits: string): Candidate | null {
  const range = FICTION.find((one) => one.pattern.test(digits));
  return range === undefined ? null : { e164: `+${digits}`, region: range.region };
}

/**
 * A full parse; null when nothing valid comes out, or something that would not be read as itself
 * again.
 */
function parse(text: string, region?: string): Candidate | null {
  const defaultCountry = region as CountryCode | undefined;
  const options =
    defaultCountry === undefined ? { extract: false } : { defaultCountry, extract: false };
  const number = parsePhoneNumberFromString(text, options);
  if (number === undefined || number.ext !== undefined) return null;
  const digits = number.number.slice(1);
  if (!number.isValid()) return fictional(digits);
  const again = number.number === text ? number : parsePhoneNumberFromString(number.number);
  if (again?.number !== number.number || !again.isValid()) return null;
  return { e164: number.number, region: regionOf(digits, again.country ?? null) };
}

function regionOf(digits: string, country: string | null): string | null {
  return digits.startsWith("1") && NANP_SHARED.test(digits.slice(1, 4)) ? null : country;
}

function distinct(candidates: (Candidate | null)[]): Candidate[] {
  const found: Candidate[] = [];
  for (const candidate of candidates) {
    if (candidate === null || found.some((one) => one.e164 === candidate.e164)) continue;
    found.push(candidate);
  }
  return found;
}

/** True when the digits were grouped exactly as this number is written at home or abroad. */
function isGroupedAs(candidate: Candidate, written: WrittenDigits): boolean {
  const [first = 0, ...others] = written.groups;
  if (others.length === 0) return false;
  const prefix = written.form === "double_zero" ? 2 : 0;
  const groups = first > prefix ? [first - prefix, ...others] : others;
  const number = parsePhoneNumberFromString(candidate.e164);
  if (number === undefined) return false;
  return [number.formatNational(), number.formatInternational()].some((format) => {
    const lengths = (format.match(/\d+/g) ?? []).map((group) => group.length);
    return lengths.join() === groups.join();
  });
}

function whyNone(written: WrittenDigits, region: string | undefined): string {
  const count = (written.readings[0] as string).length;
  switch (written.form) {
    case "international":
      return `no numbering plan has such a number (${count} digits with the country code)`;
    case "double_zero":
      return `no numbering plan has such a number (${count} digits with the 00)`;
    case "national":
      return `it is not a number of ${region} (${count} digits)`;
    case "bare":
      return `it is not a number of ${region}, nor one with a country code (${count} digits)`;
  }
}

function unreadable(detail: string): PhoneReading {
  return { kind: "unreadable", detail };
}
