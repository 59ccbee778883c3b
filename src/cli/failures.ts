// How a failed command reports it: text on stderr, with --json also the one document on stdout, and
// the exit code.

import type { LedgerFault } from "../domain/campaign/fault.ts";
import { faultId, faultTodo, LedgerError } from "../domain/campaign/fault.ts";
import type { ErrorRecord, ExitCode, Problem } from "../domain/common/errors.ts";
import { EXIT, errorRecord, OperatorError } from "../domain/common/errors.ts";
import { mustBeQuiet, needsDocument, printJson, say } from "./print/print.ts";
import { printProblems } from "./print/problems.ts";
import { redact } from "./print/redact.ts";

/** The same command goes on by itself, or another process does. */
const MAY_PASS: readonly LedgerFault[] = ["busy", "unreachable", "lease_lost"];

/** Which exit code a ledger that cannot be used ends with. */
function exitCodeOf(error: LedgerError): ExitCode {
  if (error.fault === "not_a_ledger" || error.fault === "moved") return EXIT.operator;
  return MAY_PASS.includes(error.fault) ? EXIT.stopped : EXIT.halted;
}

/** Whether a ledger that fails so may be asked again later. */
export function mayPass(error: unknown): error is LedgerError {
  return error instanceof LedgerError && MAY_PASS.includes(error.fault);
}

interface Failure {
  problems: Problem[];
  exitCode: ExitCode;
}

function failureOf(error: unknown): Failure {
  if (error instanceof OperatorError) return error;
  if (error instanceof LedgerError) {
    const id = faultId(error.fault);
    const hint = faultTodo(id) ?? "";
    const problem = { id, message: redact(error.message), hint };
    return { problems: [problem], exitCode: exitCodeOf(error) };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const problem = {
    id: "bug",
    message:
      "This is a bug in campaign, not a mistake of yours. Nothing is lost: the same command goes on where it stopped.\n" +
      `Please report it with these lines (numbers and secrets are masked):\n${redact(text)}`,
    hint: "Report the message, which has numbers and secrets masked.",
  };
  return { problems: [problem], exitCode: EXIT.bug };
}

/** The `error` of a `--json` document, of whatever was thrown. */
export function failureRecord(error: unknown): ErrorRecord {
  const { problems, exitCode } = failureOf(error);
  return errorRecord(problems, exitCode);
}

/**
 * Says why a command failed, on stderr and, with --json, as its document.
 * @param error an OperatorError, a LedgerError, or whatever was thrown by a bug
 * @returns the exit code
 */
export function fail(error: unknown): ExitCode {
  const { problems, exitCode } = failureOf(error);
  if (exitCode === EXIT.bug) for (const { message } of problems) say(message, "bad");
  else if (!mustBeQuiet() || !problems.every(isExpected)) printProblems(problems);
  return documented(problems, exitCode);
}

/**
 * Sees to it that stdout is never empty: where --json was given and the command printed no
 * document, its exit code makes one.
 * @returns the exit code
 */
export function withDocument(code: ExitCode): ExitCode {
  return code === EXIT.done ? code : documented([], code);
}

/** Another run at work, or a person who stopped this one. */
function isExpected({ id }: Problem): boolean {
  return id === "busy" || id === "interrupted";
}

function documented(problems: readonly Problem[], code: ExitCode): ExitCode {
  if (needsDocument()) printJson({ error: errorRecord(problems, code) });
  return code;
}
