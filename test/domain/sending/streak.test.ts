import { describe, expect, it } from "vitest";

import { CODE_RULES, ruleFor } from "../../../src/domain/sending/error-codes.ts";
import { lengthened, passSentence, streakMax } from "../../../src/domain/sending/streak.ts";

describe("how many in a row halt", () => {
  it.each<[number, "reply" | "receipt", number, number]>([
    [132012, "reply", 0, 10],
    [132012, "reply", 1, 100],
    [132012, "reply", 2, 1_000],
    [132012, "receipt", 0, 10],
    [131030, "reply", 0, 10],
    [100, "reply", 0, 10],
    [999_999, "reply", 0, 10],
    [999_999, "receipt", 0, 100],
    [999_999, "receipt", 1, 1_000],
    [131000, "receipt", 0, 100],
    [131026, "reply", 0, Number.POSITIVE_INFINITY],
    [131026, "receipt", 0, Number.POSITIVE_INFINITY],
    [131043, "receipt", 0, Number.POSITIVE_INFINITY],
    [131049, "receipt", 3, Number.POSITIVE_INFINITY],
    [130429, "receipt", 0, Number.POSITIVE_INFINITY],
  ])("%i by %s after %i such halts: %i", (code, by, halts, max) => {
    expect(streakMax(ruleFor(code, "BR"), by, halts)).toBe(max);
  });

  it("grows tenfold with every halt, for every code that has a number", () => {
    for (const rule of CODE_RULES) {
      const max = streakMax(rule, "reply", 0);
      expect(streakMax(rule, "reply", 2)).toBe(max * 100);
    }
  });

  it("counts one code, and lets what is about a person pass", () => {
    const wrong = ruleFor(132012, "BR");
    const one = lengthened(undefined, wrong);
    expect(lengthened(one, wrong)).toEqual({ code: "132012", count: 2 });
    expect(lengthened(one, ruleFor(131026, "BR"))).toBe(one);
    expect(lengthened(one, ruleFor(132000, "BR"))).toEqual({ code: "132000", count: 1 });
  });

  it("says how far the next run goes", () => {
    expect(passSentence(ruleFor(132012, "BR"), "reply", 2)).toContain("until 10,000 come in a row");
  });
});
