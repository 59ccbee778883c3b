// Reads small text files that the operator names: a manifest, a scenario, stop words, `.env`. Never
// guesses an encoding.

import { isUtf8 } from "node:buffer";
import { readSmallFile } from "../../csv/operator-file.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { fileKind } from "../../domain/common/file-kind.ts";

/** Texts larger than this are something else. */
const MAX_BYTES = 1_048_576;
const LINE_FEED = 0x0a;

/**
 * The text of a file in UTF-8, or in UTF-16 with a byte order mark; without the mark.
 * @param what it must be, such as `a manifest`
 * @throws OperatorError for what is not a readable file, is too large, or is no such text
 */
export function readText(file: string, what: string): string {
  const bytes = readSmallFile(file, { shownAs: file, maxBytes: MAX_BYTES, what });
  const kind = fileKind(bytes);
  if (kind !== undefined && !kind.isYaml) {
    throw new OperatorError({
      file,
      message: `this is ${kind.what}, not ${what}`,
      hint: "Check the path: is this the right file?",
    });
  }
  const text = decode(bytes);
  if (text !== undefined) return text;
  const line = lineOfFault(bytes);
  throw new OperatorError({
    file,
    line,
    message: "these bytes are not UTF-8",
    hint: "Save the file again with the encoding UTF-8.",
  });
}

function decode(bytes: Buffer): string | undefined {
  const mark = bytes.subarray(0, 2).toString("hex");
  if (mark === "fffe" || mark === "feff") {
    try {
      const encoding = mark === "fffe" ? "utf-16le" : "utf-16be";
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      return undefined;
    }
  }
  return isUtf8(bytes) ? bytes.toString("utf8").replace(/^\uFEFF/, "") : undefined;
}

/** The 1-based line of the first bytes that are not UTF-8. */
function lineOfFault(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; ; line += 1) {
    const end = bytes.indexOf(LINE_FEED, start);
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}
