#!/usr/bin/env node

// The program as a process: its arguments, its streams, its signals, its exit code.

import { isReaderGone } from "./files/output.ts";
import { cleanUpEarly } from "./garbage.ts";
import { stopRequests } from "./process/signals.ts";
import { runProgram } from "./run-program.ts";

let unwritten: NodeJS.ErrnoException | undefined;
// A reader that went away (`| head`, a closed terminal) is no reason to stop sending, and neither
// is a full disk below a log; that half a result is on stdout is reported at the end.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (!isReaderGone(error, process.stdout)) unwritten ??= error;
});
process.stderr.on("error", () => {});

cleanUpEarly("planning");
const requests = stopRequests();
requests.exit(await runProgram(requests, process.argv.slice(2), () => unwritten));
