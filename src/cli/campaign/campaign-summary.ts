// A campaign summed up, with what only a look at its lock shows: whether it runs at this moment.

import { systemClock } from "../../clock/clock.ts";
import type { CampaignRecord, DailyLimit } from "../../domain/campaign/campaign.ts";
import { calendarOf, inZone } from "../../domain/common/calendar.ts";
import type { Held, LockLedger } from "../../domain/ledger/ledger.ts";
import type { CampaignStanding } from "../../domain/result/campaign-standing.ts";
import { standingOf } from "../../domain/result/campaign-standing.ts";
import type { ConditionFacts, RulesNow } from "../../domain/result/conditions.ts";
import { conditionRecord, conditionsOf, NO_RULES } from "../../domain/result/conditions.ts";
import type { LedgerTally } from "../../domain/result/counts.ts";
import type { ConditionRules } from "../../domain/result/report-data.ts";
import type { ResultLedger } from "../../domain/result/result-ports.ts";
import type { rulesNow } from "../../domain/result/rules-now.ts";
import type { Summary } from "../../domain/result/summary.ts";
import { summarise } from "../../domain/result/summary.ts";
import type { ReadinessLedger, RunLedger } from "../../domain/sending/run-ports.ts";
import type { LoadedManifest } from "./wiring.ts";

/** What a summary reads of the ledger. */
export type SummaryLedger = Pick<ResultLedger, "tally" | "laneCounts"> &
  Pick<RunLedger, "remaining" | "rampState" | "testState"> &
  Pick<ReadinessLedger, "dailyLimit"> &
  Pick<LockLedger, "heldBy">;

/** A campaign as every face shows it. */
export interface CampaignView {
  standing: CampaignStanding;
  summary: Summary;
  conditions: ConditionFacts;
}

/**
 * A campaign's summary, and how it stands.
 * @param known what was read already; `isRunning: false` for the runner itself, which is at its
 *   end. `rules`: what the manifest says; without them its hours and its ramp are not known
 */
export async function viewOf(
  ledger: SummaryLedger,
  campaign: CampaignRecord,
  known: { tally?: LedgerTally; isRunning?: boolean; rules?: ConditionRules | null } = {},
): Promise<CampaignView> {
  // Looked at first: a run that ends in this moment must not leave its last claims behind as those
  // of a killed one.
  const running = known.isRunning ?? (await isRunning(ledger, campaign));
  const tally = known.tally ?? (await ledger.tally(campaign.id));
  const left = await ledger.remaining(campaign.id);
  const now = systemClock.now();
  const dailyLimit: DailyLimit | null = await ledger.dailyLimit(campaign, now);
  const isWaiting = !running && known.isRunning === undefined && left.pending + left.held > 0;
  const numberUsedBy = isWaiting ? await laneHolder(ledger, campaign) : null;
  const { counts } = tally;
  const facts = { campaign, isRunning: running, left, now, counts, dailyLimit, numberUsedBy };
  const standing = standingOf(facts);
  const lanes = campaign.lanes.length > 1 ? await ledger.laneCounts(campaign.id) : [];
  const { rules = null } = known;
  const found = await foundBy(rules, ledger, { campaign: campaign.id, standing, tally, now });
  const conditions = { now, standing, tally, budget: campaign.budget, dailyLimit, found };
  const { zone, minute } = calendarOf(rules?.schedule.clock ?? "UTC");
  const records = conditionsOf(conditions, (at) => inZone(minute(at), zone)).map(conditionRecord);
  const about = { standing, dailyLimit, lanes, conditions: records };
  return { standing, summary: summarise(campaign, tally, about), conditions };
}

/** What knows of clocks is loaded where a manifest was read. */
async function foundBy(
  rules: ConditionRules | null,
  ledger: SummaryLedger,
  about: Parameters<typeof rulesNow>[2],
): Promise<RulesNow> {
  if (rules === null) return NO_RULES;
  const { rulesNow } = await import("../../domain/result/rules-now.ts");
  return await rulesNow(rules, ledger, about);
}

/**
 * What a manifest says that may hold people back; null for one that says nothing of it, and loads
 * nothing for it.
 */
export async function rulesOf(loaded: LoadedManifest): Promise<ConditionRules | null> {
  const { hours, starts, ends, cap, ramp, test } = loaded.manifest;
  if ([hours, starts, ends, cap, ramp, test].every((one) => one === undefined)) return null;
  const { conditionRules } = await import("../files/schedule-files.ts");
  return await conditionRules(loaded);
}

/** The summary alone. */
export async function summaryOf(
  ledger: SummaryLedger,
  campaign: CampaignRecord,
  tally?: LedgerTally,
): Promise<Summary> {
  const view = await viewOf(ledger, campaign, tally === undefined ? {} : { tally });
  return view.summary;
}

/** Tells whether a runner is at work on the campaign: the operating system knows. */
export async function isRunning(
  ledger: Pick<LockLedger, "heldBy">,
  campaign: CampaignRecord,
): Promise<boolean> {
  if (campaign.state !== "running" && campaign.state !== "planning") return false;
  const taken = await ledger.heldBy(heldOf(campaign));
  return taken.some(({ of, by }) => of === "list" || by?.campaign === campaign.name);
}

/** Which other campaign has the sending numbers of one that waits; null when one is free. */
async function laneHolder(
  ledger: Pick<LockLedger, "heldBy">,
  campaign: CampaignRecord,
): Promise<CampaignStanding["numberUsedBy"]> {
  const taken = await ledger.heldBy(heldOf(campaign));
  const [first] = taken;
  if (first?.of !== "lane" || taken.length < campaign.lanes.length) return null;
  const other = taken.find(({ by }) => by !== null && by.campaign !== campaign.name)?.by;
  return other == null ? null : { campaign: other.campaign, since: other.since };
}

/** The campaign with its lanes, as a lock has them. */
function heldOf({ name, lanes }: CampaignRecord): Held {
  return { campaign: name, lanes };
}
