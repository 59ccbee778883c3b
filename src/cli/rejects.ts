// `campaign rejects`: the rows that were skipped, with their reason, as CSV to be mended and put back.

import { plural } from "../count.ts";
import { BYTE_ORDER_MARK, csvLine } from "../csv/export.ts";
import { MENDABLE_REASONS, SKIP_REASONS } from "../dispatch.ts";
import type { ExitCode } from "../errors.ts";
import { EXIT, throwIfStopped } from "../errors.ts";
import type { CampaignRecord, Ledger } from "../ledger.ts";
import { REJECT_COLUMNS } from "../report/columns.ts";
import { namesOf } from "../report/export.ts";
import { systemClock } from "../timing/clock.ts";
import { isStdout, writeOutput } from "./output.ts";
import { refuseOwnFiles } from "./own-files.ts";
import { say } from "./print.ts";
import type { CommandContext } from "./program.ts";
import { campaignOf, loadManifest, readLedger } from "./wiring.ts";

const PAGE = 2000;

/** Runs the command; gives its exit code. */
export async function rejects(
  file: string,
  flags: { csv?: string; all?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = loadManifest(file);
  refuseOwnFiles([{ option: "--csv", file: flags.csv }], context.options, loaded);
  const ledger = await readLedger(context.options, loaded);
  try {
    const campaign = await campaignOf(ledger, loaded, context.options);
    const written = await writeRejects(ledger as Ledger, campaign, flags, context.stop);
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
  const reasons = [...(flags.all ? SKIP_REASONS : MENDABLE_REASONS)];
  return writeOutput(
    flags.csv,
    async (out) => {
      const mark = isStdout(flags.csv) ? "" : BYTE_ORDER_MARK;
      await out.write(mark + csvLine([...namesOf(REJECT_COLUMNS), ...campaign.columns]));
      let after = 0;
      let written = 0;
      for (;;) {
        const { rows, next } = await ledger.rejects(campaign.id, reasons, after, PAGE);
        const lines = rows.map((row) =>
          csvLine([row.row, row.line, row.reason, row.detail, ...row.cells]),
        );
        if (!(await out.write(lines.join("")))) return written;
        written += rows.length;
        if (next === null) return written;
        after = next;
        // A signal is only heard between two pages.
        await systemClock.sleep(0);
        throwIfStopped(stop, "the output is not complete");
      }
    },
    "csv",
  );
}
