// What Meta reports that a delivered message cost, in whole millionths of a currency's unit.

import { millionths } from "../limits/budget.ts";
import { fields, word } from "./webhook-fields.ts";

/** No message costs more units than this: what is above is an error, or another kind of number. */
const UNITS_MAX = 1_000_000;
const CURRENCY = /^[A-Z]{3}$/;

/** The cost of one message. */
export interface ReportedCost {
  /** Millionths of the currency's unit. */
  amount: number;
  /** ISO 4217. */
  currency: string;
}

/**
 * Reads `pricing.cost` of a receipt: `{ amount, currency }`, the amount a number in the currency's
 * unit, on `delivered` and `read` of a message with a max price (Meta, "Set a max price", 2026-07).
 * @returns null for any other shape: a text, a negative or a huge amount, no currency. Decimals
 * beyond the sixth are rounded up
 */
export function readCost(raw: unknown): ReportedCost | null {
  const cost = fields(raw);
  const amount = cost?.amount;
  const currency = word(cost?.currency);
  if (typeof amount !== "number" || !(amount >= 0 && amount <= UNITS_MAX)) return null;
  if (currency === null || !CURRENCY.test(currency)) return null;
  // Adding 0 makes a negative 0 a plain one.
  return { amount: millionths(amount) + 0, currency };
}

/**
 * The cost that is kept of a message of which two were reported: the higher one, whichever came
 * first, so that a budget is kept to in any order of receipts. Of equal ones in two currencies the
 * first by its code.
 * @param a null: none was reported
 */
export function dearerCost(a: ReportedCost | null, b: ReportedCost | null): ReportedCost | null {
  if (a === null || b === null) return a ?? b;
  if (a.amount !== b.amount) return a.amount > b.amount ? a : b;
  return a.currency <= b.currency ? a : b;
}
