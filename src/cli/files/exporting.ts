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
import { isStdout, openOutput } from "./output.ts";

/** Rows that are read at once: some milliseconds; more gain nothing. */
const PAGE = 500;

export interface ExportTarget {
  kind: "csv" | "jsonl";
  /** `-`: stdout. */
  file: string;
}

/** How an export ended. */
export type Exported =
  | { kind: "done"; rows: number }
  /** Nothing was written under any of the names. */
  | { kind: "interrupted" };

/**
 * Writes the outcomes of a campaign to every target at once; each row is read once, and stands as
 * it was then.
 * @throws OperatorError when a file cannot be written; nothing is left of any of them then
 */
export async function exportOutcomes(
  ledger: Pick<ResultLedger, "outcomes">,
  campaign: CampaignRecord,
  options: { targets: readonly ExportTarget[]; style: CsvStyle; stop: AbortSignal },
): Promise<Exported> {
  const { targets, style, stop } = options;
  const reading = readingLine("exporting", campaign.rows, systemClock);
  const writers: Writer[] = [];
  // A log file needs no line about it.
  const line = process.stderr.isTTY ? startProgress(reading.text) : undefined;
  try {
    for (const target of targets) writers.push(await openWriter(target, style));
    const rows = await copyRows(ledger, campaign, { writers, stop, at: reading.at });
    if (rows === "interrupted") {
      await discardAll(writers);
      return { kind: "interrupted" };
    }
    for (const writer of writers) await writer.output.end();
    return { kind: "done", rows };
  } catch (error) {
    await discardAll(writers);
    throw error;
  } finally {
    line?.end();
  }
}

interface Writer {
  output: Awaited<ReturnType<typeof openOutput>>;
  textOf(row: OutcomeRow): string;
  /** True when its reader went away. */
  isGone: boolean;
}

async function openWriter({ kind, file }: ExportTarget, style: CsvStyle): Promise<Writer> {
  const output = await openOutput(file, kind === "csv" ? "csv" : "text");
  if (kind === "jsonl") return { output, textOf: outcomeJsonLine, isGone: false };
  const mark = isStdout(file) || style.plain ? "" : BYTE_ORDER_MARK;
  await output.write(mark + csvLine(namesOf(OUTCOME_COLUMNS), style));
  return { output, textOf: (row) => csvLine(outcomeCells(row), style), isGone: false };
}

async function copyRows(
  ledger: Pick<ResultLedger, "outcomes">,
  campaign: CampaignRecord,
  { writers, stop, at }: { writers: Writer[]; stop: AbortSignal; at: ReadingAt },
): Promise<number | "interrupted"> {
  let after = 0;
  let rows = 0;
  while (!stop.aborted) {
    const { rows: page, next } = await ledger.outcomes(campaign.id, after, PAGE);
    for (const writer of writers) {
      if (writer.isGone) continue;
      writer.isGone = !(await writer.output.write(page.map(writer.textOf).join("")));
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
  for (const { output } of writers) await output.discard();
}
