// A campaign summed up, with what only a look at its lock shows: whether it runs at this moment.

import { systemClock } from "../../clock/clock.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { Ledger } from "../../domain/ledger/ledger.ts";
import type { LedgerTally } from "../../domain/result/counts.ts";
import type { Summary } from "../../domain/result/summary.ts";
import { summarise } from "../../domain/result/summary.ts";

/**
 * A campaign's summary with what only a look at its lock tells: whether it runs at this moment.
 * @param known its tally, where it was read already
 */
export async function summaryOf(
  ledger: Ledger,
  campaign: CampaignRecord,
  known?: LedgerTally,
): Promise<Summary> {
  // Looked at first: a run that ends in this moment must not leave its last claims behind as those of a killed one.
  const running = await isRunning(ledger, campaign);
  const tally = known ?? (await ledger.tally(campaign.id));
  const left = await ledger.remaining(campaign.id);
  const dailyLimit = await ledger.dailyLimit(campaign, systemClock.now());
  const isFull = dailyLimit !== null && dailyLimit.people >= dailyLimit.limit && !running;
  const fullUntil = isFull ? dailyLimit.freeAt : null;
  const goOnAt = left.pending === 0 ? left.nextDueAt : fullUntil;
  const isWaiting = !running && left.pending + left.held > 0;
  const waitsFor = isWaiting ? await laneHolder(ledger, campaign) : null;
  return summarise(campaign, tally, { running, goOnAt, dailyLimit, waitsFor });
}

/** Tells whether a runner is at work on the campaign: the operating system knows. */
export async function isRunning(ledger: Ledger, campaign: CampaignRecord): Promise<boolean> {
  if (campaign.state !== "running" && campaign.state !== "planning") return false;
  const { name, lane } = campaign;
  return (await ledger.heldBy({ campaign: name, lane }))?.of === "campaign";
}

/** Which other campaign has the sending number of one that waits; null when none has. */
async function laneHolder(
  ledger: Ledger,
  { name, lane }: CampaignRecord,
): Promise<Summary["waits_for"]> {
  const busy = await ledger.heldBy({ campaign: name, lane });
  if (busy?.of !== "lane" || busy.by === null) return null;
  return { campaign: busy.by.campaign, since: new Date(busy.by.since).toISOString() };
}
