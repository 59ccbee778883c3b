// Rejected rows that a person fixed, read back from the file that `rejects` wrote.

import { join } from "node:path";
import type { CsvFile } from "../../csv/file.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { Problem } from "../../domain/common/errors.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import type { RejectRow } from "../../domain/result/outcome-row.ts";
import { openList } from "./list-file.ts";

/** Files of more rows than this are not what `rejects` wrote. */
const ROWS_MAX = 1_000_000;

/** Where a row of the list stands. */
const ROW = "row_number";
const LINE = "line";

/** A row as it was given back. */
export interface FixedRow {
  /** Line of the file that it was given back in. */
  line: number;
  /** In the order of the campaign's columns. */
  cells: string[];
  /** It has more cells than the header, or is cut off: its cells may stand under other columns. */
  isDamaged: boolean;
}

/** The rows of a file, by the place of each in the list. */
export interface FixedRows {
  /** Takes the row of a reject out; undefined where the file has none. */
  take(reject: Pick<RejectRow, "row" | "line">): FixedRow | undefined;
  /** Rows that were not taken. */
  left(): number;
}

/**
 * Reads them.
 * @param folder where workbooks are kept as CSV
 * @throws OperatorError when the file cannot be read, or is not what `rejects` wrote
 */
export async function readFixedRows(
  path: string,
  { columns }: Pick<CampaignRecord, "columns">,
  folder: string,
): Promise<FixedRows> {
  const wanted = [ROW, LINE];
  const csv = await openList(path, { shownAs: path, wanted }, join(folder, "data", "lists"));
  const [rowAt, lineAt] = wanted.map((name) => columnAt(csv, name, path));
  const places = placesOf(csv.columns, columns, path);
  const rows = new Map<string, FixedRow>();
  const problems: Problem[] = [];
  for await (const batch of csv.rows()) {
    for (const { line, cells, damage } of batch) {
      const key = `${cells[rowAt as number]}:${cells[lineAt as number]}`;
      const fault = faultOf(key, rows.has(key));
      if (fault !== null) problems.push({ file: path, line, ...fault });
      const named = places.map((place) => cells[place] ?? "");
      rows.set(key, { line, cells: named, isDamaged: damage !== null });
    }
    if (rows.size > ROWS_MAX) throw tooMany(path);
  }
  if (problems.length > 0) throw new OperatorError(problems);
  return {
    take({ row, line }) {
      const key = `${row ?? ""}:${line}`;
      const found = rows.get(key);
      rows.delete(key);
      return found;
    },
    left: () => rows.size,
  };
}

function columnAt({ columns, headerLine }: CsvFile, name: string, file: string): number {
  const at = columns.indexOf(name);
  if (at >= 0) return at;
  throw new OperatorError({
    ...{ file, line: headerLine },
    message: `the file has no column \`${name}\`, so it cannot be said which rows these are`,
    hint: "Give back the file that `campaign rejects` wrote, with its first columns as they were.",
  });
}

/** Where the columns of the list stand in the file; of several with one name in their order. */
function placesOf(header: readonly string[], columns: readonly string[], file: string): number[] {
  const used = new Set<number>();
  return columns.map((name) => {
    // What `rejects` writes itself stands before the columns of the list.
    const found = header.findLastIndex((one, at) => one === name && !used.has(at));
    const first = header.findIndex((one, at) => one === name && !used.has(at) && at >= OWN);
    const at = first >= 0 ? first : found;
    if (at < 0) {
      throw new OperatorError({
        file,
        message: `the file has no column \`${name}\`, which the campaign's list has`,
        hint: "Give back the file that `campaign rejects` wrote, with all its columns.",
      });
    }
    used.add(at);
    return at;
  });
}

/** Columns that `rejects` writes before those of the list. */
const OWN = 4;

function faultOf(key: string, isTwice: boolean): Pick<Problem, "message" | "hint"> | null {
  if (!/^\d*:\d+$/.test(key)) {
    const message = `\`${ROW}\` and \`${LINE}\` must be those that \`campaign rejects\` wrote`;
    return { message, hint: "Copy the two cells again from that file, or take the line out." };
  }
  if (!isTwice) return null;
  const message = "the same row of the list stands here twice";
  return { message, hint: "Take one of the two lines out." };
}

function tooMany(file: string): OperatorError {
  return new OperatorError({
    file,
    message: "the file has more than a million rows",
    hint: "Fix them in the campaign's list, and run it again.",
  });
}
