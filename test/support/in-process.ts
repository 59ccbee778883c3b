// The program in the process of a test: the code that is built, from the arguments to the exit
// code, without the cost of a start. For commands that begin and end alone. Servers, signals, kills
// and two programs side by side need `start`.

import { importCompiled } from "./built.ts";
import type { StartOptions } from "./harness.ts";
import { start } from "./harness.ts";
import type { Ended } from "./programs.ts";
import { environmentOf } from "./programs.ts";

type Program = typeof import("../../src/cli/run-program.ts");

let program: Promise<Program> | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs the program to its end. Calls take turns: folder, environment, clock and streams belong to
 * the process. Options of Node's need a process of their own, and get it.
 */
export function campaign(args: string[], options: StartOptions): Promise<Ended> {
  if (options.env?.NODE_OPTIONS !== undefined) return start(args, options).ended;
  const ended = last.then(() => runInProcess(args, options));
  last = ended.catch(() => undefined);
  return ended;
}

async function runInProcess(args: string[], options: StartOptions): Promise<Ended> {
  const { cwd, env = {}, newLedger = true, aheadMs = 0 } = options;
  program ??= importCompiled<Program>("src/cli/run-program.ts");
  const { runProgram } = await program;
  const back = process.cwd();
  const variables = { ...process.env };
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
  setVariables({ ...environmentOf(cwd), ...env });
  process.chdir(cwd);
  const { now } = Date;
  Date.now = () => now() + aheadMs;
  const requests = { begins() {}, beforeQuit() {}, stop: new AbortController().signal };
  try {
    const code = await runProgram(requests, newLedger ? ["--new-ledger", ...args] : args);
    return { code, signal: null, stdout: stdout.end(), stderr: stderr.end() };
  } finally {
    stdout.end();
    stderr.end();
    Date.now = now;
    process.chdir(back);
    setVariables(variables);
  }
}

/** Makes these the variables of this process, and no others. */
function setVariables(wanted: Readonly<Record<string, string | undefined>>): void {
  for (const name of Object.keys(process.env)) {
    if (wanted[name] === undefined) delete process.env[name];
  }
  for (const [name, value] of Object.entries(wanted)) {
    if (value !== undefined) process.env[name] = value;
  }
}

/** Keeps what is written to a stream from here on; `end` gives it, and the stream back. */
function capture(stream: NodeJS.WriteStream): { end(): string } {
  const { write } = stream;
  const chunks: Buffer[] = [];
  stream.write = (
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    callback?: (error?: Error | null) => void,
  ) => {
    chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : Buffer.from(chunk));
    const written = typeof encoding === "function" ? encoding : callback;
    if (written !== undefined) process.nextTick(written);
    return true;
  };
  return {
    end() {
      stream.write = write;
      return Buffer.concat(chunks).toString();
    },
  };
}
