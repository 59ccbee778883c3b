// What a run finds of the runs before it, before it posts anything.

import type { CampaignRecord } from "../campaign/campaign.ts";
import { placeOfLane } from "../campaign/campaign.ts";
import type { ReadinessLedger, RunLedger } from "./run-ports.ts";
import type { PaceRecord, Remaining } from "./turn.ts";

/** Where the runs before this one left a lane of their campaign. */
export interface TakeOver {
  lane: string;
  /** Dispatches that a run which ended uncleanly left `claimed`; they are `unknown` now. */
  inDoubt: number;
  left: Remaining;
  /** What the lane used up to now; undefined when it was never used. */
  pace: PaceRecord | undefined;
}

/**
 * Takes a lane of a campaign over from the run before it; the caller holds the lane.
 * @param now instant
 */
export async function takeOver(
  ledger: Pick<ReadinessLedger, "recoverClaims" | "pace"> & Pick<RunLedger, "remaining">,
  campaign: Pick<CampaignRecord, "id" | "lanes">,
  { lane, now }: { lane: string; now: number },
): Promise<TakeOver> {
  const place = placeOfLane(campaign, lane);
  const inDoubt = await ledger.recoverClaims(campaign.id, now, place);
  const left = await ledger.remaining(campaign.id, place);
  return { lane, inDoubt, left, pace: await ledger.pace(lane) };
}
