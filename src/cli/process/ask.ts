// Asks before something that cannot be taken back; only where a person can answer.

import { createInterface } from "node:readline";

import { OperatorError, throwIfStopped } from "../../domain/common/errors.ts";
import { plain } from "../../domain/common/plain.ts";
import { fitted } from "../print/columns.ts";
import { isNamed } from "../print/print.ts";

/**
 * True where a person sits at a terminal; not for cron, in a pipe, and where several works run side
 * by side.
 */
export function canAsk(): boolean {
  return !isNamed() && process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * True when yes was answered. Ctrl-C and Ctrl-D are a no.
 * @param stop ends the waiting
 * @throws OperatorError with exit code 75 when `stop` was first
 */
export async function agreed(question: string, stop: AbortSignal): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  // Reading from a terminal that was closed fails, and so does taking it out of raw mode.
  process.stdin.on("error", () => {});
  const answer = await new Promise<string>((resolve) => {
    const none = () => resolve("");
    prompt.once("close", none);
    prompt.on("error", none);
    stop.addEventListener("abort", none, { once: true });
    prompt.question(fitted(`${plain(question)} [y/N] `, process.stderr), resolve);
  });
  prompt.close();
  throwIfStopped(stop, "nothing was done");
  return /^\s*y(es)?\s*$/i.test(answer);
}

/**
 * Asks before what cannot be taken back. Without a terminal, --yes must have been given.
 * @throws OperatorError without a yes
 */
export async function requireYes(
  question: string,
  yes: boolean | undefined,
  stop: AbortSignal,
): Promise<void> {
  if (yes || (canAsk() && (await agreed(question, stop)))) return;
  const message = canAsk()
    ? "Nothing was changed: you did not say yes."
    : `Nothing was changed, since nobody can be asked here: ${question}`;
  throw new OperatorError({ id: "not_agreed", message, hint: "Say it with --yes." });
}
