import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { csvLine } from "../../src/csv/export.ts";
import type { CsvOptions } from "../../src/csv/file.ts";
import { openCsv } from "../../src/csv/file.ts";
import { fingerprintFile } from "../../src/csv/fingerprint.ts";
import type { Problem } from "../../src/domain/common/errors.ts";
import { OperatorError } from "../../src/domain/common/errors.ts";
import type { CsvRow } from "../../src/domain/recipient/recipient.ts";
import { runsOf } from "../support/arbitraries.ts";

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "csv-test-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function fileOf(content: string | Buffer): Promise<string> {
  const path = join(folder, `file-${++files}.csv`);
  await writeFile(path, content);
  return path;
}

async function readAll(path: string, options: Partial<CsvOptions> = {}) {
  const file = await openCsv(path, { shownAs: "list.csv", ...options });
  const rows: CsvRow[] = [];
  for await (const batch of file.rows()) rows.push(...batch);
  return { file, rows };
}

async function read(content: string | Buffer, options: Partial<CsvOptions> = {}) {
  return readAll(await fileOf(content), options);
}

async function problemOf(
  content: string | Buffer,
  options: Partial<CsvOptions> = {},
): Promise<Problem> {
  return problemIn(read(content, options));
}

async function problemIn(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(OperatorError);
  const problem = (error as OperatorError).problems[0] as Problem;
  expect(problem.hint).toMatch(/\w/);
  return problem;
}

function swapped(text: string): Buffer {
  return Buffer.from(text, "utf16le").swap16();
}

const TABLE = "name;phone\r\nJoão;+5511987654321\r\nŽofie;+420601123456\r\n";
const LATIN = "name;phone\r\nJoão;1\r\nCafé “€5”;2\r\n";

describe("encodings", () => {
  const marked = (text: string) => `\ufeff${text}`;
  it.each([
    ["UTF-8", Buffer.from(TABLE), "utf-8", 0],
    ["UTF-8 with BOM", Buffer.from(marked(TABLE)), "utf-8", 0],
    ["UTF-16 LE with BOM", Buffer.from(marked(TABLE), "utf16le"), "utf-16le", 0],
    ["UTF-16 BE with BOM", swapped(marked(TABLE)), "utf-16be", 0],
    ["UTF-16 LE without BOM", Buffer.from(TABLE, "utf16le"), "utf-16le", 1],
    ["UTF-16 BE without BOM", swapped(TABLE), "utf-16be", 1],
  ])("reads %s", async (_, bytes, encoding, warnings) => {
    const { file, rows } = await read(bytes);
    expect(file.encoding).toBe(encoding);
    expect(file.warnings).toHaveLength(warnings);
    expect(file.columns).toEqual(["name", "phone"]);
    expect(rows.map((row) => row.cells[0])).toEqual(["João", "Žofie"]);
  });

  it("reads Windows-1252, euro and curly quotes included, and says so", async () => {
    const bytes = Buffer.from(
      LATIN.replace("“", "\x93").replace("”", "\x94").replace("€", "\x80"),
      "latin1",
    );
    const { file, rows } = await read(bytes);
    expect(file.encoding).toBe("windows-1252");
    expect(file.warnings[0]).toMatchObject({ line: 2, source: "João;1" });
    expect(rows.map((row) => row.cells[0])).toEqual(["João", "Café “€5”"]);
  });

  it("sees a first accent far behind the beginning", async () => {
    const plain = "abcdefghi;12345\n".repeat(200_000);
    const { file, rows } = await read(Buffer.from(`name;n\n${plain}Zoé;1\nabc;2\n`, "latin1"));
    expect(file.encoding).toBe("windows-1252");
    expect(rows.at(-2)).toMatchObject({ row: 200_001, line: 200_002, cells: ["Zoé", "1"] });
  });

  it("keeps characters whole that a piece of the file cuts in two", async () => {
    const names = Array.from({ length: 150_000 }, (_, at) => `${"x".repeat(at % 3)}漢字é🎉`);
    const { file, rows } = await read(`name\n${names.join("\n")}\n`);
    expect(file.encoding).toBe("utf-8");
    expect(rows.every((row, at) => row.cells[0] === names[at])).toBe(true);
  });

  it("takes the declared encoding", async () => {
    const { rows } = await read(Buffer.from([0x61, 0x0a, 0xe0, 0x0a]), {
      encoding: "windows-1251",
    });
    expect(rows[0]?.cells).toEqual(["а"]);
  });

  it.each([
    [
      "declared UTF-8 that is not",
      Buffer.from("name\nAna\nJos\xe9\n", "latin1"),
      { encoding: "utf-8" },
      { line: 3 },
    ],
    [
      "BOM, then bytes that are not UTF-8",
      Buffer.from("\xef\xbb\xbfname\nJos\xe9\n", "latin1"),
      {},
      { line: 2 },
    ],
    ["a NUL", Buffer.from("name\nAna\nJo\0\n"), {}, { line: 3 }],
    [
      "half a character in UTF-16",
      Buffer.from([0xff, 0xfe, 0x61, 0, 0x0a, 0, 0x62]),
      {},
      { file: "list.csv" },
    ],
    [
      "an unknown encoding",
      "a\n1\n",
      { encoding: "klingon" },
      { message: '"klingon" is not an encoding' },
    ],
    ["an xlsx", Buffer.from("PK\x03\x04...."), {}, { file: "list.csv" }],
  ])("refuses %s", async (_, bytes, options, expected) => {
    expect(await problemOf(bytes, options)).toMatchObject(expected);
  });
});

