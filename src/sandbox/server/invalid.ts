// The refusal of a parameter.

import type { Refusal } from "../messages/graph-errors.ts";

/** Code 100 with a sentence. */
export function invalid(sentence: string): Refusal {
  return { code: 100, message: `(#100) ${sentence}`, details: sentence };
}
