// Colour, which helps to find what counts and is never needed: the words say all of it.

import { styleText } from "node:util";

/** Whether a text is good or bad news. */
export type Tone = "good" | "bad" | "doubt" | "plain";

const COLOURS = { good: "green", bad: "red", doubt: "yellow", heading: "bold" } as const;

/**
 * Text in the colour of a tone, where the stream is a terminal that shows colours and NO_COLOR does
 * not forbid it, or FORCE_COLOR asks for it: Node's own `styleText` looks at all of these.
 */
export function toned(
  text: string,
  tone: Tone | "heading",
  stream: NodeJS.WriteStream = process.stdout,
): string {
  return tone === "plain" ? text : styleText(COLOURS[tone], text, { stream });
}
