// The person behind a number: every form of the same line gives the same digits. Knows no numbering plans, and so costs nothing to load.

/** Nothing but digits, with or without a plus before them. */
const PLAIN = /^\+?[0-9]+$/;

/**
 * Digits that stand for the person behind a number: all forms of the same line give the same
 * digits. Takes E.164, or a WhatsApp id with or without `+`; need not be valid. WhatsApp's ids
 * differ from the numbers in Brazil (many lack the mobile ninth digit), Mexico (52 1 … or 52 …) and
 * Argentina (54 9 … or 54 …); elsewhere the digits stay as they are.
 */
export function personOf(e164: string): string {
  const digits = PLAIN.test(e164)
    ? e164.slice(e164.startsWith("+") ? 1 : 0)
    : e164.replace(/\D/g, "");
  // The ninth digit is taken off only before 6–9: mobiles 9 1 … 9 5 never had eight digits, and
  // without the 9 they would be somebody's landline. Asked once for every row: no pattern is matched in vain.
  if (digits.length !== 13) return digits;
  if (digits.startsWith("55")) {
    return digits[4] === "9" && (digits[5] as string) >= "6" ? cutDigit(digits, 4) : digits;
  }
  if (digits.startsWith("52")) return digits[2] === "1" ? cutDigit(digits, 2) : digits;
  if (digits.startsWith("54")) return digits[2] === "9" ? cutDigit(digits, 2) : digits;
  return digits;
}

function cutDigit(digits: string, at: number): string {
  return digits.slice(0, at) + digits.slice(at + 1);
}
