// The operator's mistakes, as data: what is wrong, where, and what to do. Never a bug, never a
// network answer.

/**
 * One thing that is wrong in what the operator gave us, ready to be printed beside its place in the
 * file.
 */
export interface Problem {
  /** What kind of problem it is, for scripts: the id of a finding, or a word such as `usage`. */
  id?: string;
  /** One sentence: what is wrong, with the value seen. */
  message: string;
  /** One sentence: what to do about it. */
  hint: string;
  /** Path as the operator wrote it. */
  file?: string;
  /** 1-based. */
  line?: number;
  /** 1-based, in characters. */
  column?: number;
  /** The offending line itself, without its line break. */
  source?: string;
}

/** Exit codes that scripts and cron rely on; documented in the README. */
export const EXIT = {
  done: 0,
  bug: 1,
  operator: 2,
  halted: 3,
  stopped: 75,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The id of a failure of which no problem says more. */
const FAILURE_IDS: Readonly<Record<ExitCode, string>> = {
  [EXIT.done]: "none",
  [EXIT.bug]: "bug",
  [EXIT.operator]: "invalid_input",
  [EXIT.halted]: "halted",
  [EXIT.stopped]: "stopped",
};

/** What is said of one when only the exit code is known. */
const FAILURE_WORDS: Readonly<Record<ExitCode, string>> = {
  [EXIT.done]: "nothing failed",
  [EXIT.bug]: "this is a bug in campaign",
  [EXIT.operator]: "the command could not be carried out",
  [EXIT.halted]: "a person must act",
  [EXIT.stopped]: "stopped part-way; the same command goes on",
};

/**
 * Why a command did not do what it was asked for, as `--json` has it. Public and stable; keys may
 * be added.
 */
export interface ErrorRecord {
  id: string;
  message: string;
  /** The command that a remedy names, to be run next; null where none does. */
  next: string | null;
  /** The same command goes on, at once or later. */
  again: boolean;
  problems: {
    id: string | null;
    file: string | null;
    line: number | null;
    column: number | null;
    message: string;
    /** What to do about it. */
    remedy: string;
  }[];
}

/**
 * The `error` of a `--json` document.
 * @param problems empty: only the exit code is known
 */
export function errorRecord(problems: readonly Problem[], exitCode: ExitCode): ErrorRecord {
  const more = problems.length - 1;
  const first = problems[0]?.message ?? FAILURE_WORDS[exitCode];
  return {
    id: problems.find(({ id }) => id !== undefined)?.id ?? FAILURE_IDS[exitCode],
    message: more > 0 ? `${first} (and ${more} more)` : first,
    next: nextOf(problems),
    again: exitCode === EXIT.stopped,
    problems: problems.map(({ id, file, line, column, message, hint }) => ({
      id: id ?? null,
      file: file ?? null,
      line: line ?? null,
      column: column ?? null,
      message,
      remedy: hint,
    })),
  };
}

/** A command as sentences name it. */
const COMMAND = /`(campaign [^`]+)`/g;

/** Commands that a sentence may name without the manifest that they need. */
const OF_MANIFEST =
  /^campaign (?:cancel|check|insights|pause|rejects|report|resolve|retry|run|unpause)$/;

/** What is no command yet: `campaign suppress add NUMBER`, `campaign receipts import`. */
const NOT_WHOLE = /[<…|]|\b[A-Z]{4,}\b|^campaign (?:backup|forget|(?:receipts|suppress) import)$/;

/** The first command that helps, and is whole. */
function nextOf(problems: readonly Problem[]): string | null {
  for (const { hint, message, file = "" } of problems) {
    const command = commandIn(`${hint} ${message}`, /\.ya?ml$/.test(file) ? file : null);
    if (command !== null) return command;
  }
  return null;
}

/**
 * The first command that a text names in backticks, if it can be run as it stands.
 * @param manifest what takes the place of `<manifest>`; null: not known
 */
export function commandIn(text: string, manifest: string | null): string | null {
  for (const [, named = ""] of text.matchAll(COMMAND)) {
    const whole = OF_MANIFEST.test(named) ? `${named} <manifest>` : named;
    const command = whole.replace("<manifest>", manifest ?? "<manifest>");
    if (!NOT_WHOLE.test(command)) return command;
  }
  return null;
}

/**
 * Ends a command with an exit code and a list of problems, all of them at once.
 * Anything else that is thrown is a bug and ends with exit code 1.
 */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
  readonly problems: Problem[];
  readonly exitCode: ExitCode;

  constructor(problems: Problem | Problem[], exitCode: ExitCode = EXIT.operator) {
    const list = Array.isArray(problems) ? problems : [problems];
    super(list.map((problem) => problem.message).join("\n"));
    this.problems = list;
    this.exitCode = exitCode;
  }
}

/**
 * Ends a command that was asked to stop.
 * @param left half a sentence: what the command leaves behind
 * @throws OperatorError with exit code 75 when `stop` is aborted
 */
export function throwIfStopped(stop: AbortSignal, left: string): void {
  if (stop.aborted) throw interrupted(left);
}

/** That a command was asked to stop. @param left half a sentence: what it leaves behind */
export function interrupted(left: string): OperatorError {
  const hint = "Run the same command again.";
  const problem = { id: "interrupted", message: `Interrupted: ${left}.`, hint };
  return new OperatorError(problem, EXIT.stopped);
}

/** Crashes on a programmer's error; the ledger makes crashing safe. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/** The last arm of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
