// A row of the ledger's view as a row of an export. Knows the columns; knows nothing of files, nor
// of how a CSV is written.

import { plainReason, STATUS_WORDS } from "../domain/result/labels.ts";
import type { OutcomeRow } from "../domain/result/outcome-row.ts";
import { OUTCOME_COLUMNS } from "./columns.ts";

type Value = string | number | null;

const NAMES = OUTCOME_COLUMNS.map(({ name }) => name as keyof OutcomeRow | "meaning");

/** The names of the columns, as the first line of a CSV. */
export function namesOf(columns: readonly { name: string }[]): string[] {
  return columns.map(({ name }) => name);
}

/** An outcome's cells, in the order of `OUTCOME_COLUMNS`. */
export function outcomeCells(row: OutcomeRow): Value[] {
  return NAMES.map((name) => (name === "meaning" ? meaningOf(row) : row[name]));
}

/**
 * An outcome as one line of JSON with its line break: every column is there, numbers are numbers,
 * what is not there is null.
 * @param list cells of the row in the list, by column; left out: none are wanted
 */
export function outcomeJsonLine(row: OutcomeRow, list?: Record<string, string | null>): string {
  const own = list === undefined ? {} : { list };
  return `${JSON.stringify({ ...row, meaning: meaningOf(row), ...own })}\n`;
}

/** What became of a row, in plain words. */
function meaningOf({ status, reason, error_code }: OutcomeRow): string {
  const isRefused = status === "skipped" || status === "held" || status === "failed";
  const why = isRefused ? plainReason(reason ?? error_code ?? "") : "";
  return why === "" ? STATUS_WORDS[status] : why;
}
