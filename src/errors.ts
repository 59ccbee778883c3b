// The operator's mistakes, as data: what is wrong, where, and what to do. Never a bug, never a network answer.

/** One thing that is wrong in what the operator gave us, ready to be printed beside its place in the file. */
export interface Problem {
  /** One sentence: what is wrong, with the value seen. */
  message: string;
  /** One sentence: what to do about it. */
  hint?: string;
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
  if (stop.aborted) throw new OperatorError({ message: `Interrupted: ${left}.` }, EXIT.stopped);
}

/** Crashes on a programmer's error; the ledger makes crashing safe. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/** The last arm of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
