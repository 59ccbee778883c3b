// Where exports go: stdout or a file. A file that cannot be written is the operator's mistake; a reader that went away
// (`| head`) is nobody's.

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import type { Writable } from "node:stream";

import { OperatorError } from "../errors.ts";

export interface Output {
  /** Writes text; false when nobody reads any more. Waits while the reader is behind. */
  write(text: string): Promise<boolean>;
  /** Resolves when everything is written. */
  end(): Promise<void>;
}

/**
 * Opens a file (mode 0600, replaced when it is there) or, without a name, stdout.
 * @throws OperatorError when the file cannot be written
 */
export async function openOutput(file: string | undefined): Promise<Output> {
  if (file === undefined) return outputTo(process.stdout, async () => {});
  const stream = createWriteStream(file, { mode: 0o600 });
  try {
    await once(stream, "open");
  } catch (error) {
    throw unwritable(file, error);
  }
  return outputTo(stream, async () => {
    stream.end();
    try {
      await once(stream, "finish");
    } catch (error) {
      throw unwritable(file, error);
    }
  });
}

function outputTo(stream: Writable, end: () => Promise<void>): Output {
  let isGone = false;
  stream.on("error", () => {
    isGone = true;
  });
  return {
    async write(text) {
      if (isGone) return false;
      if (!stream.write(text))
        await Promise.race([once(stream, "drain"), once(stream, "close")]).catch(() => {});
      return !isGone;
    },
    end,
  };
}

function unwritable(file: string, error: unknown): OperatorError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  const hint = code === "ENOENT" ? "Make its folder first." : "Choose another file.";
  return new OperatorError({ message: `${file} cannot be written (${code})`, hint });
}
