// From the text of a cell to the digits that are meant. Never decides whose number it is.

import { namedNumber, toAscii, visibleText, withoutLabels } from "./phone-clean.ts";

/** How the writer marked the number, which limits how it may be read. */
type PhoneForm =
  | "international" // a plus, or a link whose number is international by definition
  | "double_zero" // begins with 00
  | "national" // begins with a single 0, or with an area code in parentheses
  | "bare"; // digits alone: national, or international with its plus lost

/** Why a cell is not read as a number, to be counted. */
export type UnreadableCause =
  | "empty"
  | "several_numbers"
  | "extension"
  | "scientific"
  | "rounded"
  | "not_a_number"
  | "too_short"
  | "too_long"
  | "no_country_code"
  | "unknown_region"
  | "not_in_plan"
  | "other_country"
  | "two_readings"
  | "foreign_habit";

export interface Unreadable {
  kind: "unreadable";
  cause: UnreadableCause;
  /**
   * Half a sentence for the person who fixes the file; has no digits of the number beyond a masked
   * form.
   */
  detail: string;
}

export interface WrittenDigits {
  kind: "digits";
  form: PhoneForm;
  /** Digit strings this may stand for, without the plus: two when a `(0)` was written. */
  readings: string[];
  /** Lengths of the groups of digits as written; a writer's grouping tells forms apart. */
  groups: number[];
  /** True when something other than blanks separates the groups. */
  isMarked: boolean;
  /** The digits in parentheses at the beginning; empty without. */
  inParentheses: string;
}

export type PhoneText = WrittenDigits | Unreadable;

/** Longest cell that is looked at, in characters; links may be longer. */
const TEXT_MAX = 64;
const LINK_MAX = 2_048;
const E164_MAX = 15;
/** 4 more are room for `00` and a trunk prefix. */
const DIGITS_MAX = E164_MAX + 4;
const DIGITS_MIN = 5;
/** From this many digits on, a part of a cell may be a number of its own. */
const NUMBER_MIN = 7;
/** More digits than this before a slash are a number of their own and not an area code … */
const AREA_CODE_MAX = 5;
/** … and with a plus before them, country code and area code. */
const WITH_CODE_MAX = 8;
/** From this many digits on, digits that end in six zeros are more likely rounded than a number. */
const ROUNDED_MIN = 9;

