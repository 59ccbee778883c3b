// What planning is given. Shapes only.

import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { CampaignLedger } from "../../domain/campaign/campaign-ports.ts";
import type { AuditLedger, SuppressionLedger } from "../../domain/campaign/list-ports.ts";
import type { Prices } from "../../domain/cost/prices.ts";
import type { ExclusionLedger, PlanLedger } from "../../domain/planning/plan-ports.ts";
import type { Clock } from "../../domain/sending/pace.ts";
import type { RunLedger } from "../../domain/sending/run-ports.ts";
import type { CheckFlags } from "../check/findings.ts";

/** What planning a campaign reads and writes. */
type PlanningLedger = PlanLedger &
  CampaignLedger &
  ExclusionLedger &
  Pick<RunLedger, "findCampaign"> &
  Pick<SuppressionLedger, "suppress"> &
  Pick<AuditLedger, "writeAudit">;

/** Options of planning. */
export interface PlanningOptions {
  ledger: PlanningLedger;
  clock: Clock;
  flags: CheckFlags;
  replan: boolean;
  stop: AbortSignal;
  /** What messages cost at most; left out, or null: nothing is priced. */
  prices?: () => Promise<Prices | null>;
  /** Runs what changes the list of a planned campaign while nobody sends it. */
  withoutOthers(campaign: CampaignRecord, work: () => Promise<void>): Promise<void>;
  /** What is planned stands where the list is not on this machine; left out: that is a mistake. */
  listMayLack?: boolean;
}