describe("shape", () => {
  it.each([
    ["comma", 'a,b\n"1;2;3",x\n', ","],
    ["semicolon", "a;b\n1,5;2,5\n3,5;4,5\n", ";"],
    ["tab", "a\tb, c\n1\t2\n", "\t"],
    ["pipe", "a|b\n1|2\n", "|"],
    ["one column", "phone\n+55 11\n+55 12\n", ","],
    ["header alone decides", "a;b;c\n", ";"],
    ["quoted header with commas", '"a, really; yes";b\n1;2\n', ";"],
    ["sep line", "sep=^\r\na^b\r\n1^2\r\n", "^"],
  ])("finds the delimiter: %s", async (_, text, delimiter) => {
    const file = await openCsv(await fileOf(text), { shownAs: "list.csv", mayBeEmpty: true });
    expect(file.delimiter).toBe(delimiter);
  });

  it("takes the set delimiter, also by the word tab", async () => {
    const { rows } = await read("a,x\tb\n1,2\t3\n", { delimiter: "tab" });
    expect(rows[0]?.cells).toEqual(["1,2", "3"]);
    expect(await problemOf("a\n1\n", { delimiter: "::" })).toMatchObject({ hint: /tab/ });
  });

  it("honours sep= and does not count its line as a row", async () => {
    const { file, rows } = await read("sep=;\r\na;b\r\n1;2\r\n");
    expect(file.columns).toEqual(["a", "b"]);
    expect(rows).toEqual([{ row: 1, line: 3, cells: ["1", "2"], raw: ["1", "2"], damage: null }]);
  });

  it.each([
    ["LF", "\n"],
    ["CRLF", "\r\n"],
    ["CR", "\r"],
  ])("counts rows and lines with %s, breaks in quotes and blank lines", async (_, br) => {
    const text = [
      "",
      "a;b",
      "1;2",
      "",
      ";;;",
      ` ${"\u00a0"} ;`,
      `"x${br}y${br}${br}z";3`,
      "4;5",
      `6;"q""q"`,
      "",
    ].join(br);
    const { rows } = await read(text);
    expect(rows.map(({ row, line, cells }) => [row, line, ...cells])).toEqual([
      [1, 3, "1", "2"],
      [2, 7, `x${br}y${br}${br}z`, "3"],
      [3, 11, "4", "5"],
      [4, 12, "6", 'q"q'],
    ]);
  });

  it("reads mixed line breaks", async () => {
    const { rows } = await read("a;b\r\n1;2\n3;4\r\n5;6");
    expect(rows.map((row) => [row.line, ...row.cells])).toEqual([
      [2, "1", "2"],
      [3, "3", "4"],
      [4, "5", "6"],
    ]);
  });

  it("trims headers and cells, and keeps the raw ones", async () => {
    const { file, rows } = await read(
      "\ufeff name\u00a0;\u200bphone ;\n  Ana ;\u00a0+55 11\u00a0;\n",
    );
    expect(file.columns).toEqual(["name", "phone", ""]);
    expect(rows[0]?.cells).toEqual(["Ana", "+55 11", ""]);
    expect(rows[0]?.raw).toEqual(["  Ana ", "\u00a0+55 11\u00a0", ""]);
  });

  it("reads white space around quotes, and quotes inside unquoted cells", async () => {
    const { rows } = await read('a, b, c\n1, "x, y", 2\n5" nail, Jo "Jay" Doe,3\n');
    expect(rows.map((row) => row.cells)).toEqual([
      ["1", "x, y", "2"],
      ['5" nail', 'Jo "Jay" Doe', "3"],
    ]);
  });

  it("takes text that begins with a quote for what it is", async () => {
    const { rows } = await read('a;b\n"""Zé""";1\n"""a""b";2\n');
    expect(rows.map((row) => row.cells[0])).toEqual(['"Zé"', '"a"b']);
  });

  it.each([
    ["fewer cells are empty", "a;b;c\n1\n", [["1", "", ""]], [null]],
    ["more empty cells are dropped", "a;b\n1;2;;\n", [["1", "2"]], [null]],
    ["more cells", "a;b\n1;2;3\n", [["1", "2"]], ["ragged_row"]],
    [
      "cut off",
      "a;b;c\n1;2;3\n4;5",
      [
        ["1", "2", "3"],
        ["4", "5", ""],
      ],
      [null, "cut_off_row"],
    ],
    ["not cut off: a line break follows", "a;b;c\n1;2\n", [["1", "2", ""]], [null]],
    ["not cut off: every column is there", "a;b\n1;2", [["1", "2"]], [null]],
    ["not cut off: only unnamed columns lack", "a;b;;\n1;2", [["1", "2", "", ""]], [null]],
  ])("ragged rows: %s", async (_, text, cells, damage) => {
    const { rows } = await read(text);
    expect(rows.map((row) => row.cells)).toEqual(cells);
    expect(rows.map((row) => row.damage)).toEqual(damage);
  });

  it("keeps the extra cells of a ragged row", async () => {
    const { rows } = await read("a;b\n1;2;3\n");
    expect(rows[0]?.raw).toEqual(["1", "2", "3"]);
  });

  it("warns of a first line that looks like a row", async () => {
    const { file } = await read("Ana,+5511987654321\nBia,+5511987654322\n");
    expect(file.warnings[0]).toMatchObject({ line: 1, message: /header/ });
  });

  it("gives an empty list where that is allowed", async () => {
    expect((await read("", { mayBeEmpty: true })).rows).toEqual([]);
    expect((await read("phone;reason\r\n", { mayBeEmpty: true })).rows).toEqual([]);
  });
});

