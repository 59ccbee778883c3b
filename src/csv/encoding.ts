// Finds out how a file's characters are encoded, and turns its bytes into UTF-8. Never changes a
// character.

import { isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";
import type { Problem } from "../errors.ts";
import { OperatorError } from "../errors.ts";
import { fileKind, KIND_BYTES } from "../file-kind.ts";
import { readBytes } from "./operator-file.ts";

export interface Encoding {
  /** WHATWG name in lower case: `utf-8`, `utf-16le`, `windows-1252`, … */
  name: string;
  /** Bytes of the byte order mark at the beginning; 0 without one. */
  bomBytes: number;
  warnings: Problem[];
}

const SOURCE_CHARACTERS_MAX = 200;

/**
 * Finds the encoding: the declared one, else by the byte order mark, else by the NULs of UTF-16,
 * else UTF-8 when every byte of the file fits it, else Windows-1252 with a warning. Reads the whole
 * file, since one name at its end may tell. Throws OperatorError for a file that is no text, and
 * for bytes that do not fit a declared UTF-8.
 */
export async function findEncoding(
  path: string,
  options: { shownAs: string; declared?: string | undefined },
): Promise<Encoding> {
  const { shownAs } = options;
  const declared = options.declared === undefined ? undefined : encodingName(options.declared);
  const head = await readHead(path, shownAs);
  refuseNonText(head, shownAs);
  const mark = byteOrderMark(head);
  const utf16 = mark === undefined ? guessUtf16(head) : undefined;
  const name = declared ?? mark?.name ?? utf16;
  const bomBytes =
    mark !== undefined && (name === mark.name || declared === "utf-16") ? mark.bytes : 0;
  if (name !== undefined && name !== "utf-8") {
    const assumed = declared === undefined && utf16 !== undefined;
    return { name, bomBytes, warnings: assumed ? [assumption(shownAs, name)] : [] };
  }
  const fault = await findNonUtf8(path, shownAs);
  if (fault === undefined) return { name: "utf-8", bomBytes, warnings: [] };
  if (fault.kind === "nul") {
    throw new OperatorError({
      message: "there is a NUL character in the file, so it is no text",
      hint: "export it again as “CSV UTF-8”",
      ...fault.place,
    });
  }
  if (name === "utf-8") {
    throw new OperatorError({
      message: "these bytes are not UTF-8",
      hint: "export it again as “CSV UTF-8”, or set its encoding (such as windows-1252)",
      ...fault.place,
    });
  }
  return {
    name: "windows-1252",
    bomBytes: 0,
    warnings: [assumption(shownAs, "windows-1252", fault.place)],
  };
}

/** The bytes as UTF-8. Throws OperatorError where they do not fit the encoding. */
export async function* toUtf8(
  bytes: AsyncIterable<Buffer>,
  encoding: string,
  shownAs: string,
): AsyncGenerator<Buffer> {
  if (encoding === "utf-8") {
    yield* bytes;
    return;
  }
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  let line = 1;
  for await (const chunk of bytes) {
    const text = decode(decoder, chunk, { encoding, shownAs, line });
    line += text.split("\n").length - 1;
    yield Buffer.from(text);
  }
  yield Buffer.from(decode(decoder, undefined, { encoding, shownAs, line }));
}

function decode(
  decoder: TextDecoder,
  chunk: Buffer | undefined,
  at: { encoding: string; shownAs: string; line: number },
): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw new OperatorError({
      message: `from about this line on, the bytes are not ${at.encoding}`,
      hint: "it may be cut off, or have another encoding: export it again as “CSV UTF-8”",
      file: at.shownAs,
      line: at.line,
    });
  }
}

/** The WHATWG name of an encoding; throws OperatorError for one that nobody knows. */
function encodingName(declared: string): string {
  try {
    return new TextDecoder(declared).encoding;
  } catch {
    throw new OperatorError({
      message: `"${declared}" is not an encoding`,
      hint: "use utf-8, utf-16le, windows-1252 or another name of the WHATWG standard",
    });
  }
}

