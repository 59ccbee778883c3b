// `campaign status`: where one campaign, or every campaign of the ledger, stands.

import type { CampaignLedger } from "../../domain/campaign/campaign-ports.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT } from "../../domain/common/errors.ts";
import { plural } from "../../domain/common/numbers.ts";
import type { Ledger } from "../../domain/ledger/ledger.ts";
import { LEDGER_WENT_BACK, WENT_BACK_TODO } from "../../domain/receipts/went-back.ts";
import { behindSentence } from "../../domain/receipts/witness.ts";
import { placeOf } from "../../ledger/open.ts";
import {
  campaignEventLines,
  campaignEventsOf,
  campaignEventsRecord,
  eventLines,
} from "../campaign/campaign-events.ts";
import type { CampaignView, SummaryLedger } from "../campaign/campaign-summary.ts";
import { rulesOf, viewOf } from "../campaign/campaign-summary.ts";
import {
  campaignOf,
  ledgerAddress,
  loadManifest,
  readLedger,
  sayLedger,
} from "../campaign/wiring.ts";
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
  const where = ledgerAddress(context.options, loaded);
  await sayLedger(where);
  const ledger = await readLedger(context.options, loaded);
  try {
    const lacking = ledger === undefined ? [] : await behind(ledger, readWitness());
    const findings = lacking.map((one) => ({
      id: LEDGER_WENT_BACK,
      wrong: behindSentence(one),
      todo: WENT_BACK_TODO,
    }));
    for (const { wrong } of findings) warn(wrong);
    const about = { ledger: placeOf(where), ledger_findings: findings };
    if (loaded !== undefined) {
      const campaign = await campaignOf(ledger, loaded, context.options);
      const view = await viewOf(ledger as Ledger, campaign, { rules: await rulesOf(loaded) });
      const { summary } = view;
      const reported = await campaignEventsOf(ledger as Ledger, campaign, summary.counts);
      const lines = campaignEventLines(reported);
      if (flags.json) printJson({ ...summary, ...about, ...campaignEventsRecord(reported) });
      else printStatus(view, lines, timesOf(loaded));
      return EXIT.done;
    }
    const views = ledger === undefined ? [] : await allViews(ledger);
    if (flags.json) printJson({ ...about, campaigns: views.map(({ summary }) => summary) });
    else if (views.length === 0) {
      print(`No campaign in ${placeOf(where)} yet.`);
    } else {
      printCampaigns(views);
      const events = (await ledger?.accountEvents(null, EVENTS_MAX)) ?? [];
      for (const line of eventLines(events)) print(line);
    }
    return EXIT.done;
  } finally {
    await ledger?.close();
  }
}

/** Every campaign of the ledger, oldest first. */
async function allViews(
  ledger: SummaryLedger & Pick<CampaignLedger, "listCampaigns">,
): Promise<CampaignView[]> {
  const views: CampaignView[] = [];
  const campaigns = await ledger.listCampaigns();
  const line = process.stderr.isTTY
    ? startProgress(() => `reading: ${views.length} of ${plural(campaigns.length, "campaign")}`)
    : undefined;
  try {
    for (const campaign of campaigns) views.push(await viewOf(ledger, campaign));
  } finally {
    line?.end();
  }
  return views;
}

function printStatus(view: CampaignView, lines: readonly string[], times: Times): void {
  printSummary(view, times);
  for (const line of lines) print(line);
  if (view.summary.sandbox) print(SANDBOX_WORDS);
}
