// Asks before something that cannot be taken back; only where somebody can answer.

import { createInterface } from "node:readline";

/** True where somebody sits at a terminal; not for cron and in a pipe. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** True when yes was answered. Ctrl-C and Ctrl-D are a no. */
export async function agreed(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await new Promise<string>((resolve) => {
    prompt.once("close", () => resolve(""));
    prompt.question(`${question} [y/N] `, resolve);
  });
  prompt.close();
  return /^\s*y(es)?\s*$/i.test(answer);
}
