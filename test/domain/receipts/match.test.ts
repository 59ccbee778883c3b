// Which dispatch a receipt can be about, and by which words of a message a person opts out.

import { describe, expect, it } from "vitest";
import {
  fitsInTime,
  isForPersonOfRow,
  mayBeMarketing,
  optOutOf,
} from "../../../src/domain/receipts/match.ts";
import type { Inbound } from "../../../src/domain/receipts/receipt.ts";
import { optOutTest } from "../../../src/domain/recipient/stop-words.ts";

const DAY = 86_400_000;
const CLAIMED = 1_700_000_000_000;

describe("fitsInTime", () => {
  it.each([
    ["at the claim", 0, true],
    ["two minutes before it, by another clock", -120_000, true],
    ["three minutes before it", -180_000, false],
    ["31 days after it", 31 * DAY, true],
    ["32 days after it", 32 * DAY, false],
  ])("judges a receipt %s", (_, after, fits) => {
    expect(fitsInTime(CLAIMED, CLAIMED + after)).toBe(fits);
  });
});

it.each([
  [null, true],
  ["marketing", true],
  ["marketing_lite", true],
  ["utility", false],
])("price category %s: marketing %s", (category, expected) => {
  expect(mayBeMarketing(category)).toBe(expected);
});

describe("isForPersonOfRow", () => {
  const row = { status: "sent", attempts: 1, person: 5511, rowUserId: null } as const;
  const byNumber = { waId: "5511", userId: null };
  const nobody = { waId: null, userId: null };
  it.each([
    ["the last attempt of a row that does not wait", { row, isGivenAway: false, is: true }],
    [
      "a waiting row, of the person",
      { row: { ...row, status: "pending" }, names: [5511], is: true },
    ],
    [
      "a waiting row, of another person",
      { row: { ...row, status: "pending" }, names: [5599], is: false },
    ],
    [
      "a waiting row, without a name",
      { row: { ...row, status: "held" }, receipt: nobody, is: true },
    ],
    [
      "an attempt that was given away, without a name",
      { receipt: nobody, isGivenAway: true, is: false },
    ],
    [
      "an attempt that was given away, of the person",
      { names: [5511], isGivenAway: true, is: true },
    ],
    [
      "an earlier attempt, of the person",
      { row: { ...row, attempts: 2 }, names: [5511], is: true },
    ],
    [
      "a row of a user id, by a number that is not known behind it",
      { row: { ...row, status: "held", person: null, rowUserId: "BR.1" }, names: [5599], is: true },
    ],
    [
      "a row of a user id, by another number than the one behind it",
      {
        row: { ...row, status: "held", person: null, rowUserId: "BR.1" },
        names: [5599],
        hasNumber: true,
        is: false,
      },
    ],
  ] as unknown as [string, Record<string, never>][])("judges %s", (_, given) => {
    const { is, receipt = byNumber, names = [], isGivenAway = false, hasNumber = false } = given;
    const lookup = {
      isGivenAway: () => isGivenAway,
      names: () => names,
      hasNumber: () => hasNumber,
    };
    expect(isForPersonOfRow(receipt, given.row ?? row, 1, lookup)).toBe(is);
  });
});

describe("optOutOf", () => {
  const test = optOutTest([]);
  const message = { text: null, tap: null } as Inbound;
  it.each([
    ["a word", { text: "STOP" }, "STOP"],
    ["another text", { text: "thank you" }, undefined],
    ["a button's text", { tap: { text: "Stop promotions", payload: "x" } }, "Stop promotions"],
    ["a button's payload", { tap: { text: "No", payload: "STOP" } }, "STOP"],
    ["another button", { tap: { text: "Shop now", payload: "shop" } }, undefined],
  ])("reads %s", (_, given, expected) => {
    expect(optOutOf({ ...message, ...given }, test)).toBe(expected);
  });
});
