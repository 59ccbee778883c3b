// Prints where a server listens: for a script as one line of JSON, for a person in words.

import { isJson, print, printJson } from "../print/print.ts";

/**
 * Prints where a server listens, on stdout.
 * @param address for scripts, which read the first line
 * @param words for a person at a terminal
 */
export function printAddress(address: Readonly<Record<string, unknown>>, words: string): void {
  if (process.stdout.isTTY === true && !isJson()) print(words);
  else printJson(address, 0);
}
