// The sandbox's append-only log of what it received and what came of it: JSON lines, each on disk's
// doorstep before the answer to it goes out. It is the proof of every test, so it never forgets and
// never changes a line.

import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

import type { AcceptedEvent, LogEntry, LogEvent } from "./log-events.ts";

/** How much of the end of an existing log is read at a time to find its last line, in bytes. */
const TAIL_CHUNK = 65_536;
/** How much of a log is read at a time by its readers, in bytes. */
const READ_CHUNK = 1_048_576;
/**
 * Most lines that wait for each other. Without it the answers to hundreds of requests go out at
 * once, and sender and sandbox take turns at working instead of working side by side.
 */
const MAX_BATCH = 8;
const NEWLINE = 0x0a;

/** An entry with the rest of its line: `body` is JSON text, put into the line as it is. */
interface BodiedEntry {
  entry: LogEntry;
  body: string;
}

export interface SandboxLog {
  readonly boot: string;
  /** True when the log ends with a sandbox that had reported its webhook everything. */
  readonly isReportedAll: boolean;
  /** The number of the next line; unique with `boot`, so message ids are made from it. */
  nextSeq(): number;
  /**
   * Takes a line and calls back when it is written, at the end of this turn of the event loop or
   * before: what arrives together costs one call to the system. `isWritten` is false when the disk
   * refused; then what the line says must not happen.
   */
  append(line: BodiedEntry, done: (isWritten: boolean) => void): void;
  /**
   * Writes lines at once, in one call to the system, and gives their numbers. Throws when they
   * could not be written.
   */
  write(lines: (LogEntry | BodiedEntry)[]): number[];
  /** Writes what is waiting, then closes. */
  close(): void;
}

/**
 * Opens the log for appending, with mode 0600, and goes on with the sequence numbers that it has.
 */
export function openSandboxLog(file: string): SandboxLog {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const flags = constants.O_APPEND | constants.O_CREAT | constants.O_RDWR;
  const descriptor = openSync(file, flags, 0o600);
  // The mode above counts for a new file only; a device such as /dev/null is not ours to change.
  if (fstatSync(descriptor).isFile()) fchmodSync(descriptor, 0o600);
  const tail = readTail(descriptor);
  const boot = randomBytes(6).toString("base64url");
  let seq = (tail.last?.seq ?? 0) + 1;
  let isTorn = tail.isTorn;
  let isOpen = true;

  let waiting = "";
  let whenWritten: ((isWritten: boolean) => void)[] = [];

  function writeText(lines: string): void {
    // The system gives a closed descriptor's number to the next file that is opened.
    if (!isOpen) throw new Error("the sandbox's log is closed");
    // A line that a crash or a full disk cut off is ended first, so that it spoils no other.
    const bytes = Buffer.from(isTorn ? `\n${lines}` : lines);
    isTorn = true;
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(descriptor, bytes, written);
    }
    isTorn = false;
  }

  function flush(): void {
    if (whenWritten.length === 0) return;
    const lines = waiting;
    const callbacks = whenWritten;
    waiting = "";
    whenWritten = [];
    let isWritten = true;
    try {
      writeText(lines);
    } catch {
      isWritten = false;
    }
    for (const done of callbacks) done(isWritten);
  }

  // A number is used up even when writing fails: part of the line may be on disk.
  return {
    boot,
    isReportedAll: tail.last?.event === "ended" && tail.last.pending === 0,
    nextSeq: () => seq,
    append({ entry, body }, done) {
      if (whenWritten.length === 0) setImmediate(flush);
      waiting += lineOf(seq++, entry, body);
      whenWritten.push(done);
      if (whenWritten.length >= MAX_BATCH) flush();
    },
    write(lines) {
      // Numbers rise along the file, so what has one already goes first.
      flush();
      const first = seq;
      const texts = lines.map((line) =>
        "entry" in line ? lineOf(seq++, line.entry, line.body) : lineOf(seq++, line, undefined),
      );
      writeText(texts.join(""));
      return lines.map((_, index) => first + index);
    },
    close() {
      flush();
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}

/**
 * Every event of a log, oldest first; lines that a crash cut off are passed over. Keeps one chunk
 * in memory. With `lastBytes` only the end of a longer log is read.
 */
export function* sandboxLogEvents(
  file: string,
  lastBytes = Number.POSITIVE_INFINITY,
): Generator<LogEvent> {
  const descriptor = openSync(file, "r");
  try {
    const chunk = Buffer.alloc(READ_CHUNK);
    let rest = Buffer.alloc(0);
    // A line that is cut in two here is passed over as one that a crash cut off.
    let position = Math.max(0, fstatSync(descriptor).size - lastBytes);
    for (;;) {
      const size = readSync(descriptor, chunk, 0, READ_CHUNK, position);
      if (size === 0) break;
      position += size;
      const bytes = Buffer.concat([rest, chunk.subarray(0, size)]);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      rest = bytes.subarray(end);
      for (const line of bytes.toString("utf8", 0, end).split("\n")) {
        const event = parseLine(line);
        if (event !== undefined) yield event;
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Every event of a log at once; for logs that fit into memory. */
export function readSandboxLog(file: string): LogEvent[] {
  return [...sandboxLogEvents(file)];
}

/**
 * The accepted messages of each recipient, by E.164 with `+`. Promise 1 is that no list is longer
 * than 1.
 */
export function acceptedByNumber(events: Iterable<LogEvent>): Map<string, AcceptedEvent[]> {
  const accepted = new Map<string, AcceptedEvent[]>();
  for (const event of events) {
    if (event.event !== "accepted" || event.to === null) continue;
    const earlier = accepted.get(event.to);
    if (earlier === undefined) accepted.set(event.to, [event]);
    else earlier.push(event);
  }
  return accepted;
}

function lineOf(seq: number, entry: LogEntry, body: string | undefined): string {
  const head = JSON.stringify({ seq, ...entry });
  return body === undefined ? `${head}\n` : `${head.slice(0, -1)},"body":${body}}\n`;
}

function parseLine(line: string): LogEvent | undefined {
  if (line === "") return undefined;
  try {
    const data: unknown = JSON.parse(line);
    const isEvent = typeof data === "object" && data !== null && "event" in data && "seq" in data;
    return isEvent ? (data as LogEvent) : undefined;
  } catch {
    // Cut off by a crash or a full disk: its answer never went out.
    return undefined;
  }
}

/** Reads backwards until a whole line is found; a log of any size costs a chunk or two. */
function readTail(descriptor: number): { last: LogEvent | undefined; isTorn: boolean } {
  const { size } = fstatSync(descriptor);
  let tail = Buffer.alloc(0);
  let isTorn = false;
  for (let start = size; start > 0; ) {
    const length = Math.min(TAIL_CHUNK, start);
    start -= length;
    const chunk = Buffer.alloc(length);
    readSync(descriptor, chunk, 0, length, start);
    if (start + length === size) isTorn = chunk[length - 1] !== NEWLINE;
    tail = Buffer.concat([chunk, tail]);
    const lines = tail.toString("utf8").split("\n");
    // What precedes the first line break may be the end of a longer line.
    const firstWhole = start === 0 ? 0 : 1;
    for (let index = lines.length - 1; index >= firstWhole; index -= 1) {
      const event = parseLine(lines[index] as string);
      if (event !== undefined) return { last: event, isTorn };
    }
  }
  return { last: undefined, isTorn };
}
