// Writes the files of a new project: all of them or none, and never over a file that is there.

import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

import { OperatorError } from "../../domain/common/errors.ts";
import { shownPath } from "../files/shown-path.ts";

/** A file to be written. */
export interface NewFile {
  path: string;
  text: string;
  /** Only its owner may read it. */
  isSecret?: boolean;
}

/**
 * Refuses files that are there already.
 * @throws OperatorError with each of them
 */
export function refuseExisting(files: readonly { path: string; hint: string }[]): void {
  const there = files.filter(({ path }) => existsSync(path));
  if (there.length === 0) return;
  throw new OperatorError(
    there.map(({ path, hint }) => ({
      id: "file_exists",
      message: `${shownPath(path)} is there already, and is not written over`,
      hint,
    })),
  );
}

/**
 * Writes files, in their order. No signal is answered in between, and a fault takes back what was
 * written.
 * @throws OperatorError when one of them cannot be written, or appeared meanwhile
 */
export function writeNew(files: readonly NewFile[]): void {
  const undo: (() => void)[] = [];
  let at: string | undefined;
  try {
    for (const { path, text, isSecret = false } of files) {
      at = path;
      makeFolders(dirname(path), undo);
      writeOne(path, text, isSecret ? 0o600 : 0o644);
      undo.push(() => unlinkSync(path));
    }
  } catch (error) {
    for (const step of undo.reverse()) step();
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const hint =
      code === "EEXIST"
        ? "It appeared meanwhile. Begin again."
        : "Begin again in a folder that can be written to.";
    throw new OperatorError({
      message: `${shownPath(at ?? ".")} cannot be written (${code}); nothing was left behind`,
      hint,
    });
  }
}

/** File systems without hard links answer so. */
const NO_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];

function writeOne(path: string, text: string, mode: number): void {
  const part = `${path}.${process.pid}.part`;
  try {
    const handle = openSync(part, "wx", mode);
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    try {
      // Refuses where the name is taken, which a rename would not.
      linkSync(part, path);
    } catch (error) {
      if (!NO_LINKS.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      copyFileSync(part, path, constants.COPYFILE_EXCL);
    }
  } finally {
    rmSync(part, { force: true });
  }
}

function makeFolders(folder: string, undo: (() => void)[]): void {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder), undo);
  mkdirSync(folder);
  undo.push(() => rmdirSync(folder));
}
