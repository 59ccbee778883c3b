// Finds what parts the cells of a file, and the line of its header, from the file's beginning.
// Never reads a file.

import { columnName } from "../domain/common/columns.ts";

/** How the beginning of a file is read. */
export interface Shape {
  delimiter: string;
  /** Records above the header that are not blank: titles and comments. */
  above: number;
}

export interface ShapeOptions {
  /** What the operator says that parts the cells. */
  fixed?: string | undefined;
  /** What a first line `sep=;` says. */
  declared?: string | undefined;
  /** Columns that the header should have. Where several readings are possible, they decide. */
  wanted?: readonly string[] | undefined;
}

/**
 * The character that an operator's word for a delimiter means: `tab` or `\\t` is a tab, any other
 * word itself.
 */
export function delimiterNamed(word: string): string {
  return word === "tab" || word === "\\t" ? "\t" : word;
}

const CANDIDATES = [",", ";", "\t", "|"] as const;
const RECORDS_MAX = 100;
/** The header is looked for in so many records. */
const HEADER_MAX = 20;
/**
 * A line with a number like a phone's in it is a row, and nothing below it is the header; a date is
 * none.
 */
const NUMBER = /(?:\d[^\d\p{L}]*){9}|^[^\d\p{L}]*(?:\d[^\d\p{L}/]*){7,}$/u;
const DATE = /^\D*(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})(?!\d)/;

/**
 * The delimiter that a first line `sep=;` names, as Excel writes and reads it; undefined without
 * one.
 */
export function declaredDelimiter(head: string): string | undefined {
  return /^\s*"?sep=([^\r\n"])"?[;,\t ]*(?:\r|\n|$)/i.exec(head)?.[1];
}

/**
 * The delimiter by which the header has most of the wanted columns, or else parts the header and
 * most often gives the following records as many cells; a comma when none does, as in a file of one
 * column. The header is the first record, but for lines above it that have no wanted column and no
 * number. `head` is the beginning of the file, whole or cut anywhere.
 */
export function findShape(head: string, isWhole: boolean, options: ShapeOptions): Shape {
  const { fixed, declared } = options;
  const wanted = new Set(options.wanted?.map(columnName));
  const others = CANDIDATES.filter((candidate) => candidate !== declared);
  const candidates =
    fixed !== undefined ? [fixed] : declared !== undefined ? [declared, ...others] : CANDIDATES;
  const readings = candidates.map((delimiter) => {
    const records = readHead(head, delimiter);
    if (!isWhole && records.length > 1) records.pop();
    if (declared !== undefined) records.shift();
    return { delimiter, ...judge(records, wanted) };
  });
  // What the file declares needs only to be as good; the others compete.
  const [best] = readings.toSorted(
    (a, b) =>
      b.found - a.found || (declared === undefined ? b.score - a.score || b.cells - a.cells : 0),
  );
  const { delimiter = ",", above = 0 } = best ?? {};
  return { delimiter, above };
}

interface DelimiterScore {
  above: number;
  /** Wanted columns in the header. */
  found: number;
  /** How many of the records have as many cells as the header, from 0 to 1. */
  score: number;
  /** Cells of the header. */
  cells: number;
}

function judge(records: readonly string[][], wanted: ReadonlySet<string>): DelimiterScore {
  const above = headerAt(records, wanted);
  const [header = [], ...rest] = records.slice(above);
  const found = wantedIn(header, wanted);
  const cells = header.length;
  if (cells < 2) return { above, found, score: 0, cells: 0 };
  const alike = rest.filter((record) => record.length === cells).length;
  // A header alone says nothing about agreement; half a point lets it count.
  const score = rest.length === 0 ? 0.5 : (alike + 0.5) / (rest.length + 0.5);
  return { above, found, score, cells };
}

/**
 * The index of the header: the first record, or one below titles and comments that has at least
 * half of the wanted columns.
 */
function headerAt(records: readonly string[][], wanted: ReadonlySet<string>): number {
  const counts = records.slice(0, HEADER_MAX).map((record) => wantedIn(record, wanted));
  if (wanted.size === 0)
    return Math.max(
      0,
      records.findIndex((record) => !isComment(record) || hasNumber(record)),
    );
  if ((counts[0] ?? 0) > 0) return 0;
  const best = Math.max(0, ...counts);
  const index = counts.indexOf(best);
  const isHeader = best > 0 && best * 2 >= wanted.size && !records.slice(0, index).some(hasNumber);
  return isHeader ? index : 0;
}

function wantedIn(record: readonly string[], wanted: ReadonlySet<string>): number {
  return new Set(record.map(columnName).filter((name) => wanted.has(name))).size;
}

function isComment(record: readonly string[]): boolean {
  const [first = "", ...others] = record;
  return /^\s*#./.test(first) && others.every((cell) => cell.trim() === "");
}

function hasNumber(record: readonly string[]): boolean {
  return record.some((cell) => NUMBER.test(cell) && !DATE.test(cell));
}

/**
 * The first records that are not blank, by quotes as RFC 4180 has them; white space around quotes
 * is left out.
 */
function readHead(head: string, delimiter: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let cell = "";
  let quoted = false;
  let atCellStart = true;
  const endRecord = () => {
    record.push(cell);
    if (record.some((cell) => cell.trim() !== "")) records.push(record);
    record = [];
    cell = "";
    atCellStart = true;
  };
  for (let at = 0; at < head.length && records.length < RECORDS_MAX; at++) {
    const character = head[at] as string;
    if (character === '"' && (quoted || atCellStart)) {
      // After `""` the quote opens again, which is how a doubled quote stays inside.
      if (!quoted && head[at - 1] === '"' && cell !== "") cell += '"';
      quoted = !quoted;
      atCellStart = true;
    } else if (quoted) {
      cell += character;
      atCellStart = false;
    } else if (character === "\n" || character === "\r") {
      endRecord();
    } else if (character === delimiter) {
      record.push(cell);
      cell = "";
      atCellStart = true;
    } else {
      cell += character;
      if (character.trim() !== "") atCellStart = false;
    }
  }
  if (records.length < RECORDS_MAX) endRecord();
  return records;
}
