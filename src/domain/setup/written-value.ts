// A value as a person names it for a template's variable (a column, Liquid, or a text for
// everybody), and the Liquid that the manifest has of it.

import { columnName } from "../common/columns.ts";
import { nearest } from "../common/nearest.ts";
import { isLiquid } from "../message/liquid.ts";

/** What a person's words for a value mean. */
export type WrittenValue =
  | { kind: "column"; column: string }
  | { kind: "liquid"; text: string }
  | { kind: "text"; text: string }
  /** Hardly a text, since a column has nearly that name. */
  | { kind: "misspelt"; near: string };

/** Reads a person's words for a value. What stands in quotes is a text, whatever it looks like. */
export function readWritten(written: string, columns: readonly string[]): WrittenValue {
  const text = written.trim();
  const quoted = /^(["'])(.*)\1$/s.exec(text)?.[2];
  if (quoted !== undefined) return { kind: "text", text: quoted };
  if (isLiquid(text)) return { kind: "liquid", text };
  const name = columnName(text);
  const same = columns.find((column) => column === name);
  if (same !== undefined && same !== "") return { kind: "column", column: same };
  const near = nearest(
    name,
    columns.filter((column) => column !== ""),
  );
  return near === undefined ? { kind: "text", text } : { kind: "misspelt", near };
}

/**
 * Liquid for a column.
 * @param otherwise what stands there for people whose cell is empty; left out, they are skipped
 */
export function columnValue(column: string, otherwise?: string): string {
  const read = /^[A-Za-z_]\w*$/.test(column) ? column : `row[${quotedText(column)}]`;
  const more = otherwise === undefined ? "" : ` | default: ${quotedText(otherwise)}`;
  return `{{ ${read}${more} }}`;
}

/** Liquid has no way to write a quote inside of the same quotes. */
function quotedText(text: string): string {
  if (!text.includes("'")) return `'${text}'`;
  return `"${text.replaceAll('"', "”")}"`;
}
