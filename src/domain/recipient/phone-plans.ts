// Reads digits by the numbering plans: as an international number, or as one that is dialled in a
// region. Says what the plans say, and never chooses between two readings.

import type { CountryCode } from "libphonenumber-js/max";
import { Metadata, parsePhoneNumberFromString } from "libphonenumber-js/max";
import type { NumberType, PlanSource } from "./numbering.ts";
import { compileNumbering } from "./numbering.ts";
import { todaysForm } from "./renumbering.ts";

/** A valid number. */
export interface PlanNumber {
  /** With `+`. */
  e164: string;
  /**
   * ISO 3166-1 alpha-2; null for +1 numbers that belong to no one country, and for satellite and
   * the like.
   */
  region: string | null;
}

export const numbering = compileNumbering(new Metadata() as unknown as PlanSource);

/**
 * Ranges that a regulator keeps for films and tests. libphonenumber calls them invalid since nobody
 * can have them, and that is what makes them fit for the sandbox and for examples. Ofcom,
 * "Telephone numbers for use in TV and radio drama"; Arcep, decision 2018-0881, read 2026-11.
 */
const FICTION: readonly { pattern: RegExp; region: string }[] = [
  { pattern: /^447700900\d{3}$/, region: "GB" },
  { pattern: /^3363998\d{4}$/, region: "FR" },
];

/** Digits of a +1 number; shorter ones that libphonenumber lists are dialled in Canada only. */
const NANP_DIGITS = 11;
/**
 * Types of +1 numbers that belong to the whole plan and not to a country; libphonenumber files them
 * under US. (nanpa.com, "Non-Geographic Services", 2026.) 600 and 622 are Canada's alone.
 */
const NANP_SHARED: readonly NumberType[] = ["TOLL_FREE", "PREMIUM_RATE", "PERSONAL_NUMBER"];

/** Fewest digits that a mobile has behind a country code written twice; loose plans allow less. */
const REPEATED_MIN = 8;

/** Overseas France shares the ten digits of the French plan, each under a code of its own. */
const FRENCH_CODES = ["262", "590", "594", "596", "508"] as const;

/**
 * Reads digits that begin with a country code, without the plus. A trunk zero after the code is cut
 * off, and a form that its country has given up becomes today's.
 * @returns the number; null when no plan has it
 */
export function readInternational(digits: string): PlanNumber | null {
  if (digits.startsWith("1") && digits.length !== NANP_DIGITS) return null;
  const quick = numbering.international(digits);
  if (quick.kind === "valid") return { e164: `+${digits}`, region: regionOf(digits, quick.region) };
  const parsed = quick.kind === "invalid" ? null : parse(`+${digits}`);
  return parsed ?? fictional(digits) ?? renumbered(digits) ?? overseas(digits);
}

/**
 * The same, and nothing is cut off: the digits are the number, or an old form of it.
 * @returns the number; null when no plan has it
 */
export function readExactly(digits: string): PlanNumber | null {
  const found = readInternational(digits);
  if (found === null) return null;
  const isSame = found.e164 === `+${digits}` || found.e164 === `+${todaysForm(digits)}`;
  return isSame ? found : null;
}

/**
 * The mobile that a number is when its country code was put before a number that had it already:
 * `+49 4915112345678`. The plans of Germany, Kosovo, Indonesia and Finland are so loose that it is
 * a valid landline of another person.
 * @returns null when the number is a mobile itself, or no mobile stands behind the first code
 */
export function withoutRepeatedCode(e164: string): PlanNumber | null {
  const code = numbering.callingCode(e164.slice(1)) ?? "";
  const behind = e164.slice(1 + code.length);
  if (!behind.startsWith(code) || behind.length < code.length + REPEATED_MIN) return null;
  if (isMobile(e164) || !isMobile(behind)) return null;
  return readExactly(behind);
}

/**
 * Reads digits as they are dialled in a region. Brazilian mobiles without their ninth digit are not
 * among them: see `readEightDigitMobile`.
 * @param region ISO 3166-1 alpha-2
 * @returns the number, of that region's country code or dialled abroad; null when it has none
 */
export function readNational(digits: string, region: string): PlanNumber | null {
  const quick = numbering.national(digits, region);
  if (quick.kind === "valid") {
    return { e164: quick.e164, region: regionOf(quick.e164.slice(1), quick.region) };
  }
  const code = numbering.codeOf(region);
  if (code === undefined) return null;
  const parsed = numbering.mayBeNational(digits, region) ? parse(digits, region) : null;
  if (parsed?.e164.startsWith(`+${code}`)) return parsed;
  const abroad = numbering.dialledAbroad(digits, region);
  if (abroad !== undefined) return readInternational(abroad);
  if (code === "33" && digits.startsWith("0")) return overseas(code + digits.slice(1));
  return code === "55" ? null : renumbered(code + digits);
}

/**
 * Reads a Brazilian mobile of the eight digits that all had until 2016, area code and perhaps a 0
 * before them. Ten digits may as well be a number of today that lost one.
 */
export function readEightDigitMobile(digits: string): PlanNumber | null {
  const [, old] = /^0?(\d\d[6-9]\d{7})$/.exec(digits) ?? [];
  return old === undefined ? null : renumbered(`55${old}`);
}

/**
 * True for a number that is a mobile, or may be one. Takes its digits, with or without the plus.
 */
export function isMobile(number: string): boolean {
  return numbering.isOfType(number.startsWith("+") ? number.slice(1) : number, "MOBILE");
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
 * Lengths of the groups in which a number is written at home and abroad, each as a list.
 * @example `+5511987654321` gives `[[2, 5, 4], [2, 2, 5, 4]]`
 */
export function usualGroups(e164: string): number[][] {
  const number = parsePhoneNumberFromString(e164);
  if (number === undefined) return [];
  return [number.formatNational(), number.formatInternational()].map((format) =>
    (format.match(/\d+/g) ?? []).map((group) => group.length),
  );
}

/** A number in a form that its country has given up, in today's form. */
function renumbered(digits: string): PlanNumber | null {
  const code = numbering.callingCode(digits) ?? "";
  const withoutZero = digits[code.length] === "0" ? code + digits.slice(code.length + 1) : digits;
  const today = todaysForm(digits) ?? todaysForm(withoutZero);
  return today === null ? null : parse(`+${today}`);
}

/**
 * A number of the French plan that belongs to an overseas department: the same nine digits under
 * its own code. (Arcep, decision 2018-0881.)
 */
function overseas(digits: string): PlanNumber | null {
  if (!/^33\d{9}$/.test(digits)) return null;
  const found = FRENCH_CODES.flatMap((code) => {
    const under = code + digits.slice(2);
    const quick = numbering.international(under);
    return quick.kind === "valid" ? [{ e164: `+${under}`, region: quick.region }] : [];
  });
  return found.length === 1 ? (found[0] as PlanNumber) : null;
}

function fictional(digits: string): PlanNumber | null {
  const range = FICTION.find((fiction) => fiction.pattern.test(digits));
  return range === undefined ? null : { e164: `+${digits}`, region: range.region };
}

/**
 * A full parse; null when nothing valid comes out, or something that would not be read as itself
 * again.
 */
function parse(text: string, region?: string): PlanNumber | null {
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
  if (country !== "US") return country;
  return NANP_SHARED.some((type) => numbering.isOfType(digits, type)) ? null : country;
}
