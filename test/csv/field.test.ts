// Files as people have them, rebuilt from their bytes: what programs write, what spreadsheets make
// of it, and what is no CSV.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CsvOptions } from "../../src/csv/file.ts";
import { openCsv } from "../../src/csv/file.ts";
import { OperatorError } from "../../src/domain/common/errors.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "campaign-field-"));
});
afterAll(() => rm(folder, { recursive: true }));

interface Read {
  columns: string[];
  /** Line and cells of each row. */
  rows: (string | number)[][];
  warnings: string[];
  damage: (string | null)[];
}

let files = 0;
async function read(content: string | Buffer, options: Partial<CsvOptions> = {}): Promise<Read> {
  const path = join(folder, `${++files}.csv`);
  await writeFile(path, content);
  const csv = await openCsv(path, { shownAs: "list.csv", wanted: ["phone", "name"], ...options });
  const rows = [];
  for await (const batch of csv.rows()) rows.push(...batch);
  return {
    columns: csv.columns,
    rows: rows.map(({ line, cells }) => [line, ...cells]),
    warnings: csv.warnings.map(({ line, message }) => `${line}: ${message}`),
    damage: rows.map(({ damage }) => damage),
  };
}

const latin1 = (text: string) => Buffer.from(text, "latin1");
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, "utf16le");
const BOTH = ["phone", "name"];
const PLAIN = { columns: BOTH, damage: [null, null] };

