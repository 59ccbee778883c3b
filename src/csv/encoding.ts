// Finds out how a file's characters are encoded, and turns its bytes into UTF-8. Never changes a
// character.

import { TextDecoder } from "node:util";
import type { Problem } from "../domain/common/errors.ts";
import { OperatorError } from "../domain/common/errors.ts";
import { fileKind, KIND_BYTES } from "../domain/common/file-kind.ts";
import { count } from "../domain/common/numbers.ts";
import { sentenceCase } from "../domain/common/text.ts";
import { likelyReadings } from "./code-page.ts";
import { readBytes } from "./operator-file.ts";
import type { BadLine, Findings } from "./utf8.ts";
import { scanUtf8 } from "./utf8.ts";

export interface Encoding {
  /** WHATWG name in lower case: `utf-8`, `utf-16le`, `windows-1252`, … */
  name: string;
  /** Bytes of the byte order mark at the beginning; 0 without one. */
  bomBytes: number;
  warnings: Problem[];
}

const SOURCE_CHARACTERS_MAX = 200;
/** Words of a hundred that may read oddly in a file that is Windows-1252. */
const WEAK_MAX = 0.01;

/** What a file's encoding is found from. */
export interface EncodingOptions {
  /** Path as the operator wrote it, for messages. */
  shownAs: string;
  /** A name of the WHATWG Encoding Standard; left out, it is found. */
  declared?: string | undefined;
  /** The key by which the operator can declare it, such as `recipients.encoding`. */
  key?: string | undefined;
  /** Only ASCII is read, which all that are not UTF-16 have in common: none of them is refused. */
  onlyAscii?: boolean | undefined;
}

/**
 * Finds the encoding: the declared one, else by the byte order mark, else by the NULs of UTF-16,
 * else UTF-8 when every byte of the file fits it, else Windows-1252, with a warning, when every
 * word reads well in it. Reads the whole file, since one name at its end may settle it. Nothing is
 * guessed: throws OperatorError where the encoding is not sure, for a file that is not text, and
 * for lines that are not UTF-8 in a file that is.
 */
export async function findEncoding(path: string, options: EncodingOptions): Promise<Encoding> {
  const { shownAs } = options;
  const declared = options.declared === undefined ? undefined : encodingName(options.declared);
  const head = await readHead(path, shownAs);
  refuseNonText(head, shownAs);
  refuseUtf32(head, shownAs);
  if (declared === undefined) refuseSevenBits(head, shownAs);
  const mark = byteOrderMark(head);
  const utf16 = mark === undefined ? guessUtf16(head) : undefined;
  const name = declared ?? mark?.name ?? utf16;
  const bomBytes =
    mark !== undefined && (name === mark.name || declared === "utf-16") ? mark.bytes : 0;
  if (name !== undefined && name !== "utf-8") {
    const assumed = declared === undefined && utf16 !== undefined;
    return { name, bomBytes, warnings: assumed ? [assumption(shownAs, name)] : [] };
  }
  const scan = await scanUtf8(path, shownAs);
  if (scan.kind === "utf-8") return { name: "utf-8", bomBytes, warnings: [] };
  if (scan.kind === "nul") {
    throw new OperatorError({
      message: "there is a NUL character in the file, so it is not text",
      hint: "Export it again as CSV UTF-8.",
      ...placeOf(scan.at, shownAs, "utf-8"),
    });
  }
  if (options.onlyAscii === true) return { name: "windows-1252", bomBytes: 0, warnings: [] };
  const { findings } = scan;
  const isUtf8 = name === "utf-8" || findings.utf8Words >= findings.otherWords;
  if (isUtf8) throw new OperatorError(badLines(findings, options));
  if (!isSurely1252(findings)) throw new OperatorError(notSure(findings, options));
  const place = placeOf(findings.badLines[0] as BadLine, shownAs, "windows-1252");
  return {
    name: "windows-1252",
    bomBytes: 0,
    warnings: [assumption(shownAs, "windows-1252", place)],
  };
}

function isSurely1252({ utf8Words, otherWords, doubts }: Findings): boolean {
  return utf8Words === 0 && doubts.strong === 0 && doubts.weak <= otherWords * WEAK_MAX;
}

