// What follows from what a person reports about marketing.

import { describe, expect, it } from "vitest";
import type { Consent } from "../../../src/domain/receipts/consent.ts";
import {
  causeOf,
  causeSpan,
  consentOf,
  isNewConsent,
  isOfRecipient,
  liftedBefore,
  optOutByMessage,
  optOutByRefusal,
  optOutTests,
} from "../../../src/domain/receipts/consent.ts";
import type { TimedReceipt } from "../../../src/domain/receipts/match.ts";
import type { Preference } from "../../../src/domain/receipts/receipt.ts";
import { optOutTest } from "../../../src/domain/recipient/stop-words.ts";

const AT = 1_700_000_000_000;
const DAY = 86_400_000;

it.each([
  ["stop", expect.objectContaining({ channel: "switch", way: "switch", at: AT })],
  ["resume", "resume"],
  ["signup", undefined],
] as const)("the switch reports %s", (value, expected) => {
  expect(consentOf({ value, at: AT } as Preference & { at: number })).toEqual(expected);
});

describe("optOutByRefusal", () => {
  const receipt = { status: "failed", at: AT, errors: [{ code: 131050 }] } as TimedReceipt;

  it("reads a refused message as the switch", () => {
    const optOut = optOutByRefusal(receipt);
    expect(optOut).toMatchObject({ channel: "switch", way: "refusal", at: AT });
    expect(optOut?.reason).toMatch(/^131050: /);
  });

  it("reads nothing from another failure", () => {
    const errors = [{ code: 131026 }] as TimedReceipt["errors"];
    expect(optOutByRefusal({ ...receipt, errors })).toBeUndefined();
  });
});

describe("optOutByMessage", () => {
  const test = optOutTest([]);
  const message = { text: null, tap: null, at: AT };
  it.each([
    ["a word", { text: "STOP" }, "text", 'wrote "STOP"'],
    [
      "a button's text",
      { tap: { text: "Stop promotions", payload: "x" } },
      "button",
      'tapped "Stop promotions"',
    ],
    ["a button's payload", { tap: { text: "No", payload: "STOP" } }, "button", 'tapped "STOP"'],
  ])("reads %s", (_, given, way, reason) => {
    const expected = { channel: "message", way, at: AT, reason };
    expect(optOutByMessage({ ...message, ...given }, test)).toEqual(expected);
  });

  it.each([
    ["another text", { text: "thank you" }],
    ["another button", { tap: { text: "Shop now", payload: "shop" } }],
  ])("reads nothing from %s", (_, given) => {
    expect(optOutByMessage({ ...message, ...given }, test)).toBeUndefined();
  });
});

it.each([
  ["button", true],
  ["refusal", true],
  ["text", false],
  ["switch", false],
] as const)("an opt-out by %s is of the message's recipient: %s", (way, expected) => {
  expect(isOfRecipient({ way })).toBe(expected);
});

describe("isNewConsent", () => {
  const stop: Consent = { value: "stop", at: AT };
  const resume: Consent = { value: "resume", at: AT };
  it.each([
    ["a first stop", stop, [undefined], true],
    ["the same stop again", stop, [stop], false],
    ["a stop known under one of two names", stop, [stop, undefined], true],
    ["a stop before a later resume", stop, [{ ...resume, at: AT + 1 }], false],
    ["a stop after a resume", { ...stop, at: AT + 1 }, [resume], true],
    ["a stop of the same second as a resume", stop, [resume], true],
    ["a resume of the same second as a stop", resume, [stop], false],
  ] as [string, Consent, (Consent | undefined)[], boolean][])(
    "judges %s",
    (_, consent, before, is) => {
      expect(isNewConsent(consent, before)).toBe(is);
    },
  );
});

it("lifts what the switch set in the second of the resume", () => {
  expect(liftedBefore(AT)).toBe(AT + 1_000);
});

describe("causeOf", () => {
  const place = (row: number, claimedAt = AT) => ({ campaign: 1, row, claimedAt });

  it("takes the last message that may have reached the person", () => {
    const reached = [place(1, AT - 5), place(2, AT - 2), place(3, AT - 2)];
    expect(causeOf(reached)).toMatchObject({ row: 2 });
    expect(causeOf([])).toBeUndefined();
  });

  it("looks at the seven days before, and at the second of the opt-out", () => {
    expect(causeSpan(AT)).toEqual({ from: AT - 7 * DAY, to: AT + 999 });
  });
});

it("takes the words of the campaigns that send from a number", () => {
  const testOf = optOutTests(
    ["basta ya"],
    [
      { lane: "1010", words: ["no pizza"] },
      { lane: "2020", words: ["no pasta"] },
      { lane: "sandbox", words: ["no soup"] },
    ],
  );
  const texts = ["stop", "basta ya", "no pizza", "no pasta", "no soup"];
  const heard = (number: string | null) => texts.filter((text) => testOf(number).isText(text));
  expect(heard("1010")).toEqual(["stop", "basta ya", "no pizza", "no soup"]);
  expect(heard(null)).toEqual(texts);
  expect(testOf("1010")).toBe(testOf("1010"));
});
