// Sheets of workbooks, each written by a program for spreadsheets and read back.

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import writeXlsxFile from "write-excel-file/node";
import { readSheetRows } from "../../src/csv/workbook.ts";
import { writeWorkbook } from "../../src/csv/workbook-out.ts";
import { OperatorError } from "../../src/domain/common/errors.ts";

type Value = string | number | boolean | Date | null;

const folder = mkdtempSync(join(tmpdir(), "workbook-"));
let files = 0;
const nextFile = () => join(folder, `${++files}.xlsx`);

/** Writes a workbook; gives its path. */
async function workbook(sheets: Record<string, readonly (readonly Value[])[]>): Promise<string> {
  const path = nextFile();
  const cellOf = (value: Value) =>
    value instanceof Date ? { value, format: "yyyy-mm-dd hh:mm" } : { value };
  const written = Object.entries(sheets).map(([sheet, rows]) => ({
    sheet,
    data: rows.map((row) => row.map(cellOf)),
  }));
  await writeXlsxFile(written as never).toFile(path);
  return path;
}

/** A copy of a workbook in which a part of its file is another text. */
function changed(path: string, name: string, change: (xml: string) => string): string {
  const parts = unzipSync(new Uint8Array(readFileSync(path)));
  const before = strFromU8(parts[name] as Uint8Array);
  const after = change(before);
  expect(after).not.toBe(before);
  const other = nextFile();
  writeFileSync(other, zipSync({ ...parts, [name]: strToU8(after) }));
  return other;
}

const read = (path: string, sheet?: string) => readSheetRows(path, { shownAs: "list.xlsx", sheet });

async function problemOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof OperatorError) {
      return error.problems.map(({ message, hint }) => `${message} | ${hint ?? ""}`).join("\n");
    }
    throw error;
  }
  throw new Error("nothing was wrong");
}

describe("a cell", () => {
  it.each<[string, Value, string]>([
    ["a text", "José Ávila", "José Ávila"],
    ["a text with a break", "Rua 1\nCasa 2", "Rua 1 Casa 2"],
    ["a text of digits with zeros", "0011987650001", "0011987650001"],
    ["a formula's text that begins with a plus", "+5511987650001", "+5511987650001"],
    ["a number as a phone has it", 5511987650001, "5511987650001"],
    ["the largest exact number", Number.MAX_SAFE_INTEGER, "9007199254740991"],
    ["a price", 1234.5, "1234.5"],
    ["what a calculation left", 0.1 + 0.2, "0.3"],
    ["nothing", null, ""],
    ["yes", true, "TRUE"],
    ["no", false, "FALSE"],
    ["a date", new Date("2026-12-01T00:00:00Z"), "2026-12-01"],
    ["a time", new Date("2026-12-01T09:30:00Z"), "2026-12-01 09:30:00"],
  ])("%s", async (_, value, text) => {
    const path = await workbook({
      List: [
        ["a", "b"],
        [value, "x"],
      ],
    });
    expect((await read(path)).rows[1]).toEqual([text, "x"]);
  });

  it.each([
    [2 ** 53 + 2, "C3"],
    [2 ** 60, "C3"],
    [-1e300, "C3"],
  ])("with %d is refused by its name", async (value, cell) => {
    const path = await workbook({
      List: [
        ["a", "b", "c"],
        ["1", "2", 3],
        ["1", "2", value],
      ],
    });
    expect(await problemOf(read(path))).toMatch(
      new RegExp(`list.xlsx, sheet "List": ${cell} hold numbers with more digits`),
    );
  });
});

describe("rows", () => {
  it("keep their numbers: empty ones above and between stay, those at the end do not", async () => {
    const rows = [
      [null],
      [null],
      ["name", "phone"],
      [null],
      ["Ana", "+5511987650001"],
      [null],
      [null],
    ];
    const path = await workbook({ List: rows });
    const found = (await read(path)).rows.map((row) => row.join("|").replace(/\|+$/, ""));
    expect(found).toEqual(["", "", "name|phone", "", "Ana|+5511987650001"]);
  });

  it("keep their numbers where the file leaves rows out", async () => {
    const path = await workbook({ List: [["name"], ["Ana"]] });
    const moved = changed(path, "xl/worksheets/sheet1.xml", (xml) =>
      xml
        .replaceAll('r="1"', 'r="4"')
        .replaceAll('"A1"', '"A4"')
        .replaceAll('r="2"', 'r="9"')
        .replaceAll('"A2"', '"A9"'),
    );
    const { rows } = await read(moved);
    expect([rows.length, rows[3]?.[0], rows[8]?.[0]]).toEqual([9, "name", "Ana"]);
  });
});

