// The program's modules in plain JavaScript: what starts a thread needs the thread's file beside it,
// and files that are compiled once are loaded in half the time. global.setup.ts makes them, before
// all tests.

import { basename, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import type { Plugin } from "vitest/config";

/** Programs of the tests, each built with all that it imports. */
export const BUILT = [
  "test/support/sandbox-host.ts",
  "test/support/commands.child.ts",
  "test/ledger/child.ts",
] as const;
/** Below node_modules, so that the packages that are not built in are found. */
export const BUILT_FOLDER = resolve("node_modules/.cache/built-for-tests");
/** Each file of `src` by itself, at its own path. */
export const COMPILED_FOLDER = resolve("node_modules/.cache/compiled-for-tests");

/** Where a program of the tests is as it is built. */
export function builtFile(file: (typeof BUILT)[number]): string {
  return resolve(BUILT_FOLDER, `${basename(file, ".ts")}.js`);
}

/**
 * Imports a file of `src` as it is compiled, also where the other imports of a test are of the
 * source itself.
 */
export async function importCompiled<T>(file: `src/${string}.ts`): Promise<T> {
  return (await import(pathToFileURL(compiledFile(file)).href)) as T;
}

function compiledFile(file: string): string {
  return resolve(COMPILED_FOLDER, file.replace(/\.ts$/, ".js"));
}

const SOURCE = resolve("src");

/**
 * Gives tests the compiled files where they import those of `src`; not while Vitest watches, since
 * it would not see that a file was changed.
 */
export function compiledSource(): Plugin {
  let isWatching = false;
  return {
    name: "compiled-source",
    enforce: "pre",
    configResolved({ test }) {
      isWatching = test?.watch === true;
    },
    resolveId(id, importer) {
      if (isWatching || importer === undefined || !id.startsWith(".")) return null;
      const file = fileURLToPath(new URL(id, pathToFileURL(importer)));
      if (!file.startsWith(SOURCE + sep)) return null;
      return compiledFile(file.slice(SOURCE.length - "src".length));
    },
  };
}
