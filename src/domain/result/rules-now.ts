// Reads how the rules of a campaign's manifest stand: the ledger knows how far a ramp or a test is.

import { hoursNow } from "../schedule/hours-now.ts";
import type { RunLedger } from "../sending/run-ports.ts";
import type { CampaignStanding } from "./campaign-standing.ts";
import { isEnded } from "./campaign-standing.ts";
import type { RulesNow } from "./conditions.ts";
import { NO_RULES } from "./conditions.ts";
import type { LedgerTally } from "./counts.ts";
import type { ConditionRules } from "./report-data.ts";

/**
 * How the rules stand now.
 * @param rules of the manifest; null where it was not read
 * @param campaign its id in the ledger
 */
export async function rulesNow(
  rules: ConditionRules | null,
  ledger: Pick<RunLedger, "rampState" | "testState">,
  about: {
    campaign: number;
    standing: CampaignStanding;
    tally: Pick<LedgerTally, "counts" | "zones">;
    now: number;
  },
): Promise<RulesNow> {
  if (rules === null) return NO_RULES;
  const { schedule, lacksDays, cap, ramp } = rules;
  const test = await testNow(rules.test, ledger, about);
  const { campaign, standing, tally, now } = about;
  if (isEnded(standing)) return { ...NO_RULES, cap, test };
  const waiting = { pending: tally.counts.pending ?? 0, zones: tally.zones };
  return {
    ...{ cap, test },
    hours: lacksDays ? null : hoursNow(schedule, waiting, now),
    ramp:
      ramp === null
        ? null
        : { rule: ramp, state: await ledger.rampState(campaign, now - ramp.settle) },
  };
}

async function testNow(
  rule: ConditionRules["test"],
  ledger: Pick<RunLedger, "testState">,
  { campaign, now }: { campaign: number; now: number },
): Promise<RulesNow["test"]> {
  const state = rule === null ? undefined : await ledger.testState(campaign, now);
  return rule === null || state === undefined ? null : { rule, state };
}
