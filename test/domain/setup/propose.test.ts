import { describe, expect, it } from "vitest";

import type { Need } from "../../../src/domain/setup/needs.ts";
import {
  emptyIn,
  isPhoneSure,
  phoneColumns,
  proposeColumns,
  withoutCountry,
} from "../../../src/domain/setup/propose.ts";
import { columnValue, readWritten } from "../../../src/domain/setup/written-value.ts";

const need = (over: Partial<Need>): Need => ({
  ...{ key: "body.1", kind: "text", variable: "1", text: "", example: "" },
  ...over,
});

const COLUMNS = ["phone", "first_name", "Last name", "coupon", "city", "picture"];
const ROW = ["+5511987650001", "Ana", "Souza", "AB12CD", "Rio", "https://a.example/x.jpg"];
const SAMPLE = { columns: COLUMNS, rows: [ROW, ROW] };

/** [what, need, the column that is proposed, whether it is sure] */
const PROPOSED: [string, Partial<Need>, string | undefined, boolean?][] = [
  ["a named variable", { variable: "first_name" }, "first_name", true],
  ["another spelling of a column", { variable: "LastName" }, "Last name", true],
  ["part of a column's name", { variable: "coupon_code" }, "coupon", false],
  ["a misspelt one", { variable: "cuopon" }, "coupon", false],
  ["a greeting", { text: "Olá, {{1}}! Até domingo." }, "first_name", false],
  ["another language", { text: "Bonjour {{1}}" }, "first_name", false],
  ["the word before it", { text: "Nova loja em city {{1}}" }, "city", false],
  ["a code in other words", { text: "Use o cupom {{1}}" }, "coupon", false],
  ["a link's key", { kind: "suffix", text: "https://a.example/?coupon={{1}}" }, "coupon", false],
  ["a code to copy", { kind: "code", variable: null }, "coupon", false],
  ["an example of a code", { text: "{{1}}", example: "XY99ZZ" }, "coupon", false],
  ["an example of a name", { text: "{{1}}", example: "Bia" }, "first_name", false],
  ["a picture", { kind: "media", variable: null }, "picture", false],
  ["nothing that fits", { text: "O preço é {{1}}" }, undefined],
  ["an instant", { kind: "instant", variable: null, text: "Now" }, undefined],
];

describe("a column is proposed for", () => {
  it.each(PROPOSED)("%s", (_, over, column, isSure) => {
    const found = proposeColumns([need(over)], SAMPLE, ["phone"]).get("body.1");
    expect(found).toEqual(column === undefined ? undefined : { column, isSure });
  });

  it("two variables of one text, each another; a button may repeat one", () => {
    const text = "Oi {{1}}, o cupom {{2}}";
    const needs = [
      need({ text }),
      need({ key: "body.2", variable: "2", text }),
      need({ key: "button.0", kind: "suffix", text: "https://a.example/?cupom={{1}}" }),
    ];
    const found = proposeColumns(needs, SAMPLE, ["phone"]);
    expect(needs.map(({ key }) => found.get(key)?.column)).toEqual([
      "first_name",
      "coupon",
      "coupon",
    ]);
  });
});

describe("the column of phone numbers", () => {
  const ofCells = (columns: string[], ...rows: string[][]) => phoneColumns({ columns, rows });

  it.each([
    ["by its cells", ["a", "b"], ["Ana", "+55 11 98765-0001"], ["b"], true],
    [
      "by its name among several",
      ["id", "celular"],
      ["100000001", "11987650001"],
      ["celular", "id"],
      true,
    ],
    ["not a date", ["born", "fone"], ["1990-01-02", "11987650001"], ["fone"], true],
    ["not an amount", ["spent", "tel"], ["123456.78", "11987650001"], ["tel"], true],
    ["two that are alike", ["a", "b"], ["11987650001", "11987650002"], ["a", "b"], false],
    ["none", ["a"], ["Ana"], [], false],
  ])("is found: %s", (_, columns, row, expected, sure) => {
    const found = ofCells(columns, row);
    expect(found).toEqual(expected);
    expect(isPhoneSure(found)).toBe(sure);
  });

  it("tells which numbers have no country code, and which cells are empty", () => {
    const rows = [["+5511987650001"], ["00351910000000"], ["(11) 98765-0003"], [" "]];
    const sample = { columns: ["phone"], rows };
    expect(withoutCountry(sample, "phone")).toEqual({ without: 1, of: 3 });
    expect(emptyIn(sample, "phone")).toBe(1);
  });
});

describe("a value as a person writes it", () => {
  it.each([
    ["first_name", { kind: "column", column: "first_name" }],
    [" Last  name ", { kind: "column", column: "Last name" }],
    ["{{ city | upcase }}", { kind: "liquid", text: "{{ city | upcase }}" }],
    ["fist_name", { kind: "misspelt", near: "first_name" }],
    ["'city'", { kind: "text", text: "city" }],
    ["https://a.example/x.jpg", { kind: "text", text: "https://a.example/x.jpg" }],
  ])("%s", (written, value) => {
    expect(readWritten(written, COLUMNS)).toEqual(value);
  });

  it.each([
    ["first_name", undefined, "{{ first_name }}"],
    ["Last name", undefined, "{{ row['Last name'] }}"],
    ["first_name", "você", "{{ first_name | default: 'você' }}"],
    ["it's", "don't", `{{ row["it's"] | default: "don't" }}`],
  ])("%s, else %s", (column, otherwise, value) => {
    expect(columnValue(column, otherwise)).toBe(value);
  });
});
