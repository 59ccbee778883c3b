// Counts, shares and spans as people read them.

import { expect, it } from "vitest";
import { count, duration, percent, plural, rateText } from "../../../src/domain/common/numbers.ts";

it("writes a rate to three figures", () => {
  expect([79.94, 0.2534, 1_000, 20, 12_345].map(rateText)).toEqual([
    "79.9",
    "0.253",
    "1,000",
    "20",
    "12,350",
  ]);
});

it("counts with thousands separators", () => {
  expect(count(1_234_567)).toBe("1,234,567");
  expect([plural(1, "row"), plural(2_000, "row")]).toEqual(["1 row", "2,000 rows"]);
});

it.each([
  [0, 0, "–"],
  [0, 50, "0%"],
  [1, 3, "33.3%"],
  [1, 2, "50.0%"],
  [1, 100_000, "< 0.1%"],
  [99_999, 100_000, "> 99.9%"],
  [7, 7, "100%"],
])("says %i of %i as %s", (part, of, text) => expect(percent(part, of)).toBe(text));

it.each([
  [0, "under 1 s"],
  [45_900, "45 s"],
  [60_000, "1 min"],
  [95_000, "1 min 35 s"],
  [12_120_000, "3 h 22 min"],
  [93_600_000, "1 d 2 h"],
])("says %i ms as %s", (ms, text) => expect(duration(ms)).toBe(text));
