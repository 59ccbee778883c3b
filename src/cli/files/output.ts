// Where exports go: stdout or a file. A file has its name only once it is whole; until then it lies
// beside, under another. A file that cannot be written is the operator's mistake; a reader that
// went away (`| head`) is nobody's.

import { once } from "node:events";
import { closeSync, constants, createWriteStream, openSync, statSync, unlinkSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open, realpath, rename, stat, unlink } from "node:fs/promises";
import type { Writable } from "node:stream";
import { isatty } from "node:tty";

import { OperatorError } from "../../domain/common/errors.ts";
import { makeCsvWriter, writtenOut } from "../../domain/common/plain.ts";

/** Text is gathered up to so many characters before it is written. */
const GATHERED_MAX = 256 * 1024;

export interface Output {
  /** Writes text; false when the reader went away. Waits while the reader is behind. */
  write(text: string): Promise<boolean>;
  /** The same of bytes, which nothing is changed in. */
  writeBytes(bytes: Uint8Array): Promise<boolean>;
  /** Resolves when everything is written, on the disk and under its name. */
  end(): Promise<void>;
  /** Leaves nothing under the name, or what was there before. */
  discard(): Promise<void>;
}

/** True when this name stands for stdout: `-`, or none. */
export function isStdout(file: string | undefined): file is "-" | undefined {
  return file === undefined || file === "-";
}

/**
 * Two documents on one stdout could not be distinguished.
 * @param files option, without its dashes → the file that it names
 * @throws OperatorError when more than one of them, or one beside --json, is stdout
 */
export function requireOneStdout({
  json,
  ...files
}: { json?: boolean | undefined } & Record<string, unknown>): void {
  const there = Object.entries(files).filter(([, file]) => file === "-");
  const names = [...there.map(([name]) => `--${name} -`), ...(json ? ["--json"] : [])];
  if (names.length < 2) return;
  throw new OperatorError({
    id: "usage",
    message: `only one thing can go to stdout, and these would: ${names.join(", ")}`,
    hint: "Give the others the names of files.",
  });
}

/** @throws OperatorError when a workbook would go to stdout, where nobody could read it */
export function refuseWorkbookOnStdout(file: string | undefined): void {
  if (file !== "-") return;
  throw new OperatorError({
    id: "usage",
    message: "--xlsx - would write a workbook to stdout",
    hint: "Give it the name of a file, such as rows.xlsx.",
  });
}

/** What is written: only of a CSV a terminal is shown which line breaks are of a cell. */
export type OutputKind = "csv" | "text";

/**
 * Opens a file (mode 0600, replaced when it is there and the new one is whole) or, for `-` and
 * without a name, stdout. Files and pipes get every byte as it is; a terminal gets what would steer
 * it written out.
 * @throws OperatorError when the file cannot be written
 */
export async function openOutput(
  file: string | undefined,
  kind: OutputKind = "text",
): Promise<Output> {
  if (isStdout(file)) return stdoutFor(kind);
  const place = await placeOf(file);
  // A pipe or a device has nothing beside it, and is never half a file.
  if (!place.isFile) return openStream(file, kind);
  const part = `${place.path}.${process.pid}.part`;
  let handle: FileHandle;
  try {
    handle = await open(part, "w", 0o600);
  } catch (error) {
    throw unwritable(file, error);
  }
  return outputBeside(handle, { file, path: place.path, part });
}

/** Opens an output, lets `work` write it, and ends it; when `work` fails, nothing is left. */
export async function writeOutput<T>(
  file: string | undefined,
  work: (output: Output) => Promise<T>,
  kind: OutputKind = "text",
): Promise<T> {
  const output = await openOutput(file, kind);
  try {
    const result = await work(output);
    await output.end();
    return result;
  } catch (error) {
    await output.discard();
    throw error;
  }
}

function stdoutFor(kind: OutputKind): Output {
  const output = outputTo(process.stdout, "stdout");
  return process.stdout.isTTY ? onTerminal(output, kind) : output;
}

function onTerminal(output: Output, kind: OutputKind): Output {
  const shown = kind === "csv" ? makeCsvWriter() : writtenOut;
  return { ...output, write: (text) => output.write(shown(text)) };
}

