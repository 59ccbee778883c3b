// The columns of a table by their names, as people write them.

import type { Problem } from "./errors.ts";
import { nearest } from "./nearest.ts";

/**
 * A column's name as it is compared: without what nobody sees in it (zero-width and direction
 * signs, soft hyphens, variation selectors), with one plain blank for any white space, and with
 * each accent in one character.
 */
export function columnName(text: string): string {
  return text
    .normalize("NFC")
    .replace(/\p{Cf}|\p{Variation_Selector}/gu, "")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
}

const COLUMNS_SHOWN_MAX = 12;

export type ColumnIndex =
  | {
      kind: "found";
      /** 0-based. */
      index: number;
    }
  | { kind: "problem"; problem: Problem };

/**
 * Finds a column by its name as `columnName` cleans it; `columns` are cleaned already. The problem
 * names the nearest column, or the two that share the name.
 */
export function columnIndex(columns: readonly string[], wanted: string): ColumnIndex {
  const name = columnName(wanted);
  const index = columns.indexOf(name);
  if (index !== -1) {
    const second = columns.indexOf(name, index + 1);
    if (second === -1) return { kind: "found", index };
    return {
      kind: "problem",
      problem: {
        message: `column "${name}" appears twice (columns ${index + 1} and ${second + 1})`,
        hint: "rename one of them, so that it is certain which one is meant",
      },
    };
  }
  const named = columns.filter((column) => column !== "");
  const near = nearest(name, named);
  const list = named
    .slice(0, COLUMNS_SHOWN_MAX)
    .map((column) => `"${column}"`)
    .join(", ");
  const rest = named.length > COLUMNS_SHOWN_MAX ? ", …" : "";
  return {
    kind: "problem",
    problem: {
      message: `there is no column "${name}"`,
      hint: near === undefined ? `the columns are ${list}${rest}` : `did you mean "${near}"?`,
    },
  };
}
