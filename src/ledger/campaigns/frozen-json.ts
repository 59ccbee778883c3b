// The column `frozen`: what a campaign was planned with, and beside it the text of its manifest and
// of the policy that this is under, and the plan that a person starts.

import type { CampaignRecord, Frozen } from "../../domain/campaign/campaign.ts";

/** No key of a manifest has a blank in it. */
const TEXT = "manifest text";
const POLICY = "manifest policy";
const PLAN = "campaign plan";

/** What is kept of a manifest. */
export type KeptManifest = Pick<CampaignRecord, "manifestText" | "manifestPolicy">;

/** All that stands beside what was planned. */
type Kept = KeptManifest & Pick<CampaignRecord, "plan">;

/** What the column has. */
export function frozenJson(frozen: Frozen, kept: Kept | null): string {
  const { manifestText: text = null, manifestPolicy: policy = null, plan = null } = kept ?? {};
  return JSON.stringify({
    ...frozen,
    ...(text !== null && { [TEXT]: text }),
    ...(policy !== null && { [POLICY]: policy }),
    ...(plan !== null && { [PLAN]: plan }),
  });
}

/** The column read. */
export function frozenOfJson(json: string): Pick<CampaignRecord, "frozen"> & Kept {
  const { [TEXT]: text, [POLICY]: policy, [PLAN]: plan, ...frozen } = JSON.parse(json) as Frozen;
  return {
    frozen,
    manifestText: typeof text === "string" ? text : null,
    manifestPolicy: (policy ?? null) as CampaignRecord["manifestPolicy"],
    plan: (plan ?? null) as CampaignRecord["plan"],
  };
}
