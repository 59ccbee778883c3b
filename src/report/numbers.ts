// Waiting times as people read them, in English.

import { duration } from "../domain/common/numbers.ts";

const SECOND = 1_000;

/** A waiting time; Meta reports its instants by the whole second. */
export function waitText(ms: number): string {
  return ms < SECOND ? "a second" : duration(ms);
}
