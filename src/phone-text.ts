// From what somebody typed into a cell to the digits they meant. Never decides whose number it is.

/** How the writer marked the number, which limits how it may be read. */
type PhoneForm =
  | "international" // a plus, or a link whose number is international by definition
  | "double_zero" // begins with 00
  | "national" // begins with a single 0, or with an area code in parentheses
  | "bare"; // digits alone: national, or international with its plus lost

export type PhoneText =
  | {
      kind: "digits";
      form: PhoneForm;
      /** Digit strings this may stand for, without the plus: two when a `(0)` was written. */
      readings: string[];
      /** Lengths of the groups of digits as written; a writer's grouping tells forms apart. */
      groups: number[];
    }
  | { kind: "unreadable"; detail: string };

/** Longest cell that is looked at, in characters. */
const TEXT_MAX = 64;
/** E.164 has at most 15 digits; 4 more are room for `00` and a trunk prefix. */
const DIGITS_MAX = 19;
const DIGITS_MIN = 5;
/**
 * From this many digits on, the part before a slash is a number of its own and not an area code.
 */
const AREA_CODE_DIGITS_MAX = 5;

const INVISIBLE = /\p{Cf}|\p{Variation_Selector}|\u034F/gu;
const OTHER_DIGIT = /(?![0-9])\p{Nd}/gu;
const LABEL = /^(?:tel|phone|mobile|cel|whatsapp|wa)\s*[.:]{1,2}\s*(?=[+(\d])/i;
const WA_LINK =
  /^(?:https?:\/\/)?(?:wa\.me\/|(?:api|web)\.whatsapp\.com\/send\/?\?phone=)\+?(\d+)\/?$/i;
const WA_ID = /^(\d+)@(?:s\.whatsapp\.net|c\.us)$/i;
const SCIENTIFIC = /^\+?\d+(?:[.,]\d+)?e[+-]?\d+$/i;
const DECIMAL_ZERO = /^(\+?\d{7,15})[.,]0{1,2}$/;
const EXTENSION = /\d\s*(?:ext(?:ension)?|x|ramal|poste|int|доб|;\s*ext\s*=|#)[\s.:=]*\d+\s*$/iu;
const SEVERAL = /[,;|&]|\bor\b|\bou\b|\be\b|\band\b|\by\b/iu;

/** Takes a cell's text and tells the digits, or says in one sentence why it is no phone number. */
export function readPhoneText(text: string): PhoneText {
  const usual = readUsual(text);
  if (usual !== null) return usual;
  if (text.length > TEXT_MAX) return unreadable(`the text is longer than ${TEXT_MAX} characters`);
  const bare = text
    .replace(INVISIBLE, "")
    .trim()
    .replace(/^['’‘"]+\s*|\s*["]+$/gu, "");
  if (bare === "") return unreadable("the cell is empty");
  const ascii = toAscii(bare);
  if (SCIENTIFIC.test(ascii)) {
    return unreadable(
      "a spreadsheet shortened the number to scientific notation and its last digits are lost: " +
        "format the column as text, put the numbers in again from their source, save again",
    );
  }
  if (EXTENSION.test(ascii)) return unreadable("it has an extension, which WhatsApp cannot reach");
  const link = WA_LINK.exec(ascii) ?? WA_ID.exec(ascii);
  if (link !== null) return digitsOf(`+${link[1] as string}`);
  const unlabelled = ascii.replace(LABEL, "");
  return digitsOf(DECIMAL_ZERO.exec(unlabelled)?.[1] ?? unlabelled);
}

/**
 * The usual ASCII forms in one pass, ten times as fast as the patterns below; null for whatever
 * needs a closer look. Gives what those would give, which a test holds it to.
 */
function readUsual(text: string): PhoneText | null {
  if (text.length > TEXT_MAX) return null;
  let digits = "";
  let length = 0;
  const groups: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 48 && unit <= 57) {
      digits += text[at] as string;
      length++;
      continue;
    }
    const separates = unit === 32 || unit === 45 || unit === 40 || unit === 41;
    if (!separates && !(unit === 43 && at === 0)) return null;
    // A lone zero in parentheses has two readings.
    if (unit === 41 && length === 1 && digits.endsWith("0")) return null;
    if (length > 0) groups.push(length);
    length = 0;
  }
  if (length > 0) groups.push(length);
  if (length === 0 || digits.length < DIGITS_MIN || digits.length > DIGITS_MAX) return null;
  const plus = text.startsWith("+");
  const firstUnit = text.charCodeAt(plus ? 1 : 0);
  if (firstUnit === 32 || firstUnit === 45 || (plus && digits.startsWith("0"))) return null;
  return { kind: "digits", form: formOf(text, plus, digits), readings: [digits], groups };
}

function digitsOf(text: string): PhoneText {
  const fault = faultOf(text);
  if (fault !== null) return unreadable(fault);
  const plus = /^\(?\+/.test(text);
  const digits = text.replace(/\D/g, "");
  const groups = (text.match(/\d+/g) ?? []).map((group) => group.length);
  // `+44 (0)20`: the zero is dialled inside the country only, except where it is part of the number
  // (Italy). Both readings go on, and whoever judges them accepts them only when they agree.
  const optionalZero = /\(0\)/.exec(text);
  const readings = [digits];
  if (optionalZero !== null) {
    const before = text.slice(0, optionalZero.index).replace(/\D/g, "");
    if (before !== "") readings.push(before + digits.slice(before.length + 1));
  }
  const form = formOf(text, plus, digits);
  // `+0055…` is `00` and a plus; no country code begins with 0.
  if (form !== "international") return { kind: "digits", form, readings, groups };
  return { kind: "digits", form, readings: readings.map((one) => one.replace(/^00/, "")), groups };
}

function formOf(text: string, plus: boolean, digits: string): PhoneForm {
  if (plus) return "international";
  if (digits.startsWith("00")) return "double_zero";
  if (digits.startsWith("0") || /^\(\d{1,5}\)/.test(text)) return "national";
  return "bare";
}

/** Says why text with ASCII digits and punctuation is not one number; null when it is one. */
function faultOf(text: string): string | null {
  const digitCount = text.replace(/\D/g, "").length;
  const parts = text.split(/[/\r\n]+/).map((part) => part.replace(/\D/g, "").length);
  const crowded = parts.length > 2 || (parts[0] as number) > AREA_CODE_DIGITS_MAX;
  const pluses = text.split("+").length - 1;
  const several = (digitCount >= 12 && SEVERAL.test(text)) || (parts.length > 1 && crowded);
  if (several || pluses > 1) return "there seems to be more than one number in the cell";
  if (digitCount === 0) return "there are no digits in it";
  if (/\p{L}/u.test(text)) return "there are letters in it";
  const odd = /[^0-9+\-. ()/]/.exec(text);
  if (odd !== null) return `there is a ${JSON.stringify(odd[0])} in it`;
  if (/\+/.test(text) && !/^\(?\+\s?\(?\d/.test(text)) return "the plus is not at its beginning";
  if (digitCount < DIGITS_MIN) return `it has too few digits (${digitCount})`;
  if (digitCount > DIGITS_MAX) return `it has ${digitCount} digits, and a number has at most 15`;
  return null;
}

/** Writes the digits, pluses, hyphens, spaces, dots and parentheses of all scripts as ASCII. */
function toAscii(text: string): string {
  return text
    .replace(OTHER_DIGIT, (digit) => String(digitValue(digit.codePointAt(0) as number)))
    .replace(/[＋﹢]/gu, "+")
    .replace(/[\p{Pd}\u2212]/gu, "-")
    .replace(/[\t\p{Zs}]+/gu, " ")
    .replace(/[·•‧∙．]/gu, ".")
    .replace(/（|\[/gu, "(")
    .replace(/）|\]/gu, ")")
    .replace(/[⁄／]/gu, "/");
}

/**
 * Unicode lays decimal digits out in runs of ten, each beginning at a code point whose last
 * hexadecimal digit is 0 or 6 (Unicode 15, DerivedNumericType), save the mathematical ones, which
 * nobody types here.
 */
function digitValue(codePoint: number): number {
  if (codePoint >= 0x1d7ce && codePoint <= 0x1d7ff) return (codePoint - 0x1d7ce) % 10;
  const low = codePoint & 15;
  return /\p{Nd}/u.test(String.fromCodePoint(codePoint - low)) ? low : low - 6;
}

function unreadable(detail: string): PhoneText {
  return { kind: "unreadable", detail };
}
