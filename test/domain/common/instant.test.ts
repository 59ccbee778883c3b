import { expect, it } from "vitest";

import { readInstant } from "../../../src/domain/common/instant.ts";

const AT = Date.UTC(2026, 10, 28, 20, 0, 0);

it.each<[unknown, number | null]>([
  [AT / 1_000, AT],
  [AT, AT],
  [String(AT / 1_000), AT],
  [String(AT), AT],
  [AT / 1_000 + 0.5, AT + 500],
  [`${AT / 1_000}.25`, AT + 250],
  ["2026-11-28T20:00:00+0000", AT],
  ["2026-11-28T20:00:00Z", AT],
  ["2026-11-28T17:00:00.000-03:00", AT],
  ["2026-11-28T17:00:00-0300", AT],
  ["2026-11-28 20:00:00+00:00", AT],
  ["2026-11-28T20:00:00", AT],
  [AT * 1_000, AT],
  [AT * 1_000_000, AT],
  ["2026-11-28", null],
  ["yesterday", null],
  ["", null],
  [0, null],
  ["0", null],
  [-5, null],
  [Number.NaN, null],
  [Number.POSITIVE_INFINITY, null],
  [1e300, null],
  [null, null],
  [undefined, null],
  [true, null],
  [{}, null],
])("%j is %j", (value, expected) => {
  expect(readInstant(value)).toBe(expected);
});
