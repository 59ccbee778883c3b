// Asks before something that cannot be taken back; only where somebody can answer.

import { createInterface } from "node:readline/promises";

/** True when yes was answered, or when nobody can be asked (cron, a pipe). */
export async function agreed(question: string, yes: boolean | undefined): Promise<boolean> {
  if (yes || !process.stdin.isTTY || !process.stderr.isTTY) return true;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^\s*y(es)?\s*$/i.test(await prompt.question(`${question} [y/N] `));
  } finally {
    prompt.close();
  }
}
