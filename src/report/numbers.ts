// Rates, money and waiting times as people read them, in English.

import { duration } from "../domain/common/numbers.ts";

const SECOND = 1_000;

/** A rate or a small quantity, to three figures at most: `79.9`, `0.25`, `1,000`. */
export function quantity(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: value >= 1_000 ? 4 : 3 });
}

/** Money without its currency: `1,234.56`. */
export function amount(value: number): string {
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return value.toLocaleString("en-US", digits);
}

/** A waiting time; Meta reports its instants by the whole second. */
export function waitText(ms: number): string {
  return ms < SECOND ? "a second" : duration(ms);
}
