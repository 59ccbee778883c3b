import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { readPhone } from "../../../src/domain/recipient/phone.ts";

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
