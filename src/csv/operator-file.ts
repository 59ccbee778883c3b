// Opens the files that the operator names, of every kind: a regular file that can be read, or a
// sentence on what it is instead. A pipe or a device is never waited for.

import type { Stats } from "node:fs";
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
} from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open, stat } from "node:fs/promises";
import { basename, dirname, extname } from "node:path";
import { OperatorError } from "../domain/common/errors.ts";
import { nearest } from "../domain/common/nearest.ts";

/**
 * Should a pipe take the place of the file between the look and the opening, the opening does not
 * wait for a writer.
 */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const CHUNK_BYTES = 64 * 1024;
const NAMES_COMPARED_MAX = 1_000;
const NAMES_SHOWN_MAX = 5;
const KIB = 1024;
const MIB = 1024 * KIB;

/** What is wrong with a file, without its name: `there is no such file`. */
export interface FileFault {
  message: string;
  hint: string;
}

/**
 * Size and time of change of a regular file. `shownAs` is the path for messages.
 * @throws OperatorError for what is not a file, or cannot be looked at
 */
export async function statFile(path: string, shownAs: string): Promise<Stats> {
  try {
    const stats = await stat(path);
    refuseOther(stats);
    return stats;
  } catch (error) {
    throw fileError(error, path, shownAs);
  }
}

/**
 * Opens a regular file for reading; the caller closes it.
 * @throws OperatorError for what is not a file, or cannot be opened
 */
async function openFile(path: string, shownAs: string): Promise<FileHandle> {
  await statFile(path, shownAs);
  try {
    const handle = await open(path, FLAGS);
    try {
      refuseOther(await handle.stat());
    } catch (error) {
      await handle.close();
      throw error;
    }
    return handle;
  } catch (error) {
    throw fileError(error, path, shownAs);
  }
}

/**
 * The file's bytes from `start` on; each piece is a buffer of its own.
 * @throws OperatorError when it cannot be read
 */
export async function* readBytes(
  path: string,
  options: { shownAs: string; start?: number; chunkBytes?: number },
): AsyncGenerator<Buffer> {
  const { shownAs, start = 0, chunkBytes = MIB } = options;
  const handle = await openFile(path, shownAs);
  try {
    for (let position = start; ; ) {
      const buffer = Buffer.allocUnsafeSlow(chunkBytes);
      const { bytesRead } = await handle
        .read(buffer, 0, chunkBytes, position)
        .catch((error: unknown) => {
          throw fileError(error, path, shownAs);
        });
      if (bytesRead === 0) return;
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/**
 * All bytes of a small regular file, at once. It reads no more than `maxBytes` and one more,
 * whatever size the file claims.
 * @param what it must be, for a file that is too large: `a manifest`
 * @throws OperatorError for what is not a file, is too large, or cannot be read
 */
export function readSmallFile(
  path: string,
  options: { shownAs: string; maxBytes: number; what: string },
): Buffer {
  const { shownAs, maxBytes, what } = options;
  try {
    refuseOther(statSync(path));
    const descriptor = openSync(path, FLAGS);
    try {
      refuseOther(fstatSync(descriptor));
      const bytes = readUpTo(descriptor, maxBytes + 1);
      if (bytes.length > maxBytes) throw new FileFaultError(tooLarge(maxBytes, what));
      return bytes;
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw fileError(error, path, shownAs);
  }
}

/**
 * What a failed call of the file system means for the operator; any other error comes back as it
 * is.
 */
function fileError(error: unknown, path: string, shownAs: string): unknown {
  if (error instanceof OperatorError) return error;
  const fault = faultOf(error, path);
  return fault === undefined ? error : new OperatorError({ ...fault, file: shownAs });
}

/** The fault of a file that should be regular and readable; undefined for one that is. */
export function fileFault(path: string): FileFault | undefined {
  try {
    refuseOther(statSync(path));
    closeSync(openSync(path, FLAGS));
    return undefined;
  } catch (error) {
    const fault = faultOf(error, path);
    if (fault === undefined) throw error;
    return fault;
  }
}

/** Carries a fault from where it is found to where the file's name is known. */
class FileFaultError extends Error {
  override readonly name = "FileFaultError";
  readonly fault: FileFault;
  constructor(fault: FileFault) {
    super(fault.message);
    this.fault = fault;
  }
}

function refuseOther(stats: Stats): void {
  if (stats.isFile()) return;
  throw new FileFaultError(stats.isDirectory() ? FOLDER : otherThanFile(kindOf(stats)));
}

function kindOf(stats: Stats): string {
  if (stats.isFIFO()) return "a pipe";
  if (stats.isSocket()) return "a socket";
  return "a device";
}

const FOLDER: FileFault = {
  message: "this is a folder, not a file",
  hint: "Write the path of the file in it.",
};

function otherThanFile(kind: string): FileFault {
  return {
    message: `this is ${kind}, not a regular file`,
    hint: "Save its content to a file first: it may be read more than once.",
  };
}

function tooLarge(maxBytes: number, what: string): FileFault {
  const limit = maxBytes >= MIB ? `${maxBytes / MIB} MiB` : `${maxBytes / KIB} KiB`;
  return {
    message: `the file is larger than ${limit}: it cannot be ${what}`,
    hint: "Give the right file, or split this one.",
  };
}

function faultOf(error: unknown, path: string): FileFault | undefined {
  if (error instanceof FileFaultError) return error.fault;
  const { code, syscall } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return { message: "there is no such file", hint: nearbyHint(path) };
    case "EISDIR":
      return FOLDER;
    case "ENXIO":
      return otherThanFile("a socket or device");
    case "EACCES":
    case "EPERM":
      return {
        message: "no permission to read the file",
        hint: "Make it readable for the user who runs this command.",
      };
    case "ELOOP":
      return {
        message: "the path leads in a circle of symbolic links",
        hint: "Write the path of the file itself.",
      };
    case "ENAMETOOLONG":
      return { message: "the path is too long", hint: "Write a shorter one." };
    case "ERR_INVALID_ARG_VALUE":
      return { message: "the path has a NUL character", hint: "Write the path again." };
    default:
      if (code === undefined || syscall === undefined) return undefined;
      return {
        message: `the file cannot be read (${code})`,
        hint: "Look at the disk and the path, then run the same command again.",
      };
  }
}

function readUpTo(descriptor: number, maxBytes: number): Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  while (length < maxBytes) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, maxBytes - length));
    const size = readSync(descriptor, chunk, 0, chunk.length, null);
    if (size === 0) break;
    chunks.push(chunk.subarray(0, size));
    length += size;
  }
  return Buffer.concat(chunks);
}

/** The nearest name in the folder, else the files of the same ending in it. */
function nearbyHint(path: string): string {
  let names: string[];
  try {
    names = readdirSync(dirname(path)).slice(0, NAMES_COMPARED_MAX);
  } catch {
    return "The folder it should be in does not exist either.";
  }
  const near = nearest(basename(path), names);
  if (near !== undefined) return `Did you mean ${near}?`;
  const ending = extname(path).toLowerCase();
  const alike = names.filter((name) => ending !== "" && extname(name).toLowerCase() === ending);
  if (alike.length === 0) return "Check the path.";
  return `That folder has ${alike.slice(0, NAMES_SHOWN_MAX).join(", ")}.`;
}
