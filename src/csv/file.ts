// Opens the CSV of an operator as people have it, and streams its data rows. Never says what a row
// is worth.

import type { Fingerprint } from "../domain/campaign/campaign.ts";
import { columnName } from "../domain/common/columns.ts";
import type { Problem } from "../domain/common/errors.ts";
import { OperatorError } from "../domain/common/errors.ts";
import type { CsvRow } from "../domain/recipient/recipient.ts";
import { declaredDelimiter, delimiterNamed, findShape } from "./delimiter.ts";
import { findEncoding, toUtf8 } from "./encoding.ts";
import { unguarded } from "./export.ts";
import { assertUnchanged, statFingerprint } from "./fingerprint.ts";
import { readBytes } from "./operator-file.ts";
import type { CsvRecord } from "./plain-records.ts";
import { readRecords } from "./records.ts";

export interface CsvOptions {
  /** Path as the operator wrote it, for messages. */
  shownAs: string;
  /** One character, or `tab`; left out, it is found. */
  delimiter?: string | undefined;
  /** A name of the WHATWG Encoding Standard; left out, it is found. */
  encoding?: string | undefined;
  /** The key by which the operator sets the encoding, for messages: `recipients.encoding`. */
  encodingKey?: string;
  /**
   * Columns that the header should have: they decide where delimiter and header can be read in
   * several ways.
   */
  wanted?: readonly string[];
  /** True for lists that may have no rows yet, such as opt-outs; otherwise that is an error. */
  mayBeEmpty?: boolean;
  /**
   * True where only digits and Latin letters are read: an encoding that is not sure is no error
   * then.
   */
  onlyAscii?: boolean;
  /** Lines that the file has above those of the list that it was made of; 0. */
  linesAdded?: number;
}

export interface CsvFile {
  /**
   * As `columnName` cleans them; an unnamed column is `""`, and names may repeat (see
   * `columnIndex`).
   */
  columns: string[];
  /** 1-based line of the header, for messages about columns. */
  headerLine: number;
  delimiter: string;
  encoding: string;
  /** What was assumed, and what looks odd but does no harm. */
  warnings: Problem[];
  /**
   * Size in bytes and time of change when it was opened; `rows` throws when they differ at its end.
   */
  fingerprint: Pick<Fingerprint, "size" | "modifiedMs">;
  /**
   * All data rows from the first on, in batches of `batch` (2,000) and a smaller last one; may be
   * called again. `onRead` hears how many bytes of the file were read so far. Throws OperatorError
   * where a row cannot be read.
   */
  rows(options?: { batch?: number; onRead?: (bytes: number) => void }): AsyncGenerator<CsvRow[]>;
}

/** First sign of a cell that this program wrote for a spreadsheet. */
const APOSTROPHE = 0x27;
const END_MARK = 0x1a;
const BATCH_ROWS = 2_000;
/**
 * Small pieces: the rows of one live at the same time, and what lives when memory is cleaned up is
 * what cleaning costs.
 */
const CHUNK_BYTES = 32 * 1024;
const HEAD_BYTES = 256 * 1024;
const COLUMNS_MAX = 2_000;

interface Layout {
  columns: string[];
  /** Columns up to the last named one: only these must be there in the last row. */
  named: number;
  /** Line of the header. */
  line: number;
}

/**
 * Opens a CSV: finds its encoding and delimiter, reads its header, and looks whether it has a row.
 * Throws OperatorError for what is wrong with the file as a whole.
 */
