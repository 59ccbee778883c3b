// Many commands in one process of their own, where each by itself would start Node again: for what
// a terminal or an option of Node's does to all of them.

import { builtFile } from "./built.ts";
import { terminalArguments } from "./harness.ts";
import type { Ended, ProgramOptions } from "./programs.ts";
import { startProgram } from "./programs.ts";

/** What follows each command on its streams; a terminal ends lines its own way. */
const END = /\r?\n<<<ended with (\d+)>>>\r?\n/;

/** What a command did. */
export type CommandEnded = Pick<Ended, "stdout" | "stderr"> & { code: number };

/** Runs the commands one after the other, each to its end. */
export async function inTurn(
  commands: readonly (readonly string[])[],
  options: ProgramOptions,
): Promise<CommandEnded[]> {
  const args = [builtFile("test/support/commands.child.ts"), JSON.stringify(commands)];
  const { stdout, stderr } = await startProgram(process.execPath, args, options).ended;
  const errors = partsOf(stderr, commands.length);
  return partsOf(stdout, commands.length).map(({ text, code }, at) => ({
    code,
    stdout: text,
    stderr: errors[at]?.text ?? "",
  }));
}

/** Runs the commands one after the other at a terminal, and gives what it got of each. */
export async function inTurnAtTerminal(
  commands: readonly (readonly string[])[],
  options: { cwd: string },
): Promise<string[]> {
  const command = [process.execPath, builtFile("test/support/commands.child.ts")];
  const all = terminalArguments([...command, JSON.stringify(commands)]);
  const env = { TERM: "xterm-256color" };
  const { stdout } = await startProgram("script", all, { ...options, env }).ended;
  // Both streams are the terminal, so each command ends twice.
  return partsOf(stdout, 2 * commands.length).flatMap(({ text }, at) =>
    at % 2 === 0 ? [text] : [],
  );
}

function partsOf(output: string, number: number): { text: string; code: number }[] {
  const parts = output.split(END);
  if (parts.length !== 2 * number + 1) throw new Error(`not all commands ended:\n${output}`);
  return Array.from({ length: number }, (_, at) => ({
    text: parts[2 * at] ?? "",
    code: Number(parts[2 * at + 1]),
  }));
}