describe("what is wrong with the file", () => {
  it.each([
    ["empty", "", { message: "list.csv is empty", file: "list.csv" }],
    ["blank", "\r\n  \r\n\t\r\n", { message: "list.csv is empty" }],
    ["no rows", "a;b\r\n\r\n", { message: /no rows/, line: 1 }],
    [
      "quote not closed",
      'a;b\n1;2\n3;"x\n4;5\n',
      { line: 3, column: 3, source: '3;"x', message: /never closed/ },
    ],
    [
      "quote not closed, no line break",
      'a;b\n1;2\n3;"x',
      { line: 3, column: 3, message: /never closed/ },
    ],
    [
      "stray quote",
      'a;b\n1;2\n"Jo "Jay" Doe";4\n5;6\n',
      { line: 3, column: 5, source: '"Jo "Jay" Doe";4' },
    ],
    ["stray quote in the last row", 'a;b\n1;2\n"Jo "Jay";4', { line: 3, column: 5 }],
    [
      "quote closed rows later",
      'a;b\n"1;2\n3;4\n"5";6\n',
      { line: 4, column: 1, message: /line 2, column 1/ },
    ],
    ["stray after padded quotes", 'a, "b"\n"x" y, 2\n', { line: 2, column: 3 }],
    [
      "padded quote where the head has none",
      `a;b\n${"1;2\n".repeat(80_000)}3; "x;y" z\n`,
      { line: 80_002, column: 8 },
    ],
    ["cell too long", `a;b\n1;"${"x".repeat(1_100_000)}"\n`, { line: 2, message: /1 MiB/ }],
    [
      "quote open for too long",
      `a;b\n1;"${"x;\n".repeat(2_000_000)}`,
      { line: 2, column: 3, message: /never closed/ },
    ],
    ["row too long", `a;b\n1;${"x;".repeat(2_200_000)}\n`, { line: 2, message: /4 MiB/ }],
    ["no line breaks at all", `${"x;".repeat(3_000)}\n1\n`, { message: /columns/ }],
  ])("%s", async (_, text, expected) => {
    const problem = await problemOf(text);
    for (const [key, value] of Object.entries(expected)) {
      const seen = problem[key as keyof Problem];
      if (value instanceof RegExp) expect(seen).toMatch(value);
      else expect(seen).toBe(value);
    }
    expect(problem.file).toBe("list.csv");
  });

  it("names the near file when there is none", async () => {
    await writeFile(join(folder, "customers.csv"), "a\n1\n");
    const problem = await problemIn(readAll(join(folder, "custmers.csv")));
    expect(problem).toMatchObject({
      message: "there is no such file",
      hint: "Did you mean customers.csv?",
    });
    expect(await problemIn(readAll(join(folder, "no", "x.csv")))).toMatchObject({ hint: /folder/ });
  });

  it("says that it is a folder", async () => {
    const path = join(folder, "sub");
    await mkdir(path);
    expect(await problemIn(readAll(path))).toMatchObject({
      message: "this is a folder, not a file",
    });
  });

  it("notices that the file changed while it was read", async () => {
    const path = await fileOf(`a;b\n${"1;2\n".repeat(10)}`);
    const file = await openCsv(path, { shownAs: "list.csv" });
    await utimes(path, new Date(), new Date(Date.now() + 5_000));
    const work = (async () => {
      for await (const _ of file.rows());
    })();
    expect(await problemIn(work)).toMatchObject({ message: /changed/ });
  });
});

