// A module as it is built: what starts a thread needs the thread's file beside it, in plain
// JavaScript.

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { bundle, ENTRIES } from "../../scripts/build.mjs";

/**
 * Builds a module of `src/` with everything that it may start, and imports it.
 * @param file from the root of the repository, as `src/ledger/sending/turn-thread.ts`
 */
export async function importBuilt<T>(file: string): Promise<T> {
  // Below node_modules, so that the packages that are not built in are found.
  const folder = resolve("node_modules/.cache/built", `${process.pid}`);
  await bundle([file, ...ENTRIES.slice(1)], folder);
  const name = file.replace(/^.*\/(.*)\.ts$/, "$1.js");
  return (await import(pathToFileURL(resolve(folder, name)).href)) as T;
}
