// Builds the program: each entry with all that it imports, so that a start reads a few files instead of four hundred. Types are
// checked apart (`npm run check:types`). Entries and shared parts lie flat in one folder: `./x-worker.js` is beside whatever starts it.

import { readFileSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = new URL("..", import.meta.url);
const path = (name) => fileURLToPath(new URL(name, root));
const { engines } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));

/** What is started by itself: the program, and its threads. */
export const ENTRIES = [
  "src/cli/main.ts",
  "src/cli/files/reader-worker.ts",
  "src/cli/process/ledger-worker.ts",
  "src/ledger/sending/turn-worker.ts",
];

/** Builds `entries` into `folder`, which is emptied before. */
export async function bundle(entries, folder) {
  rmSync(folder, { recursive: true, force: true });
  await build({
    absWorkingDir: path("."),
    entryPoints: entries,
    entryNames: "[name]",
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: `node${engines.node.replace(/[^\d.]/g, "")}`,
    // Native code, which stays where npm puts it.
    external: ["better-sqlite3"],
    // Packages that are CommonJS ask for Node's own modules.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    keepNames: true,
    legalComments: "linked",
    sourcemap: true,
    sourcesContent: false,
    logLevel: "warning",
  });
}

/** The bench starts its servers and runners as processes of their own. */
const BENCH = ["main", "bare", "receiver", "runner", "server", "throttling-server", "whole"];

if (basename(process.argv[1] ?? "") === "build.mjs") {
  const entries = BENCH.map((name) => `bench/${name}.ts`).concat(ENTRIES.slice(1));
  if (process.argv[2] === "bench") await bundle(entries, path("dist-bench"));
  else await bundle(ENTRIES, path("dist/cli"));
}
