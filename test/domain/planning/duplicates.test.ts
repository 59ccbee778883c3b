// Which row of a person keeps the message.

import { expect, it } from "vitest";
import { winsOver } from "../../../src/domain/planning/duplicates.ts";

it.each([
  ["a row before it", { place: 1, status: "pending", attempts: 0 }, true],
  ["a row behind it that waits", { place: 3, status: "pending", attempts: 0 }, false],
  ["a row behind it that was tried", { place: 3, status: "pending", attempts: 1 }, true],
  ["a row behind it that was sent to", { place: 3, status: "accepted", attempts: 1 }, true],
  ["a row behind it that is held", { place: 3, status: "held", attempts: 0 }, true],
] as const)("%s", (_, other, wins) => {
  expect(winsOver(other, 2)).toBe(wins);
});
