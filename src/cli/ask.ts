// Asks before something that cannot be taken back; only where somebody can answer.

import { createInterface } from "node:readline";

/** True when yes was answered, or when nobody can be asked (cron, a pipe). Ctrl-C and Ctrl-D are a no. */
export async function agreed(question: string, yes: boolean | undefined): Promise<boolean> {
  if (yes || !process.stdin.isTTY || !process.stderr.isTTY) return true;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await new Promise<string>((resolve) => {
    prompt.once("close", () => resolve(""));
    prompt.question(`${question} [y/N] `, resolve);
  });
  prompt.close();
  return /^\s*y(es)?\s*$/i.test(answer);
}
