// The table of codes: whole, without contradictions, and the only one that knows a code.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import {
  CODE_RULES,
  isKnownCode,
  isOfAll,
  isOfPerson,
  RANGE_RULES,
  ruleFor,
  ruleForError,
  TEXT_RULES,
} from "../../../src/domain/sending/error-codes.ts";

describe("the table of codes", () => {
  it("has every code once, in order, with a sentence each", () => {
    const codes = CODE_RULES.map((rule) => rule.code);
    expect(codes).toEqual([...new Set(codes)].sort((a, b) => a - b));
    for (const rule of [...CODE_RULES, ...TEXT_RULES.map((one) => ({ ...one, code: one.text }))]) {
      expect(rule.meaning, String(rule.code)).not.toMatch(/\.$/);
      expect(rule.todo, String(rule.code)).toMatch(/\.$/);
    }
  });

  it("holds 131049 for a day, and gives up on a US number", () => {
    expect(ruleFor(131049, "BR")).toMatchObject({ action: "hold", waitMs: 86_400_000 });
    expect(ruleFor(131049, null).action).toBe("hold");
    expect(ruleFor(131049, "US").action).toBe("fail");
  });

  it("knows the whole range of missing permissions", () => {
    for (const code of [200, 250, 299]) {
      expect(ruleFor(code, "BR").action).toBe("halt_lane");
      expect(isKnownCode(code)).toBe(true);
    }
    expect(isKnownCode(300)).toBe(false);
    expect(ruleFor(300, "BR").action).toBe("fail");
  });

  it("throttles in the whole range of a business's call limits", () => {
    for (const code of [80000, 80004, 80007, 80008, 80014]) {
      expect(ruleFor(code, null).action).toBe("throttle");
    }
    expect(isKnownCode(80015)).toBe(false);
    for (const { from, to } of RANGE_RULES) expect(from).toBeLessThan(to);
  });

  it("reads code 100 by its text, and only it", () => {
    for (const { text, action } of TEXT_RULES) {
      const message = `(#100) ${text.toUpperCase()}.`;
      expect(ruleForError({ code: 100, message }, null).action).toBe(action);
      expect(ruleForError({ code: 131026, message }, null).action).toBe("fail");
    }
  });

  it("says of every code whom it concerns: a person, everybody, or it is not known", () => {
    for (const rule of CODE_RULES) expect(isOfPerson(rule) && isOfAll(rule)).toBe(false);
    const own = [131026, 130472, 131047, 131049, 131050, 131043, 131056, 130403, 131021, 137000];
    for (const code of own) expect(isOfPerson(ruleFor(code, "BR")), String(code)).toBe(true);
    for (const code of [132012, 100, 131030, 131000, 999_999]) {
      expect(isOfPerson(ruleFor(code, "BR")), String(code)).toBe(false);
    }
  });

  it("is the only place where the program decides by a code", () => {
    const listed = /new Set\(\[\s*\d{1,6}\s*,|\bcode (===|!==) \d/;
    const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter(
      (file) => file.endsWith(".ts") && !file.startsWith("sandbox/") && file !== "error-codes.ts",
    );
    expect(files.length).toBeGreaterThan(100);
    const others = files.filter((file) => listed.test(readFileSync(`src/${file}`, "utf8")));
    expect(others).toEqual([]);
  });
});
