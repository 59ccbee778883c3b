// Reads a phone number as people write it into E.164, or says why not. Never guesses whose number
// it could be: what may be another person's is not read.

import { assert, unreachable } from "../common/errors.ts";
import { foreignHabit } from "./phone-habit.ts";
import type { PlanNumber } from "./phone-plans.ts";
import {
  isMobile,
  maskPhone,
  numbering,
  readEightDigitMobile,
  readExactly,
  readInternational,
  readNational,
  usualGroups,
  withoutRepeatedCode,
} from "./phone-plans.ts";
import { isPhoneRegion } from "./phone-regions.ts";
import type { Unreadable, UnreadableCause, WrittenDigits } from "./phone-text.ts";
import { readPhoneText } from "./phone-text.ts";
import { todaysForm } from "./renumbering.ts";

export type PhoneReading = ({ kind: "phone" } & PlanNumber) | Unreadable;

/** Instead of a region: digits without a plus begin with a country code, as WhatsApp ids do. */
export const INTERNATIONAL = "international";

/** One way to read a text. */
interface CandidateReading extends PlanNumber {
  /** What the first digits are, where the same digits have another reading in the same region. */
  note?: string;
}

const E164 = /^\+[1-9][0-9]{6,14}$/;

/**
 * Reads one cell. With a plus or 00 it is international. Without, `home` says what is meant:
 *
 * - a region (ISO 3166-1 alpha-2): its national form, or its own country code and a number of it.
 *   When both are valid and differ, a mobile wins over a landline, then the grouping decides;
 *   otherwise the cell is not read. Another country's number never comes out.
 * - `INTERNATIONAL`: exactly a country code and a number of it.
 * - left out: nothing is read.
 *
 * What is added to the written digits is the country code, and what a country put into its numbers
 * since (`renumbering.ts`); what is taken away, prefixes that are dialled inside a country.
 */
export function readPhone(text: string, home?: string): PhoneReading {
  // Most files are mostly this, and it has one reading only.
  if (E164.test(text)) {
    const number = readInternational(text.slice(1));
    if (number !== null && withoutRepeatedCode(number.e164) === null) return phone(number);
  }
  const written = readPhoneText(text);
  if (written.kind === "unreadable") return written;
  switch (written.form) {
    case "international":
      return choose(written.readings.map(readInternational), written, home);
    case "double_zero":
      return choose(
        written.readings.flatMap((digits) => doubleZero(digits, home)),
        written,
        home,
      );
    case "national":
    case "bare":
      return readWithoutPlus(written, home);
    default:
      return unreachable(written.form);
  }
}

function readWithoutPlus(written: WrittenDigits, home: string | undefined): PhoneReading {
  if (home === undefined) {
    return unreadable(
      "no_country_code",
      "it has no country code: write it with a plus, set `recipients.default_region`, or set " +
        "`recipients.numbers: international` if all numbers begin with their country code",
    );
  }
  if (home === INTERNATIONAL) return choose(written.readings.map(readExactly), written, home);
  if (!isPhoneRegion(home)) {
    return unreadable("no_country_code", `${home} is no country with phone numbers`);
  }
  const plain = plainAtHome(written, home);
  if (plain !== null) return phone(plain);
  const found = distinct(
    written.readings.flatMap((reading) => homeReadings(reading, home, written)),
  );
  return doubtOf(found, written, home) ?? choose(found, written, home);
}

/**
 * The usual number at home, of which nothing can be doubted: a mobile's digits without any before
 * them, alone or grouped as nobody abroad does.
 */
function plainAtHome(written: WrittenDigits, region: string): PlanNumber | null {
  const { form, groups, readings } = written;
  const [digits, other] = readings as [string, string?];
  const code = codeOf(region);
  if (other !== undefined || digits.startsWith("0") || digits.startsWith(code)) return null;
  const number = readNational(digits, region);
  if (number?.e164 !== `+${code}${digits}` || !isMobile(number.e164)) return null;
  const isAlone = form === "bare" && groups.length === 1;
  return isAlone || foreignHabit(number, written, region) === null ? number : null;
}

/**
 * Readings of digits that begin with 00. Some regions dial abroad by 00 and more digits (Brazil: a
 * carrier), and one 0 too many before a number at home makes a call abroad of it.
 */
function doubleZero(digits: string, home: string | undefined): (CandidateReading | null)[] {
  const abroad = readInternational(digits.slice(2));
  if (home === undefined || home === INTERNATIONAL) return [abroad];
  // 00 and the region's own code is a number at home, and no call abroad by a carrier of that name.
  if (abroad !== null && abroad.region === home) return [abroad];
  const dialled = readNational(digits, home);
  return [abroad, dialled, (abroad ?? dialled) && readNational(digits.slice(1), home)];
}

