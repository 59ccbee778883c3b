// Whom a campaign that was sent to in part has still to reach, by country.

import { expect, it } from "vitest";

import { regionsLeft } from "../../../src/domain/cost/people-left.ts";

it.each([
  ["half is sent", { BR: 5, DE: 1 }, { BR: 10, DE: 2 }, { BR: 10, DE: 2 }, 6, { BR: 5, DE: 1 }],
  ["rows were added", { BR: 5 }, { BR: 10 }, { BR: 12, IN: 3 }, 10, { BR: 7, IN: 3 }],
  ["people are gone from the list", { BR: 5 }, { BR: 10 }, { BR: 2 }, 2, { BR: 2 }],
  ["a country is unknown", { BR: 5 }, { BR: 5 }, { BR: 5 }, 8, { BR: 5 }],
  ["nobody is left", {}, { BR: 10 }, { BR: 10 }, 0, {}],
  ["it is cancelled", {}, {}, { BR: 10 }, 0, {}],
])("%s", (_what, waiting, planned, today, left, expected) => {
  expect(regionsLeft({ waiting, planned, today }, left)).toEqual(expected);
});
