// Questions at a terminal, one after the other, and what stands for them where nobody can answer.

import { createInterface } from "node:readline";
import { Writable } from "node:stream";

import type { Problem } from "../../domain/common/errors.ts";
import { interrupted, OperatorError } from "../../domain/common/errors.ts";
import { plain } from "../../domain/common/plain.ts";
import { fitted } from "../print/columns.ts";
import { say } from "../print/print.ts";
import { canAsk } from "../process/ask.ts";

/** What is left when a person ends the questions. */
const NOTHING_WRITTEN = "nothing was written";

/** One question. */
interface Question<T> {
  text: string;
  /** The option that answers it, such as `--list <file>`. */
  option: string;
  /** Taken when the answer is empty, and with --yes. */
  proposed?: string | undefined;
  /** The proposal may stand without a person: it is no guess. */
  isSure?: boolean;
  /** What an answer means; a problem is said, and asked about again. */
  read(answer: string): T | { problem: Problem };
  /** Not shown while it is typed. */
  isSecret?: boolean;
}

/** Asks, or takes what stands for an answer. */
export interface Questions {
  /** Ends with the questions: by Ctrl-C, or as the command does. */
  stop: AbortSignal;
  /**
   * @returns undefined where nobody can answer: `settle` then throws, with every such question
   * @throws OperatorError for a given answer that is wrong, and with exit code 75 after Ctrl-C
   */
  ask<T>(question: Question<T>, given?: string): Promise<T | undefined>;
  /** @throws OperatorError with every question that nobody could answer */
  settle(): void;
  close(): void;
}

/**
 * Begins to ask.
 * @param yes take every proposal
 */
export function startQuestions(stop: AbortSignal, yes: boolean): Questions {
  const isAsked = canAsk();
  const lines = isAsked ? openLines(stop) : undefined;
  const missing: Problem[] = [];
  return {
    stop: lines?.stop ?? stop,
    async ask(question, given) {
      const { proposed, isSure = false } = question;
      if (given !== undefined) return readOrThrow(question, given);
      if (proposed !== undefined && (yes || (isSure && lines === undefined))) {
        return readOrThrow(question, proposed);
      }
      if (lines === undefined) {
        missing.push(missingOf(question));
        return undefined;
      }
      const more = proposed === undefined || proposed === "" ? "" : ` [${proposed}]`;
      for (;;) {
        const typed = await lines.next(`${plain(question.text)}${plain(more)}:`, question);
        const read = question.read(typed === "" ? (proposed ?? "") : typed);
        if (!isProblem(read)) return read;
        const { message, hint = "" } = read.problem;
        say(`  ${message}. ${hint}`.trimEnd());
      }
    },
    settle() {
      if (missing.length > 0) throw new OperatorError(missing);
    },
    close: () => lines?.close(),
  };
}

function readOrThrow<T>(question: Question<T>, given: string): T {
  const read = question.read(given);
  if (!isProblem(read)) return read;
  throw new OperatorError({
    id: "usage",
    ...read.problem,
    message: `${question.option}: ${read.problem.message}`,
  });
}

function missingOf({ text, option, proposed }: Question<unknown>): Problem {
  const hint =
    proposed === undefined || proposed === ""
      ? `Give it by ${option}.`
      : `Give it by ${option}; "${proposed}" is proposed, and --yes takes what is proposed.`;
  return { id: "usage", message: `nobody can be asked here: ${text}`, hint };
}

function isProblem(read: unknown): read is { problem: Problem } {
  return typeof read === "object" && read !== null && "problem" in read;
}

interface Lines {
  stop: AbortSignal;
  next(prompt: string, question: { isSecret?: boolean }): Promise<string>;
  close(): void;
}

/** One reader for all questions, so that what is typed ahead is not lost. */
function openLines(stop: AbortSignal): Lines {
  const ended = new AbortController();
  let isShown = false;
  let isClosed = false;
  // What is typed between two questions, and a secret, is not echoed.
  const echo = new Writable({
    write(chunk, _encoding, done) {
      if (isShown) process.stderr.write(chunk);
      done();
    },
  });
  const reader = createInterface({ input: process.stdin, output: echo, terminal: true });
  process.stdin.on("error", () => {});
  const typed: string[] = [];
  let waiting: ((line: string) => void) | undefined;
  let fails: ((error: Error) => void) | undefined;
  reader.on("line", (line) => {
    if (waiting === undefined) typed.push(line);
    else waiting(line);
  });
  const end = () => {
    if (!isClosed) ended.abort();
    fails?.(interrupted(NOTHING_WRITTEN));
  };
  reader.once("close", end);
  stop.addEventListener("abort", end, { once: true });
  return {
    stop: AbortSignal.any([stop, ended.signal]),
    next(prompt, { isSecret = false }) {
      return new Promise((resolve, reject) => {
        if (ended.signal.aborted || stop.aborted) {
          reject(interrupted(NOTHING_WRITTEN));
          return;
        }
        isShown = true;
        reader.setPrompt(`${fitted(prompt, process.stderr)} `);
        reader.prompt();
        isShown = !isSecret;
        fails = (error) => {
          isShown = true;
          echo.write("\n");
          reject(error);
        };
        waiting = (line) => {
          if (isSecret) process.stderr.write("\n");
          isShown = false;
          waiting = undefined;
          fails = undefined;
          resolve(line.trim());
        };
        const ahead = typed.shift();
        if (ahead !== undefined) waiting(ahead);
      });
    },
    close() {
      isClosed = true;
      fails = undefined;
      reader.close();
      stop.removeEventListener("abort", end);
      // Ctrl-C is a signal again.
      process.stdin.pause();
    },
  };
}
