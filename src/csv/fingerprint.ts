// Tells whether a file changed. Never looks at what is in it.

import { createHash } from "node:crypto";
import { open, readdir, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { OperatorError } from "../errors.ts";
import type { Fingerprint } from "../ledger.ts";
import { nearest } from "../nearest.ts";

const CHUNK_BYTES = 1 << 20;
const NAMES_COMPARED_MAX = 1_000;
const NAMES_SHOWN_MAX = 5;

/**
 * Size and time of change; throws OperatorError when the file cannot be read. `shownAs` is the path
 * for messages.
 */
export async function statFingerprint(
  path: string,
  shownAs = path,
): Promise<Pick<Fingerprint, "size" | "modifiedMs">> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) throw directoryError(shownAs);
    if (!stats.isFile()) {
      throw new OperatorError({
        message: `${shownAs} is not a regular file`,
        hint: "it is read more than once, so save it to a file first",
        file: shownAs,
      });
    }
    return { size: stats.size, modifiedMs: stats.mtimeMs };
  } catch (error) {
    throw await readableError(error, path, shownAs);
  }
}

/**
 * Reads the whole file, in pieces; throws OperatorError when it cannot, or when it changes
 * meanwhile.
 */
export async function fingerprintFile(path: string, shownAs = path): Promise<Fingerprint> {
  const before = await statFingerprint(path, shownAs);
  const hash = createHash("sha256");
  for await (const chunk of readBytes(path, { shownAs })) hash.update(chunk);
  await assertUnchanged(path, shownAs, before);
  return { ...before, sha256: hash.digest("hex") };
}

/** Throws OperatorError when size or time of change differ from what they were. */
export async function assertUnchanged(
  path: string,
  shownAs: string,
  before: Pick<Fingerprint, "size" | "modifiedMs">,
): Promise<void> {
  const after = await statFingerprint(path, shownAs);
  if (after.size === before.size && after.modifiedMs === before.modifiedMs) return;
  throw new OperatorError({
    message: `${shownAs} changed while it was being read`,
    hint: "wait until whatever writes it is done, then run the same command again",
    file: shownAs,
  });
}

/**
 * The file's bytes from `start` on; each piece is a buffer of its own. Throws OperatorError when it
 * cannot be read.
 */
export async function* readBytes(
  path: string,
  options: { shownAs: string; start?: number; chunkBytes?: number },
): AsyncGenerator<Buffer> {
  const chunkBytes = options.chunkBytes ?? CHUNK_BYTES;
  try {
    const handle = await open(path, "r");
    try {
      let position = options.start ?? 0;
      for (;;) {
        const buffer = Buffer.allocUnsafeSlow(chunkBytes);
        const { bytesRead } = await handle.read(buffer, 0, chunkBytes, position);
        if (bytesRead === 0) return;
        position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw await readableError(error, path, options.shownAs);
  }
}

/**
 * An OperatorError for what the file system says of a file that is to be read; other errors stay
 * themselves.
 */
async function readableError(error: unknown, path: string, shownAs: string): Promise<unknown> {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return new OperatorError({
        message: `there is no file ${shownAs}`,
        hint: await nearbyHint(path),
        file: shownAs,
      });
    case "EISDIR":
      return directoryError(shownAs);
    case "EACCES":
    case "EPERM":
      return new OperatorError({
        message: `no permission to read ${shownAs}`,
        hint: "make it readable for the user who runs this command",
        file: shownAs,
      });
    case "EIO":
    case "EMFILE":
    case "ENFILE":
    case "ELOOP":
    case "ENAMETOOLONG":
      return new OperatorError({
        message: `${shownAs} cannot be read (${code})`,
        hint: "look at the disk and the path, then run the same command again",
        file: shownAs,
      });
    default:
      return error;
  }
}

function directoryError(shownAs: string): OperatorError {
  return new OperatorError({
    message: `${shownAs} is a folder, not a file`,
    hint: "write the path of the CSV file in it",
    file: shownAs,
  });
}

async function nearbyHint(path: string): Promise<string> {
  const names = await readdir(dirname(path)).catch(() => undefined);
  if (names === undefined) return "the folder it should be in does not exist either";
  const near = nearest(basename(path), names.slice(0, NAMES_COMPARED_MAX));
  if (near !== undefined) return `did you mean ${near}?`;
  const tables = names.filter((name) => /\.(?:csv|tsv|txt)$/i.test(name)).slice(0, NAMES_SHOWN_MAX);
  if (tables.length === 0) return "there is no CSV file in that folder";
  return `that folder has ${tables.join(", ")}`;
}
