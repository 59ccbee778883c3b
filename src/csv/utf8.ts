// Reads a whole file once and tells whether it is UTF-8, and if not, what speaks for which other
// encoding. Judges by words, so that one bad row of a UTF-8 file is not taken for another encoding.

import { isAscii, isUtf8 } from "node:buffer";
import type { Doubt } from "./code-page.ts";
import { doubtOf } from "./code-page.ts";
import { readBytes } from "./operator-file.ts";

/** A line with bytes that are not UTF-8. */
export interface BadLine {
  /** 1-based. */
  line: number;
  /** The line's bytes, the beginning of a long one. */
  bytes: Buffer;
}

/** What was found in a file that is not UTF-8 from end to end. */
export interface Findings {
  /** The first lines with other bytes, and how many there are. */
  badLines: BadLine[];
  badLineCount: number;
  /** Words beyond ASCII that are UTF-8, and those that are not. */
  utf8Words: number;
  otherWords: number;
  /** How the other words read in Windows-1252. */
  doubts: Record<Doubt, number>;
  /** Some of the cells with those words, as Latin-1, one character a byte. */
  cells: Set<string>;
}

export type Scan =
  | { kind: "utf-8" }
  /** A NUL: not text at all. */
  | { kind: "nul"; at: BadLine }
  | { kind: "other"; findings: Findings };

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const HIGH = 0x80;
const LINES_SHOWN = 10;
const CELLS_KEPT = 200;
const CELL_BYTES_MAX = 60;
const LINE_BYTES_MAX = 400;
/** More words in UTF-8 than this settle nothing more. */
const ENOUGH_WORDS = 1_000;
/** Words of which the doubt is remembered. */
const WORDS_KEPT = 20_000;

/** Scans a file; `shownAs` is its path for messages. */
export async function scanUtf8(path: string, shownAs: string): Promise<Scan> {
  const found = emptyFindings();
  const words = new Map<string, Doubt>();
  let carried: Buffer = Buffer.alloc(0);
  let place = { line: 1, lineEnd: LINE_FEED };
  for await (const read of readBytes(path, { shownAs })) {
    const chunk = carried.length === 0 ? read : Buffer.concat([carried, read]);
    if (!chunk.includes(LINE_FEED)) place = { ...place, lineEnd: CARRIAGE_RETURN };
    // Whole lines at a time; a line of a mebibyte is cut where it may.
    const end = chunk.lastIndexOf(place.lineEnd) + 1 || chunk.length - unfinishedBytes(chunk);
    const piece = chunk.subarray(0, end);
    const nul = scanPiece(piece, place, found, words);
    if (nul !== undefined) return { kind: "nul", at: nul };
    place = { ...place, line: place.line + countBytes(piece, place.lineEnd) };
    carried = Buffer.from(chunk.subarray(end));
  }
  const nul = scanPiece(carried, place, found, words);
  if (nul !== undefined) return { kind: "nul", at: nul };
  return found.otherWords === 0 ? { kind: "utf-8" } : { kind: "other", findings: found };
}

/** Where a piece of the file begins, and the byte that ends its lines. */
interface PiecePlace {
  line: number;
  lineEnd: number;
}

function emptyFindings(): Findings {
  const doubts = { none: 0, weak: 0, strong: 0 };
  return { badLines: [], badLineCount: 0, utf8Words: 0, otherWords: 0, doubts, cells: new Set() };
}