describe("is read", () => {
  it.each<[string, string | Buffer, Partial<Read>, Partial<CsvOptions>?]>([
    [
      "sep=; in UTF-16",
      utf16("sep=;\r\nphone;name\r\n1;Ana\r\n2;Zé\r\n"),
      {
        ...PLAIN,
        rows: [
          [3, "1", "Ana"],
          [4, "2", "Zé"],
        ],
      },
    ],
    [
      "sep=; behind a byte order mark",
      "\ufeffsep=;\nphone;name\n1;Ana\n2;Bia\n",
      {
        ...PLAIN,
        rows: [
          [3, "1", "Ana"],
          [4, "2", "Bia"],
        ],
      },
    ],
    ["sep=; in quotes", '"sep=;"\nphone;name\n1;Ana\n2;Bia\n', PLAIN],
    ["sep=;;; as a spreadsheet saves it", "sep=;;;\nphone;name\n1;Ana\n2;Bia\n", PLAIN],
    [
      "sep= and a tab, with CR alone",
      "sep=\t\rphone\tname\r1\tAna\r2\tBia\r",
      {
        ...PLAIN,
        rows: [
          [3, "1", "Ana"],
          [4, "2", "Bia"],
        ],
      },
    ],
    [
      "blank lines above sep=;",
      "\r\n  \r\nsep=;\r\nphone;name\r\n1;Ana\r\n2;Bia\r\n",
      {
        ...PLAIN,
        rows: [
          [5, "1", "Ana"],
          [6, "2", "Bia"],
        ],
      },
    ],
    [
      "sep=, above cells that a semicolon parts",
      "sep=,\nphone;name\n1;Ana, Lu\n2;Bia\n",
      {
        ...PLAIN,
        rows: [
          [3, "1", "Ana, Lu"],
          [4, "2", "Bia"],
        ],
      },
    ],
    [
      "Excel's Unicode Text",
      utf16("phone\tname\r\n1\tAna\r\n2\tZé\r\n"),
      {
        ...PLAIN,
        rows: [
          [2, "1", "Ana"],
          [3, "2", "Zé"],
        ],
      },
    ],
    [
      "CR alone",
      "phone,name\r1,Ana\r2,Bia\r",
      {
        ...PLAIN,
        rows: [
          [2, "1", "Ana"],
          [3, "2", "Bia"],
        ],
      },
    ],
    [
      "CR CR LF",
      "phone,name\r\r\n1,Ana\r\r\n2,Bia\r\r\n",
      {
        ...PLAIN,
        rows: [
          [3, "1", "Ana"],
          [5, "2", "Bia"],
        ],
      },
    ],
    [
      "mixed line breaks",
      "phone,name\r\n1,Ana\n2,Bia\r",
      {
        ...PLAIN,
        rows: [
          [2, "1", "Ana"],
          [3, "2", "Bia"],
        ],
      },
    ],
    ["two byte order marks", "\ufeff\ufeffphone,name\n1,Ana\n2,Bia\n", PLAIN],
    [
      "a byte order mark and a quoted header",
      '\ufeff"phone","name"\n"1","Ana"\n"2","Bia"\n',
      PLAIN,
    ],
    ["a zero-width space in the header", "\u200bphone,na\u200bme\n1,Ana\n2,Bia\n", PLAIN],
    [
      "no-break spaces and direction signs in the header",
      "\u00a0phone\u00a0,\u202aname\u202c\u200f\n1,Ana\n2,Bia\n",
      PLAIN,
    ],
    [
      "a soft hyphen and a variation selector in the header",
      "pho\u00adne,name\ufe0f\n1,Ana\n2,Bia\n",
      PLAIN,
    ],
    [
      "a no-break space inside of a name",
      "phone,full\u00a0 name\n1,Ana\n",
      { columns: ["phone", "full name"] },
      { wanted: ["full name"] },
    ],
    [
      "an accent in two characters",
      "phone,nome\u0301\n1,Ana\n",
      { columns: ["phone", "nom\u00e9"] },
    ],
    [
      "a line break in the header",
      '"phone\n(with country code)",name\n1,Ana\n',
      { columns: ["phone (with country code)", "name"], rows: [[3, "1", "Ana"]] },
    ],
    [
      "the same header twice",
      "phone,name,name\n1,Ana,Lu\n",
      { columns: ["phone", "name", "name"] },
    ],
    ["doubly encoded UTF-8 as it stands", "phone,name\n1,JosÃ©\n", { rows: [[2, "1", "JosÃ©"]] }],
    ["UTF-7 as it stands", "phone,name\n1,Jos+AOk-\n", { rows: [[2, "1", "Jos+AOk-"]] }],
    [
      "Ctrl-Z at the end",
      latin1("phone,name\r\n1,Ana\r\n2,Bia\r\n\x1a"),
      {
        ...PLAIN,
        rows: [
          [2, "1", "Ana"],
          [3, "2", "Bia"],
        ],
      },
    ],
    [
      "Ctrl-Z behind the last cell, and several",
      latin1("phone,name\r\n1,Ana\r\n2,Bia\x1a\x1a"),
      {
        ...PLAIN,
        rows: [
          [2, "1", "Ana"],
          [3, "2", "Bia"],
        ],
      },
    ],
    [
      "Ctrl-Z inside of a cell as it stands",
      latin1("phone,name\n1,A\x1ana\n"),
      { rows: [[2, "1", "A\x1ana"]] },
    ],
    [
      "title lines above the header",
      "Relatório de clientes;;\nGerado em 28/11/2026;;\n\nphone;name;city\n1;Ana;Rio\n2;Bia;SP\n",
      {
        columns: ["phone", "name", "city"],
        rows: [
          [5, "1", "Ana", "Rio"],
          [6, "2", "Bia", "SP"],
        ],
        warnings: ["4: this line is the header; the 2 lines above it are not read"],
      },
    ],
    [
      "a title without separators",
      "Clientes de julho\nphone,name\n1,Ana\n2,Bia\n",
      { ...PLAIN, warnings: ["2: this line is the header; the line above it is not read"] },
    ],
    [
      "a comment above the header",
      "# exported 2026-11-28, by hand\nphone,name\n1,Ana\n2,Bia\n",
      {
        ...PLAIN,
        rows: [
          [3, "1", "Ana"],
          [4, "2", "Bia"],
        ],
      },
    ],
    [
      "a comment where no column is wanted",
      "# people who opted out\nphone\n1\n",
      { columns: ["phone"], rows: [[3, "1"]] },
      { wanted: [] },
    ],
    [
      "a header that begins with #",
      "#,phone,name\n1,+55,Ana\n",
      { columns: ["#", "phone", "name"], warnings: [] },
      { wanted: [] },
    ],
    [
      "a footer as rows",
      "phone;name\n1;Ana\nTotal: 1;\n(1 row)\n",
      {
        rows: [
          [2, "1", "Ana"],
          [3, "Total: 1", ""],
          [4, "(1 row)", ""],
        ],
      },
    ],
    [
      "a header one separator short, commas in cells",
      "phone;name\n1;Silva, Ana;\n2;Souza, Bia;\n3;Lima, Cem;\n",
      { columns: BOTH, damage: [null, null, null] },
    ],
    [
      "a separator at the end of some rows, one comma in each",
      "phone;name\n1;Silva, Ana;\n2;Souza, Bia\n",
      PLAIN,
    ],
    [
      "more commas than semicolons",
      "phone;name\n1;a,b,c,d\n2;e,f,g,h\n",
      {
        ...PLAIN,
        rows: [
          [2, "1", "a,b,c,d"],
          [3, "2", "e,f,g,h"],
        ],
      },
    ],
    [
      "a comma and a semicolon in each line",
      "phone;Nome, sobrenome\n1;Silva, Ana\n2;Souza, Bia\n",
      {
        columns: ["phone", "Nome, sobrenome"],
        rows: [
          [2, "1", "Silva, Ana"],
          [3, "2", "Souza, Bia"],
        ],
      },
      { wanted: ["phone"] },
    ],
    [
      "semicolons in quoted cells of a comma file",
      'phone,name\n1,"Ana; Lu"\n2,"Bia; Cem"\n',
      {
        ...PLAIN,
        rows: [
          [2, "1", "Ana; Lu"],
          [3, "2", "Bia; Cem"],
        ],
      },
    ],
    [
      "single-quoted cells with a comma",
      "phone,name\n1,'Silva, Ana'\n",
      { damage: ["ragged_row"] },
    ],
    [
      "a cell that ends in a backslash",
      "phone,name\n1,Ana\\\n2,Bia\n",
      {
        rows: [
          [2, "1", "Ana\\"],
          [3, "2", "Bia"],
        ],
      },
    ],
    [
      "quotes inside of cells",
      'phone,name\n1,5"\n2,Jo "Jay" Doe\n',
      {
        rows: [
          [2, "1", '5"'],
          [3, "2", 'Jo "Jay" Doe'],
        ],
      },
    ],
    [
      "a quoted part of a cell with a comma",
      'phone,name\n1,Ana"x,y"\n',
      { damage: ["ragged_row"] },
    ],
    [
      "Excel's text formula as it stands",
      'phone,name\n="+33612345678",Ana\n',
      { rows: [[2, '="+33612345678"', "Ana"]] },
    ],
    [
      "separators at the end of header and rows",
      "phone,name,,\n1,Ana,,\n2,Bia,\n",
      { columns: ["phone", "name", "", ""], damage: [null, null] },
    ],
    ["a header of one cell and a separator", "phone,\n1,\n2,\n", { columns: ["phone", ""] }],
    [
      "empty quoted cells as a blank row",
      '"phone","name"\n"",""\n"1","Ana"\n',
      { rows: [[3, "1", "Ana"]] },
    ],
    [
      "U+2028, U+0085, vertical tab and form feed in cells",
      "phone,name\n1,A\u2028n\u0085a\n2,\vBia\f\n",
      {
        rows: [
          [2, "1", "A\u2028n\u0085a"],
          [3, "2", "Bia"],
        ],
      },
    ],
    [
      "Google Contacts",
      "Name,Phone 1 - Value\nAna,+55 11 ::: +55 12\n",
      { columns: ["Name", "Phone 1 - Value"], rows: [[2, "Ana", "+55 11 ::: +55 12"]] },
    ],
    [
      "a shop's export with a country column",
      "First Name,Country,Phone\nJim,US,(212) 555-0123\n",
      { columns: ["First Name", "Country", "Phone"] },
    ],
    [
      "Meta's Lead Ads export",
      utf16("id\tphone_number\nl:1\tp:+5511987654321\n"),
      { columns: ["id", "phone_number"], rows: [[2, "l:1", "p:+5511987654321"]] },
    ],
  ])("%s", async (_, content, expected, options) => {
    expect(await read(content, options)).toMatchObject(expected);
  });
});

