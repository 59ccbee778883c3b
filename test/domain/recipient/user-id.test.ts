import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { redact } from "../../../src/cli/print/redact.ts";
import { isUserId, readUserId } from "../../../src/domain/recipient/user-id.ts";

describe("a user id", () => {
  it.each([
    ["BR.1349873120", "BR.1349873120", "BR"],
    ["  US.13491208655302741918\t", "US.13491208655302741918", "US"],
    ["GB.aB9", "GB.aB9", "GB"],
    [`IN.${"9".repeat(128)}`, `IN.${"9".repeat(128)}`, "IN"],
  ])("is read: %j", (text, id, region) => {
    expect(readUserId(text)).toEqual({ kind: "user_id", id, region });
  });

  it.each([
    ["", /it is empty/],
    ["br.1349873120", /not in capital letters/],
    ["1349873120", /the country in front of it is missing/],
    ["1.34987E+18", /a spreadsheet made a number of it/],
    ["US.ENT.1349873120", /parent user id/],
    ["BRA.1349873120", /two capital letters, a dot/],
    ["BR1349873120", /two capital letters, a dot/],
    ["BR.", /two capital letters, a dot/],
    ["BR.1349 873120", /two capital letters, a dot/],
    ["BR.1349_873120", /two capital letters, a dot/],
    ["BR.1349873120 BR.1349873121", /two capital letters, a dot/],
    [`IN.${"9".repeat(129)}`, /up to 128/],
    ["@ana", /two capital letters, a dot/],
  ])("is not read: %j", (text, why) => {
    const reading = readUserId(text);
    expect(reading.kind).toBe("unreadable");
    if (reading.kind === "unreadable") expect(reading.detail).toMatch(why);
  });

  it("comes out as it went in, or not at all, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const reading = readUserId(text);
        if (reading.kind === "user_id") expect(reading.id).toBe(text.trim());
        else expect(isUserId(text)).toBe(false);
      }),
    );
  });

  it.each([
    ["to BR.1349873120, refused", "to BR.***20, refused"],
    ['{"user_id":"US.13491208655302741918"}', '{"user_id":"US.***18"}'],
    ["US.ENT.11815799212886844830.", "US.ENT.***30."],
    ["GB.aB9cD8eF7", "GB.***F7"],
  ])("is masked in whatever is logged: %s", (text, safe) => {
    expect(redact(text)).toBe(safe);
  });

  it.each(["in the US.Somewhere", "v25.0", "at 10.30", "API.v25", "A.B.CDEFGH"])(
    "is not seen in %s",
    (text) => {
      expect(redact(text)).toBe(text);
    },
  );
});
