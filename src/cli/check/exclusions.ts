// `suppress.campaigns`, wired: judges the names before anything is planned, and counts the people
// whom those campaigns may have reached.

import type { CampaignLedger } from "../../domain/campaign/campaign-ports.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import type { RowsToPlan } from "../../domain/planning/plan.ts";
import type { ExclusionLedger } from "../../domain/planning/plan-ports.ts";
import { exclusionCircle, exclusionFindings } from "../../domain/preflight/exclusions.ts";
import type { Finding } from "../../domain/preflight/finding.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";

/**
 * What stands against the campaigns that a manifest leaves out.
 * @throws OperatorError when they leave out each other in a circle
 */
export async function findExclusionFaults(
  { manifest, at }: LoadedManifest,
  ledger: Pick<CampaignLedger, "listCampaigns"> | undefined,
): Promise<Finding[]> {
  const { campaigns } = manifest.suppress;
  if (campaigns.length === 0) return [];
  const known = (await ledger?.listCampaigns()) ?? [];
  const circle = exclusionCircle(manifest.campaign, campaigns, known);
  if (circle !== undefined) {
    const others = circle.map((name) => `"${name}"`).join(" → ");
    throw new OperatorError({
      ...at(["suppress", "campaigns"]),
      message: `\`suppress.campaigns\` goes in a circle: ${others}`,
      hint: "Name the earlier campaign in the later one only.",
    });
  }
  return exclusionFindings(campaigns, known);
}

/**
 * Rows as a run would plan them: who was reached by an excluded campaign is skipped, as the ledger
 * that is asked has it.
 */
export async function* withoutReached(
  rows: AsyncIterable<RowsToPlan>,
  ledger: Pick<ExclusionLedger, "reachedByCampaigns">,
  campaigns: readonly string[],
): AsyncGenerator<RowsToPlan> {
  for await (const batch of rows) {
    const planned = Array.from({ length: batch.size }, (_, index) => batch.plan(index));
    const reached = await ledger.reachedByCampaigns(campaigns, planned);
    yield {
      ...batch,
      plan(index) {
        const row = planned[index] as (typeof planned)[number];
        const isLeftOut = row.verdict.kind === "send" && reached[index] === true;
        const verdict = { kind: "skip", reason: "reached_by_campaign", detail: "" } as const;
        return isLeftOut ? { ...row, verdict } : row;
      },
    };
  }
}