async function readHead(path: string, shownAs: string): Promise<Buffer> {
  for await (const chunk of readBytes(path, { shownAs, chunkBytes: KIND_BYTES })) return chunk;
  return Buffer.alloc(0);
}

function refuseNonText(head: Buffer, shownAs: string): void {
  const kind = fileKind(head);
  if (kind === undefined) return;
  throw new OperatorError({
    message: `this is ${kind.what}, not a CSV`,
    hint: kind.toCsv,
    file: shownAs,
  });
}

function byteOrderMark(head: Buffer): { name: string; bytes: number } | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { name: "utf-8", bytes: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { name: "utf-16le", bytes: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { name: "utf-16be", bytes: 2 };
  return undefined;
}

/**
 * Headers are mostly Latin letters, whose other byte in UTF-16 is NUL; no other text has so many of
 * them.
 */
function guessUtf16(head: Buffer): string | undefined {
  const pairs = Math.floor(head.length / 2);
  if (pairs < 2) return undefined;
  let evenNuls = 0;
  let oddNuls = 0;
  for (let at = 0; at < pairs * 2; at++) {
    if (head[at] !== 0) continue;
    if (at % 2 === 0) evenNuls++;
    else oddNuls++;
  }
  if (oddNuls > pairs * 0.3 && evenNuls < pairs * 0.05) return "utf-16le";
  if (evenNuls > pairs * 0.3 && oddNuls < pairs * 0.05) return "utf-16be";
  return undefined;
}

type Place = Required<Pick<Problem, "file" | "line" | "source">>;

/** The first place that is not UTF-8 text; reads at some gigabytes a second. */
async function findNonUtf8(
  path: string,
  shownAs: string,
): Promise<{ kind: "bytes" | "nul"; place: Place } | undefined> {
  let carried: Buffer = Buffer.alloc(0);
  let lines = 1;
  for await (const read of readBytes(path, { shownAs })) {
    const chunk = carried.length === 0 ? read : Buffer.concat([carried, read]);
    const whole = chunk.subarray(0, chunk.length - unfinishedBytes(chunk));
    const nul = whole.indexOf(0);
    if (nul !== -1) return { kind: "nul", place: placeOf(whole, nul, lines, shownAs) };
    if (!isUtf8(whole))
      return { kind: "bytes", place: placeOf(whole, firstInvalid(whole), lines, shownAs) };
    lines += countLineFeeds(whole);
    carried = Buffer.from(chunk.subarray(whole.length));
  }
  if (carried.length === 0) return undefined;
  return { kind: "bytes", place: placeOf(carried, 0, lines, shownAs) };
}

/** How many bytes at the end begin a character that goes on in the next piece. */
function unfinishedBytes(chunk: Buffer): number {
  for (let back = 1; back <= Math.min(3, chunk.length); back++) {
    const byte = chunk[chunk.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
}

function firstInvalid(bytes: Buffer): number {
  // Halving: a beginning that ends on a whole character is UTF-8 up to the fault and never after
  // it.
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    const part = bytes.subarray(0, middle);
    if (isUtf8(part.subarray(0, part.length - unfinishedBytes(part)))) good = middle;
    else bad = middle;
  }
  return bad - 1;
}

function placeOf(bytes: Buffer, at: number, lines: number, shownAs: string): Place {
  const begin = bytes.lastIndexOf(10, at - 1) + 1;
  const next = bytes.indexOf(10, at);
  const end = next === -1 ? bytes.length : next;
  const source = new TextDecoder("windows-1252").decode(bytes.subarray(at === 0 ? 0 : begin, end));
  return {
    file: shownAs,
    line: lines + countLineFeeds(bytes.subarray(0, at)),
    source: source.replace(/[\r\0]/g, "").slice(0, SOURCE_CHARACTERS_MAX),
  };
}

function countLineFeeds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}

function assumption(shownAs: string, name: string, place?: Place): Problem {
  return {
    message: `${shownAs} is not UTF-8; it is read as ${name}`,
    hint: "if a preview shows wrong accents, set the encoding or save as “CSV UTF-8”",
    ...(place ?? { file: shownAs }),
  };
}
