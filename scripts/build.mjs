// Builds the program: each entry with all that it imports, so that a start reads a few files
// instead of four hundred. Types are checked apart (`npm run check:types`). Entries and shared
// parts lie flat in one folder: `./x-worker.js` is beside whatever starts it.

import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = new URL("..", import.meta.url);
const path = (name) => fileURLToPath(new URL(name, root));
const { engines } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));

/** Of all code that is built. */
const CODE = {
  absWorkingDir: path("."),
  bundle: true,
  platform: "node",
  format: "esm",
  target: `node${engines.node.replace(/[^\d.]/g, "")}`,
  sourcesContent: false,
  logLevel: "warning",
  write: false,
};

/** What is started by itself: the program, and its threads. */
export const ENTRIES = [
  "src/cli/main.ts",
  "src/cli/files/reader-worker.ts",
  "src/cli/process/ledger-worker.ts",
  "src/ledger/sending/turn-worker.ts",
];

/**
 * A program that started from an earlier build may load a part of it so much later, in
 * milliseconds.
 */
const KEPT_MS = 24 * 60 * 60 * 1000;

/**
 * Builds `entries` into `folder`. Programs that run from it go on: no file is ever missing or half
 * written.
 */
export async function bundle(entries, folder) {
  const { outputFiles } = await build({
    ...CODE,
    entryPoints: entries,
    entryNames: "[name]",
    outdir: folder,
    splitting: true,
    // Native code, which stays where npm puts it; and what fastify would load for JSON schemas, of
    // which we have none.
    external: ["better-sqlite3", "@fastify/ajv-compiler", "@fastify/fast-json-stringify-compiler"],
    // Packages that are CommonJS ask for Node's own modules.
    banner: {
      js: 'import { createRequire as requireFor } from "node:module"; const require = requireFor(import.meta.url);',
    },
    // A seventh of the time that a start takes is spent on reading code.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "linked",
    sourcemap: true,
  });
  mkdirSync(folder, { recursive: true });
  const now = new Date();
  // What an entry loads is there before it.
  const entry = new Set(entries.map((file) => basename(file).replace(/\.ts$/, ".js")));
  const rank = ({ path: file }) => (entry.has(basename(file)) ? 1 : 0);
  for (const file of outputFiles.sort((a, b) => rank(a) - rank(b))) write(file);
  const made = new Set(outputFiles.map((file) => basename(file.path)));
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? {};
    if (!made.has(name) && name !== ".npmignore" && mtimeMs < now - KEPT_MS)
      rmSync(file, { force: true });
  }
  // Parts of an earlier build are for programs of this machine: `npm pack` leaves them out.
  writeFileSync(
    join(folder, ".npmignore"),
    ["*", ...[...made].map((name) => `!${name}`)].join("\n"),
  );
}

/**
 * Compiles each file of `src` to one of its own in `folder`, with the same path: for tests, which
 * import single files of it.
 */
export async function compile(folder) {
  const alone = {
    name: "alone",
    setup({ onResolve }) {
      onResolve({ filter: /^\..*\.ts$/ }, ({ path: file }) => ({
        path: file.replace(/\.ts$/, ".js"),
        external: true,
      }));
    },
  };
  const { outputFiles } = await build({
    ...CODE,
    entryPoints: ["src/**/*.ts"],
    outbase: path("."),
    outdir: folder,
    // What is left to bundle is the version of the package.
    packages: "external",
    plugins: [alone],
    sourcemap: "inline",
  });
  for (const file of outputFiles) {
    mkdirSync(dirname(file.path), { recursive: true });
    write(file);
  }
}

/** Never half: a program may be reading the file. */
function write({ path: file, contents }) {
  const part = `${file}.${process.pid}`;
  writeFileSync(part, contents);
  renameSync(part, file);
}

/** The bench starts its servers and runners as processes of their own. */
const BENCH = [
  ...["main", "bare", "receiver", "runner", "whole"],
  ...["server", "throttling-server", "lanes-server"],
];

if (basename(process.argv[1] ?? "") === "build.mjs") {
  const entries = BENCH.map((name) => `bench/${name}.ts`).concat(ENTRIES.slice(1));
  if (process.argv[2] === "bench") await bundle(entries, path("dist-bench"));
  else await bundle(ENTRIES, path("dist/cli"));
}
