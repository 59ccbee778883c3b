// Modules as they are built: what starts a thread needs the thread's file beside it, in plain
// JavaScript.

import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { bundle, ENTRIES } from "../../scripts/build.mjs";

/** What tests import or start as it is built. */
const FILES = [
  "src/cli/run-program.ts",
  "src/cli/process/ledger-thread.ts",
  "src/ledger/sending/turn-thread.ts",
  "test/support/sandbox-host.ts",
  "test/ledger/child.ts",
] as const;
/** Below node_modules, so that the packages that are not built in are found. */
const FOLDER = resolve("node_modules/.cache/built");

/** Builds them, with everything that they may start; once, before all tests. */
export function buildForTests(): Promise<void> {
  return bundle([...FILES, ...ENTRIES.slice(1)], FOLDER);
}

/** Where a file of the repository is as it is built. */
export function builtFile(file: (typeof FILES)[number]): string {
  return resolve(FOLDER, `${basename(file, ".ts")}.js`);
}

/** Imports a module as it is built. */
export async function importBuilt<T>(file: (typeof FILES)[number]): Promise<T> {
  return (await import(pathToFileURL(builtFile(file)).href)) as T;
}
