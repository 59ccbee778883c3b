// The column `frozen`: what a campaign was planned with, and beside it the text of its manifest and
// of the policy that this is under.

import type { CampaignRecord, Frozen } from "../../domain/campaign/campaign.ts";

/** No key of a manifest has a blank in it. */
const TEXT = "manifest text";
const POLICY = "manifest policy";

/** What is kept of a manifest. */
export type KeptManifest = Pick<CampaignRecord, "manifestText" | "manifestPolicy">;

/** What the column has. */
export function frozenJson(frozen: Frozen, kept: KeptManifest | null): string {
  const { manifestText: text = null, manifestPolicy: policy = null } = kept ?? {};
  return JSON.stringify({
    ...frozen,
    ...(text !== null && { [TEXT]: text }),
    ...(policy !== null && { [POLICY]: policy }),
  });
}

/** The column read. */
export function frozenOfJson(json: string): Pick<CampaignRecord, "frozen"> & KeptManifest {
  const { [TEXT]: text, [POLICY]: policy, ...frozen } = JSON.parse(json) as Frozen;
  return {
    frozen,
    manifestText: typeof text === "string" ? text : null,
    manifestPolicy: (policy ?? null) as CampaignRecord["manifestPolicy"],
  };
}
