// Where everything that this program says goes: data to stdout, words to stderr. The only place that writes to either, so that no text
// that another party wrote can steer a terminal.

import { printable, writtenOut } from "../plain.ts";

/** Prints a line, or several, on stdout. */
export function print(lines: string): void {
  process.stdout.write(`${printable(lines)}\n`);
}

/** Says a line, or several, on stderr. */
export function say(lines: string): void {
  process.stderr.write(`${writtenOut(lines)}\n`);
}

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

/** Calls back once everything printed so far is written, or cannot be. */
export function whenPrinted(act: () => void): void {
  process.stdout.write("", () => act());
}