export async function openCsv(path: string, options: CsvOptions): Promise<CsvFile> {
  const { shownAs } = options;
  const fingerprint = await statFingerprint(path, shownAs);
  const encoding = await findEncoding(path, {
    shownAs,
    declared: options.encoding,
    key: options.encodingKey,
    onlyAscii: options.onlyAscii,
  });
  const bytes = (onRead?: (bytes: number) => void) =>
    toUtf8(
      counted(
        readBytes(path, { shownAs, start: encoding.bomBytes, chunkBytes: CHUNK_BYTES }),
        encoding.bomBytes,
        onRead,
      ),
      encoding.name,
      shownAs,
    );
  const head = await readHead(bytes());
  const declared = declaredDelimiter(head.text);
  const fixed = delimiterOption(options.delimiter);
  const { wanted } = options;
  const { delimiter, above } = findShape(head.text, head.isWhole, { fixed, declared, wanted });
  const record = {
    delimiter,
    trim: hasPaddedQuotes(head.text, delimiter),
    shownAs,
    above: above + (declared === undefined ? 0 : 1),
  };
  const peeked = await peek(dataRecords(bytes(), record));
  const { linesAdded = 0 } = options;
  const layout = layoutOf(peeked.header, shownAs, options.mayBeEmpty === true);
  if (!peeked.hasRow && options.mayBeEmpty !== true) {
    throw new OperatorError({
      message: `${shownAs} has a header and no rows`,
      hint: "export it again with its rows",
      file: shownAs,
      line: layout.line,
    });
  }

  const source: RowSource = {
    layout,
    records: (onRead) => dataRecords(bytes(onRead), record),
    linesAdded,
    assertUnchanged: () => assertUnchanged(path, shownAs, fingerprint),
  };
  const warnings = [...encoding.warnings, ...headerWarnings(layout, above, shownAs)];
  return {
    columns: layout.columns,
    headerLine: layout.line,
    delimiter,
    encoding: encoding.name,
    warnings,
    fingerprint,
    rows: (wanted) => readRows(source, wanted ?? {}),
  };
}

interface RowSource {
  layout: Layout;
  /** Records that are not blank, from the header on. */
  records(onRead: ((bytes: number) => void) | undefined): AsyncIterable<CsvRecord[]>;
  linesAdded: number;
  assertUnchanged(): Promise<void>;
}

