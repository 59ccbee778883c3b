// One command line, from its arguments to the exit code.

import type { ExitCode } from "../domain/common/errors.ts";
import { EXIT, OperatorError } from "../domain/common/errors.ts";
import { fail, withDocument } from "./failures.ts";
import { startOutput } from "./print/print.ts";
import { startTimes } from "./print/times.ts";
import type { StopRequests } from "./process/signals.ts";
import { buildProgram } from "./program.ts";

/**
 * Runs one command. Why it failed is printed, never thrown.
 * @param args as typed, without the name of the program
 * @param writeError the error of stdout so far; called after the last write
 * @returns the exit code
 */
export async function runProgram(
  requests: Pick<StopRequests, "begins" | "stop" | "beforeQuit">,
  args: string[],
  writeError: () => NodeJS.ErrnoException | undefined = () => undefined,
): Promise<ExitCode> {
  startOutput({ isJson: asksForJson(args) });
  startTimes();
  try {
    const code = withDocument(await buildProgram(requests).run(args));
    // An error of the last write is reported in a later turn only.
    await new Promise((later) => setImmediate(later));
    const unwritten = writeError();
    if (unwritten === undefined || code !== EXIT.done) return code;
    throw new OperatorError({
      message: `stdout cannot be written (${unwritten.code})`,
      hint: "See whether the disk is full. What the command changed is changed; only what it prints is not whole.",
    });
  } catch (error) {
    return fail(error);
  }
}

/** Looked for before the arguments are understood: they may be what is wrong. */
function asksForJson(args: string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end === -1 ? args.length : end).includes("--json");
}
