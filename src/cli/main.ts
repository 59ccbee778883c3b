#!/usr/bin/env node

// The program: reads the arguments, runs one command, and turns how it ended into an exit code.

import type { ExitCode } from "../domain/common/errors.ts";
import { EXIT, OperatorError } from "../domain/common/errors.ts";
import { fail, withDocument } from "./failures.ts";
import { isReaderGone } from "./files/output.ts";
import { cleanUpEarly } from "./garbage.ts";
import { wantJson } from "./print/print.ts";
import type { StopRequests } from "./process/signals.ts";
import { stopRequests } from "./process/signals.ts";
import { buildProgram } from "./program.ts";

async function main(requests: StopRequests, args: string[]): Promise<ExitCode> {
  let unwritten: NodeJS.ErrnoException | undefined;
  // A reader that went away (`| head`, a closed terminal) is no reason to stop sending, and neither is a full disk below a log;
  // that half a result is on stdout is reported at the end.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (!isReaderGone(error, process.stdout)) unwritten ??= error;
  });
  process.stderr.on("error", () => {});
  if (asksForJson(args)) wantJson();
  try {
    const code = withDocument(await buildProgram(requests).run(args));
    // An error of the last write is reported in a later turn only.
    await new Promise((later) => setImmediate(later));
    if (unwritten === undefined || code !== EXIT.done) return code;
    throw new OperatorError({ message: `stdout cannot be written (${unwritten.code})` });
  } catch (error) {
    return fail(error);
  }
}

/** Looked for before the arguments are understood: they may be what is wrong. */
function asksForJson(args: string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end === -1 ? args.length : end).includes("--json");
}

cleanUpEarly("planning");
const requests = stopRequests();
requests.exit(await main(requests, process.argv.slice(2)));
