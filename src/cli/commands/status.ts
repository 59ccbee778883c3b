// `campaign status`: where one campaign, or every campaign of the ledger, stands.

import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT } from "../../domain/common/errors.ts";
import { plural } from "../../domain/common/numbers.ts";
import type { Ledger } from "../../domain/ledger/ledger.ts";
import { LEDGER_WENT_BACK, WENT_BACK_TODO } from "../../domain/receipts/went-back.ts";
import { behindSentence } from "../../domain/receipts/witness.ts";
import type { Summary } from "../../domain/result/summary.ts";
import {
  campaignEventLines,
  campaignEventsOf,
  campaignEventsRecord,
  eventLines,
} from "../campaign/campaign-events.ts";
import { summaryOf } from "../campaign/campaign-summary.ts";
import { campaignOf, ledgerFile, loadManifest, readLedger, sayLedger } from "../campaign/wiring.ts";
import { behind, readWitness } from "../campaign/witness.ts";
import type { CommandContext } from "../context.ts";
import { printCampaigns } from "../print/campaign-list.ts";
import { print, printJson, warn } from "../print/print.ts";
import { startProgress } from "../print/progress.ts";
import { printSummary, SANDBOX_WORDS } from "../print/summary.ts";
import type { Times } from "../print/times.ts";
import { timesOf } from "../print/times.ts";

/** Events of all accounts that are read for the list of campaigns. */
const EVENTS_MAX = 100;

/** Runs the command; gives its exit code. */
export async function status(
  file: string | undefined,
  flags: { json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = file === undefined ? undefined : await loadManifest(file, { tokenUnused: true });
  const where = ledgerFile(context.options, loaded);
  sayLedger(where);
  const ledger = await readLedger(context.options, loaded);
  try {
    const lacking = ledger === undefined ? [] : await behind(ledger, readWitness());
    const findings = lacking.map((one) => ({
      id: LEDGER_WENT_BACK,
      wrong: behindSentence(one),
      todo: WENT_BACK_TODO,
    }));
    for (const { wrong } of findings) warn(wrong);
    const about = { ledger: where, ledger_findings: findings };
    if (loaded !== undefined) {
      const campaign = await campaignOf(ledger, loaded, context.options);
      const summary = await summaryOf(ledger as Ledger, campaign);
      const reported = await campaignEventsOf(ledger as Ledger, campaign, summary.counts);
      if (flags.json) printJson({ ...summary, ...about, ...campaignEventsRecord(reported) });
      else printStatus(summary, campaignEventLines(reported), timesOf(loaded));
      return EXIT.done;
    }
    const summaries = ledger === undefined ? [] : await allSummaries(ledger);
    if (flags.json) printJson({ ...about, campaigns: summaries });
    else if (summaries.length === 0) {
      print(`No campaign in ${where} yet.`);
    } else {
      printCampaigns(summaries);
      const events = (await ledger?.accountEvents(null, EVENTS_MAX)) ?? [];
      for (const line of eventLines(events)) print(line);
    }
    return EXIT.done;
  } finally {
    await ledger?.close();
  }
}

/** Every campaign of the ledger, oldest first. */
async function allSummaries(ledger: Ledger): Promise<Summary[]> {
  const summaries: Summary[] = [];
  const campaigns = await ledger.listCampaigns();
  const line = process.stderr.isTTY
    ? startProgress(() => `reading: ${summaries.length} of ${plural(campaigns.length, "campaign")}`)
    : undefined;
  try {
    for (const campaign of campaigns) summaries.push(await summaryOf(ledger, campaign));
  } finally {
    line?.end();
  }
  return summaries;
}

function printStatus(summary: Summary, lines: readonly string[], times: Times): void {
  printSummary(summary, times);
  for (const line of lines) print(line);
  if (summary.sandbox) print(SANDBOX_WORDS);
}
