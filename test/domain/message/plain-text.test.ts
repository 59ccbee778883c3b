import fc from "fast-check";
import { expect, it } from "vitest";
import { jsonText, tidy } from "../../../src/domain/message/plain-text.ts";
import { codePoint, runsOf } from "../../support/arbitraries.ts";

const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...'aé漢 \u00a0\u202f\u3000\u1680\u2003\u2028\ufeff\t\n\r\u0000\u007f\u0085\u00ad"\\\ud83c\udf37',
      ),
      fc.string({ unit: codePoint, maxLength: 3 }),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));

it("trims, and makes one blank of runs of blanks and of line breaks", () => {
  fc.assert(
    fc.property(text, (value) => {
      const expected = value.trim().replace(/\s{2,}|[^\S \u00A0\u202F\u3000]/g, " ");
      expect(tidy(value)).toBe(expected);
    }),
    { numRuns: runsOf(5_000) },
  );
});

it("writes JSON as JSON.stringify does", () => {
  fc.assert(
    fc.property(text, (value) => {
      expect(jsonText(value)).toBe(JSON.stringify(value));
    }),
    { numRuns: runsOf(5_000) },
  );
});
