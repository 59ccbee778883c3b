// What a person started is what is sent: a run under a plan compares it with what it would send,
// before it plans and before it sends, and keeps in the ledger that it was started.

import { existsSync } from "node:fs";
import { fingerprintFile, statFingerprint } from "../../csv/fingerprint.ts";
import type { AccountFacts } from "../../domain/account/facts.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { CampaignPlanLedger } from "../../domain/campaign/campaign-ports.ts";
import type { AuditLedger } from "../../domain/campaign/list-ports.ts";
import { assert, EXIT, OperatorError } from "../../domain/common/errors.ts";
import type { Plan, PlanNow } from "../../domain/preflight/plan-digest.ts";
import {
  planDifferences,
  planDigest,
  planProblems,
  planRequired,
  readPlanDigest,
} from "../../domain/preflight/plan-digest.ts";
import { isUnreachable } from "../../domain/preflight/preflight.ts";
import type { ResultLedger } from "../../domain/result/result-ports.ts";
import type { Clock } from "../../domain/sending/pace.ts";
import { audited, commandActor } from "../campaign/auditing.ts";
import { recipientsPath } from "../campaign/source.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { shownPath } from "../files/shown-path.ts";
import { manifestHashes, planNow, plannedPlan, sourceHash, templateHash } from "./plan-now.ts";

/** What of its plan a run is held to. */
export interface PlanGate {
  /**
   * Once the list is planned: keeps that the plan was started.
   * @throws OperatorError when another list was planned; the campaign then waits for a person
   */
  start(campaign: CampaignRecord): Promise<void>;
  /**
   * Right before sending.
   * @throws OperatorError when the template is another by now, or cannot be asked for
   */
  judge(facts: AccountFacts): void;
  /**
   * Of a run that only plans: puts the plan forward, so that a person can start it.
   * @returns its digest; null where no person has to start it
   */
  propose(campaign: CampaignRecord, facts: () => Promise<AccountFacts>): Promise<string | null>;
}

export interface PlanGateOptions {
  before: CampaignRecord | undefined;
  ledger: CampaignPlanLedger & Pick<AuditLedger, "writeAudit"> & Pick<ResultLedger, "tally">;
  clock: Clock;
  flags: { plan?: string; planOnly?: boolean; replan?: boolean; listMayLack?: boolean };
  facts(): Promise<AccountFacts>;
}

/** Nothing is asked of a run. */
const OPEN: PlanGate = { start: async () => {}, judge: () => {}, propose: async () => null };

/**
 * Compares what a run would send with its plan, where it has or needs one; before anything is
 * planned.
 * @throws OperatorError when it is otherwise, or no plan was given or started
 */
export async function openPlanGate(
  loaded: LoadedManifest,
  options: PlanGateOptions,
  context: CommandContext,
): Promise<PlanGate> {
  const { before, flags } = options;
  const kept = before?.plan ?? null;
  const started = kept !== null && kept.startedBy !== null ? kept.digest : undefined;
  if (before?.state === "cancelled") return OPEN;
  const isNeeded = loaded.manifest.requiresPlan === true || before?.stop?.kind === "plan";
  if (flags.plan === undefined && !isNeeded) return OPEN;
  const digest = flags.plan ?? started;
  if (digest === undefined) {
    if (flags.planOnly !== true) throw new OperatorError(required(loaded));
    return { ...OPEN, propose: (...what) => propose(loaded, options, what) };
  }
  const plan = readPlanDigest(digest);
  assert(plan !== undefined, "a digest was read when it was given");
  const isNew = digest !== started;
  const now = isNew
    ? await wholePlan(loaded, options, context)
    : { ...(await manifestHashes(loaded)), ...(await sourceNow(loaded, options)) };
  const found = refusal(loaded, plan, now, flags);
  if (found !== undefined) {
    // What was started is over, and what there is now can be put forward in its place.
    if (flags.plan !== undefined || flags.planOnly !== true) throw found;
    return { ...OPEN, propose: (...what) => propose(loaded, options, what) };
  }
  return {
    ...OPEN,
    start: (campaign) => keepStarted(loaded, { campaign, plan, digest, isNew }, options),
    judge(facts) {
      if (isUnreachable(facts)) throw unreachable(loaded);
      const late = refusal(loaded, plan, { template: templateHash(loaded, facts) }, flags);
      if (late !== undefined) throw late;
    },
  };
}

