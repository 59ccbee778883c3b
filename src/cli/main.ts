#!/usr/bin/env node

// The program: reads the arguments, runs one command, and turns how it ended into an exit code. Signals are handled here only.

import type { ExitCode } from "../errors.ts";
import { EXIT, OperatorError } from "../errors.ts";
import { LedgerError } from "../ledger.ts";
import { cleanUpEarly } from "./garbage.ts";
import { printProblems } from "./problems.ts";
import { buildProgram } from "./program.ts";
import { redact } from "./redact.ts";

/** Which exit code a ledger that cannot be used ends with. */
function exitCodeOf(error: LedgerError): ExitCode {
  if (error.fault === "not_a_ledger") return EXIT.operator;
  return error.fault === "busy" ? EXIT.stopped : EXIT.halted;
}

async function main(): Promise<ExitCode> {
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted) {
      process.stderr.write("\nStopped at once. What was in flight is settled by the next run.\n");
      process.exit(EXIT.stopped);
    }
    process.stderr.write(
      `\n${signal}: claiming no more, waiting for what is in flight. Once more: stop at once.\n`,
    );
    stop.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.stdout.on("error", onBrokenPipe);
  process.stderr.on("error", onBrokenPipe);
  try {
    return await buildProgram({ stop: stop.signal }).run(process.argv.slice(2));
  } catch (error) {
    return report(error);
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}

/** A reader that went away (`| head`) is no reason to stop sending. */
function onBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

function report(error: unknown): ExitCode {
  if (error instanceof OperatorError) {
    printProblems(error.problems);
    return error.exitCode;
  }
  if (error instanceof LedgerError) {
    process.stderr.write(`${redact(error.message)}\n`);
    return exitCodeOf(error);
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `This is a bug in campaign, not a mistake of yours. Nothing is lost: the same command goes on where it stopped.\n` +
      `Please report it with these lines (numbers and secrets are masked):\n${redact(text)}\n`,
  );
  return EXIT.bug;
}

cleanUpEarly();
process.exitCode = await main();
