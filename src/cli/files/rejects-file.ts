// Writes the rows that were skipped to a CSV or a workbook, page by page.

import { systemClock } from "../../clock/clock.ts";
import type { CsvStyle } from "../../csv/export.ts";
import { BYTE_ORDER_MARK, csvLine, SPREADSHEET } from "../../csv/export.ts";
import type { WorkbookWriter } from "../../csv/workbook-out.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { SkipReason } from "../../domain/campaign/dispatch.ts";
import { FIXABLE_REASONS, SKIP_REASONS } from "../../domain/campaign/dispatch.ts";
import { throwIfStopped } from "../../domain/common/errors.ts";
import type { RejectRow } from "../../domain/result/outcome-row.ts";
import type { ResultLedger } from "../../domain/result/result-ports.ts";
import { REJECT_COLUMNS } from "../../report/columns.ts";
import { namesOf } from "../../report/export.ts";
import type { Output } from "./output.ts";
import { isStdout, refuseWorkbookOnStdout, writeOutput } from "./output.ts";

const PAGE = 2000;

/** Reasons of the rows that are wanted: those that can be fixed in the file, or all. */
export function reasonsOf({ all }: { all?: boolean }): SkipReason[] {
  return [...(all ? SKIP_REASONS : FIXABLE_REASONS)];
}

/**
 * Skipped rows with these reasons, in the order of the file.
 * @throws OperatorError with exit code 75 after a stop
 */
export async function* rejectsOf(
  ledger: Pick<ResultLedger, "rejects">,
  campaign: CampaignRecord,
  reasons: SkipReason[],
  stop: AbortSignal,
): AsyncGenerator<RejectRow> {
  let after = 0;
  for (;;) {
    const { rows, next } = await ledger.rejects(campaign.id, reasons, after, PAGE);
    yield* rows;
    if (next === null) return;
    after = next;
    // A signal is only heard between two pages.
    await systemClock.sleep(0);
    throwIfStopped(stop, "the output is not complete");
  }
}

/**
 * Writes the rejects of a campaign to a file or stdout, with the delimiter given; gives how many. A
 * file has its name only once it is whole.
 * @throws OperatorError with exit code 75 after a stop; then there is no file
 */
export async function writeRejects(
  ledger: Pick<ResultLedger, "rejects">,
  campaign: CampaignRecord,
  flags: { csv?: string; xlsx?: string; all?: boolean; delimiter: string },
  stop: AbortSignal,
): Promise<number> {
  if (flags.xlsx !== undefined) {
    const rows = rejectsOf(ledger, campaign, reasonsOf(flags), stop);
    return writeRejectsWorkbook(rows, campaign, flags.xlsx);
  }
  const style: CsvStyle = { ...SPREADSHEET, delimiter: flags.delimiter };
  return writeOutput(
    flags.csv,
    async (out) => {
      const mark = isStdout(flags.csv) ? "" : BYTE_ORDER_MARK;
      await out.write(mark + csvLine([...namesOf(REJECT_COLUMNS), ...campaign.columns], style));
      let written = 0;
      let lines = "";
      for await (const row of rejectsOf(ledger, campaign, reasonsOf(flags), stop)) {
        lines += csvLine([row.row, row.line, row.reason, row.detail, ...row.cells], style);
        written += 1;
        if (written % PAGE > 0) continue;
        if (!(await out.write(lines))) return written;
        lines = "";
      }
      await out.write(lines);
      return written;
    },
    "csv",
  );
}

/** The same columns as texts of a sheet, which needs no sign before a number. */
function writeRejectsWorkbook(
  rows: AsyncIterable<RejectRow>,
  { columns }: CampaignRecord,
  file: string,
): Promise<number> {
  refuseWorkbookOnStdout(file);
  return writeOutput(file, async (out) => {
    const workbook = await openWorkbook(out);
    await workbook.add([...namesOf(REJECT_COLUMNS), ...columns]);
    let written = 0;
    for await (const { row, line, reason, detail, cells } of rows) {
      await workbook.add([row, line, reason, detail, ...cells]);
      written += 1;
    }
    await workbook.end();
    return written;
  });
}

/** Begins a workbook in an output; what writes it is loaded only then. */
export async function openWorkbook(out: Output): Promise<WorkbookWriter> {
  const { writeWorkbook } = await import("../../csv/workbook-out.ts");
  return writeWorkbook((bytes) => out.writeBytes(bytes));
}
