// The campaigns whose people a campaign leaves out (`suppress.campaigns`), judged by what the
// ledger has of them. Pure.

import type { CampaignRecord } from "../campaign/campaign.ts";
import { nearest } from "../common/nearest.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";

type KnownCampaign = Pick<CampaignRecord, "name" | "erasedAt" | "excludes">;

/** Campaigns that are named and cannot be asked: not in the ledger, or purged. */
export function exclusionFindings(
  names: readonly string[],
  known: readonly KnownCampaign[],
): Finding[] {
  return names.flatMap((name, at) => {
    const other = known.find((campaign) => campaign.name === name);
    if (other !== undefined && other.erasedAt === null) return [];
    const path = ["suppress", "campaigns", at];
    if (other !== undefined) return [finding("purged_campaign", path, name, { name })];
    const near = nearest(
      name,
      known.map((campaign) => campaign.name),
    );
    const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
    return [finding("unknown_campaign", path, name, { name, hint })];
  });
}

/**
 * The campaigns by which one leaves out itself in the end: it names another, which names a third,
 * which names it. Undefined without such a circle.
 */
export function exclusionCircle(
  campaign: string,
  names: readonly string[],
  known: readonly KnownCampaign[],
): string[] | undefined {
  const excludes = new Map(known.map((campaign) => [campaign.name, campaign.excludes]));
  const visited = new Set<string>();
  const follow = (name: string, way: readonly string[]): string[] | undefined => {
    if (name === campaign) return [...way, name];
    if (visited.has(name)) return undefined;
    visited.add(name);
    for (const next of excludes.get(name) ?? []) {
      const found = follow(next, [...way, name]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  for (const name of names) {
    const found = follow(name, [campaign]);
    if (found !== undefined) return found;
  }
  return undefined;
}
