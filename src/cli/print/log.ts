// The log: pino, to stderr or a file; tokens and phone numbers masked in every line.

import type { Logger } from "pino";
import pino from "pino";

import { OperatorError } from "../../domain/common/errors.ts";
import type { GlobalOptions } from "../context.ts";
import { requireReader } from "../files/output.ts";
import { requireJsonLines } from "../files/own-files.ts";
import { redactOwn } from "./redact.ts";

export type Log = Logger;

/**
 * Opens the log.
 * @param options.file appended to; left out: stderr
 * @param options.level on stderr the default is `error`, since progress and summary say the rest;
 * in a file `debug`
 * @throws OperatorError when the file is something else, or cannot be written
 */
export function openLog(options: {
  file?: string | undefined;
  level?: string | undefined;
}): Logger {
  const level = options.level ?? (options.file === undefined ? "error" : "debug");
  if (options.file !== undefined) requireJsonLines("--log-file", options.file);
  const release = requireReader(options.file ?? "", `--log-file ${options.file}`);
  const destination = destinationOf(options.file);
  release();
  const log = pino(
    { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    // Masked as text, after everything was put in: no field can be forgotten.
    { write: (line: string) => void destination.write(maskLine(line)) },
  );
  if (options.file !== undefined) files.set(log, destination);
  return log;
}

const files = new WeakMap<Log, ReturnType<typeof pino.destination>>();

/** Closes the file of a log, which a process that opens many must; stderr stays open. */
export function closeLog(log: Log): void {
  files.get(log)?.end();
}

/**
 * Opens the log of a server. A person at a terminal reads where it listens and what goes wrong; a
 * service manager keeps what happens.
 * @throws OperatorError when the file is something else, or cannot be written
 */
export function openServerLog({ logFile: file, logLevel }: GlobalOptions): Logger {
  const isRead = file === undefined && process.stderr.isTTY === true;
  return openLog({ file, level: logLevel ?? (isRead ? "warn" : "info") });
}

function destinationOf(file: string | undefined): ReturnType<typeof pino.destination> {
  try {
    const destination = pino.destination({ dest: file ?? 2, sync: true, mode: 0o600 });
    // A closed terminal or a full disk below the log is no reason to stop.
    destination.on("error", () => {});
    return destination;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new OperatorError({
      message: `--log-file ${file} cannot be written (${code})`,
      hint: "Make its folder first, or choose another file.",
    });
  }
}

/** The time stamp of a line looks like digits in a row as well, and stays. */
function maskLine(line: string): string {
  const stamp = /^\{"level":\d+,"time":"[^"]+","pid":\d+/.exec(line)?.[0] ?? "";
  return stamp + redactOwn(line.slice(stamp.length));
}