const SCIENTIFIC = /^\+?(\d+)(?:[.,](\d+))?e\+?(\d+)$/i;
const DECIMAL_ZERO = /^(\+?\d{7,15})[.,]0{1,2}$/;
const THOUSANDS = /^\+?\d{1,3}(?:(?:,\d{3}){2,}(?:\.0{1,2})?|(?:\.\d{3}){2,}(?:,0{1,2})?)$/;
const EXTENSION = /\d\s*(?:ext(?:ension)?|x|ramal|poste|int|доб|;\s*ext\s*=|#)[\s.:=]*\d+\s*$/iu;
/** What is written as no telephone number is, though a plan may have one of the same digits. */
const OTHER_THINGS: readonly { pattern: RegExp; what: string }[] = [
  { pattern: /^\d{3}\.\d{3}\.\d{3}-\d\d$/, what: "a CPF of Brazil" },
  { pattern: /^\d{1,2}\.\d{3}\.\d{3}-\d$/, what: "a RUT of Chile" },
];
/** Dates with a year of four digits; Europe and America begin with the day or the month. */
const DATES = [
  /^(\d{1,2})([-./])(\d{1,2})\2(?:19|20)\d\d$/,
  /^(?:19|20)\d\d([-./])(\d{1,2})\1(\d{1,2})$/,
];
const DATE_DIGITS_MAX = 8;
/** A word between two numbers; within a regular expression. */
export const WORD_BETWEEN = String.raw`\s(?:or|ou|oder|o|e|and|und|et|y)\s`;
/** What separates two numbers in one cell; a comma within a number is no such thing. */
const SEVERAL = new RegExp(String.raw`[,;|&\r\n]+|:::|${WORD_BETWEEN}`, "iu");

/**
 * Takes a cell's text and gives the digits, or says in half a sentence why it is no phone number.
 */
export function readPhoneText(text: string): PhoneText {
  const usual = readUsual(text);
  if (usual !== null) return usual;
  if (text.length > LINK_MAX) return tooLongText();
  const ascii = toAscii(visibleText(text));
  if (ascii === "") return unreadable("empty", "the cell is empty");
  const named = namedNumber(ascii);
  if (named?.kind === "none") return unreadable("not_a_number", named.detail);
  if (named !== null) return digitsOf(`+${named.digits}`);
  if (ascii.length > TEXT_MAX) return tooLongText();
  return digitsOf(wholeNumber(withoutLabels(ascii)));
}

/**
 * The usual ASCII forms in one pass, ten times as fast as the patterns; null for everything that
 * needs a closer look. Gives what those would give, which a test holds it to.
 */
function readUsual(text: string): PhoneText | null {
  if (text.length > TEXT_MAX) return null;
  let digits = "";
  let from = 0;
  let isMarked = false;
  const groups: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 48 && unit <= 57) continue;
    const isMark = unit === 45 || unit === 40 || unit === 41;
    if (!isMark && unit !== 32 && !(unit === 43 && at === 0)) return null;
    // A lone zero in parentheses has two readings.
    if (unit === 41 && at === from + 1 && text[from] === "0") return null;
    if (isMark) isMarked = true;
    if (at > from) groups.push(at - from);
    digits += text.slice(from, at);
    from = at + 1;
  }
  if (from === text.length) return null;
  groups.push(text.length - from);
  digits += text.slice(from);
  if (digits.length < DIGITS_MIN || digits.length > E164_MAX) return null;
  const plus = text.startsWith("+");
  const firstUnit = text.charCodeAt(plus ? 1 : 0);
  if (firstUnit === 32 || firstUnit === 45 || (plus && digits.startsWith("0"))) return null;
  if (digits.endsWith("000000")) return null;
  if (isMarked && digits.length <= DATE_DIGITS_MAX && isDate(text)) return null;
  const { form, inParentheses } = formOf(text, plus, digits);
  return { kind: "digits", readings: [digits], groups, isMarked, form, inParentheses };
}

/**
 * What a spreadsheet makes of a number without losing digits: `5511987654321.0`, `5.5E12` in full.
 */
export function wholeNumber(text: string): string {
  const decimal = DECIMAL_ZERO.exec(text)?.[1];
  if (decimal !== undefined) return decimal;
  if (THOUSANDS.test(text)) return text.replace(/[.,]0{1,2}$/, "").replace(/[.,]/g, "");
  const [, whole = "", fraction = "", exponent] = SCIENTIFIC.exec(text) ?? [];
  return fraction !== "" && fraction.length === Number(exponent) ? whole + fraction : text;
}

