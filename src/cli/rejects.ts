// `campaign rejects`: the rows that were skipped, with their reason, as CSV to be mended and put back.

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import type { Writable } from "node:stream";

import { csvLine } from "../csv/export.ts";
import { MENDABLE_REASONS, SKIP_REASONS } from "../dispatch.ts";
import type { ExitCode } from "../errors.ts";
import { EXIT } from "../errors.ts";
import type { CampaignRecord, Ledger } from "../ledger.ts";
import type { CommandContext } from "./program.ts";
import { count } from "./progress.ts";
import { campaignOf, loadManifest, readLedger } from "./wiring.ts";

const PAGE = 2000;

/** Runs the command; gives its exit code. */
export async function rejects(
  file: string,
  flags: { csv?: string; all?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = loadManifest(file);
  const ledger = await readLedger(context.options);
  try {
    const campaign = await campaignOf(ledger, loaded, context.options);
    const written = await writeRejects(ledger as Ledger, campaign, flags);
    const where = flags.csv === undefined ? "" : ` to ${flags.csv}`;
    process.stderr.write(
      `${count(written)} rows${where}. Mend them in the CSV of the campaign, in place or at its end, and run it again.\n`,
    );
    return EXIT.done;
  } finally {
    await ledger?.close();
  }
}

/** Writes the rejects of a campaign to a file or stdout; gives how many. */
export async function writeRejects(
  ledger: Ledger,
  campaign: CampaignRecord,
  flags: { csv?: string; all?: boolean },
): Promise<number> {
  const reasons = [...(flags.all ? SKIP_REASONS : MENDABLE_REASONS)];
  const out: Writable =
    flags.csv === undefined ? process.stdout : createWriteStream(flags.csv, { mode: 0o600 });
  // A byte order mark, so that Excel reads UTF-8.
  if (flags.csv !== undefined) out.write("\uFEFF");
  out.write(csvLine(["row_number", "line", "reason", "detail", ...campaign.columns]));
  let after = 0;
  let written = 0;
  for (;;) {
    const page = await ledger.rejects(campaign.id, reasons, after, PAGE);
    for (const row of page) {
      if (!out.write(csvLine([row.row, row.line, row.reason, row.detail, ...row.cells])))
        await once(out, "drain");
    }
    written += page.length;
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.row;
  }
  if (flags.csv !== undefined) {
    out.end();
    await once(out, "finish");
  }
  return written;
}
