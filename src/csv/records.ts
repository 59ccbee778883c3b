// Records from the bytes of a CSV, with the line on which each begins. Knows nothing of headers or
// of what cells mean.

import type { Parser } from "csv-parse";
import { CsvError, parse } from "csv-parse";
import type { OperatorError } from "../domain/common/errors.ts";
import type { CsvRecord } from "./plain-records.ts";
import { readPlain } from "./plain-records.ts";
import { findQuoteFault, quoteError, recordError, sizeError } from "./quoting.ts";

export interface RecordOptions {
  delimiter: string;
  /** Cells may have white space outside their quotes (`a, "b, c"`); costs a tenth of the speed. */
  trim: boolean;
  shownAs: string;
}

/**
 * A cell and a record longer than this are a quote that was never closed, or no CSV at all. In
 * bytes of UTF-8.
 */
const CELL_BYTES_MAX = 1 << 20;
const RECORD_BYTES_MAX = 4 << 20;

/** More bytes than this without the end of a record are the parser's, which counts them. */
const LONG_BYTES = CELL_BYTES_MAX / 16;

const QUOTE = 0x22;
const SPACE = 0x20;

/**
 * Parses UTF-8 bytes (without a byte order mark) into records, blank ones included, a piece at a
 * time. Throws OperatorError with line and column for quotes that can be read in two ways, a quote
 * that is never closed, and sizes beyond the limits.
 *
 * Records without quotes are split here; a parser takes over at a quote, until a piece of the file
 * ends in a record that has none.
 */
export async function* readRecords(
  bytes: AsyncIterable<Buffer>,
  options: RecordOptions,
): AsyncGenerator<CsvRecord[]> {
  /** Bytes since the last whole record; those of a parser are its own. */
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  let reader: ReturnType<typeof makeReader> | undefined;
  for await (const chunk of bytes) {
    if (chunk.length === 0) continue;
    let left = chunk;
    if (reader === undefined) {
      left = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      if (!options.trim && left.length <= CELL_BYTES_MAX) {
        const plain = readPlain(left, line, options.delimiter);
        if (plain.records.length > 0) yield plain.records;
        line += plain.records.length;
        left = left.subarray(plain.end);
        rest = left;
        if (!rest.includes(QUOTE)) continue;
      }
      reader = makeReader(options, line);
    }
    await reader.write(left);
    const records = reader.take(false);
    if (records.length > 0) yield records;
    rest = reader.rest();
    if (rest.length > LONG_BYTES || rest.includes(QUOTE)) continue;
    line = reader.line();
    reader = undefined;
  }
  if (reader === undefined) {
    if (rest.length === 0) return;
    reader = makeReader(options, line);
    await reader.write(rest);
  }
  await reader.end();
  const records = reader.take(true);
  if (records.length > 0) yield records;
}

