// Writes down what a campaign may cost, before a run claims anything of it.

import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { Prices } from "../../domain/cost/prices.ts";
import { budgetOf } from "../../domain/manifest/manifest.ts";
import type { ReadinessLedger } from "../../domain/sending/run-ports.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";

/**
 * What the campaign may cost from now on. Messages of before it had a budget get today's prices.
 */
export async function keepBudget(
  { manifest }: LoadedManifest,
  {
    before,
    campaign,
    prices,
  }: {
    before: CampaignRecord | undefined;
    campaign: CampaignRecord;
    prices: () => Promise<Prices | null>;
  },
  ledger: Pick<ReadinessLedger, "keepBudget">,
): Promise<void> {
  const budget = budgetOf(manifest);
  if (budget === null && campaign.budget === null) return;
  const isFirst = budget !== null && before?.budget === null;
  const byRegion = isFirst ? (await prices())?.byRegion : undefined;
  await ledger.keepBudget(campaign.id, budget, byRegion);
}