/** Every reading of digits in a region: as dialled there, and with its own country code. */
function homeReadings(
  digits: string,
  region: string,
  written: WrittenDigits,
): (CandidateReading | null)[] {
  const code = codeOf(region);
  const withCode = behindCode(digits, code);
  // Spares a full parse where only one reading is possible.
  if (withCode !== null && !numbering.mayBeNational(digits, region)) return [withCode];
  const national =
    readNational(digits, region) ??
    (region === "BR" && isWhole(written, digits) ? readEightDigitMobile(digits) : null);
  if (withCode === null || national === null) return [withCode, national];
  return [
    { ...withCode, note: `${code} is the country code` },
    { ...national, note: `${code} is a part of the number` },
  ];
}

/** The number behind the region's own code; before a mobile's, in India, a 0 may stand. */
function behindCode(digits: string, code: string): PlanNumber | null {
  if (digits.startsWith(code)) return readInternational(digits);
  if (!digits.startsWith(`0${code}`)) return null;
  const number = readInternational(digits.slice(1));
  return number !== null && isMobile(number.e164) ? number : null;
}

/**
 * Eight digits written as four and four are a whole number; without that, one may have got lost.
 * With a 9 in front even those may be a mobile of today that lost one of its first five.
 */
function isWhole({ groups }: WrittenDigits, digits: string): boolean {
  return groups.at(-1) === 4 && groups.at(-2) === 4 && digits.at(-8) !== "9";
}

/** What speaks against the readings at home, however well they fit the plan; null: nothing. */
function doubtOf(
  found: readonly CandidateReading[],
  written: WrittenDigits,
  region: string,
): Unreadable | null {
  const [number] = found;
  if (number === undefined) return null;
  if (found.length === 1 && isNearMiss(number, written, region)) {
    const slip = `a mobile of ${region} with a digit too few or too many`;
    const what = `it can be read as ${named(number)}, and as ${slip}`;
    return unreadable("two_readings", `${what}: write it with a plus`);
  }
  const mobile = foreignMobile(number, written, region);
  if (mobile !== null) {
    return unreadable("two_readings", `${canBeRead([number, mobile])}: write it with a plus`);
  }
  const habit = foreignHabit(number, written, region);
  if (habit === null) return null;
  if (habit.kind === "number") {
    return unreadable(
      "foreign_habit",
      `${canBeRead([number, habit.number])}: write it with a plus`,
    );
  }
  return unreadable(
    "foreign_habit",
    `it is not written as a number of ${region} is, so it may be one of another country: ` +
      "write it with a plus and its country code",
  );
}

/** The mobile of another country that the digits of a landline are, when its plus was lost. */
function foreignMobile(
  { e164 }: PlanNumber,
  { form, groups, readings }: WrittenDigits,
  region: string,
): PlanNumber | null {
  const [digits] = readings as [string];
  if (form !== "bare" || groups.length > 1 || isMobile(e164)) return null;
  const foreign = digits.startsWith(codeOf(region)) ? null : readExactly(digits);
  return foreign !== null && isMobile(foreign.e164) ? foreign : null;
}

/**
 * True for digits that are read by taking their beginning for something else than the number (a
 * country code, a carrier, a form given up), and with a digit more or less would be a mobile.
 * Germany's and Indonesia's plans are so loose that such a slip is a landline of another person; in
 * Brazil, 55 is the country code and an area code, and 15 an area code and a carrier.
 */
function isNearMiss({ e164 }: PlanNumber, written: WrittenDigits, region: string): boolean {
  const [digits] = written.readings as [string];
  const code = codeOf(region);
  const isBehindCode = written.form === "bare" && digits.startsWith(code);
  const national = digits.replace(/^0/, "");
  // Argentina's 15 stands within the number, where no slip puts it.
  if (e164 === `+${code}${digits}` && digits !== national) return false;
  if (region === "AR") return false;
  if (e164 === `+${code}${national}`) {
    return isBehindCode && !isMobile(e164) && isNearMobile(digits.slice(code.length), region, e164);
  }
  if (e164 === `+${digits}` && isMobile(e164) && todaysForm(digits) === null) return false;
  return isNearMobile(national, region, e164);
}

/** True when the digits with one more or one less of them are a mobile other than the one read. */
function isNearMobile(digits: string, region: string, read: string): boolean {
  const code = codeOf(region);
  const lengths = numbering.lengthsOf(region, "MOBILE");
  const isOther = (near: string) => `+${code}${near}` !== read && isMobile(code + near);
  for (let at = 0; at <= digits.length; at++) {
    const [before, after] = [digits.slice(0, at), digits.slice(at)];
    const isShorter = after !== "" && lengths.includes(digits.length - 1);
    if (isShorter && isOther(before + after.slice(1))) return true;
    if (!lengths.includes(digits.length + 1)) continue;
    for (let more = 0; more <= 9; more++) if (isOther(before + more + after)) return true;
  }
  return false;
}

