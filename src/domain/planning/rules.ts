// What the rows of a campaign are given when they are planned, as its manifest says.

import type { CampaignRecord } from "../campaign/campaign.ts";
import { holdOutsOf, splitOf } from "../manifest/arms-of-manifest.ts";
import { isByRecipient } from "../manifest/clocks-of-all.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { numbersOf } from "../manifest/manifest.ts";
import type { PlanRules } from "./rows.ts";

/**
 * The rules of a manifest.
 * @param campaign as the ledger has it
 * @param prices see PlanRules; of a campaign with a budget
 */
export function planRules(
  manifest: Manifest,
  { createdAt }: Pick<CampaignRecord, "createdAt">,
  prices?: PlanRules["prices"],
): PlanRules {
  const split = splitOf(manifest);
  return {
    lanes: numbersOf(manifest),
    isShuffled: manifest.ramp !== undefined || split !== undefined,
    hasZones: isByRecipient(manifest),
    holdOuts: holdOutsOf(manifest, createdAt),
    ...(split !== undefined && { split }),
    ...(prices !== undefined && { prices }),
  };
}
