// How a check of the manifest's schema raises an issue.

import type * as z from "zod";

/** Without it, zod leaves out the checks of a mapping in which anything else is wrong. */
export const ALWAYS = { when: () => true };

export type RefinementContext = z.core.$RefinementCtx;

/**
 * Raises an issue; a message that begins with a verb is worded after the key's name, with the value
 * seen.
 * @param hint what to do about it, as a sentence
 */
export function say(
  context: RefinementContext,
  message: string,
  hint: string,
  path: (string | number)[] = [],
  on: "key" | "value" = "value",
): void {
  context.addIssue({
    code: "custom",
    message,
    path,
    params: { hint, on, about: true },
    input: undefined,
  });
}
