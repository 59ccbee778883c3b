// The known word that a misspelt one was meant to be.

import { expect, it } from "vitest";

import { nearest } from "../../../src/domain/common/nearest.ts";

it.each([
  ["coupom", ["currency", "coupon"], "coupon"],
  ["maxInFlight", ["max_retries", "max_in_flight"], "max_in_flight"],
  ["RATE", ["file", "rate"], "rate"],
  // Two swapped letters count once, also in a short word.
  ["paues", ["pages", "pause"], "pages"],
  ["puase", ["unpause", "pause"], "pause"],
  ["rnu", ["report", "run"], "run"],
  // Too far away.
  ["from", ["file"], undefined],
  ["x", ["y"], undefined],
  ["", ["a"], undefined],
  ["rate", ["rate"], undefined],
  ["r".repeat(101), ["r".repeat(100)], undefined],
])("of %j among %j is %j", (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected);
});
