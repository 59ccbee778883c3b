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

/**
 * Prints the one JSON document of a command on stdout.
 * @param indent spaces; 0 for all of it on one line
 */
export function printJson(document: unknown, indent = 2): void {
  print(JSON.stringify(document, null, indent));
}

/** Calls back once everything printed so far is written, or cannot be. */
export function whenPrinted(act: () => void): void {
  process.stdout.write("", () => act());
}
