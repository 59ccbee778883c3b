// Reads a sheet of an Excel workbook (.xlsx) as rows of texts, each cell as its sheet shows what it
// holds: digits as they are, dates as ISO 8601.

import { readFile } from "node:fs/promises";

import { strFromU8, unzipSync } from "fflate";
import readWorkbook from "read-excel-file/node";
import { OperatorError } from "../domain/common/errors.ts";
import { nearest } from "../domain/common/nearest.ts";
import { statFile } from "./operator-file.ts";
import { columnLetters } from "./workbook-out.ts";

/** A sheet of a workbook. */
export interface SheetRows {
  /** Its name. */
  name: string;
  /** From its first row on, empty ones included: the n-th is row n of the sheet. */
  rows: string[][];
}

/** Beyond this a workbook has no whole number exactly: its numbers are binary doubles. */
const EXACT_MAX = Number.MAX_SAFE_INTEGER;
/** As Excel writes a number into its file. */
const NUMBER = /^-?\d+(?:\.\d+)?(?:E[+-]?\d+)?$/i;
/** An old workbook (.xls) begins so (MS-CFB 2.2), as does one with a password. */
const COMPOUND_FILE = "d0cf11e0";

/** A number of a cell, by its digits in the file. */
interface Digits {
  digits: string;
}

/**
 * Reads one sheet: the one that is named, else the first that is not hidden. A line break within a
 * cell becomes a space, so that each row is a line.
 * @param shownAs the path for messages
 * @throws OperatorError when the file is no workbook, has no such sheet, or has a number that is
 *   not exact, with sheet and cell
 */
export async function readSheetRows(
  path: string,
  { shownAs, sheet }: { shownAs: string; sheet?: string | undefined },
): Promise<SheetRows> {
  await statFile(path, shownAs);
  const bytes = await readFile(path);
  if (bytes.subarray(0, 4).toString("hex") === COMPOUND_FILE) {
    throw new OperatorError({
      message: `${shownAs} is an old workbook (.xls), or one with a password`,
      hint: "Save it as an Excel workbook (.xlsx) without a password, or as CSV UTF-8.",
      file: shownAs,
    });
  }
  const sheets = await sheetsOf(bytes, shownAs);
  const name = sheetNamed(sheets, visibleSheets(bytes), { shownAs, sheet });
  const data = sheets.find((one) => one.sheet === name)?.data ?? [];
  const inexact: string[] = [];
  const rows = data.map((row, at) =>
    row.map((cell, column) => {
      const text = textOf(cell);
      if (text !== undefined) return text;
      inexact.push(`${columnLetters(column)}${at + 1}`);
      return "";
    }),
  );
  if (inexact.length > 0) throw inexactNumbers(shownAs, name, inexact);
  while (rows.at(-1)?.every((cell) => cell === "")) rows.pop();
  return { name, rows };
}

type Cell = string | number | boolean | Date | Digits | null;

interface Sheet {
  sheet: string;
  data: Cell[][];
}

async function sheetsOf(bytes: Buffer, shownAs: string): Promise<Sheet[]> {
  try {
    const options = {
      trim: false,
      parseNumber: (text: string) => ({ digits: text }) satisfies Digits,
    };
    return (await readWorkbook(bytes, options as never)) as unknown as Sheet[];
  } catch {
    throw new OperatorError({
      message: `${shownAs} is no Excel workbook, or a damaged one`,
      hint: "Open it in the spreadsheet program and save it again as an Excel workbook (.xlsx).",
      file: shownAs,
    });
  }
}

/** The names of the sheets that are not hidden, in order (ECMA-376 part 1, 18.2.19, `state`). */
function visibleSheets(bytes: Buffer): string[] {
  const name = "xl/workbook.xml";
  const entry = unzipSync(bytes, { filter: (file) => file.name === name })[name];
  const xml = entry === undefined ? "" : strFromU8(entry);
  return [...xml.matchAll(/<(?:\w+:)?sheet\s([^>]*)>/g)].flatMap(([, attributes = ""]) => {
    const state = /\bstate="([^"]*)"/.exec(attributes)?.[1] ?? "visible";
    const title = /\bname="([^"]*)"/.exec(attributes)?.[1] ?? "";
    return state === "visible" ? [unescaped(title)] : [];
  });
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

function unescaped(text: string): string {
  return text.replace(/&(?:#(x?)([\da-f]+)|(\w+));/gi, (all, hex, code, named) => {
    if (named !== undefined) return ENTITIES[named] ?? all;
    return String.fromCodePoint(Number.parseInt(code, hex === "" ? 10 : 16));
  });
}

function sheetNamed(
  sheets: readonly Sheet[],
  visible: readonly string[],
  { shownAs, sheet }: { shownAs: string; sheet?: string | undefined },
): string {
  const names = sheets.map((one) => one.sheet);
  if (sheet === undefined) {
    const first = names.find((name) => visible.includes(name)) ?? names[0];
    if (first !== undefined) return first;
    throw new OperatorError({
      message: `${shownAs} has no sheet`,
      hint: "Save the list as a workbook with one, or as CSV.",
      file: shownAs,
    });
  }
  if (names.includes(sheet)) return sheet;
  const near = nearest(sheet, names);
  const has = `It has ${names.map((name) => `"${name}"`).join(", ")}.`;
  throw new OperatorError({
    message: `${shownAs} has no sheet "${sheet}"`,
    hint: near === undefined ? has : `Did you mean "${near}"?`,
    file: shownAs,
  });
}

/** What a cell holds; undefined for a number that is not exact. */
function textOf(cell: Cell): string | undefined {
  if (cell === null || cell === undefined) return "";
  if (cell instanceof Date) return dateText(cell);
  if (typeof cell === "object") return numberText(cell.digits);
  if (typeof cell === "boolean") return cell ? "TRUE" : "FALSE";
  return String(cell).replaceAll(/\r\n|[\r\n]/g, " ");
}

function numberText(text: string): string | undefined {
  if (/^-?\d{1,15}$/.test(text)) return text;
  if (!NUMBER.test(text)) return text;
  const value = Number(text);
  if (!Number.isFinite(value) || Math.abs(value) > EXACT_MAX) return undefined;
  // What a calculation left behind the fifteenth digit is no digit of the cell's (Excel shows 15).
  const shown = Number(value.toPrecision(15));
  return Number.isInteger(value) ? String(value) : String(shown);
}

/** A date without its midnight, to the second: a workbook keeps fractions of days. */
function dateText(date: Date): string {
  const text = new Date(Math.round(date.getTime() / 1000) * 1000).toISOString();
  return text.endsWith("T00:00:00.000Z") ? text.slice(0, 10) : text.slice(0, 19).replace("T", " ");
}

const CELLS_SHOWN_MAX = 5;

function inexactNumbers(shownAs: string, sheet: string, cells: readonly string[]): OperatorError {
  const more = cells.length - CELLS_SHOWN_MAX;
  const shown = cells.slice(0, CELLS_SHOWN_MAX).join(", ") + (more > 0 ? ` and ${more} more` : "");
  return new OperatorError({
    message: `${shownAs}, sheet "${sheet}": ${shown} hold numbers with more digits than a spreadsheet keeps: the last ones are lost`,
    hint: "Format the column as text, and put the numbers in again from where they came.",
    file: shownAs,
  });
}
