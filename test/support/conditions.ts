// What the conditions of a campaign follow from, of which a test says only what differs.

import type { CampaignStanding } from "../../src/domain/result/campaign-standing.ts";
import type { ConditionFacts } from "../../src/domain/result/conditions.ts";
import { NO_RULES } from "../../src/domain/result/conditions.ts";
import type { ConditionRules } from "../../src/domain/result/report-data.ts";

/** A manifest without conditions. */
export const NO_CONDITIONS: ConditionRules = {
  schedule: { hours: null, clock: "UTC", starts: null, ends: null, closed: [] },
  lacksDays: false,
  cap: null,
  ramp: null,
  test: null,
};

/** Of a campaign that no condition touches. */
export function conditionFacts(
  { kind = "waiting" }: Partial<Pick<CampaignStanding, "kind">>,
  changes: Omit<Partial<ConditionFacts>, "tally" | "standing"> & {
    tally?: Partial<ConditionFacts["tally"]>;
  } = {},
): ConditionFacts {
  const standing = {
    ...{ kind, why: null, since: 0, until: null, by: null, halt: null, left: 0, held: 0 },
    ...{ unknown: 0, cancelled: 0, dailyLimit: null, numberUsedBy: null, plan: null },
  };
  const money = { waiting: [], planned: 0, reserved: 0, delivered: [], besides: [] };
  const none = { counts: {}, reasons: {}, failures: {}, holds: [], money, reached: { toSend: 0 } };
  return {
    ...{ now: 0, standing, budget: null, dailyLimit: null, found: NO_RULES },
    ...changes,
    tally: { ...none, ...changes.tally },
  };
}
