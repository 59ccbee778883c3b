// Keeps a number as an integer of its digits, which takes a third of the room of text. Reads no
// number's meaning.

import { assert } from "../../domain/common/errors.ts";

/** At most 15 digits (ITU-T E.164), so that every one of them is exact in a double. */
const DIGITS = /^[1-9]\d{0,14}$/;

/** `+5511987654321` → 5511987654321. */
export function phoneToInteger(phone: string): number {
  assert(phone.startsWith("+"), "a phone number begins with +");
  return digitsToInteger(phone.slice(1));
}

/** `5511987654321` → 5511987654321. */
export function digitsToInteger(digits: string): number {
  assert(DIGITS.test(digits), "a person's digits are 1 to 15 of them and do not begin with 0");
  return Number(digits);
}

/** Tells whether a text from outside, such as a WhatsApp id, can be kept as an integer. */
export function isDigits(text: string): boolean {
  return DIGITS.test(text);
}
