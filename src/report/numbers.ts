// Money and waiting times as people read them, in English.

import { duration } from "../domain/common/numbers.ts";

const SECOND = 1_000;

/** Money without its currency: `1,234.56`. */
export function amount(value: number): string {
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return value.toLocaleString("en-US", digits);
}

/** A waiting time; Meta reports its instants by the whole second. */
export function waitText(ms: number): string {
  return ms < SECOND ? "a second" : duration(ms);
}
