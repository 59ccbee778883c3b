// Keeps what a command writes from going over what campaigns live on: the ledger, a manifest, its
// lists. Writes nothing itself.

import { closeSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";

import { OperatorError } from "../../domain/common/errors.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { ledgerAddress } from "../campaign/wiring.ts";
import type { GlobalOptions } from "../context.ts";
import { isStdout } from "./output.ts";
import { openProject } from "./project.ts";
import { statOf } from "./stats.ts";

/** A file that an option names, to be written. */
export interface OutputTarget {
  option: string;
  file: string | undefined;
}

/**
 * Throws when one of the files to be written is one that campaigns live on, or when two of them are
 * the same.
 * @param loaded the manifest that the command was given, if any
 */
export function refuseOwnFiles(
  targets: readonly OutputTarget[],
  options: GlobalOptions,
  loaded?: LoadedManifest,
): void {
  const own = ownFiles(options, loaded);
  const before: { option: string; file: string }[] = [];
  for (const { option, file } of targets) {
    if (isStdout(file)) continue;
    const hit = own.find((entry) => isSame(entry.file, file));
    if (hit !== undefined) {
      throw new OperatorError({
        message: `${option} ${file} would be written over ${hit.what}; nothing was written`,
        hint: "Choose another file.",
      });
    }
    const twin = before.find((entry) => isSame(entry.file, file));
    if (twin !== undefined) {
      throw new OperatorError({
        message: `${twin.option} and ${option} name the same file, ${file}; nothing was written`,
        hint: "Give each a file of its own.",
      });
    }
    before.push({ option, file });
  }
}

/**
 * Throws when a file that JSON lines are to be appended to is there and begins like something else.
 * @param option that names it
 */
export function requireJsonLines(option: string, file: string): void {
  const first = firstByteOf(file);
  if (first === undefined || first === "{") return;
  throw new OperatorError({
    message: `${option} ${file} is no log: something else stands in it, and would be spoilt`,
    hint: "Choose another file.",
  });
}

function ownFiles(
  options: GlobalOptions,
  loaded: LoadedManifest | undefined,
): { file: string; what: string }[] {
  const { envFiles, policy } = loaded?.project ?? openProject();
  const ledger = ledgerAddress(options, loaded);
  const own = ["", "-wal", "-shm"].map((end) => ({ file: ledger + end, what: "the ledger" }));
  for (const file of envFiles) own.push({ file, what: "the file of your secrets" });
  if (policy !== null) own.push({ file: policy.file, what: "the policy" });
  if (loaded === undefined) return own;
  const { manifest, folder } = loaded;
  own.push({ file: loaded.file, what: "the manifest" });
  const lists: [string | undefined, string][] = [
    [manifest.recipients.file, "the campaign's list of recipients"],
    ...manifest.suppress.files.map((file): [string, string] => [file, "a list of opt-outs"]),
    [manifest.rate_card, "the rate card"],
    [manifest.sandbox?.scenario, "the sandbox's scenario"],
  ];
  for (const [file, what] of lists) {
    if (file !== undefined) own.push({ file: resolve(folder, file), what });
  }
  return own;
}

/**
 * By what they are, not by their names: links, and disks that make no difference of capitals. A
 * device is not a file of ours.
 */
function isSame(left: string, right: string): boolean {
  const [a, b] = [statOf(left), statOf(right)];
  if (a !== undefined && b !== undefined) return a.isFile() && a.dev === b.dev && a.ino === b.ino;
  return a === undefined && b === undefined && resolve(left) === resolve(right);
}

/** Undefined when there is none, or no file of that name. */
function firstByteOf(file: string): string | undefined {
  if (statOf(file)?.isFile() !== true) return undefined;
  const handle = openSync(file, "r");
  try {
    const byte = Buffer.alloc(1);
    return readSync(handle, byte, 0, 1, 0) === 0 ? undefined : byte.toString("latin1");
  } finally {
    closeSync(handle);
  }
}
