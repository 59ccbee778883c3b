// Draws facts as a table of two columns for people. Decides nothing.

import { plain } from "../../domain/common/plain.ts";
import { left, widest } from "./columns.ts";

/** Shown for a field that Meta did not return. */
const NOT_KNOWN = "not known";

/** Name and text; a text that is null is not known. */
export type FactRow = [name: string, text: string | null];

/**
 * The rows aligned, one a line, without a line break at the end. Texts of Meta's cannot steer the
 * terminal.
 */
export function factTable(rows: readonly FactRow[]): string {
  const width = widest(rows.map(([name]) => name));
  return rows
    .map(([name, text]) => `${left(name, width)}  ${plain(text ?? NOT_KNOWN)}`.trimEnd())
    .join("\n");
}

/** ISO 8601 UTC in whole seconds, for JSON. */
export function isoInstant(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, "Z");
}