function required({ file, manifest }: LoadedManifest) {
  const { requiresPlan, policy } = manifest;
  const isPolicys = requiresPlan === true && policy !== undefined;
  return planRequired(file, isPolicys ? shownPath(policy.file) : null);
}

function refusal(
  { file }: LoadedManifest,
  plan: Plan,
  now: PlanNow,
  flags: PlanGateOptions["flags"],
): OperatorError | undefined {
  const isGiven = flags.plan !== undefined;
  const problems = planProblems(planDifferences(plan, now), { file, isGiven });
  return problems.length === 0 ? undefined : new OperatorError(problems);
}

function unreachable({ file }: LoadedManifest): OperatorError {
  return new OperatorError(
    {
      ...{ id: "meta_unreachable", file },
      message: "Meta cannot be asked now whether the template is still that of the plan",
      hint: "Run the same command again a little later.",
    },
    EXIT.stopped,
  );
}

async function wholePlan(
  loaded: LoadedManifest,
  { facts, flags }: PlanGateOptions,
  context: CommandContext,
): Promise<Plan> {
  const plan = await planNow(
    loaded,
    { facts: await facts(), replan: flags.replan === true },
    context,
  );
  if (plan === null) throw unreachable(loaded);
  return plan;
}

/** The list as it is now; a file with the size and time that were planned is not read again. */
async function sourceNow(
  loaded: LoadedManifest,
  { before, flags }: PlanGateOptions,
): Promise<Pick<Plan, "source">> {
  const { path, shownAs } = recipientsPath(loaded);
  const planned = before?.recipients ?? null;
  if (planned !== null) {
    if (flags.listMayLack === true && !existsSync(path)) {
      return { source: sourceHash(planned.sha256) };
    }
    const { size, modifiedMs } = await statFingerprint(path, shownAs);
    const isSame = size === planned.size && modifiedMs === planned.modifiedMs;
    if (isSame) return { source: sourceHash(planned.sha256) };
  }
  return { source: sourceHash((await fingerprintFile(path, shownAs)).sha256) };
}

async function keepStarted(
  loaded: LoadedManifest,
  what: { campaign: CampaignRecord; plan: Plan; digest: string; isNew: boolean },
  { ledger, clock, flags }: PlanGateOptions,
): Promise<void> {
  const { campaign, plan, digest, isNew } = what;
  const { recipients } = campaign;
  // The file may have changed since it was counted.
  const source = recipients === null ? "" : sourceHash(recipients.sha256);
  const found = refusal(loaded, plan, { source }, flags);
  if (found !== undefined) {
    await ledger.keepPlan(campaign.id, { digest, startedBy: null }, clock.now());
    throw found;
  }
  if (!isNew) return;
  await ledger.keepPlan(campaign.id, { digest, startedBy: commandActor() }, clock.now());
  await audited(ledger, {
    ...{ action: "plan_start", subject: campaign.name },
    detail: { plan: digest },
  });
}

async function propose(
  loaded: LoadedManifest,
  { ledger, clock }: PlanGateOptions,
  [campaign, factsOf]: Parameters<PlanGate["propose"]>,
): Promise<string> {
  const { recipients } = campaign;
  assert(recipients !== null, "a plan is put forward once the list is planned");
  const facts = await factsOf();
  if (isUnreachable(facts)) throw unreachable(loaded);
  const tally = await ledger.tally(campaign.id);
  const plan = await plannedPlan(loaded, { tally, sha256: recipients.sha256, facts });
  const digest = planDigest(plan);
  await ledger.keepPlan(campaign.id, { digest, startedBy: null }, clock.now());
  return digest;
}
