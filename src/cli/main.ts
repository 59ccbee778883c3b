#!/usr/bin/env node

// The program: reads the arguments, runs one command, and turns how it ended into an exit code.

import type { ExitCode } from "../errors.ts";
import { EXIT, OperatorError } from "../errors.ts";
import { LedgerError } from "../ledger.ts";
import { cleanUpEarly } from "./garbage.ts";
import { isReaderGone } from "./output.ts";
import { say } from "./print.ts";
import { printProblems } from "./problems.ts";
import { buildProgram } from "./program.ts";
import { redact } from "./redact.ts";
import type { StopRequests } from "./signals.ts";
import { stopRequests } from "./signals.ts";

/** Which exit code a ledger that cannot be used ends with. */
function exitCodeOf(error: LedgerError): ExitCode {
  if (error.fault === "not_a_ledger") return EXIT.operator;
  return error.fault === "busy" ? EXIT.stopped : EXIT.halted;
}

async function main(requests: StopRequests): Promise<ExitCode> {
  let unwritten: NodeJS.ErrnoException | undefined;
  // A reader that went away (`| head`, a closed terminal) is no reason to stop sending, and neither is a full disk below a log;
  // that half a result is on stdout is reported at the end.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (!isReaderGone(error, process.stdout)) unwritten ??= error;
  });
  process.stderr.on("error", () => {});
  try {
    const code = await buildProgram(requests).run(process.argv.slice(2));
    // An error of the last write is reported in a later turn only.
    await new Promise((later) => setImmediate(later));
    if (unwritten === undefined || code !== EXIT.done) return code;
    throw new OperatorError({ message: `stdout cannot be written (${unwritten.code})` });
  } catch (error) {
    return report(error);
  }
}

function report(error: unknown): ExitCode {
  if (error instanceof OperatorError) {
    printProblems(error.problems);
    return error.exitCode;
  }
  if (error instanceof LedgerError) {
    say(redact(error.message));
    return exitCodeOf(error);
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  say(
    `This is a bug in campaign, not a mistake of yours. Nothing is lost: the same command goes on where it stopped.\n` +
      `Please report it with these lines (numbers and secrets are masked):\n${redact(text)}`,
  );
  return EXIT.bug;
}

cleanUpEarly("planning");
const requests = stopRequests();
requests.exit(await main(requests));