function makeReader(options: RecordOptions, firstLine: number) {
  const held = holdBytes();
  const parser = parse({
    delimiter: options.delimiter,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    // A quote in the middle of an unquoted cell is text. The parser then also lets through text
    // after a closing quote, which can be read in two ways; `checkQuotes` stops those.
    relax_quotes: true,
    trim: options.trim,
  });
  let records: CsvRecord[] = [];
  let line = firstLine;
  let parserLines = 0;
  let doneBytes = 0;
  let failure: unknown;

  // Records are taken where the parser hands them to its stream: reading them from the stream one
  // by one costs a fifth of the whole, and only here are the parser's counts those of the record.
  parser.push = (cells: string[] | null): boolean => {
    if (cells === null || failure !== undefined) return true;
    const { lines, bytes } = parser.info;
    forgetWidth(parser);
    // Kept and not thrown: the parser's last records come from a later turn of the event loop,
    // where nobody could catch it.
    failure = faultOf(cells, bytes);
    if (failure !== undefined) return true;
    records.push({ line, cells, isEnded: true });
    // The parser counts CRLF inside quotes twice, so whenever it saw more than the record's own
    // line break, the breaks in the cells are counted here.
    line += lines === parserLines + 1 ? 1 : 1 + countBreaks(cells);
    parserLines = lines;
    doneBytes = bytes;
    return true;
  };

  const at = () => ({ file: options.shownAs, line });

  function faultOf(cells: readonly string[], end: number): OperatorError | undefined {
    if (end - doneBytes > CELL_BYTES_MAX) {
      const long = cells.findIndex((cell) => Buffer.byteLength(cell) > CELL_BYTES_MAX);
      if (long !== -1) return sizeError(at(), `cell ${long + 1} of this row is longer than 1 MiB`);
      if (end - doneBytes > RECORD_BYTES_MAX) {
        return sizeError(at(), "this row is longer than 4 MiB");
      }
    }
    if (!hasOpeningQuote(cells)) return undefined;
    const record = held.bytes(doneBytes, end).toString();
    const fault = findQuoteFault(record, options.delimiter);
    return fault === undefined ? undefined : quoteError(at(), record, fault);
  }

  /** What to say of the bytes after the last whole record, which the parser could not take. */
  function remainderError(error?: unknown): unknown {
    const record = held.bytes(doneBytes, doneBytes + RECORD_BYTES_MAX).toString();
    const fault = findQuoteFault(record, options.delimiter);
    if (fault !== undefined) return quoteError(at(), record, fault);
    if (error === undefined) return sizeError(at(), "this row is longer than 4 MiB");
    return error instanceof CsvError ? recordError(at(), record) : error;
  }

  async function settled(act: (done: (error?: Error | null) => void) => void): Promise<void> {
    await settle(parser, act).catch((error: unknown) => {
      failure ??= remainderError(error);
    });
    if (failure !== undefined) throw failure;
  }

  return {
    async write(chunk: Buffer): Promise<void> {
      held.add(chunk);
      await settled((done) => parser.write(chunk, done));
      held.dropBefore(doneBytes);
      if (held.end() - doneBytes > RECORD_BYTES_MAX) throw remainderError();
    },
    end: (): Promise<void> => settled((done) => parser.end(done)),
    /** The bytes since the last whole record, and the line on which they begin. */
    rest: (): Buffer => held.bytes(doneBytes, held.end()),
    line: (): number => line,
    take(isLast: boolean): CsvRecord[] {
      const taken = records;
      records = [];
      const last = taken[taken.length - 1];
      if (isLast && last !== undefined) last.isEnded = held.endsWithBreak();
      return taken;
    },
  };
}

/**
 * Makes the parser take the next record's width for the expected one. Of every record of another
 * width it makes an error with a stack and copies of its whole state, which costs twenty times the
 * reading, and with `relax_column_count` throws it away. It takes the width of the first record,
 * and counts from here.
 */
function forgetWidth({ info }: Parser): void {
  (info as { records: number }).records = 0;
}

/** Waits for a write or the end of a stream, and for the error that it may raise instead. */
function settle(
  parser: Parser,
  act: (done: (error?: Error | null) => void) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.once("error", reject);
    act((error) => {
      parser.off("error", reject);
      if (error) {
        // The stream raises the same error as an event right after, and nobody else listens.
        parser.on("error", () => {});
        reject(error);
      } else {
        resolve();
      }
    });
  });
}

/**
 * The bytes since the last whole record, for messages and for judging quotes; bounded by
 * RECORD_BYTES_MAX and a piece.
 */
function holdBytes() {
  let chunks: { from: number; bytes: Buffer }[] = [];
  let end = 0;
  let lastByte = 0x0a;
  return {
    add(bytes: Buffer): void {
      chunks.push({ from: end, bytes });
      end += bytes.length;
      lastByte = bytes[bytes.length - 1] as number;
    },
    end: (): number => end,
    endsWithBreak: (): boolean => lastByte === 0x0a || lastByte === 0x0d,
    dropBefore(offset: number): void {
      chunks = chunks.filter((chunk) => chunk.from + chunk.bytes.length > offset);
    },
    bytes(from: number, to: number): Buffer {
      const parts = chunks.map((chunk) =>
        chunk.bytes.subarray(Math.max(0, from - chunk.from), Math.max(0, to - chunk.from)),
      );
      return Buffer.concat(parts);
    },
  };
}

/** True when a cell begins like one that the parser may have taken apart wrongly. */
function hasOpeningQuote(cells: readonly string[]): boolean {
  for (const cell of cells) {
    const first = cell.charCodeAt(0);
    if (first === QUOTE) return true;
    if (first <= SPACE && /^\s+"/.test(cell)) return true;
  }
  return false;
}

function countBreaks(cells: readonly string[]): number {
  let breaks = 0;
  for (const cell of cells) breaks += cell.match(/\r\n|\n|\r/g)?.length ?? 0;
  return breaks;
}
