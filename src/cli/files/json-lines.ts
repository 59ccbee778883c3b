// Reads a file of JSON lines, a line at a time, whatever its size. Knows nothing of what is in a
// line.

import { StringDecoder } from "node:string_decoder";

import { readBytes } from "../../csv/operator-file.ts";

/**
 * Longest line that is read, in characters: Meta's deliveries have 3 MB at most, and a log may
 * escape every one of them.
 */
const LINE_MAX = 16 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

export interface JsonLine {
  /** 1-based. */
  line: number;
  /** Without its line break; null when it is longer than can be. */
  text: string | null;
  /** How far into the file, in bytes, about. */
  bytes: number;
}

/**
 * Every line of the file that is not blank.
 * @throws OperatorError when the file cannot be read
 */
export async function* jsonLines(file: string): AsyncGenerator<JsonLine> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  let isTooLong = false;
  let line = 0;
  let bytes = 0;
  const lineOf = (text: string): JsonLine => {
    const whole = isTooLong ? null : text;
    isTooLong = false;
    return { line, text: whole, bytes };
  };
  for await (const chunk of readBytes(file, { shownAs: file, chunkBytes: CHUNK_BYTES })) {
    bytes += chunk.length;
    const parts = decoder.write(chunk).split("\n");
    parts[0] = rest + (parts[0] as string);
    rest = parts.pop() as string;
    for (const part of parts) {
      line += 1;
      const text = line === 1 ? part.replace(/^\uFEFF/, "") : part;
      if (isTooLong || text.trim() !== "") yield lineOf(text);
    }
    if (rest.length > LINE_MAX) {
      isTooLong = true;
      rest = "";
    }
  }
  rest += decoder.end();
  line += 1;
  const last = line === 1 ? rest.replace(/^\uFEFF/, "") : rest;
  if (isTooLong || last.trim() !== "") yield lineOf(last);
}