/** Adds what a piece of the file holds; gives the place of a NUL. */
function scanPiece(
  piece: Buffer,
  place: PiecePlace,
  found: Findings,
  words: Map<string, Doubt>,
): BadLine | undefined {
  const nul = piece.indexOf(0);
  if (nul !== -1) {
    const line = place.line + countBytes(piece.subarray(0, nul), place.lineEnd);
    return { line, bytes: lineAround(piece, nul, place.lineEnd) };
  }
  if (isUtf8(piece)) {
    // At some gigabytes a second; how many words there are matters only once there are others, and
    // some are enough then.
    if (found.utf8Words < ENOUGH_WORDS && !isAscii(piece)) found.utf8Words += countWords(piece);
    return undefined;
  }
  const { lineEnd } = place;
  let { line } = place;
  let badLine = 0;
  for (let at = 0; at < piece.length; at += 1) {
    const byte = piece[at] as number;
    if (byte === lineEnd) line += 1;
    if (byte < HIGH) continue;
    const from = edgeOf(piece, at, -1, isWordByte);
    const to = edgeOf(piece, at, 1, isWordByte);
    const word = piece.subarray(from, to);
    at = to - 1;
    if (isUtf8(word)) {
      found.utf8Words += 1;
      continue;
    }
    addOther(found, words, word.toString("latin1", 0, CELL_BYTES_MAX));
    if (found.cells.size < CELLS_KEPT) keepCell(found, piece, from, word);
    if (line === badLine) continue;
    badLine = line;
    found.badLineCount += 1;
    if (found.badLines.length < LINES_SHOWN) {
      found.badLines.push({ line, bytes: lineAround(piece, from, lineEnd) });
    }
  }
  return undefined;
}

function addOther(found: Findings, words: Map<string, Doubt>, word: string): void {
  let doubt = words.get(word);
  if (doubt === undefined) {
    doubt = doubtOf(word);
    if (words.size < WORDS_KEPT) words.set(word, doubt);
  }
  found.otherWords += 1;
  found.doubts[doubt] += 1;
}

/** Keeps the whole cell, or the word of a long one. */
function keepCell(found: Findings, piece: Buffer, at: number, word: Buffer): void {
  const from = edgeOf(piece, at, -1, isCellByte, CELL_BYTES_MAX);
  const to = edgeOf(piece, at, 1, isCellByte, CELL_BYTES_MAX);
  const cell = to - from < CELL_BYTES_MAX ? piece.subarray(from, to) : word;
  if (cell.length < CELL_BYTES_MAX) found.cells.add(cell.toString("latin1"));
}

function countWords(piece: Buffer): number {
  let words = 0;
  for (let at = 0; at < piece.length && words < ENOUGH_WORDS; at += 1) {
    if ((piece[at] as number) < HIGH) continue;
    words += 1;
    at = edgeOf(piece, at, 1, isWordByte);
  }
  return words;
}

/**
 * How far bytes of a kind reach from `at`: the index of the first of them, or the one after the
 * last.
 */
function edgeOf(
  piece: Buffer,
  at: number,
  step: 1 | -1,
  isInside: (byte: number) => boolean,
  most = Number.POSITIVE_INFINITY,
): number {
  let edge = at;
  for (let steps = 0; steps < most; steps += 1) {
    const next = step === 1 ? edge : edge - 1;
    if (next < 0 || next >= piece.length || !isInside(piece[next] as number)) break;
    edge += step;
  }
  return edge;
}

/** Letters and digits of ASCII, the apostrophe, and all bytes beyond ASCII. */
function isWordByte(byte: number): boolean {
  return (
    byte >= HIGH ||
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x27
  );
}

/** All but what parts cells and lines: comma, semicolon, tab, double quote, line breaks. */
function isCellByte(byte: number): boolean {
  return (
    byte !== 0x2c && byte !== 0x3b && byte !== 0x22 && byte !== 9 && byte !== 10 && byte !== 13
  );
}

function lineAround(piece: Buffer, at: number, lineEnd: number): Buffer {
  const from = at === 0 ? 0 : piece.lastIndexOf(lineEnd, at - 1) + 1;
  const next = piece.indexOf(lineEnd, at);
  const to = Math.min(next === -1 ? piece.length : next, from + LINE_BYTES_MAX);
  return Buffer.from(piece.subarray(from, to));
}

/** How many bytes at the end begin a character that goes on in the next piece. */
function unfinishedBytes(chunk: Buffer): number {
  for (let back = 1; back <= Math.min(3, chunk.length); back += 1) {
    const byte = chunk[chunk.length - back] as number;
    if (byte < HIGH) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
}

function countBytes(bytes: Buffer, byte: number): number {
  let count = 0;
  for (let at = bytes.indexOf(byte); at !== -1; at = bytes.indexOf(byte, at + 1)) count += 1;
  return count;
}