describe("streaming", () => {
  it("gives batches of the wanted size, from the first row on each time, and the bytes read", async () => {
    const path = await fileOf(`a;b\n${"1;2\n".repeat(2_500)}`);
    const file = await openCsv(path, { shownAs: "list.csv" });
    const sizes: number[] = [];
    let bytes = 0;
    for await (const batch of file.rows({ batch: 1_000, onRead: (read) => (bytes = read) }))
      sizes.push(batch.length);
    expect(sizes).toEqual([1_000, 1_000, 500]);
    expect(bytes).toBe(file.fingerprint.size);
    for await (const batch of file.rows()) {
      expect(batch[0]?.row).toBe(1);
      break;
    }
  });

  it("reads back whatever is written, with its lines, however the pieces fall", async () => {
    const cell = fc.string({ unit: fc.constantFrom(..."aé漢🎉;,\"'\n\r\t |"), maxLength: 8 });
    const table = fc.integer({ min: 1, max: 4 }).chain((width) =>
      fc.array(fc.array(cell, { minLength: width, maxLength: width }), {
        minLength: 1,
        maxLength: 30,
      }),
    );
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const header = (rows[0] as string[]).map((_, at) => `c${at}`);
        const quoted = (cells: string[]) =>
          cells.map((one) => `"${one.replaceAll('"', '""')}"`).join(";");
        const { rows: seen } = await read([header, ...rows].map(quoted).join("\r\n"), {
          delimiter: ";",
          mayBeEmpty: true,
        });
        let line = 2;
        const expected = rows.flatMap((cells) => {
          const at = line;
          line += 1 + cells.reduce((sum, one) => sum + (one.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
          return cells.some((one) => one.trim() !== "") ? [[at, ...cells]] : [];
        });
        expect(seen.map((row) => [row.line, ...row.raw])).toEqual(expected);
      }),
      {
        numRuns: runsOf(150),
        examples: [
          [
            [
              ["a\r\nb", "c"],
              ["\r", '"'],
            ],
          ],
        ],
      },
    );
  });

  it("never says anything but rows or an OperatorError, whatever the bytes", async () => {
    const noise = fc.array(
      fc.constantFrom(..."ab;,\"\n\r\t '\0é").map((one) => one),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(noise, async (characters) => {
        const error = await read(characters.join("")).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (error !== undefined) expect(error).toBeInstanceOf(OperatorError);
      }),
      { numRuns: runsOf(300) },
    );
  });
});

describe("fingerprintFile", () => {
  it("gives size, time and sha256", async () => {
    const path = await fileOf("a\n");
    await utimes(path, 1, 1_700_000_000.25);
    expect(await fingerprintFile(path)).toEqual({
      size: 2,
      modifiedMs: 1_700_000_000_250,
      sha256: "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7",
    });
  });
});

describe("csvLine", () => {
  it.each([
    [["a", 1, null, -2.5], "a,1,,-2.5\r\n"],
    [['say "hi"', "a,b", "x\ny", " pad"], '"say ""hi""","a,b","x\ny"," pad"\r\n'],
    [
      ["=cmd()", "+1+cmd|' /C calc'!A0", "-a", "@x", "\tx", "\rx"],
      `'=cmd(),'+1+cmd|' /C calc'!A0,'-a,'@x,'\tx,"'\rx"\r\n`,
    ],
    [["+5511999999999", "-12.5", "+55 11 99999"], "'+5511999999999,-12.5,'+55 11 99999\r\n"],
    [["＝x"], "'＝x\r\n"],
  ])("%j", (cells, line) => {
    expect(csvLine(cells)).toBe(line);
  });

  it("quotes by the delimiter in use", () => {
    expect(csvLine(["a,b", "c;d"], { delimiter: ";", plain: false })).toBe('a,b;"c;d"\r\n');
  });
});
