// `campaign status`: where one campaign, or every campaign of the ledger, stands.

import { systemClock } from "../../clock/clock.ts";
import type { CampaignLedger } from "../../domain/campaign/campaign-ports.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT } from "../../domain/common/errors.ts";
import { plural } from "../../domain/common/numbers.ts";
import type { Ledger } from "../../domain/ledger/ledger.ts";
import { rampStanding, stepSizes } from "../../domain/limits/ramp.ts";
import { isByRecipient } from "../../domain/manifest/clocks-of-all.ts";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import { LEDGER_WENT_BACK, WENT_BACK_TODO } from "../../domain/receipts/went-back.ts";
import { behindSentence } from "../../domain/receipts/witness.ts";
import type { Summary } from "../../domain/result/summary.ts";
import type { RunLedger } from "../../domain/sending/run-ports.ts";
import { placeOf } from "../../ledger/open.ts";
import {
  campaignEventLines,
  campaignEventsOf,
  campaignEventsRecord,
  eventLines,
} from "../campaign/campaign-events.ts";
import type { CampaignView, SummaryLedger } from "../campaign/campaign-summary.ts";
import { viewOf } from "../campaign/campaign-summary.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import {
  campaignOf,
  ledgerAddress,
  loadManifest,
  readLedger,
  sayLedger,
} from "../campaign/wiring.ts";
import { behind, readWitness } from "../campaign/witness.ts";
import type { CommandContext } from "../context.ts";
import type { WaitingForHours } from "../files/schedule-files.ts";
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
      const view = await viewOf(ledger as Ledger, campaign);
      const { summary } = view;
      const reported = await campaignEventsOf(ledger as Ledger, campaign, summary.counts);
      const now = systemClock.now();
      const zoned = await waitingOf(loaded, ledger as Ledger, { id: campaign.id, now });
      const hours = zoned === null ? {} : { waits_for_hours: zoned };
      const ramp = await rampOf(loaded.manifest, ledger as Ledger, {
        id: campaign.id,
        summary,
        now,
      });
      const conditions = [zoned, ramp?.ramp ?? null].flatMap((one) => one?.sentence ?? []);
      const lines = [...conditions, ...campaignEventLines(reported)];
      if (flags.json)
        printJson({ ...summary, ...hours, ...ramp, ...about, ...campaignEventsRecord(reported) });
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

/** Who waits for their own hours; most campaigns have no such, and load nothing for them. */
async function waitingOf(
  loaded: LoadedManifest,
  ledger: Ledger,
  campaign: { id: number; now: number },
): Promise<WaitingForHours | null> {
  if (!isByRecipient(loaded.manifest)) return null;
  const { waitingForHours } = await import("../files/schedule-files.ts");
  return waitingForHours(loaded, ledger, campaign);
}

/** How far the campaign's ramp is; undefined without one, and once it is through. */
async function rampOf(
  { ramp }: Manifest,
  ledger: Pick<RunLedger, "rampState">,
  { id, summary, now }: { id: number; summary: Summary; now: number },
): Promise<{ ramp: Record<string, unknown> & { sentence: string } } | undefined> {
  if (ramp === undefined) return undefined;
  const sizes = stepSizes(ramp, summary.funnel.to_send);
  const state = await ledger.rampState(id, now - ramp.settle);
  const sentence = rampStanding(state, sizes);
  if (sentence === null) return undefined;
  const { step, people } = state;
  return { ramp: { step: step + 1, steps: sizes, people, settled: state.counts, sentence } };
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
