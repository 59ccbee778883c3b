// Runs one command after the other in this process, with its streams, its terminal and the options
// of its Node: in-turn.ts starts it. Each command is followed by a line with its exit code.

import { runProgram } from "../../src/cli/run-program.ts";

const requests = { begins() {}, beforeQuit() {}, stop: new AbortController().signal };

for (const args of JSON.parse(process.argv[2] ?? "[]") as string[][]) {
  const code = await runProgram(requests, args);
  for (const stream of [process.stdout, process.stderr])
    stream.write(`\n<<<ended with ${code}>>>\n`);
}
process.exit();
