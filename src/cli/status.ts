// `campaign status`: where one campaign, or every campaign of the ledger, stands.

import { hostname } from "node:os";
import type { ExitCode } from "../errors.ts";
import { EXIT } from "../errors.ts";
import type { CampaignRecord, Ledger } from "../ledger.ts";
import type { Summary } from "../tally.ts";
import { summarise } from "../tally.ts";
import { systemClock } from "../timing/clock.ts";
import type { CommandContext } from "./program.ts";
import { printSummary, SANDBOX_WORDS } from "./summary.ts";
import { campaignOf, ledgerFile, loadManifest, readLedger } from "./wiring.ts";

/** Runs the command; gives its exit code. */
export async function status(
  file: string | undefined,
  flags: { json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const ledger = await readLedger(context.options);
  try {
    if (file !== undefined) {
      const loaded = loadManifest(file);
      const campaign = await campaignOf(ledger, loaded, context.options);
      const summary = await summaryOf(ledger as Ledger, campaign);
      if (flags.json) printJson(summary);
      else printSummaries([summary]);
      return EXIT.done;
    }
    const summaries: Summary[] = [];
    for (const campaign of (await ledger?.listCampaigns()) ?? []) {
      summaries.push(await summaryOf(ledger as Ledger, campaign));
    }
    if (flags.json) printJson({ ledger: ledgerFile(context.options), campaigns: summaries });
    else if (summaries.length === 0) {
      process.stdout.write(`No campaign in ${ledgerFile(context.options)} yet.\n`);
    } else printSummaries(summaries);
    return EXIT.done;
  } finally {
    await ledger?.close();
  }
}

function printSummaries(summaries: Summary[]): void {
  for (const summary of summaries) {
    printSummary(summary);
    if (summary.sandbox) process.stdout.write(`${SANDBOX_WORDS}\n`);
  }
}

/** A campaign's summary with what only a look at its lock tells: whether it runs at this moment. */
export async function summaryOf(ledger: Ledger, campaign: CampaignRecord): Promise<Summary> {
  const tally = await ledger.tally(campaign.id);
  const left = await ledger.remaining(campaign.id);
  const dailyLimit = await ledger.dailyLimit(campaign, systemClock.now());
  const running = await isRunning(ledger, campaign);
  const isFull = dailyLimit !== null && dailyLimit.people >= dailyLimit.limit && !running;
  const fullUntil = isFull ? dailyLimit.freeAt : null;
  const goOnAt = left.pending === 0 ? left.nextDueAt : fullUntil;
  return summarise(campaign, tally, { running, goOnAt, dailyLimit });
}

async function isRunning(ledger: Ledger, campaign: CampaignRecord): Promise<boolean> {
  if (campaign.state !== "running" && campaign.state !== "planning") return false;
  const hold = await ledger.hold({
    pid: process.pid,
    host: hostname(),
    campaign: campaign.name,
    lane: campaign.lane,
    since: systemClock.now(),
  });
  if (hold.kind === "busy") return true;
  await hold.release();
  return false;
}

function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
