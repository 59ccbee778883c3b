import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { INTERNATIONAL, readPhone } from "../../../src/domain/recipient/phone.ts";

interface Cell {
  cell: string;
  default_region: string;
  /** The number, `skip`, or both with an `or` between them. */
  right: string;
}

/** Cells rebuilt from public bug reports, which `seen_in` names. */
const cells: Cell[] = parse(readFileSync(new URL("phone-cells.csv", import.meta.url)), {
  columns: true,
});

/** What is done where both are right. */
const CHOSEN: Readonly<Record<string, string>> = {
  "358501422": "+358501422",
  "1 55 1234 5678": "+525512345678",
  "1 867 334 1234": "skip",
  "0163 123 4567": "+84331234567",
  "🇧🇷 +55 11 98765-4321": "+5511987654321",
  "+447911123456,": "+447911123456",
  "https://api.whatsapp.com/send/?phone=5511987654321&text&type=phone_number&app_absent=0":
    "+5511987654321",
  "https://wa.me/5511987654321?text=Oi": "+5511987654321",
  "+974055123456": "skip",
  "+112058876531": "skip",
  "00113476208000": "skip",
};

describe("cells that people have", () => {
  it("are all there", () => {
    expect(cells.length).toBe(75);
    const open = cells.filter(({ right }) => right.includes(" or ")).map(({ cell }) => cell);
    expect(new Set(open)).toEqual(new Set(Object.keys(CHOSEN)));
  });

  it.each(cells)("$cell ($default_region) is $right", ({ cell, default_region, right }) => {
    const reading = readPhone(cell, default_region === "" ? undefined : default_region);
    const found = reading.kind === "phone" ? reading.e164 : "skip";
    expect(right.split(" or ")).toContain(found);
    expect(found).toBe(CHOSEN[cell] ?? right);
    if (reading.kind === "unreadable") {
      // No whole number, and no half of a character.
      expect(reading.detail).not.toMatch(/\d{6}/);
      expect(reading.detail).not.toMatch(/\p{Surrogate}/u);
    }
  });
});

/** Cells of the same kinds that no report shows. */
describe("cells that are like them", () => {
  it.each<[string, string | undefined, string]>([
    // Pairs, which are no habit of France alone.
    ["06 12 34 56 78", "NL", "+31612345678"],
    ["06-12 34 56 78", "NL", "+31612345678"],
    ["06.12.34.56.78", "NL", "+31612345678"],
    ["05 51 23 45 67", "DZ", "+213551234567"],
    ["06 92 12 34 56", "RE", "+262692123456"],
    ["06.90.30.12.34", "GP", "+590690301234"],
    // What a Japanese keyboard types for a hyphen.
    ["090ー1234ー5678", "JP", "+819012345678"],
    ["０９０ー１２３４ー５６７８", "JP", "+819012345678"],
    ["(090)1234ｰ5678", "JP", "+819012345678"],
    // Labels of other languages.
    ["HP: 0812-3456-7890", "ID", "+6281234567890"],
    ["No. HP 081234567890", "ID", "+6281234567890"],
    ["Telp. 081234567890", "ID", "+6281234567890"],
    ["Ph: 98765 43210", "IN", "+919876543210"],
    ["Cep Tel: 0532 123 45 67", "TR", "+905321234567"],
    ["тел. 8 912 345-67-89", "RU", "+79123456789"],
    ["моб. +7 912 345 67 89", undefined, "+79123456789"],
    ["هاتف: 01001234567", "EG", "+201001234567"],
    ["手机：13812345678", "CN", "+8613812345678"],
    ["携帯電話：090-1234-5678", "JP", "+819012345678"],
    ["휴대폰: 010-1234-5678", "KR", "+821012345678"],
    // A label by which the number is something else.
    ["факс: 8 912 345-67-89", "RU", "skip"],
    ["传真：13812345678", "CN", "skip"],
    // A country code put before a number that had it: a valid landline of loose plans.
    ["+494915112345678", undefined, "skip"],
    ["+49 4915112345678", "DE", "skip"],
    ["00494915112345678", "DE", "skip"],
    ["494915112345678", "DE", "skip"],
    ["494915112345678", INTERNATIONAL, "skip"],
    ["+49 49 170 1234567", "DE", "skip"],
    ["+38338344123456", undefined, "skip"],
    ["+6262812345678", "ID", "skip"],
    // A landline of Leer and one of Vredendal, whose area codes begin as the country code does.
    ["+49 491 2345678", "DE", "+494912345678"],
    ["+27 27 213 1234", "ZA", "+27272131234"],
    // An area code of Brazil is its country code.
    ["5555987654321", "BR", "+5555987654321"],
    // Dates, and other numbers that a person has, in the wrong column.
    ["2026-11-29", "DK", "skip"],
    ["2026.11.29", "LV", "skip"],
    ["2026-11-29", "DE", "skip"],
    ["20-12-1987", "DK", "skip"],
    ["29.11.2026", "LU", "skip"],
    ["12/21/1987", "TN", "skip"],
    ["01/02/1990", "IT", "skip"],
    ["119.876.543-21", "BR", "skip"],
    ["22.345.678-9", "CL", "skip"],
    ["20-12-19-87", "DK", "+4520121987"],
    ["2026-1129", "DK", "+4520261129"],
    ["40.15.1987", "NO", "+4740151987"],
  ])("%s (%s) is %s", (cell, home, right) => {
    const reading = readPhone(cell, home);
    expect(reading.kind === "phone" ? reading.e164 : "skip").toBe(right);
    if (reading.kind === "unreadable") expect(reading.detail).not.toMatch(/\d{6}/);
  });
});
