// Where everything that this program says goes: data to stdout, words to stderr. The only place
// that writes to either, so that no text that another party wrote can steer a terminal.

import { AsyncLocalStorage } from "node:async_hooks";
import { fstatSync } from "node:fs";
import { printable, writtenOut } from "../../domain/common/plain.ts";
import { fitted } from "./columns.ts";
import type { Tone } from "./tone.ts";
import { toned } from "./tone.ts";

let isQuiet = false;
let waiting: string | null = null;

/** The name of the work that says something, where several are done side by side. */
const workName = new AsyncLocalStorage<string>();

/** Puts a name before every line that `work` says, so that lines of work beside it differ. */
export function underName<T>(name: string, work: () => Promise<T>): Promise<T> {
  return workName.run(name, work);
}

/** Whether other work may be saying something beside this. */
export function isNamed(): boolean {
  return workName.getStore() !== undefined;
}

/** From here on only what is bad is said, and only a document printed. */
export function beQuiet(): void {
  isQuiet = true;
}

/** Whether only what is bad is said. */
export function mustBeQuiet(): boolean {
  return isQuiet;
}

/** Says a line before the next one, and never where nothing follows. */
export function sayBeforeNext(line: string): void {
  waiting = line;
}

/** Takes back a line that was to be said before the next one. */
export function takeBack(): void {
  waiting = null;
}

/** Prints a line, or several, on stdout; at a terminal broken between words. */
export function print(lines: string): void {
  if (isQuiet) return;
  process.stdout.write(`${fitted(printable(lines), process.stdout)}\n`);
}

/**
 * Says a line, or several, on stderr; at a terminal broken between words.
 * @param tone of the first line
 */
export function say(lines: string, tone: Tone = "plain"): void {
  if (isQuiet && tone !== "bad") return;
  const before = waiting === null ? [] : [waiting];
  waiting = null;
  const name = workName.getStore();
  const [first = "", ...rest] = writtenOut([...before, lines].join("\n"))
    .split("\n")
    .map((line) => (name === undefined ? line : named(name, line)));
  const head = toned(first, tone, process.stderr);
  process.stderr.write(`${fitted([head, ...rest].join("\n"), process.stderr)}\n`);
}

function named(name: string, line: string): string {
  const whose = `${name}: ${line}`;
  return isLogged() ? timed(whose) : whose;
}

/** A line of a log: its time in ISO 8601 UTC, and what happened. */
export function timed(line: string): string {
  return `${new Date().toISOString().slice(0, 19)}Z ${line}`;
}

/** Says what a person should know and what stops nothing. */
export function warn(sentence: string): void {
  say(`warning: ${sentence}`, "doubt");
}

let isJsonWanted = false;
let isDocumentPrinted = false;

/**
 * Begins the output of a command.
 * @param output.isJson `--json` was given: `needsDocument` is true until a document is printed
 */
export function startOutput({ isJson }: { isJson: boolean }): void {
  isQuiet = false;
  waiting = null;
  isJsonWanted = isJson;
  isDocumentPrinted = false;
}

/** Whether --json was given. */
export function isJson(): boolean {
  return isJsonWanted;
}

/** Whether stdout still has to get the one document that --json asks for. */
export function needsDocument(): boolean {
  return isJsonWanted && !isDocumentPrinted;
}

/** Says that the command writes the one document itself, in pieces. */
export function documentBegins(): void {
  isDocumentPrinted = true;
}

/**
 * Prints the one JSON document of a command on stdout.
 * @param indent spaces; 0 for all of it on one line
 */
export function printJson(document: unknown, indent = 2): void {
  isDocumentPrinted = true;
  process.stdout.write(`${printable(JSON.stringify(document, null, indent))}\n`);
}

/** Whether no terminal shows what is said: cron, a service, a pipe. */
export function isLogged(): boolean {
  return process.stdout.isTTY !== true && process.stderr.isTTY !== true;
}

/**
 * Whether stdout and stderr are one file (`>> cron.log 2>&1`): what both say would stand there
 * twice.
 */
export function areStreamsOne(): boolean {
  try {
    const [out, err] = [fstatSync(1), fstatSync(2)];
    return out.dev === err.dev && out.ino === err.ino;
  } catch {
    return false;
  }
}

/** Calls back once everything printed so far is written, or cannot be. */
export function whenPrinted(act: () => void): void {
  process.stdout.write("", () => act());
}
