#!/usr/bin/env node

// The program: reads the arguments, runs one command, and turns how it ended into an exit code. Signals are handled here only.

import type { ExitCode } from "../errors.ts";
import { EXIT, OperatorError } from "../errors.ts";
import { LedgerError } from "../ledger.ts";
import { cleanUpEarly } from "./garbage.ts";
import { say } from "./print.ts";
import { printProblems } from "./problems.ts";
import type { Work } from "./program.ts";
import { buildProgram } from "./program.ts";
import { redact } from "./redact.ts";

/** Which exit code a ledger that cannot be used ends with. */
function exitCodeOf(error: LedgerError): ExitCode {
  if (error.fault === "not_a_ledger") return EXIT.operator;
  return error.fault === "busy" ? EXIT.stopped : EXIT.halted;
}

/** What the first signal is answered with, and the second one. */
const STOPPING: Readonly<Record<Work, { first: string; second: string }>> = {
  sending: {
    first: "claiming no more, waiting for what is in flight.",
    second: "What was in flight is settled by the next run.",
  },
  receiving: {
    first: "taking no more, answering what is in flight.",
    second: "What was answered 200 is kept; the rest Meta delivers again.",
  },
  simulating: { first: "the sandbox ends.", second: "What it received stands in its log." },
  other: {
    first: "stopping where nothing is left half done.",
    second: "The same command can be given again.",
  },
};

async function main(): Promise<ExitCode> {
  const stop = new AbortController();
  let work: Work = "other";
  const onSignal = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted) {
      say(`\nStopped at once. ${STOPPING[work].second}`);
      process.exit(EXIT.stopped);
    }
    say(`\n${signal}: ${STOPPING[work].first} Once more: stop at once.`);
    stop.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  let unwritten: NodeJS.ErrnoException | undefined;
  // A reader that went away (`| head`) is no reason to stop sending, and neither is a full disk below a log; that half a result is
  // on stdout is said at the end.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") unwritten ??= error;
  });
  process.stderr.on("error", () => {});
  try {
    const begins = (begun: Work) => {
      work = begun;
    };
    const code = await buildProgram({ stop: stop.signal, begins }).run(process.argv.slice(2));
    // An error of the last write is only told in a later turn.
    await new Promise((told) => setImmediate(told));
    if (unwritten === undefined || code !== EXIT.done) return code;
    throw new OperatorError({ message: `stdout cannot be written (${unwritten.code})` });
  } catch (error) {
    return report(error);
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
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
process.exitCode = await main();
