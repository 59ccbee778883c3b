// `campaign rejects`: the rows that were skipped, with their reason, as CSV to be mended and put back.

import { plural } from "../../domain/common/numbers.ts";
import { BYTE_ORDER_MARK, csvLine } from "../../csv/export.ts";
import type { SkipReason } from "../../domain/campaign/dispatch.ts";
import { MENDABLE_REASONS, SKIP_REASONS } from "../../domain/campaign/dispatch.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, throwIfStopped } from "../../domain/common/errors.ts";
import type { CampaignRecord, Ledger, RejectRow } from "../../domain/ledger/ledger.ts";
import { REJECT_COLUMNS } from "../../report/columns.ts";
import { namesOf } from "../../report/export.ts";
import { systemClock } from "../../clock/clock.ts";
import { printJsonList } from "../print/json-list.ts";
import { isStdout, requireOneStdout, writeOutput } from "../files/output.ts";
import { refuseOwnFiles } from "../files/own-files.ts";
import { printJson, say } from "../print/print.ts";
import type { CommandContext } from "../program.ts";
import { campaignOf, loadManifest, readLedger } from "../campaign/wiring.ts";

const PAGE = 2000;

/** Runs the command; gives its exit code. */
export async function rejects(
  file: string,
  flags: { csv?: string; all?: boolean; json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  requireOneStdout(flags);
  const loaded = loadManifest(file, { tokenUnused: true });
  refuseOwnFiles([{ option: "--csv", file: flags.csv }], context.options, loaded);
  const ledger = await readLedger(context.options, loaded);
  try {
    const campaign = await campaignOf(ledger, loaded, context.options);
    if (flags.json && flags.csv === undefined) {
      const rows = rejectRecords(ledger as Ledger, campaign, flags, context.stop);
      await printJsonList({ campaign: campaign.name }, "rejects", rows);
      return EXIT.done;
    }
    const written = await writeRejects(ledger as Ledger, campaign, flags, context.stop);
    if (flags.json) printJson({ campaign: campaign.name, file: flags.csv, rows: written });
    const where = isStdout(flags.csv) ? "" : ` in ${flags.csv}`;
    const advice = written === 0 ? "" : adviceFor(campaign, flags);
    say(`${plural(written, "row")}${where}.${advice}`);
    return EXIT.done;
  } finally {
    await ledger?.close();
  }
}

function adviceFor({ erasedAt }: CampaignRecord, flags: { all?: boolean }): string {
  if (erasedAt !== null) {
    return " The campaign was purged: their cells are erased, and it cannot be run again.";
  }
  return flags.all
    ? ""
    : " Mend them in the CSV of the campaign, in place or at its end, and run it again.";
}

/** A row as `--json` has it. */
async function* rejectRecords(
  ledger: Ledger,
  campaign: CampaignRecord,
  flags: { all?: boolean },
  stop: AbortSignal,
): AsyncGenerator<Record<string, unknown>> {
  for await (const { row, line, reason, detail, cells } of rejectsOf(
    ledger,
    campaign,
    reasonsOf(flags),
    stop,
  )) {
    const named = campaign.columns.map((column, at) => [column, cells[at] ?? null]);
    yield { row, line, reason, detail, cells: Object.fromEntries(named) };
  }
}

/** Reasons of the rows that are wanted: those that can be fixed in the file, or all. */
function reasonsOf({ all }: { all?: boolean }): SkipReason[] {
  return [...(all ? SKIP_REASONS : MENDABLE_REASONS)];
}

/**
 * Skipped rows with these reasons, in the order of the file.
 * @throws OperatorError with exit code 75 after a stop
 */
export async function* rejectsOf(
  ledger: Ledger,
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
 * Writes the rejects of a campaign to a file or stdout; gives how many. A file has its name only once it is whole.
 * @throws OperatorError with exit code 75 after a stop; then there is no file
 */
export async function writeRejects(
  ledger: Ledger,
  campaign: CampaignRecord,
  flags: { csv?: string; all?: boolean },
  stop: AbortSignal,
): Promise<number> {
  return writeOutput(
    flags.csv,
    async (out) => {
      const mark = isStdout(flags.csv) ? "" : BYTE_ORDER_MARK;
      await out.write(mark + csvLine([...namesOf(REJECT_COLUMNS), ...campaign.columns]));
      let written = 0;
      let lines = "";
      for await (const row of rejectsOf(ledger, campaign, reasonsOf(flags), stop)) {
        lines += csvLine([row.row, row.line, row.reason, row.detail, ...row.cells]);
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
