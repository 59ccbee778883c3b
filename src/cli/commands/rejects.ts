// `campaign rejects`: the rows that were skipped, with their reason, as CSV to be fixed and put
// back.

import { delimiterNamed } from "../../csv/delimiter.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT } from "../../domain/common/errors.ts";
import { plural } from "../../domain/common/numbers.ts";
import type { Ledger } from "../../domain/ledger/ledger.ts";
import type { ResultLedger } from "../../domain/result/result-ports.ts";
import { delimiterOfList } from "../campaign/source.ts";
import { campaignOf, loadManifest, readLedger } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { isStdout, requireOneStdout } from "../files/output.ts";
import { refuseOwnFiles } from "../files/own-files.ts";
import { reasonsOf, rejectsOf, writeRejects } from "../files/rejects-file.ts";
import { printJsonList } from "../print/json-list.ts";
import { printJson, say } from "../print/print.ts";

/** Runs the command; gives its exit code. */
export async function rejects(
  file: string,
  flags: { csv?: string; all?: boolean; json?: boolean; delimiter?: string },
  context: CommandContext,
): Promise<ExitCode> {
  requireOneStdout(flags);
  const loaded = await loadManifest(file, { tokenUnused: true });
  refuseOwnFiles([{ option: "--csv", file: flags.csv }], context.options, loaded);
  const ledger = await readLedger(context.options, loaded);
  try {
    const campaign = await campaignOf(ledger, loaded, context.options);
    if (flags.json && flags.csv === undefined) {
      const rows = rejectRecords(ledger as Ledger, campaign, flags, context.stop);
      await printJsonList({ campaign: campaign.name }, "rejects", rows);
      return EXIT.done;
    }
    const delimiter =
      flags.delimiter === undefined
        ? await delimiterOfList(loaded)
        : delimiterNamed(flags.delimiter);
    const written = await writeRejects(
      ledger as Ledger,
      campaign,
      { ...flags, delimiter },
      context.stop,
    );
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
    : " Fix them in the CSV of the campaign, in place or at its end, and run it again.";
}

/** A row as `--json` has it. */
async function* rejectRecords(
  ledger: Pick<ResultLedger, "rejects">,
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