function digitsOf(text: string): PhoneText {
  const fault = faultOf(text);
  if (fault !== null) return fault;
  const plus = /^\(?\+/.test(text);
  const digits = text.replace(/\D/g, "");
  const groups = (text.match(/\d+/g) ?? []).map((group) => group.length);
  const isMarked = /[^+\d ]/.test(text);
  // `+44 (0)20`: the zero is dialled inside the country only, except where it is part of the number
  // (Italy). Both readings go on, and are accepted only where they agree.
  const optionalZero = /\(0\)/.exec(text);
  const readings = [digits];
  if (optionalZero !== null) {
    const before = text.slice(0, optionalZero.index).replace(/\D/g, "");
    if (before !== "") readings.push(before + digits.slice(before.length + 1));
  }
  const form = formOf(text, plus, digits);
  const written = { kind: "digits" as const, groups, isMarked, ...form };
  // `+0055…` is `00` and a plus; no country code begins with 0.
  if (form.form !== "international") return { ...written, readings };
  return { ...written, readings: readings.map((reading) => reading.replace(/^00/, "")) };
}

function formOf(
  text: string,
  plus: boolean,
  digits: string,
): Pick<WrittenDigits, "form" | "inParentheses"> {
  if (plus) return { form: "international", inParentheses: "" };
  if (digits.startsWith("00")) return { form: "double_zero", inParentheses: "" };
  const inParentheses = text.startsWith("(") ? (/^\( ?(\d{1,5}) ?\)/.exec(text)?.[1] ?? "") : "";
  const isNational = digits.startsWith("0") || inParentheses !== "";
  return { form: isNational ? "national" : "bare", inParentheses };
}

/** Says why text with ASCII digits and punctuation is not one number; null when it is one. */
function faultOf(text: string): Unreadable | null {
  const count = countDigits(text);
  const other = isDate(text) ? "a date" : OTHER_THINGS.find((o) => o.pattern.test(text))?.what;
  if (other !== undefined) return unreadable("not_a_number", `it is written as ${other}`);
  if (SCIENTIFIC.test(text)) {
    return unreadable(
      "scientific",
      "a spreadsheet shortened the number to scientific notation and its last digits are lost: " +
        "format the column as text, put the numbers in again from their source, save again",
    );
  }
  if (EXTENSION.test(text)) {
    return unreadable("extension", "it has an extension, which WhatsApp cannot reach");
  }
  if (isSeveral(text, count)) {
    return unreadable("several_numbers", "there seems to be more than one number in the cell");
  }
  if (count === 0) return unreadable("not_a_number", "there are no digits in it");
  if (/\p{L}/u.test(text)) return unreadable("not_a_number", "there are letters in it");
  const odd = /[^0-9+\-. ()/]/u.exec(text);
  if (odd !== null) return unreadable("not_a_number", `there is ${shown(odd[0])} in it`);
  if (/\+/.test(text) && !/^\(?\+\s?\(?\d/.test(text)) {
    return unreadable("not_a_number", "the plus is not at its beginning");
  }
  if (count < DIGITS_MIN) return unreadable("too_short", `it has too few digits (${count})`);
  if (count > DIGITS_MAX) {
    return unreadable("too_long", `it has ${count} digits, and a number has at most ${E164_MAX}`);
  }
  if (isRounded(text)) {
    return unreadable(
      "rounded",
      "it ends in six zeros, as a number does of which a spreadsheet lost the last digits: " +
        "put it in again from its source, or write it with a plus",
    );
  }
  return null;
}

/** True for digits alone that end in six zeros: a spreadsheet rounds long numbers so. */
export function isRounded(text: string): boolean {
  return text.length >= ROUNDED_MIN && /^\d+000000$/.test(text);
}

/** True for a date of the calendar: `29.11.2026`, `11/29/2026`, `2026-11-29`. */
export function isDate(text: string): boolean {
  return DATES.some((form) => {
    const parts = (form.exec(text) ?? []).slice(1).filter((part) => /\d/.test(part));
    const [one = 0, two = 0] = parts.map(Number);
    return Math.min(one, two) >= 1 && Math.min(one, two) <= 12 && Math.max(one, two) <= 31;
  });
}

function isSeveral(text: string, count: number): boolean {
  if (text.split("+").length > 2) return true;
  const isNumber = (part: string) => countDigits(part) >= NUMBER_MIN;
  if (text.split(SEVERAL).filter(isNumber).length > 1) return true;
  // Parted by a blank alone, as nothing but their length shows.
  if (count > E164_MAX && text.split(/\s+/).filter(isNumber).length > 1) return true;
  const parts = text.split("/");
  const before = parts.slice(0, -1).map(countDigits);
  const areaMax = text.includes("+") ? WITH_CODE_MAX : AREA_CODE_MAX;
  return before.some((digits, at) => digits > (at === 0 ? areaMax : AREA_CODE_MAX));
}

function countDigits(text: string): number {
  return text.replace(/\D/g, "").length;
}

/** A character as it can be shown: in quotes, or by its code point where it cannot be seen. */
function shown(character: string): string {
  const code = (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0");
  return /[\p{C}\p{Z}\p{M}]/u.test(character) ? `a character U+${code}` : `a "${character}"`;
}

function tooLongText(): Unreadable {
  return unreadable("not_a_number", `the text is longer than ${TEXT_MAX} characters`);
}

function unreadable(cause: UnreadableCause, detail: string): Unreadable {
  return { kind: "unreadable", cause, detail };
}
