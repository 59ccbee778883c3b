// Writes every row of a campaign to files, page by page: any number of rows in the same memory, and
// no long transaction, so that a runner may be at work meanwhile.

import { systemClock } from "../../clock/clock.ts";
import type { CsvStyle } from "../../csv/export.ts";
import { BYTE_ORDER_MARK, csvLine } from "../../csv/export.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { OutcomeRow } from "../../domain/result/outcome-row.ts";
import type { ResultLedger } from "../../domain/result/result-ports.ts";
import { OUTCOME_COLUMNS } from "../../report/columns.ts";
import { namesOf, outcomeCells, outcomeJsonLine } from "../../report/export.ts";
import { readingLine, startProgress } from "../print/progress.ts";
import { isStdout, openOutput, refuseWorkbookOnStdout } from "./output.ts";
import type { OwnColumns } from "./own-columns.ts";
import { openWorkbook } from "./rejects-file.ts";

/** Rows that are read at once: some milliseconds; more gain nothing. */
const PAGE = 500;

export interface ExportTarget {
  kind: "csv" | "xlsx" | "jsonl";
  /** `-`: stdout. */
  file: string;
}

/** How an export ended. */
export type Exported =
  | { kind: "done"; rows: number }
  /** Nothing was written under any of the names. */
  | { kind: "interrupted" };

/** How rows are exported. */
interface ExportOptions {
  targets: readonly ExportTarget[];
  style: CsvStyle;
  /** Columns of the list that stand behind the others. */
  own: OwnColumns | null;
  stop: AbortSignal;
}

/**
 * Writes the outcomes of a campaign to every target at once; each row is read once, and stands as
 * it was then.
 * @throws OperatorError when a file cannot be written; nothing is left of any of them then
 */
export async function exportOutcomes(
  ledger: Pick<ResultLedger, "outcomes">,
  campaign: CampaignRecord,
  { targets, style, own, stop }: ExportOptions,
): Promise<Exported> {
  const reading = readingLine("exporting", campaign.rows, systemClock);
  const writers: Writer[] = [];
  // A log file needs no line about it.
  const line = process.stderr.isTTY ? startProgress(reading.text) : undefined;
  try {
    for (const target of targets) writers.push(await openWriter(target, style, own));
    const rows = await copyRows(ledger, campaign, { writers, own, stop, at: reading.at });
    if (rows === "interrupted") {
      await discardAll(writers);
      return { kind: "interrupted" };
    }
    for (const writer of writers) await writer.end();
    return { kind: "done", rows };
  } catch (error) {
    await discardAll(writers);
    throw error;
  } finally {
    line?.end();
    await own?.close();
  }
}

/** A row, and its cells of the list. */
interface ExportedRow {
  row: OutcomeRow;
  cells: readonly (string | null)[];
}

interface Writer {
  /** False when the reader went away. */
  add(rows: readonly ExportedRow[]): Promise<boolean>;
  end(): Promise<void>;
  discard(): Promise<void>;
  /** True when its reader went away. */
  isGone: boolean;
}

async function openWriter(
  { kind, file }: ExportTarget,
  style: CsvStyle,
  own: OwnColumns | null,
): Promise<Writer> {
  if (kind === "xlsx") refuseWorkbookOnStdout(file);
  const output = await openOutput(file, kind === "csv" ? "csv" : "text");
  const header = [...namesOf(OUTCOME_COLUMNS), ...(own?.names ?? [])];
  const common = { end: output.end, discard: output.discard, isGone: false };
  if (kind === "xlsx") {
    const workbook = await openWorkbook(output);
    await workbook.add(header);
    return {
      ...common,
      async add(rows) {
        for (const { row, cells } of rows) await workbook.add([...outcomeCells(row), ...cells]);
        return true;
      },
      async end() {
        await workbook.end();
        await output.end();
      },
    };
  }
  const add = (textOf: (one: ExportedRow) => string) => (rows: readonly ExportedRow[]) =>
    output.write(rows.map(textOf).join(""));
  if (kind === "jsonl") {
    return { ...common, add: add(({ row, cells }) => outcomeJsonLine(row, own?.record(cells))) };
  }
  const mark = isStdout(file) || style.plain ? "" : BYTE_ORDER_MARK;
  await output.write(mark + csvLine(header, style));
  return {
    ...common,
    add: add(({ row, cells }) => csvLine([...outcomeCells(row), ...cells], style)),
  };
}

async function copyRows(
  ledger: Pick<ResultLedger, "outcomes">,
  campaign: CampaignRecord,
  {
    writers,
    own,
    stop,
    at,
  }: { writers: Writer[]; own: OwnColumns | null; stop: AbortSignal; at: ReadingAt },
): Promise<number | "interrupted"> {
  let after = 0;
  let rows = 0;
  while (!stop.aborted) {
    const { rows: page, next } = await ledger.outcomes(campaign.id, after, PAGE);
    const all: ExportedRow[] = [];
    for (const row of page) all.push({ row, cells: (await own?.cellsOf(row.row_number)) ?? [] });
    for (const writer of writers) {
      if (writer.isGone) continue;
      writer.isGone = !(await writer.add(all));
    }
    if (writers.every(({ isGone }) => isGone)) return rows;
    rows += page.length;
    at(rows, rows);
    if (next === null) return rows;
    after = next;
    // A signal is only heard between two pages.
    await systemClock.sleep(0);
  }
  return "interrupted";
}

type ReadingAt = (rows: number, bytes: number) => void;

async function discardAll(writers: readonly Writer[]): Promise<void> {
  for (const writer of writers) await writer.discard();
}
