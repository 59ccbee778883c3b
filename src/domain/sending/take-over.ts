// What a run finds of the runs before it, before it posts anything.

import type { CampaignRecord } from "../campaign/campaign.ts";
import type { ReadinessLedger, RunLedger } from "./run-ports.ts";
import type { PaceRecord, Remaining } from "./turn.ts";

/** Where the runs before this one left their campaign and its lane. */
interface TakeOver {
  /** Dispatches that a run which ended uncleanly left `claimed`; they are `unknown` now. */
  inDoubt: number;
  left: Remaining;
  /** What the lane used up to now; undefined when it was never used. */
  pace: PaceRecord | undefined;
}

/**
 * Takes a campaign over from the run before it; the caller holds the campaign and its lane.
 * @param now instant
 */
export async function takeOver(
  ledger: Pick<ReadinessLedger, "recoverClaims" | "pace"> & Pick<RunLedger, "remaining">,
  { id, lane }: Pick<CampaignRecord, "id" | "lane">,
  now: number,
): Promise<TakeOver> {
  const inDoubt = await ledger.recoverClaims(id, now);
  return { inDoubt, left: await ledger.remaining(id), pace: await ledger.pace(lane) };
}