describe("sheets", () => {
  const sheets = { "Notes & more": [["n"]], Customers: [["c"]], Old: [["o"]] };

  it("the first one", async () => {
    expect(await read(await workbook(sheets))).toMatchObject({
      name: "Notes & more",
      rows: [["n"]],
    });
  });

  it("the first one that is not hidden", async () => {
    const hidden = changed(await workbook(sheets), "xl/workbook.xml", (xml) =>
      xml.replace(/(<sheet [^>]*?)(\/?>)/, '$1 state="hidden"$2'),
    );
    expect(await read(hidden)).toMatchObject({ name: "Customers" });
  });

  it("the one that is named", async () => {
    expect((await read(await workbook(sheets), "Old")).rows).toEqual([["o"]]);
  });

  it("one that is not there", async () => {
    const path = await workbook(sheets);
    expect(await problemOf(read(path, "Custmers"))).toBe(
      'list.xlsx has no sheet "Custmers" | Did you mean "Customers"?',
    );
    expect(await problemOf(read(path, "xyz"))).toBe(
      'list.xlsx has no sheet "xyz" | It has "Notes & more", "Customers", "Old".',
    );
  });
});

describe("what is no workbook", () => {
  it.each([
    ["a CSV by that name", Buffer.from("name,phone\nAna,+5511987650001\n"), /no Excel workbook/],
    ["nothing", Buffer.alloc(0), /no Excel workbook/],
    ["an old one", Buffer.from("d0cf11e0a1b11ae1", "hex"), /old workbook \(\.xls\).*Save it as/],
    ["another ZIP", zipSync({ "a.txt": strToU8("a") }), /no Excel workbook/],
  ])("%s", async (_, bytes, message) => {
    const path = nextFile();
    writeFileSync(path, bytes);
    expect(await problemOf(read(path))).toMatch(message);
  });

  it("a file cut off", async () => {
    const path = await workbook({ List: [["a"], ["b"]] });
    writeFileSync(path, readFileSync(path).subarray(0, 900));
    expect(await problemOf(read(path))).toMatch(/no Excel workbook, or a damaged one/);
  });

  it("a file that is not there", async () => {
    expect(await problemOf(read(join(folder, "none.xlsx")))).toMatch(/there is no such file/);
  });
});

describe("a workbook that is written", () => {
  it("reads back as it was, texts as texts", async () => {
    const rows = [
      ["phone", "name", "note"],
      ["+5511987654321", " Ana & <Bia> ", "=1+1"],
      ["0012345678901234567", "\u0007bell", "\"'\u{1F600}"],
    ];
    const path = nextFile();
    const parts: Uint8Array[] = [];
    const workbook = writeWorkbook(async (bytes) => parts.push(bytes));
    for (const row of rows) await workbook.add(row);
    await workbook.add([12, null, ""]);
    await workbook.end();
    writeFileSync(path, Buffer.concat(parts));
    const read = await readSheetRows(path, { shownAs: path });
    expect(read.name).toBe("Rows");
    expect(read.rows).toEqual([
      ...rows.slice(0, 2),
      ["0012345678901234567", "bell", "\"'\u{1F600}"],
      ["12", "", ""],
    ]);
  });

  it("goes out in pieces, whatever its size", async () => {
    const sizes: number[] = [];
    const workbook = writeWorkbook(async (bytes) => sizes.push(bytes.length));
    const text = "abcdefghij".repeat(10);
    for (let row = 0; row < 20_000; row += 1) await workbook.add([row, `${text}${row}`]);
    await workbook.end();
    expect(sizes.length).toBeGreaterThan(5);
    expect(Math.max(...sizes)).toBeLessThan(200_000);
  });
});