function outputBeside(
  handle: FileHandle,
  { file, path, part }: { file: string; path: string; part: string },
): Output {
  let gathered = "";
  let isOpen = true;
  // A second signal ends the process at once.
  const removeAtExit = () => {
    try {
      unlinkSync(part);
    } catch {
      // Gone already.
    }
  };
  process.once("exit", removeAtExit);
  const flush = async () => {
    const text = gathered;
    gathered = "";
    try {
      await handle.writeFile(text);
    } catch (error) {
      throw unwritable(file, error);
    }
  };
  return {
    async write(text) {
      gathered += text;
      if (gathered.length >= GATHERED_MAX) await flush();
      return true;
    },
    async writeBytes(bytes) {
      await flush();
      try {
        await handle.writeFile(bytes);
      } catch (error) {
        throw unwritable(file, error);
      }
      return true;
    },
    async end() {
      await flush();
      try {
        // The name must not lead to an empty file after a power cut.
        await handle.sync();
        await handle.close();
        isOpen = false;
        await rename(part, path);
      } catch (error) {
        throw unwritable(file, error);
      }
      process.off("exit", removeAtExit);
    },
    async discard() {
      process.off("exit", removeAtExit);
      if (isOpen) await handle.close().catch(() => {});
      isOpen = false;
      await unlink(part).catch(() => {});
    },
  };
}

/** Where a file really is, behind links; whether it is one, or will be. */
async function placeOf(file: string): Promise<{ path: string; isFile: boolean }> {
  try {
    const path = await realpath(file);
    const known = await stat(path);
    if (known.isDirectory()) throw unwritable(file, "EISDIR");
    return { path, isFile: known.isFile() };
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    // What is there and has no path of its own, such as a pipe behind /dev/stdout, must not be
    // replaced by a file.
    const isThere = await stat(file).then(
      () => true,
      () => false,
    );
    return { path: file, isFile: !isThere };
  }
}

async function openStream(file: string, kind: OutputKind): Promise<Output> {
  const release = requireReader(file, file);
  const stream = createWriteStream(file);
  try {
    await once(stream, "open");
  } catch (error) {
    throw unwritable(file, error);
  } finally {
    release();
  }
  const output = outputTo(stream, file);
  // /dev/tty, or /dev/stdout before a terminal.
  const { fd } = stream as unknown as { fd: number };
  return isatty(fd) ? onTerminal(output, kind) : output;
}

/**
 * Refuses a named pipe that no other program reads: to open one waits without an end, and not even
 * a signal ends that.
 * @param shownAs what the message calls it
 * @returns what to call once the pipe is open, so that its reader does not see an end before
 */
export function requireReader(file: string, shownAs: string): () => void {
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isFIFO() !== true) return () => {};
    const held = openSync(file, constants.O_WRONLY | constants.O_NONBLOCK);
    return () => closeSync(held);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENXIO") throw unwritable(shownAs, error);
    throw new OperatorError({
      message: `${shownAs} is a pipe that no program reads from`,
      hint: "Start its reader first, or choose another file.",
    });
  }
}

function outputTo(stream: Writable, file: string): Output {
  let fault: NodeJS.ErrnoException | undefined;
  const failed = (error: Error | null | undefined) => {
    fault ??= error ?? undefined;
  };
  stream.on("error", failed);
  /**
   * Only a reader that went away is nobody's mistake: on a full disk half a result must not pass
   * for a whole one.
   */
  const isRead = () => {
    if (fault === undefined) return true;
    if (isReaderGone(fault, stream)) return false;
    throw unwritable(file, fault);
  };
  const settled = (begin: (done: (error?: Error | null) => void) => void) =>
    new Promise<void>((resolve) => {
      begin((error) => {
        failed(error);
        resolve();
      });
    });
  const write = async (piece: string | Uint8Array) => {
    if (isRead()) await settled((done) => stream.write(piece, done));
    return isRead();
  };
  return {
    write,
    writeBytes: write,
    async end() {
      if (stream === process.stdout) stream.off("error", failed);
      else await settled((done) => stream.end(done));
      isRead();
    },
    async discard() {
      if (stream === process.stdout) stream.off("error", failed);
      else stream.destroy();
    },
  };
}

/** Whether nothing reads an output any more: a pipe (`| head`) or a terminal that was closed. */
export function isReaderGone({ code }: NodeJS.ErrnoException, stream: Writable): boolean {
  if (code === "EPIPE" || code === "ERR_STREAM_DESTROYED") return true;
  // Of a file it is a broken disk.
  return code === "EIO" && "isTTY" in stream && stream.isTTY === true;
}

function unwritable(file: string, error: unknown): OperatorError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  const hints: Record<string, string> = {
    ENOENT: "Make its folder first.",
    ENOSPC: "The disk is full: make room, or choose another one.",
  };
  const hint = hints[code] ?? "Choose another file.";
  return new OperatorError({ message: `${file} cannot be written (${code})`, hint });
}
