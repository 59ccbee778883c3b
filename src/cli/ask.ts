// Asks before something that cannot be taken back; only where somebody can answer.

import { createInterface } from "node:readline";

import { OperatorError } from "../errors.ts";
import { plain } from "../plain.ts";

/** True where somebody sits at a terminal; not for cron and in a pipe. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** True when yes was answered. Ctrl-C and Ctrl-D are a no. */
export async function agreed(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await new Promise<string>((resolve) => {
    prompt.once("close", () => resolve(""));
    prompt.question(`${plain(question)} [y/N] `, resolve);
  });
  prompt.close();
  return /^\s*y(es)?\s*$/i.test(answer);
}

/**
 * Asks before what cannot be taken back. Where nobody can be asked, --yes must have been given.
 * @throws OperatorError without a yes
 */
export async function requireYes(question: string, yes: boolean | undefined): Promise<void> {
  if (yes || (canAsk() && (await agreed(question)))) return;
  const message = canAsk()
    ? "Nothing was changed: you did not say yes."
    : `Nothing was changed, since nobody can be asked here: ${question}`;
  throw new OperatorError({ message, hint: "Say it with --yes." });
}