/**
 * The lines of a UTF-8 file that are something else: to read the file in another encoding would
 * garble all the others.
 */
function badLines(findings: Findings, { shownAs, key }: EncodingOptions): Problem[] {
  const rest = findings.utf8Words === 0 ? "" : ", and the rest of the file is";
  const other = key === undefined ? "" : `, or set \`${key}\` if it is another encoding throughout`;
  const problems = findings.badLines.map((line) => ({
    message: `these bytes are not UTF-8${rest}`,
    hint: `Correct the line, or export the list again as CSV UTF-8${other}.`,
    ...placeOf(line, shownAs, "utf-8"),
  }));
  const more = findings.badLineCount - problems.length;
  if (more === 0) return problems;
  const message = `${count(more)} more lines are not UTF-8`;
  const hint = "Export the list again as CSV UTF-8: so many are no slip of single lines.";
  return [...problems, { message, hint, file: shownAs }];
}

/** That nothing tells the encoding for sure, and how the file reads in those that it may be. */
function notSure(findings: Findings, { shownAs, key }: EncodingOptions): Problem {
  const readings = likelyReadings(findings.cells);
  const shown = readings.map(({ encoding, cells }) => `    ${encoding}: ${cells.join(" | ")}`);
  const again = "save the file again as CSV UTF-8";
  const todo =
    key === undefined || shown.length === 0
      ? `${sentenceCase(again)}.`
      : `Set \`${key}\` to the one in which these cells read right, or ${again}:`;
  const [first] = findings.badLines;
  return {
    message: "the file is not UTF-8, and its encoding is not sure; nothing is guessed",
    hint: [todo, ...shown].join("\n"),
    file: shownAs,
    ...(first !== undefined && { line: first.line }),
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
      hint: "Export it again as CSV UTF-8: it may be cut off, or have another encoding.",
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
      hint: "Use utf-8, utf-16le, windows-1252 or another name of the WHATWG standard.",
    });
  }
}

async function readHead(path: string, shownAs: string): Promise<Buffer> {
  for await (const chunk of readBytes(path, { shownAs, chunkBytes: KIND_BYTES })) return chunk;
  return Buffer.alloc(0);
}

/**
 * Escapes between ASCII and two bytes a character: all of it is ASCII, and names would be sent as
 * signs.
 */
const SEVEN_BITS = ["$@", "$B", "$A", "$(D", "$)C", "(J"].map((end) => `\u001b${end}`);

function refuseSevenBits(head: Buffer, shownAs: string): void {
  if (!SEVEN_BITS.some((begin) => head.includes(begin, 0, "latin1"))) return;
  throw new OperatorError({
    message: "the file has the escapes of ISO-2022 (JIS) and is not UTF-8",
    hint: "Save it again as CSV UTF-8.",
    file: shownAs,
  });
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

/** Three of four bytes are NUL in UTF-32; its byte order mark begins like that of UTF-16. */
function refuseUtf32(head: Buffer, shownAs: string): void {
  const mark = head.subarray(0, 4).toString("hex");
  const words = head.subarray(0, head.length - (head.length % 4));
  const nuls = words.reduce((sum, byte) => sum + (byte === 0 ? 1 : 0), 0);
  if (mark !== "fffe0000" && mark !== "0000feff" && !(nuls > words.length * 0.7)) return;
  throw new OperatorError({
    message: "the file is UTF-32, which is not read",
    hint: "Save it again as CSV UTF-8.",
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

type CellPlace = Required<Pick<Problem, "file" | "line" | "source">>;

function placeOf({ line, bytes }: BadLine, shownAs: string, encoding: string): CellPlace {
  const source = new TextDecoder(encoding).decode(bytes, { stream: true });
  return {
    file: shownAs,
    line,
    source: source.replace(/[\r\0]/g, "").slice(0, SOURCE_CHARACTERS_MAX),
  };
}

function assumption(shownAs: string, name: string, place?: CellPlace): Problem {
  return {
    message: `this is not UTF-8; the file is read as ${name}`,
    hint: "If a preview shows wrong accents, set the encoding or save the file as CSV UTF-8.",
    ...(place ?? { file: shownAs }),
  };
}
