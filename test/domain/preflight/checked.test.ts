// What a check says that it looked at.

import { describe, expect, it } from "vitest";

import type { UnreadFact } from "../../../src/domain/account/facts.ts";
import { checkedSentence, notChecked } from "../../../src/domain/preflight/checked.ts";

const unread = (part: UnreadFact["part"], sentence: string): UnreadFact => ({
  part,
  code: null,
  passes: true,
  sentence,
});
const refused = "http://127.0.0.1:1 refused the connection.";
const left = "The id of the account is not given.";

describe("the sentence", () => {
  it.each<[UnreadFact[], { blockers: number; warnings: number }, string]>([
    [
      [],
      { blockers: 0, warnings: 0 },
      "number, account and template: nothing found that stands in the way",
    ],
    [
      [],
      { blockers: 0, warnings: 2 },
      "number, account and template: 2 warnings, nothing that stands in the way",
    ],
    [
      [],
      { blockers: 1, warnings: 1 },
      "number, account and template: 1 blocker and 1 warning; a run would send nothing",
    ],
    [
      (["number", "waba", "template", "token"] as const).map((part) => unread(part, refused)),
      { blockers: 0, warnings: 1 },
      "NOT CHECKED: number, account and template: http://127.0.0.1:1 refused the connection",
    ],
    [
      [unread("waba", left), unread("template", left)],
      { blockers: 0, warnings: 1 },
      "number: 1 warning, nothing that stands in the way. NOT CHECKED: account and template: The id of the account is not given",
    ],
    [
      [unread("number", refused), unread("waba", left), unread("template", left)],
      { blockers: 1, warnings: 2 },
      "1 blocker and 2 warnings; a run would send nothing. NOT CHECKED: number: http://127.0.0.1:1 refused the connection. NOT CHECKED: account and template: The id of the account is not given",
    ],
    // The token's page is not shown to every partner, and nothing depends on it alone.
    [
      [unread("token", refused)],
      { blockers: 0, warnings: 0 },
      "number, account and template: nothing found that stands in the way",
    ],
  ])("of %j and %j", (missing, found, sentence) => {
    const numbers = [{ phoneNumberId: "1", facts: null }];
    const more = { ...found, isOfSome: false };
    expect(checkedSentence({ unread: missing, numbers }, more)).toBe(sentence);
  });

  it.each<[string[], string]>([
    [
      [],
      "numbers, account and template: 1 blocker and 0 warnings; a run would send from the other numbers only",
    ],
    [
      ["2"],
      "other numbers, account and template: 1 blocker and 0 warnings; a run would send from the other numbers only. NOT CHECKED: number 2: http://127.0.0.1:1 refused the connection",
    ],
    [
      ["1", "2"],
      "account and template: 1 blocker and 0 warnings; a run would send from the other numbers only. NOT CHECKED: number 1 and number 2: http://127.0.0.1:1 refused the connection",
    ],
  ])("of two numbers without %j", (missing, sentence) => {
    const missed = missing.map((phoneNumberId) => ({
      ...unread("number", refused),
      phoneNumberId,
    }));
    const numbers = ["1", "2"].map((phoneNumberId) => ({ phoneNumberId, facts: null }));
    const found = { blockers: 1, warnings: 0, isOfSome: true };
    expect(checkedSentence({ unread: missed, numbers }, found)).toBe(sentence);
  });
});

it("lists what was not checked by its reason", () => {
  expect(notChecked({ unread: [unread("waba", left), unread("template", left)] })).toEqual([
    { parts: ["account", "template"], why: "The id of the account is not given" },
  ]);
});
