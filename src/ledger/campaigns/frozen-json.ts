// The column `frozen`: what a campaign was planned with, and beside it the text of its manifest.

import type { CampaignRecord, Frozen } from "../../domain/campaign/campaign.ts";

/** No key of a manifest has a blank in it. */
const TEXT = "manifest text";

/**
 * What the column has.
 * @param manifestText as CampaignRecord.manifestText
 */
export function frozenJson(frozen: Frozen, manifestText: string | null): string {
  return JSON.stringify(manifestText === null ? frozen : { ...frozen, [TEXT]: manifestText });
}

/** The column read. */
export function frozenOfJson(json: string): Pick<CampaignRecord, "frozen" | "manifestText"> {
  const { [TEXT]: text, ...frozen } = JSON.parse(json) as Frozen;
  return { frozen, manifestText: typeof text === "string" ? text : null };
}