function choose(
  readings: readonly (CandidateReading | null)[],
  written: WrittenDigits,
  home: string | undefined,
): PhoneReading {
  const found = distinct(readings);
  if (found.length === 0) return whyNone(written, home);
  // With a 0 in front it is most likely a number at home, and not the country's own code.
  const isDialled = written.form === "national" && written.readings[0]?.startsWith("0");
  const mobiles = isDialled ? [] : found.filter(({ e164 }) => isMobile(e164));
  const best =
    single(found) ??
    single(mobiles) ??
    single(found.filter(({ e164 }) => isGroupedAs(e164, written)));
  if (best !== undefined) {
    return repeatedCode(best, written) ?? phone(best);
  }
  return unreadable("two_readings", `${canBeRead(found)}: write it with a plus`);
}

/** Why a number may be a mobile whose country code was written twice; null when it may not. */
function repeatedCode(number: CandidateReading, written: WrittenDigits): Unreadable | null {
  const mobile = withoutRepeatedCode(number.e164);
  if (mobile === null || isGroupedAs(number.e164, written)) return null;
  const once = { ...mobile, note: "its country code is written twice" };
  return unreadable("two_readings", `${canBeRead([number, once])}: write the country code once`);
}

/** True when the digits were grouped exactly as this number is written at home or abroad. */
function isGroupedAs(e164: string, written: WrittenDigits): boolean {
  const [first = 0, ...others] = written.groups;
  if (others.length === 0) return false;
  const prefix = written.form === "double_zero" ? 2 : 0;
  const groups = first > prefix ? [first - prefix, ...others] : others;
  return usualGroups(e164).some((usual) => usual.join() === groups.join());
}

function whyNone(written: WrittenDigits, home: string | undefined): Unreadable {
  const count = (written.readings[0] as string).length;
  switch (written.form) {
    case "international":
      return none(`no numbering plan has such a number (${count} digits with the country code)`);
    case "double_zero":
      return none(`no numbering plan has such a number (${count} digits with the 00)`);
    case "national":
    case "bare":
      return home === INTERNATIONAL || home === undefined
        ? none(`it is not a country code and a number of it (${count} digits)`)
        : notOf(home, written);
    default:
      return unreachable(written.form);
  }
}

function none(detail: string): Unreadable {
  return unreadable("not_in_plan", detail);
}

/** Names the cause as far as it can be seen: another country's number, a lost digit, the length. */
function notOf(region: string, { form, readings }: WrittenDigits): Unreadable {
  const [digits] = readings as [string];
  const count = digits.length;
  const none = `it is not a number of ${region}`;
  const foreign = readExactly(digits);
  if (foreign !== null) {
    const what = `${none}; with its plus lost it would be ${named(foreign)}`;
    return unreadable("other_country", `${what}: correct it, or write the plus`);
  }
  if (region === "BR" && readEightDigitMobile(digits) !== null) {
    const what = "it may be a mobile of before the ninth digit, or one of today that lost a digit";
    return unreadable("two_readings", `${what}: write all nine of its digits`);
  }
  const lengths = (["MOBILE", "FIXED_LINE"] as const).flatMap((type) =>
    numbering.lengthsOf(region, type),
  );
  const [least, most] = [Math.min(...lengths), Math.max(...lengths)];
  const longest = most + codeOf(region).length + (form === "national" ? 1 : 0);
  if (count >= least && count <= longest) {
    return unreadable("not_in_plan", `${none} (${count} digits)`);
  }
  const usual = least === most ? `${most}` : `${least} to ${most}`;
  const detail = `${none} (${count} digits, and one of ${region} has ${usual})`;
  return count < least
    ? unreadable("too_short", `${detail}: is its area code missing?`)
    : unreadable("too_long", detail);
}

/** The calling code of a region that has one. */
function codeOf(region: string): string {
  const code = numbering.codeOf(region);
  assert(code !== undefined, `${region} has a calling code`);
  return code;
}

function canBeRead(readings: readonly CandidateReading[]): string {
  return `it can be read as ${readings.map(named).join(" and as ")}`;
}

function named({ e164, region, note }: CandidateReading): string {
  const what = note === undefined ? (region ?? "no country") : `${region ?? "no country"}, ${note}`;
  return `${maskPhone(e164)} (${what})`;
}

function distinct(readings: readonly (CandidateReading | null)[]): CandidateReading[] {
  const found = new Map<string, CandidateReading>();
  for (const candidate of readings)
    if (candidate !== null && !found.has(candidate.e164)) found.set(candidate.e164, candidate);
  return [...found.values()];
}

function single<T>(list: readonly T[]): T | undefined {
  return list.length === 1 ? list[0] : undefined;
}

/** Spelled out: it is made for every row, and spreading an object takes as long as reading it. */
function phone({ e164, region }: PlanNumber): PhoneReading {
  return { kind: "phone", e164, region };
}

function unreadable(cause: UnreadableCause, detail: string): Unreadable {
  return { kind: "unreadable", cause, detail };
}
