// Which dispatch a receipt is about.

import { describe, expect, it } from "vitest";
import type { Asking } from "../../../src/domain/common/asking.ts";
import type { Candidate, Candidates, TimedReceipt } from "../../../src/domain/receipts/match.ts";
import {
  fitsInTime,
  isForPersonOfRow,
  matchMessage,
  matchReceipt,
  mayBeMarketing,
} from "../../../src/domain/receipts/match.ts";

/** An answer that needs no question. */
// biome-ignore lint/correctness/useYield: what it gives is known
function* known<T>(value: T): Asking<never, T> {
  return value;
}

/** What a rule decides that asks nothing but what is known. */
function decided<T>(asking: Asking<never, T>): T {
  const step = asking.next();
  if (step.done !== true) throw new Error("nothing is asked");
  return step.value;
}

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
  const row: Candidate = {
    ...{ campaign: 1, row: 1, lane: "1010", messageId: null, erasedAt: null },
    ...{ status: "sent", attempts: 1, person: 5511, rowUserId: null },
  };
  const byNumber = { waId: "5511", userId: null, parentUserId: null };
  const nobody = { waId: null, userId: null, parentUserId: null };
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
      isGivenAway: () => known(isGivenAway),
      namesOf: () => known(names),
      hasNumber: () => known(hasNumber),
    };
    expect(decided(isForPersonOfRow(receipt, given.row ?? row, 1, lookup))).toBe(is);
  });
});

describe("matchReceipt", () => {
  const rows: Candidate[] = [
    { row: 1, status: "sent", messageId: "wamid.1" },
    { row: 2, status: "pending", messageId: null, attempts: 0, person: 5522 },
    { row: 3, status: "unknown", messageId: null, attempts: 2, person: 5533 },
    { row: 4, status: "sent", messageId: "wamid.4", person: 5544, erasedAt: CLAIMED },
    { row: 5, status: "claimed", messageId: null, person: 5533 },
    { row: 6, status: "unknown", messageId: null, attempts: 2, person: 5566 },
  ].map((row) => ({
    ...{ campaign: 1, lane: "1010", attempts: 1, person: 5511, rowUserId: null, erasedAt: null },
    ...(row as Pick<Candidate, "row" | "status" | "messageId">),
  }));
  const asked: string[] = [];
  const ledger: Candidates<Candidate> = {
    ledgerId: "ours",
    dispatch: ({ row }) => known(rows.find((one) => one.row === row)),
    byMessage: (id) => {
      asked.push("message");
      const found = rows.filter(({ messageId }) => id !== "twice" && messageId === id);
      const both = id === "twice" ? rows.slice(1, 3) : found;
      return known(
        both.map(({ campaign, row }) => ({ campaign, row, attempt: 1, isGivenAway: 0 })),
      );
    },
    inDoubt: (name, number) => {
      asked.push(`person ${name} of ${number}`);
      const found = rows.filter(({ person, messageId }) => person === name && messageId === null);
      const late = found.filter(({ status }) => status !== "pending");
      return known(late.map((row) => ({ ...row, status: "unknown", claimedAt: CLAIMED })));
    },
    firstInDoubt: () => known(1),
    isGivenAway: () => known(false),
    namesOf: ({ waId }) => known(waId === null ? [] : [Number(waId)]),
    hasNumber: () => known(false),
    isOurNumber: (number) => known(number === "1010"),
  };
  const key = (row: number, attempt = 1, id = "ours") => ({
    ...{ ledger: id, campaign: 1, row, attempt },
  });

  function match(given: Partial<TimedReceipt>) {
    asked.length = 0;
    const result = decided(
      matchReceipt(
        {
          ...{ kind: "status", status: "delivered", at: CLAIMED + 1_000, number: "1010" },
          ...{ messageId: "wamid.new", key: null, pricing: null, errors: [] },
          ...{ waId: null, userId: null, parentUserId: null },
          ...given,
        },
        ledger,
      ),
    );
    const target = "target" in result ? { target: result.target?.row ?? null } : {};
    return { ...result, ...target };
  }

  it("believes the message id before the key and the person", () => {
    const given = { messageId: "wamid.1", key: key(3), waId: "5533" };
    expect(match(given)).toMatchObject({ kind: "found", target: 1, isByMessage: true });
  });

  it("asks no index where the dispatch of the key has the message", () => {
    expect(match({ messageId: "wamid.1", key: key(1) })).toMatchObject({ target: 1 });
    expect(asked).toEqual([]);
  });

  it.each([
    ["the key", { key: key(3) }, 3],
    ["the person", { waId: "5522" }, 2],
  ])("of one id for several messages lets %s decide", (_, given, row) => {
    expect(match({ ...given, messageId: "twice" })).toMatchObject({ target: row });
  });

  it("believes the key before the person", () => {
    const found = match({ key: key(3, 2), waId: "5533" });
    expect(found).toMatchObject({ kind: "found", target: 3, attempt: 2, isByMessage: false });
    expect(asked).toEqual(["message"]);
  });

  it.each([
    ["of another program", "foreign" as const],
    ["of another ledger", key(3, 1, "theirs")],
    ["of no attempt", key(3, 0)],
    ["further ahead than an attempt can be", key(3, 103)],
  ])("matches nothing by a key %s, nor then by the person", (_, given) => {
    expect(match({ key: given, waId: "5533" })).toEqual({ kind: "none", effect: "unmatched" });
  });

  it.each([
    ["a waiting row", key(2, 1), 2],
    ["a row in doubt", key(3, 102), 3],
    ["a row that was sent to", key(1, 2), null],
    ["a row that is not there", key(9), null],
  ])("finds a lost attempt of %s", (_, given, target) => {
    expect(match({ key: given })).toMatchObject({ kind: "lost", lane: "1010", target });
  });

  it("leaves an erased row alone", () => {
    expect(match({ key: key(4) })).toEqual({ kind: "none", effect: "repeated" });
    expect(match({ key: key(4, 2) })).toEqual({ kind: "none", effect: "repeated" });
  });

  it("without a key asks for the person, of a number that campaigns send from", () => {
    expect(match({ waId: "5533", number: "2020" })).toEqual({
      kind: "none",
      effect: "other_number",
    });
    expect(asked).toEqual(["message"]);
    const several = match({ waId: "5533" });
    expect(several).toMatchObject({ kind: "parked", watches: [{ row: 3 }, { row: 5 }] });
    expect(asked).toEqual(["message", "person 5533 of 1010"]);
  });

  it("finds the only dispatch in doubt of a person, and its earliest attempt", () => {
    const found = match({ waId: "5566", number: null });
    expect(found).toMatchObject({ kind: "found", target: 6, attempt: 1, isByMessage: false });
  });

  it.each([
    ["of another person", { waId: "5599" }],
    ["of nobody", { waId: null }],
    [
      "of a price that no marketing message has",
      { pricing: { category: "utility", type: null, cost: null } },
    ],
    ["too late for the message", { at: CLAIMED + 32 * DAY }],
  ])("finds nothing for a receipt %s", (_, given) => {
    expect(match({ waId: "5566", ...given })).toEqual({ kind: "none", effect: "unmatched" });
  });

  it("finds the message that a tap answers, of several that of the person", () => {
    expect(decided(matchMessage("wamid.1", () => known([]), ledger))).toMatchObject({ row: 1 });
    expect(decided(matchMessage("twice", () => known([5533]), ledger))).toMatchObject({ row: 3 });
    expect(decided(matchMessage("twice", () => known([5599]), ledger))).toBeUndefined();
  });
});
