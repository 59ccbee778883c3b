// Judges one record as it stands in the file, and says what is wrong with it. Never fixes it.

import { OperatorError } from "../domain/common/errors.ts";

const SOURCE_CHARACTERS_MAX = 200;

/** Where a record begins. */
export interface RecordPlace {
  /** Path as the operator wrote it. */
  file: string;
  /** 1-based. */
  line: number;
}

export interface QuoteFault {
  /** `stray`: text after a closing quote. `unclosed`: no closing quote before the end. */
  kind: "stray" | "unclosed";
  /** 0-based offset of the stray quote, or of the opening one. */
  at: number;
  /** 0-based offset of the opening quote. */
  openedAt: number;
}

/**
 * The first quote that makes a record ambiguous; undefined when it reads in one way only. A quote
 * inside an unquoted cell is plain text; a cell may have white space around its quotes.
 */
export function findQuoteFault(record: string, delimiter: string): QuoteFault | undefined {
  let at = 0;
  while (at < record.length) {
    const openedAt = skipBlanks(record, at, delimiter);
    if (record[openedAt] !== '"') {
      at = endOfCell(record, at, delimiter) + 1;
      continue;
    }
    let close = record.indexOf('"', openedAt + 1);
    while (close !== -1 && record[close + 1] === '"') close = record.indexOf('"', close + 2);
    if (close === -1) return { kind: "unclosed", at: openedAt, openedAt };
    const next = skipBlanks(record, close + 1, delimiter);
    if (next < record.length && !isEnd(record[next] as string, delimiter)) {
      return { kind: "stray", at: close, openedAt };
    }
    at = next + 1;
  }
  return undefined;
}

/** The error for a quote fault, at the quote itself. */
export function quoteError(at: RecordPlace, record: string, fault: QuoteFault): OperatorError {
  const place = placeIn(record, fault.at);
  const opened = placeIn(record, fault.openedAt);
  const where = `line ${at.line + opened.line}, column ${opened.column}`;
  const isUnclosed = fault.kind === "unclosed";
  return new OperatorError({
    message: isUnclosed
      ? "the quote opened here is never closed; the file may be cut off in the middle"
      : `there is text after this quote, which closes the one opened at ${where}`,
    hint: isUnclosed
      ? "export the file again, or close the quote"
      : 'write a quote inside a quoted cell twice (""), or close the quote opened before it',
    file: at.file,
    line: at.line + place.line,
    column: place.column,
    source: place.source.slice(0, SOURCE_CHARACTERS_MAX),
  });
}

/** The error for a cell or record beyond its limit, at the line where the record begins. */
export function sizeError(at: RecordPlace, message: string): OperatorError {
  return new OperatorError({
    message,
    hint: "a quote may have been opened here and closed much later; fix it, or shorten the cell",
    ...at,
  });
}

/** The error for a record that the parser refuses for any other reason. */
export function recordError(at: RecordPlace, record: string): OperatorError {
  return new OperatorError({
    message: "this row cannot be read as CSV",
    hint: "look at its quotes and at what parts its cells",
    ...at,
    source: (record.split(/[\r\n]/, 1)[0] as string).slice(0, SOURCE_CHARACTERS_MAX),
  });
}

/**
 * Line (0-based, from the record's beginning), column (1-based) and text of the line of an offset
 * in a record.
 */
function placeIn(record: string, at: number): { line: number; column: number; source: string } {
  const before = record.slice(0, at).split(/\r\n|\n|\r/);
  const last = before[before.length - 1] as string;
  const source = record.slice(at - last.length).split(/[\r\n]/, 1)[0] as string;
  return { line: before.length - 1, column: last.length + 1, source };
}

function skipBlanks(record: string, from: number, delimiter: string): number {
  let at = from;
  while (record[at] === " " || (record[at] === "\t" && delimiter !== "\t")) at++;
  return at;
}

function endOfCell(record: string, from: number, delimiter: string): number {
  let at = from;
  while (at < record.length && !isEnd(record[at] as string, delimiter)) at++;
  return at;
}

function isEnd(character: string, delimiter: string): boolean {
  return character === delimiter || character === "\n" || character === "\r";
}
