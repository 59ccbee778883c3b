// Where everything that this program says goes: data to stdout, words to stderr. The only place that writes to either, so that no text
// that another party wrote can steer a terminal.

import { fstatSync } from "node:fs";

import { printable, writtenOut } from "../../domain/common/plain.ts";

/** Prints a line, or several, on stdout. */
export function print(lines: string): void {
  process.stdout.write(`${printable(lines)}\n`);
}

/** Says a line, or several, on stderr; at a terminal broken between words. */
export function say(lines: string): void {
  process.stderr.write(`${fitted(writtenOut(lines), process.stderr)}\n`);
}

/** A line of a file that is shown, and the mark below a place in it. */
const SHOWN_LINE = /^ *\d* \| /;

/**
 * Lines as they fit a terminal: broken between words, what goes on indented as its beginning. Lines of a file stay as they are.
 * @param stream where they are written; what is no terminal has no width
 */
export function fitted(
  lines: string,
  stream: Pick<NodeJS.WriteStream, "isTTY" | "columns">,
): string {
  const width = stream.columns ?? 0;
  if (stream.isTTY !== true || width < COLUMNS_MIN) return lines;
  const fits = (line: string) => line.length <= width || SHOWN_LINE.test(line);
  return lines
    .split("\n")
    .map((line) => (fits(line) ? line : broken(line, width)))
    .join("\n");
}

function broken(line: string, width: number): string {
  const [lead = ""] = /^ *(?:→ )?/.exec(line) ?? [];
  const indent = " ".repeat(lead.length);
  const lines: string[] = [];
  for (const word of line.slice(lead.length).split(" ")) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(lead + word);
    else if (last.length + 1 + word.length > width) lines.push(indent + word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join("\n");
}

/** A narrower terminal than this breaks the lines itself. */
const COLUMNS_MIN = 24;

let isJsonWanted = false;
let isDocumentPrinted = false;

/** Makes `needsDocument` true until a document is printed: `--json` was given. */
export function wantJson(): void {
  isJsonWanted = true;
}

/** Whether --json was given. */
export function isJson(): boolean {
  return isJsonWanted;
}

/** Whether stdout still has to get the one document that --json asks for. */
export function needsDocument(): boolean {
  return isJsonWanted && !isDocumentPrinted;
}

/** Says that the command writes the one document itself, in pieces. */
export function documentBegins(): void {
  isDocumentPrinted = true;
}

/**
 * Prints the one JSON document of a command on stdout.
 * @param indent spaces; 0 for all of it on one line
 */
export function printJson(document: unknown, indent = 2): void {
  isDocumentPrinted = true;
  print(JSON.stringify(document, null, indent));
}

/** Whether stdout and stderr are one file (`>> cron.log 2>&1`): what both say would stand there twice. */
export function areStreamsOne(): boolean {
  try {
    const [out, err] = [fstatSync(1), fstatSync(2)];
    return out.dev === err.dev && out.ino === err.ino;
  } catch {
    return false;
  }
}

/** Calls back once everything printed so far is written, or cannot be. */
export function whenPrinted(act: () => void): void {
  process.stdout.write("", () => act());
}
