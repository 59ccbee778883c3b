// One live line on a terminal, a plain line now and then elsewhere; always on stderr.

import { count, duration, plural } from "../../domain/common/numbers.ts";
import { plain } from "../../domain/common/plain.ts";
import type { Clock } from "../../domain/sending/pace.ts";
import { cut } from "./columns.ts";
import { isNamed, mustBeQuiet, say, timed } from "./print.ts";

/** A terminal's line is drawn this often … */
const LIVE_MS = 200;
/** … and a log file or cron's mail gets a line this often. */
const PLAIN_MS = 15_000;

export interface ProgressLine {
  /** Writes a line above the live one. */
  say(line: string): void;
  /** Takes the live line away. */
  end(): void;
}

/**
 * Draws the text that `text` returns until `end`; where no terminal shows it, lines with the time
 * at their head. Of several works side by side none is drawn.
 * @param text the line now; an empty string draws nothing
 */
export function startProgress(text: () => string): ProgressLine {
  if (isNamed()) return { say, end() {} };
  const stream = process.stderr;
  const live = stream.isTTY === true && !mustBeQuiet();
  let drawn = false;
  const clear = () => {
    if (drawn) stream.write("\r\x1b[2K");
    drawn = false;
  };
  const draw = () => {
    const line = plain(text());
    if (line === "") return clear();
    if (!live) return say(timed(line));
    const width = Math.max(20, (stream.columns || 80) - 1);
    stream.write(`\r\x1b[2K${cut(line, width)}`);
    drawn = true;
  };
  const timer = setInterval(draw, live ? LIVE_MS : PLAIN_MS);
  timer.unref();
  return {
    say(line) {
      clear();
      say(live ? line : timed(line));
    },
    end() {
      clearInterval(timer);
      clear();
    },
  };
}

/**
 * The line while a CSV is gone through: rows, part of the file, rate and time left.
 * @param what such as `planning`
 * @param sizeBytes of the file
 * @param one what a row is called
 */
export function readingLine(
  what: string,
  sizeBytes: number,
  clock: Clock,
  one = "row",
): { text(): string; at(rows: number, bytes: number): void } {
  const from = clock.monotonic();
  let rows = 0;
  let bytes = 0;
  return {
    text() {
      if (rows === 0) return "";
      const elapsedMs = Math.max(1, clock.monotonic() - from);
      const part = Math.min(1, bytes / Math.max(1, sizeBytes));
      const left = part === 0 ? "" : ` · ${duration((elapsedMs / part) * (1 - part))} left`;
      return `${what}: ${plural(rows, one)} · ${Math.floor(part * 100)}% · ${count((rows / elapsedMs) * 1000)}/s${left}`;
    },
    at(rowsNow, bytesNow) {
      rows = rowsNow;
      bytes = bytesNow;
    },
  };
}
