// Lines of a file of orders: what is read, and which cell is wrong where it is not.

import { describe, expect, it } from "vitest";
import { personOf } from "../../../src/domain/recipient/person.ts";
import { conversionColumns } from "../../../src/domain/worth/conversion-columns.ts";
import type { ConversionOptions } from "../../../src/domain/worth/conversion-line.ts";
import { readConversion } from "../../../src/domain/worth/conversion-line.ts";

const NOW = Date.UTC(2026, 10, 30, 12);
const HEADER = ["order_id", "phone", "user_id", "customer_id", "ordered_at", "value", "currency"];
const NONE: ConversionOptions = { region: undefined, zone: undefined, currency: undefined };

function read(cells: string[], options: Partial<ConversionOptions> = {}, header = HEADER) {
  const columns = conversionColumns(header);
  if ("what" in columns) throw new Error(columns.what);
  return readConversion(cells, columns, { options: { ...NONE, ...options }, now: NOW });
}

const AT = "2026-11-27T09:30:00-03:00";
const line = (changes: Partial<Record<string, string>>): string[] => {
  const cells = {
    order_id: "A-1",
    phone: "+55 11 98765-0001",
    ordered_at: AT,
    value: "10",
    currency: "BRL",
  };
  return HEADER.map((name) => ({ ...cells, ...changes })[name] ?? "");
};

describe("a line of orders", () => {
  it("is a person, an instant, an amount and an id", () => {
    expect(read(line({ user_id: "BR.abc1", customer_id: " 77 " }))).toEqual({
      kind: "read",
      conversion: {
        ...{
          orderId: "A-1",
          person: personOf("+5511987650001"),
          userId: "BR.abc1",
          recipientId: "77",
        },
        ...{ at: Date.UTC(2026, 10, 27, 12, 30), value: 10_000_000, currency: "BRL" },
      },
    });
  });

  it.each([
    ["2026-11-27 09:30:05 Z", {}, Date.UTC(2026, 10, 27, 9, 30, 5)],
    ["2026-11-27T09:30:05.123+0200", {}, Date.UTC(2026, 10, 27, 7, 30, 5)],
    ["2026-11-27 09:30", { zone: "America/Sao_Paulo" }, Date.UTC(2026, 10, 27, 12, 30)],
    ["1795772100", {}, 1_795_772_100_000],
    ["1795772100123", {}, 1_795_772_100_123],
  ])("has the instant %s", (text, options, at) => {
    expect(read(line({ ordered_at: text }), options)).toMatchObject({ conversion: { at } });
  });

  it.each([
    ["1234.50", 1_234_500_000],
    ["1234,5", 1_234_500_000],
    ["1,234.50", 1_234_500_000],
    ["1.234,50", 1_234_500_000],
    ["0", 0],
    ["0.000001", 1],
  ])("has the amount %s", (text, value) => {
    expect(read(line({ value: text }))).toMatchObject({ conversion: { value } });
  });

  it.each([
    ["order_id", "", /empty/],
    ["order_id", "x".repeat(201), /longer/],
    ["phone", "98765-0001", /no phone number/],
    ["user_id", "abc", /./],
    ["ordered_at", "2026-11-27", /no instant/],
    ["ordered_at", "2026-02-30T10:00Z", /no instant/],
    ["ordered_at", "2026-11-27T24:00Z", /no instant/],
    ["ordered_at", "2026-11-27T09:30", /no time zone/],
    ["ordered_at", "27/11/2026 09:30", /no instant/],
    ["ordered_at", "2026-12-01T09:30Z", /future/],
    ["ordered_at", "1999-12-01T09:30Z", /before WhatsApp/],
    ["value", "", /no amount/],
    ["value", "-5", /no amount/],
    ["value", "1,234", /no amount/],
    ["currency", "R$", /no currency/],
  ])("is left for a person where %s is %j", (column, text, message) => {
    const reading = read(line({ [column]: text }));
    expect(reading).toMatchObject({ kind: "unread", column: HEADER.indexOf(column) });
    expect(reading.kind === "unread" && reading.message).toMatch(message);
    expect(reading.kind === "unread" && reading.hint).toMatch(/\.$/);
  });

  it("takes region and currency from the options, and names nobody without a person", () => {
    const cells = line({ phone: "(11) 98765-0001", currency: "" });
    expect(read(cells, { region: "BR", currency: "BRL" })).toMatchObject({
      conversion: { person: personOf("+5511987650001"), currency: "BRL" },
    });
    expect(read(cells, { region: "BR" })).toMatchObject({ kind: "unread", column: 5 });
    expect(read(line({ phone: "" }))).toEqual({ kind: "nobody" });
  });

  it("needs no value where no column has one", () => {
    const header = ["Order Number", "Phone", "Created at"];
    expect(read(["#1", "+5511987650001", AT], {}, header)).toMatchObject({
      conversion: { orderId: "#1", value: null, currency: null },
    });
  });
});

describe("a header of orders", () => {
  it.each([
    [["phone", "at"], "an order id"],
    [["order", "phone"], "the instant of an order"],
    [["order number", "at", "value"], "a person"],
  ])("%j lacks %s", (header, what) => {
    expect(conversionColumns(header)).toMatchObject({ what });
  });
});
