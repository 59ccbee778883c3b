// The person behind a number: every form of the same line gives the same digits. Knows no numbering
// plans, and so costs nothing to load.

import { ivoryCoastPrefix, todaysForm } from "./renumbering.ts";

/** Nothing but digits, with or without a plus before them. */
const PLAIN = /^\+?[0-9]+$/;

/** What Gabon put between the 0 and the digit that follows it. */
const GABON: Readonly<Record<string, string>> = { 1: "1", 2: "6", 4: "7", 5: "6", 6: "6", 7: "7" };

/**
 * Digits that stand for the person behind a number: all forms of the same line give the same
 * digits. Takes E.164, or a WhatsApp id with or without `+`; need not be valid. One line has two
 * forms in Brazil (ids lack the mobile ninth digit), Mexico (52 1 … and 52 …), Argentina (54 9 …
 * and 54 …), San Marino (378 0549 … and 39 0549 …), and where a country changed its numbers after
 * people had joined WhatsApp (`renumbering.ts`, and Gabon). Elsewhere the digits stay as they are.
 */
export function personOf(e164: string): string {
  const digits = digitsOf(e164);
  // Called for every row: the length rules most numbers out at once.
  switch (digits.length) {
    case 13:
      return personOf13(digits);
    case 12:
      return digits.startsWith("841") ? (todaysForm(digits) ?? digits) : digits;
    case 11:
      return digits.startsWith("2410") ? gabon(digits.slice(4)) : digits;
    case 10:
      return digits.startsWith("241") ? gabon(digits.slice(3)) : digits;
    default:
      return digits;
  }
}

function digitsOf(text: string): string {
  if (!PLAIN.test(text)) return text.replace(/\D/g, "");
  return text.startsWith("+") ? text.slice(1) : text;
}

function personOf13(digits: string): string {
  switch (digits.slice(0, 2)) {
    case "55":
      // The ninth digit is taken off only before 6–9: mobiles 9 1 … 9 5 never had eight digits, and
      // without the 9 they would be another person's landline.
      return digits[4] === "9" && (digits[5] as string) >= "6" ? cut(digits, 4, 5) : digits;
    case "52":
      return digits[2] === "1" ? cut(digits, 2, 3) : digits;
    case "54":
      return digits[2] === "9" ? cut(digits, 2, 3) : digits;
    case "22":
      return westAfrica(digits);
    case "37":
      // San Marino's landlines are also numbers of the Italian area code 0549.
      return digits.startsWith("3780549") ? `39${digits.slice(3)}` : digits;
    default:
      return digits;
  }
}

/**
 * Benin's 01 and Ivory Coast's two digits of the operator, where the old number had that operator.
 */
function westAfrica(digits: string): string {
  if (digits.startsWith("22901")) return cut(digits, 3, 5);
  if (!digits.startsWith("225")) return digits;
  return ivoryCoastPrefix(digits.slice(5)) === digits.slice(3, 5) ? cut(digits, 3, 5) : digits;
}

/**
 * Gabon, 2019-11-15: 02, 05 and 06 became 062, 065 and 066; 04 and 07 became 074 and 077; 01 became
 * 011; and the 0 is not dialled from abroad any more. (ARCEP Gabon, 2019-06-03.) Takes the seven
 * digits after the 0.
 */
function gabon(old: string): string {
  const operator = GABON[old[0] as string] ?? "0";
  return `241${operator}${old}`;
}

function cut(digits: string, from: number, to: number): string {
  return digits.slice(0, from) + digits.slice(to);
}