const sheet =
  '<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>';
const mac = latin1("phone,name\n1,Jos\x8e\n2,Jo\x8bo\n");

describe("is refused, with what it is", () => {
  it.each<[string, string | Buffer, RegExp, Partial<CsvOptions>?]>([
    [
      "GBK",
      latin1("phone,name\n1,\xcd\xf5\xd0\xa1\xc3\xf7\n"),
      /^list\.csv:2: .*encoding is not sure/,
    ],
    [
      "a header in GBK",
      latin1("\xca\xd6\xbb\xfa,\xd0\xd5\xc3\xfb\n1,Ana\n"),
      /^list\.csv:1: .*encoding is not sure/,
    ],
    [
      "ISO-2022-JP",
      latin1("phone,name\n1,\x1b$BEDCf\x1b(B\n"),
      /^list\.csv: the file has the escapes of ISO-2022/,
    ],
    ["MacRoman", mac, /^list\.csv:2: .*encoding is not sure/],
    [
      "one Latin-1 row in UTF-8",
      Buffer.concat([Buffer.from("phone,name\n1,José\n2,Łukasz 李\n"), latin1("3,Jo\xe3o\n")]),
      /^list\.csv:4: these bytes are not UTF-8, and the rest of the file is/,
    ],
    ["UTF-32", Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), /UTF-32/],
    [
      "UTF-16 with an odd byte",
      Buffer.concat([utf16("phone,name\n1,Ana\n"), Buffer.from([0x41])]),
      /not utf-16le/,
    ],
    ["NULs at the end", "phone,name\n1,Ana\n\0\0\0", /^list\.csv:3: there is a NUL/],
    [
      "a web page on one line",
      "<html><body><table><tr><td>phone</td></tr></table>",
      /this is a web page \(HTML\), not a CSV/,
    ],
    [
      "a web page of many lines",
      "<!DOCTYPE html>\n<html>\n<head>\n<title>Log in</title>\n",
      /this is a web page/,
    ],
    ["JSON", '[\n  {"phone": "+55"}\n]\n', /this is a JSON file, not a CSV/],
    ["JSON lines", '{"phone":"+55"}\n{"phone":"+56"}\n', /this is a JSON file/],
    ["vCard", "BEGIN:VCARD\nVERSION:3.0\nTEL:+55\nEND:VCARD\n", /this is a vCard file of contacts/],
    ["RTF", "{\\rtf1\\ansi phone,name\\par 1,Ana}", /this is an RTF document/],
    ["Excel 2003 XML", sheet, /this is an Excel 2003 XML file/],
    ["gzip", latin1("\x1f\x8b\x08\0\0\0"), /this is a gzip file/],
    ["7-Zip", latin1("7z\xbc\xaf\x27\x1c\0\x04"), /this is a 7-Zip archive/],
    ["bzip2", latin1("BZh91AY&SY"), /this is a bzip2 file/],
    ["SQLite", latin1("SQLite format 3\0\x10\0"), /this is a SQLite database/],
    [
      "an old workbook",
      latin1("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
      /this is an old Excel workbook/,
    ],
    [
      "MySQL's escaped quotes",
      'phone,name\n1,"Ana \\"Lu\\" S"\n',
      /^list\.csv:2: there is text after this quote/,
    ],
    [
      "a quote that is never closed",
      'phone,name\n1,"Ana\n2,Bia\n',
      /^list\.csv:2: the quote opened here is never closed/,
    ],
    [
      "a quote that is closed rows later",
      'phone,name\n1,"Ana\n2,Bia\n3,"Cem"\n',
      /^list\.csv:4: .*opened at line 2, column 3/,
    ],
  ])("%s", async (_, content, said, options) => {
    const error = await read(content, options).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(OperatorError);
    const [problem] = (error as OperatorError).problems;
    expect(
      `${[problem?.file, problem?.line].filter(Boolean).join(":")}: ${problem?.message}`,
    ).toMatch(said);
    expect(problem?.hint).toMatch(/\w/);
  });
});

describe("is read without the wanted column, which is reported elsewhere", () => {
  it.each<[string, string, string[]]>([
    ["Phone for phone", "Phone,Name\n1,Ana\n", ["Phone", "Name"]],
    ["every line in quotes as one cell", '"phone,name,coupon"\n"1,Ana,X"\n', ["phone,name,coupon"]],
    ["no header", "+5511987654321,Ana\n+5511987654322,Bia\n", ["+5511987654321", "Ana"]],
    [
      "a header below rows",
      "+5511987654321,Ana\nphone,name\n+5511987654322,Bia\n",
      ["+5511987654321", "Ana"],
    ],
    ["tildes", "phone~name\n1~Ana\n", ["phone~name"]],
    ["colons", "phone:name\n1:Ana\n", ["phone:name"]],
    ["full-width commas", "phone，name\n1，Ana\n", ["phone，name"]],
    ["unit separators", "phone\x1fname\n1\x1fAna\n", ["phone name"]],
  ])("%s", async (_, content, columns) => {
    expect((await read(content)).columns).toEqual(columns);
  });
});
