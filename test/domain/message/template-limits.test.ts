import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  readInstant,
  settleValue,
  VALUE_LIMITS,
} from "../../../src/domain/message/template-limits.ts";

describe("an instant", () => {
  it.each([
    ["2026-04-30T18:00-03:00", "2026-04-30T21:00:00.000Z"],
    ["2026-04-30 18:00:30 -0300", "2026-04-30T21:00:30.000Z"],
    ["2026-04-30T18:00:30.5Z", "2026-04-30T18:00:30.500Z"],
    ["1777582800000", "2026-04-30T21:00:00.000Z"],
  ])("%s is %s", (text, instant) => {
    expect(new Date(readInstant(text) ?? Number.NaN).toISOString()).toBe(instant);
  });

  it.each([
    "",
    "2026-04-30",
    "2026-04-30T18:00",
    "2026-02-30T18:00Z",
    "2026-04-30T25:00Z",
    "1777582800",
    "soon",
  ])("%j is none", (text) => {
    expect(readInstant(text)).toBeUndefined();
  });

  it("is read back from any ISO text, to the millisecond", () => {
    const date = fc.date({
      min: new Date("2001-09-10T00:00Z"),
      max: new Date("2286-11-20T00:00Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(date, (one) => {
        expect(readInstant(one.toISOString())).toBe(one.getTime());
        expect(readInstant(String(one.getTime()))).toBe(one.getTime());
      }),
    );
  });
});

describe("every limit", () => {
  const kinds = Object.keys(VALUE_LIMITS) as (keyof typeof VALUE_LIMITS)[];
  const plain = kinds.filter((kind) => !("form" in VALUE_LIMITS[kind]));

  it.each(plain)("%s lets through what fits, and not a character more", (kind) => {
    const { most } = VALUE_LIMITS[kind];
    expect(settleValue(kind, "x".repeat(most))).toEqual({ text: "x".repeat(most) });
    expect(settleValue(kind, "x".repeat(most + 1))).toEqual({
      fault: `is ${most + 1} characters long; at most ${most} fit`,
    });
  });

  it.each([
    ["latitude", "-90", true],
    ["latitude", "90.0001", false],
    ["longitude", "180", true],
    ["longitude", "1e2", false],
    ["link", "http://example.com/a b", false],
    ["link", "https://example.com/a?b=ç", true],
    ["link", "https://", false],
    ["amount", "0", true],
    ["amount", "-1234.567", true],
    ["amount", "12,5", true],
    ["amount", "12.3456", false],
    ["amount", "1.234", false],
    ["amount", "1234.567", true],
    ["amount", "1,234.50", false],
    ["currency_code", "brl", true],
    ["currency_code", "BR", false],
    ["ttl_minutes", "1", true],
    ["ttl_minutes", "43200", true],
    ["ttl_minutes", "0", false],
    ["ttl_minutes", "1.5", false],
    ["number", "-0.5", true],
    ["number", "007", false],
    ["number", "1e3", false],
    ["boolean", "NO", true],
    ["boolean", "sim", false],
    ["boolean", "constructor", false],
    ["product_list", "a", true],
    ["product_list", ";", false],
  ] as const)("%s %s: %s", (kind, text, fits) => {
    expect("text" in settleValue(kind, text)).toBe(fits);
  });

  it.each([
    ["amount", "100.99", "100990"],
    ["amount", "0,005", "5"],
    ["amount", "-3", "-3000"],
    ["boolean", "Yes", "true"],
    ["boolean", "VERDADEIRO", "true"],
    ["boolean", "FALSCH", "false"],
    ["ttl_minutes", "0060", "60"],
    ["currency_code", "usd", "USD"],
    ["product_list", " a ;b|a, ", "a,b"],
    ["product_list", '["a", "b", 7]', "a,b,7"],
    ["product_list", "[a b]", "[a b]"],
  ] as const)("%s %j becomes %s", (kind, text, settled) => {
    expect(settleValue(kind, text)).toEqual({ text: settled });
  });
});
