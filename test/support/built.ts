// Modules as they are built: what starts a thread needs the thread's file beside it, in plain
// JavaScript. global.setup.ts builds them once, before all tests.

import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** What tests import or start as it is built. */
export const BUILT = [
  "src/cli/run-program.ts",
  "src/cli/process/ledger-thread.ts",
  "src/ledger/sending/turn-thread.ts",
  "test/support/sandbox-host.ts",
  "test/support/commands.child.ts",
  "test/ledger/child.ts",
] as const;
/** Below node_modules, so that the packages that are not built in are found. */
export const BUILT_FOLDER = resolve("node_modules/.cache/built-for-tests");

/** Where a file of the repository is as it is built. */
export function builtFile(file: (typeof BUILT)[number]): string {
  return resolve(BUILT_FOLDER, `${basename(file, ".ts")}.js`);
}

/** Imports a module as it is built. */
export async function importBuilt<T>(file: (typeof BUILT)[number]): Promise<T> {
  return (await import(pathToFileURL(builtFile(file)).href)) as T;
}