async function* readRows(
  source: RowSource,
  wanted: { batch?: number; onRead?: (bytes: number) => void },
): AsyncGenerator<CsvRow[]> {
  const size = wanted.batch ?? BATCH_ROWS;
  let batch: CsvRow[] = [];
  let count = 0;
  let isHeader = true;
  for await (const records of unchanged(source, wanted.onRead)) {
    for (const record of records) {
      if (isHeader) {
        isHeader = false;
        continue;
      }
      const row = toRow(record, ++count, source.layout);
      if (source.linesAdded > 0) row.line -= source.linesAdded;
      batch.push(row);
      if (batch.length < size) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** Says that the file changed before anything else: whatever looks wrong may come from that. */
async function* unchanged(
  source: RowSource,
  onRead: ((bytes: number) => void) | undefined,
): AsyncGenerator<CsvRecord[]> {
  try {
    yield* source.records(onRead);
  } catch (error) {
    await source.assertUnchanged();
    throw error;
  }
  await source.assertUnchanged();
}

interface RecordShape {
  delimiter: string;
  trim: boolean;
  shownAs: string;
  /** Records above the header that are not blank: a line `sep=;`, titles, comments. */
  above: number;
}

/** Records that are not blank, from the header on. */
async function* dataRecords(
  bytes: AsyncIterable<Buffer>,
  shape: RecordShape,
): AsyncGenerator<CsvRecord[]> {
  let { above } = shape;
  for await (const records of readRecords(withoutEndMark(bytes), shape)) {
    const filled = records.some(({ cells }) => isBlank(cells))
      ? records.filter(({ cells }) => !isBlank(cells))
      : records;
    yield above === 0 ? filled : filled.slice(above);
    above = Math.max(0, above - filled.length);
  }
}

/** DOS ends text files with Ctrl-Z, which is no part of the text. */
async function* withoutEndMark(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let marks: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    let end = chunk.length;
    while (end > 0 && chunk[end - 1] === END_MARK) end -= 1;
    if (end === 0) {
      marks = Buffer.concat([marks, chunk]);
      continue;
    }
    yield marks.length === 0
      ? chunk.subarray(0, end)
      : Buffer.concat([marks, chunk.subarray(0, end)]);
    marks = chunk.subarray(end);
  }
}

async function peek(
  batches: AsyncIterable<CsvRecord[]>,
): Promise<{ header: CsvRecord | undefined; hasRow: boolean }> {
  let header: CsvRecord | undefined;
  for await (const records of batches) {
    const [first, second] = header === undefined ? records : [header, records[0]];
    header = first;
    if (second !== undefined) return { header, hasRow: true };
  }
  return { header, hasRow: false };
}

function layoutOf(header: CsvRecord | undefined, shownAs: string, mayBeEmpty: boolean): Layout {
  if (header === undefined) {
    if (mayBeEmpty) return { columns: [], named: 0, line: 1 };
    throw new OperatorError({
      message: `${shownAs} is empty`,
      hint: "its first line must be a header with the names of the columns",
      file: shownAs,
    });
  }
  if (header.cells.length > COLUMNS_MAX) {
    throw new OperatorError({
      message: `the header has ${header.cells.length} columns, more than ${COLUMNS_MAX}`,
      hint: "look whether the delimiter is right, and whether the line breaks are there",
      file: shownAs,
      line: header.line,
    });
  }
  const columns = header.cells.map(columnName);
  return {
    columns,
    named: columns.findLastIndex((column) => column !== "") + 1,
    line: header.line,
  };
}

function headerWarnings(layout: Layout, above: number, shownAs: string): Problem[] {
  const place = { file: shownAs, line: layout.line };
  if (above > 0) {
    const lines = above === 1 ? "the line above it is" : `the ${above} lines above it are`;
    const message = `this line is the header; ${lines} not read`;
    return [{ message, hint: "Take them out if that is wrong.", ...place }];
  }
  const looksLikeData = layout.columns.find((column) => column.replace(/\D/g, "").length >= 8);
  if (looksLikeData === undefined) return [];
  return [
    {
      message: "the first line looks like a row, but it is taken for the header",
      hint: "Put a line with the names of the columns above it.",
      ...place,
    },
  ];
}

function toRow(record: CsvRecord, row: number, layout: Layout): CsvRow {
  const { cells: raw, line } = record;
  const width = layout.columns.length;
  // Nearly every row is as it should be, and then needs no second array.
  if (raw.length === width && !raw.some(needsCare)) {
    return { row, line, cells: raw, raw, damage: null };
  }
  const cells = Array.from({ length: width }, (_, at) => cellText(raw[at] ?? ""));
  const isRagged = raw.slice(width).some((cell) => cell.trim() !== "");
  const isCutOff = !record.isEnded && raw.length < layout.named;
  const isSame = raw.length === width && cells.every((cell, at) => cell === raw[at]);
  const damage = isRagged ? "ragged_row" : isCutOff ? "cut_off_row" : null;
  return { row, line, cells: isSame ? raw : cells, raw, damage };
}

/**
 * A cell without the white space around it, and without the apostrophe that keeps a spreadsheet
 * from reading it.
 */
export function cellText(raw: string): string {
  return unguarded(raw.trim()).trim();
}

/**
 * Cheap question before `trim` and `unguarded`: only white space is at most a space or beyond
 * ASCII.
 */
function needsCare(cell: string): boolean {
  if (cell === "") return false;
  const first = cell.charCodeAt(0);
  const last = cell.charCodeAt(cell.length - 1);
  return first <= 0x20 || first >= 0xa0 || first === APOSTROPHE || last <= 0x20 || last >= 0xa0;
}

function isBlank(cells: readonly string[]): boolean {
  for (const cell of cells) {
    if (cell !== "" && cell.trim() !== "") return false;
  }
  return true;
}

/** White space between a delimiter and a quote, as in `a, "b, c"`. */
function hasPaddedQuotes(head: string, delimiter: string): boolean {
  const escaped = `\\u${delimiter.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return new RegExp(`(?:^|[\\r\\n]|${escaped})[ ]+"`).test(head);
}

function delimiterOption(option: string | undefined): string | undefined {
  if (option === undefined) return undefined;
  const delimiter = delimiterNamed(option);
  if (/^[^\r\n"]$/.test(delimiter)) return delimiter;
  throw new OperatorError({
    message: `${JSON.stringify(option)} is not a valid CSV delimiter`,
    hint: 'use one character such as "," or ";", or the word tab',
  });
}

/** The beginning of the text; never whole when it ends inside a piece. */
async function readHead(bytes: AsyncIterable<Buffer>): Promise<{ text: string; isWhole: boolean }> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    parts.push(chunk);
    length += chunk.length;
    if (length >= HEAD_BYTES)
      return { text: Buffer.concat(parts).toString("utf8"), isWhole: false };
  }
  return { text: Buffer.concat(parts).toString("utf8"), isWhole: true };
}

async function* counted(
  bytes: AsyncIterable<Buffer>,
  from: number,
  onRead: ((bytes: number) => void) | undefined,
): AsyncGenerator<Buffer> {
  let total = from;
  for await (const chunk of bytes) {
    total += chunk.length;
    yield chunk;
    onRead?.(total);
  }
}
