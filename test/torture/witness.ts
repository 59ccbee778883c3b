// Builds the witness of the disk (disk.c) where there is a C compiler; the torture does without it
// where there is none.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const COMPILE_MS_MAX = 60_000;
const COMPILER = process.env.CC ?? "cc";

/** The variables that put the witness before a run, for a folder of copies. */
export type Witness = (folder: string) => Record<string, string>;

/**
 * Compiles the witness into `folder`.
 * @returns why not, as a sentence, when it cannot be had
 */
export function buildWitness(folder: string): Witness | string {
  if (process.platform !== "linux") return "The witness of the disk is for Linux only.";
  const library = join(folder, "disk.so");
  const source = resolve(import.meta.dirname, "disk.c");
  const compiled = spawnSync(COMPILER, ["-O1", "-shared", "-fPIC", "-o", library, source, "-ldl"], {
    encoding: "utf8",
    timeout: COMPILE_MS_MAX,
  });
  if (compiled.error !== undefined) return "There is no C compiler for the witness of the disk.";
  if (compiled.status !== 0) return `The witness of the disk did not compile: ${compiled.stderr}`;
  return (copies) => {
    writeFileSync(join(copies, "current"), join(copies, "disk"));
    return { LD_PRELOAD: library, CRASH_DISK: copies };
  };
}
