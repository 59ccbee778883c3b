// Runs one campaign whose lane is held: checks, plans what is not planned, sends what remains.
// Every command that sends goes through here.

import { resolve } from "node:path";
import { systemClock } from "../../clock/clock.ts";
import type { AccountFacts } from "../../domain/account/facts.ts";
import {
  definitionsOf,
  limitedNumber,
  maxPricesOf,
  templatesOf,
} from "../../domain/account/facts.ts";
import type { CampaignRecord, Stop, StopReason } from "../../domain/campaign/campaign.ts";
import type { DecisionLedger } from "../../domain/campaign/campaign-ports.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { usedIn } from "../../domain/cost/money.ts";
import type { Prices } from "../../domain/cost/prices.ts";
import { withoutComments } from "../../domain/document/document-comments.ts";
import type { Hold } from "../../domain/ledger/ledger.ts";
import { stepSizes } from "../../domain/limits/ramp.ts";
import { testRuleOf } from "../../domain/manifest/arms-of-manifest.ts";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import { stopWordsOf } from "../../domain/manifest/manifest.ts";
import { judgeBudget } from "../../domain/preflight/budget-checks.ts";
import type { Finding } from "../../domain/preflight/finding.ts";
import type { BlockedLane } from "../../domain/preflight/gate.ts";
import { isUnreachable } from "../../domain/preflight/preflight.ts";
import type { ResultLedger } from "../../domain/result/result-ports.ts";
import { dailyLimitOf } from "../../domain/sending/daily-limit.ts";
import { keepRunEnd } from "../../domain/sending/run-end.ts";
import type { RampCourse, RunEnd, RunLedger, TestOfRun } from "../../domain/sending/run-ports.ts";
import { onlyHeldEnd } from "../../domain/sending/stop-reasons.ts";
import { ttlOf } from "../../domain/sending/ttl.ts";
import { decideDue } from "../../domain/sending/watches.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { factsFor } from "../account/account-facts.ts";
import type { CheckFlags } from "../check/findings.ts";
import { blockersFirst, isBlocker, printWarnings, problemOf } from "../check/findings.ts";
import { guardLedger } from "../check/ledger-guard.ts";
import { listFindings } from "../check/list-findings.ts";
import { openPlanGate } from "../check/plan-gate.ts";
import type { ReadinessOptions } from "../check/readiness.ts";
import { checkBeforePlanning, checkBeforeSending, maySendNow } from "../check/readiness.ts";
import { auditSetAside } from "../check/set-aside.ts";
import { keepBudget } from "../cost/keep-budget.ts";
import { makePrices } from "../cost/prices.ts";
import { closeLog, openLog } from "../print/log.ts";
import { say } from "../print/print.ts";
import { expiredSentence, expireMessages } from "../process/expiring.ts";
import { commandActor } from "./auditing.ts";
import { withoutOthers } from "./holding.ts";
import { remainingOn, settleClaims } from "./lane-loops.ts";
import type { RunContext, TakesOver } from "./lane-run.ts";
import { bringUpToDate } from "./planning.ts";
import type { PlanningOptions } from "./planning-options.ts";
import { sandboxLog, send } from "./sending.ts";
import type { LoadedManifest } from "./wiring.ts";

/** What a person wishes of one run. */
export interface RunWishes extends CheckFlags {
  /** Post at most so many. */
  limit?: number;
  /** Do not ask before the first real message. */
  yes?: boolean;
  /** Plan again every row that was not posted yet. */
  replan?: boolean;
  /** The digest of what may be sent; anything else is refused. */
  plan?: string;
  /** Send nothing: a worker does. Then no lane is held. */
  planOnly?: boolean;
  /** Left out: lanes that other processes have are left to these. */
  takesOver?: TakesOver;
  /** The list of a planned campaign need not be on this machine. */
  listMayLack?: boolean;
}

const clock = systemClock;

/** What a run did. */
export interface Ended {
  end: RunEnd;
  /** Nothing was done, since there was nothing to do. */
  isIdle: boolean;
  /** Warnings of the check. */
  findings: Finding[];
  /** It is planned, and nothing was to be sent. */
  isPlanned?: true;
  /** The digest of its plan, where that waits for a person. */
  proposed?: string;
}

/** What was read before sending; without facts where nothing can be sent now. */
interface Checked {
  facts: AccountFacts | undefined;
  findings: Finding[];
  /** Of several numbers those that must not send. */
  blockedLanes: readonly BlockedLane[];
}

/**
 * Checks a campaign, plans what is not planned and sends what remains.
 * @param hold the list of the campaign, and the lanes that it is sent from
 * @throws OperatorError with every blocker, and with what is wrong with manifest, list or account
 */
export async function runHeld(
  loaded: LoadedManifest,
  hold: Hold,
  { ledger, flags, context }: { ledger: OpenedLedger; flags: RunWishes; context: RunContext },
): Promise<Ended> {
  const { manifest } = loaded;
  const { logFile: file, logLevel: level } = context.options;
  const log = manifest.account === "sandbox" ? openLog({ file, level }) : undefined;
  const sandboxLoop =
    log === undefined
      ? undefined
      : await (await import("../account/sandbox-loop.ts")).startSandboxLoop(loaded, ledger, {
          ...{ clock, log, logFile: sandboxLog(ledger.address, loaded.project) },
        });
  try {
    const { stop } = context;
    const expired = await expireMessages(ledger, stop);
    if (expired > 0) say(expiredSentence(expired));
    const ready = { ledger, hold, clock, flags, stop, sandbox: sandboxLoop?.sandbox };
    const ended = await sendReady(loaded, ready, context);
    if (sandboxLoop === undefined || ended.isPlanned || !mayWait(ended.end)) return ended;
    await sandboxLoop.settle(stop);
    return { ...ended, end: await endAfterReceipts(ended.end, ledger, manifest.campaign) };
  } finally {
    await sandboxLoop?.close();
    if (log !== undefined) closeLog(log);
  }
}

/** Reasons to stop that are the campaign's own: its receipts are waited for all the same. */
const ITS_OWN: readonly StopReason[] = [
  ...(["held", "limit", "daily_limit", "hours", "ramp"] as const),
  ...(["ramp_blind", "ramp_held", "budget", "test"] as const),
];

/**
 * A run that a person, a fault or the account ended does not wait for receipts; the next one gets
 * them.
 */
function mayWait(end: RunEnd): boolean {
  return end.kind === "finished" || (end.kind === "stopped" && ITS_OWN.includes(end.why));
}

/** A receipt may have made a recipient wait for another try, or have halted the campaign. */
async function endAfterReceipts(
  end: RunEnd,
  ledger: Pick<RunLedger, "findCampaign" | "setState" | "remaining">,
  name: string,
): Promise<RunEnd> {
  const campaign = await ledger.findCampaign(name);
  if (campaign === undefined) return end;
  if (campaign.stop?.kind === "halted") {
    const { code, sentence } = campaign.stop;
    const halted: RunEnd = { kind: "halted", halt: { code, sentence } };
    await keepRunEnd(ledger, campaign.id, halted, clock.now());
    return halted;
  }
  if (end.kind !== "finished") return end;
  const { pending, held, nextDueAt } = await ledger.remaining(campaign.id);
  if (campaign.state === "cancelled" || pending + held === 0) return end;
  const ended = onlyHeldEnd(held, nextDueAt);
  await keepRunEnd(ledger, campaign.id, ended, clock.now());
  return ended;
}

async function sendReady(
  loaded: LoadedManifest,
  options: ReadinessOptions & { ledger: OpenedLedger; hold: Hold; flags: RunWishes },
  context: RunContext,
): Promise<Ended> {
  const { ledger, hold, flags, stop, sandbox } = options;
  const before = await ledger.findCampaign(loaded.manifest.campaign);
  if (before?.stop?.kind === "paused" || before?.stop?.kind === "ramp") {
    await settleClaims(before, options, say);
    return { end: endOfStop(before.stop), isIdle: true, findings: [] };
  }
  const isNew = before === undefined || before.recipients === null;
  const guard = () => guardLedger(ledger, loaded, { flags, now: clock.now() });
  if (isNew) await guard();
  const early = isNew ? await checkBeforePlanning(loaded, options) : undefined;
  const facts = async () => early ?? (await factsFor(loaded, { ...options, cache: ledger }));
  const gate = await openPlanGate(loaded, { before, ledger, clock, flags, facts }, context);
  const replan = flags.replan === true;
  // The templates' own words count against the limits of a text.
  const definitions = early && definitionsOf(early);
  const { listMayLack = false, takesOver = "never" } = flags;
  const alone: PlanningOptions["withoutOthers"] = (one, work) => withoutOthers(hold, one, work);
  const prices = makePrices(loaded, {
    filesMayLack: listMayLack,
    maxPrices: async (template) => maxPricesOf(await facts(), template),
  });
  const planning = { ledger, clock, flags, replan, stop, listMayLack, prices };
  const planned = { ...planning, withoutOthers: alone };
  const campaign = await bringUpToDate({ ...loaded, definitions }, planned);
  if (campaign === "interrupted") {
    const sentence = "Interrupted while planning.";
    const end = { kind: "stopped", why: "interrupted", sentence, goOnAt: null } as const;
    return { end, isIdle: false, findings: [] };
  }
  if (campaign.state === "cancelled") {
    await settleClaims(campaign, options, say);
    say(`Campaign "${campaign.name}" was cancelled: it sends to nobody any more.`);
    return { end: { kind: "finished" }, isIdle: true, findings: [] };
  }
  await gate.start(campaign);
  if (loaded.text !== null) {
    const { policy } = loaded.project;
    await ledger.keepManifest(campaign.id, resolve(loaded.file), {
      manifestText: withoutComments(loaded.text),
      manifestPolicy: policy && { file: policy.file, text: withoutComments(policy.text) },
    });
  }
  await ledger.keepStopWords(campaign.id, stopWordsOf(loaded.manifest));
  await ledger.keepCappedTries(campaign.id, loaded.manifest.delivery.capped_tries);
  await keepBudget(loaded, { before, campaign, prices }, ledger);
  const isOfAll = takesOver !== "never" || flags.planOnly === true;
  const left = await remainingOn(ledger, campaign, isOfAll ? campaign.lanes : hold.lanes);
  const open = left.pending + left.held;
  if (!isNew && open > 0) await guard();
  const aboutList = await checkList(loaded, { campaign, open, prices }, options);
  const checkedAt = clock.now();
  const {
    facts: read,
    findings,
    blockedLanes,
  }: Checked = isNew ||
  haltedBy(campaign) ||
  (await maySendNow(loaded, left, { ledger, campaign: campaign.id, now: clock.now() }))
    ? await checkBeforeSending(loaded, { open, early, halted: haltedBy(campaign) }, options)
    : { facts: undefined, findings: [], blockedLanes: [] };
  if (read !== undefined) {
    gate.judge(read);
    const portfolio = read.waba?.ownerBusinessId ?? null;
    const ttlSeconds = ttlOf(loaded.manifest, read);
    const definitions = definitionsOf(read);
    const templates = definitions.length === 0 ? {} : { definitions };
    const whose = whoseFacts(loaded.manifest, read);
    const kept = { portfolio, ttlSeconds, ...templates, ...whose };
    await ledger.keepFacts(campaign.id, kept, clock.now());
    await liftHalt(ledger, campaign.id, read, checkedAt);
  }
  if (flags.planOnly === true) {
    const proposed = await gate.propose(campaign, facts);
    const all = [...findings, ...aboutList];
    const about = { isIdle: !isNew, findings: all, ...(proposed !== null && { proposed }) };
    return { end: { kind: "finished" }, ...about, isPlanned: true };
  }
  const limit = flags.limit ?? null;
  const number = read?.number ?? null;
  const limited = read === undefined ? null : limitedNumber(read);
  const dailyLimit = dailyLimitOf(loaded.manifest, limited);
  const yes = flags.yes === true;
  const ramp = await rampOf(loaded.manifest, { ledger, campaign, facts: read });
  const test = testOf(loaded.manifest);
  const { leavesToOthers = false } = flags;
  const asked = { limit, dailyLimit, number, blockedLanes, yes, ramp, test, leavesToOthers };
  const what = { ledger, campaign, clock, stop, sandbox, hold, takesOver, ...asked };
  if (open > 0) await auditSetAside(loaded.manifest, ledger);
  // From here on others may plan and send what this run does not have.
  await hold.releaseList();
  const settleTest = () =>
    decideDue(
      { test, campaign },
      { ledger, clock, notice: (event) => event.kind === "test" && say(event.sentence) },
    );
  if (open === 0) await settleTest();
  const { end, isIdle } = await send(loaded, what, context);
  if (open > 0 && end.kind === "finished") await settleTest();
  return { end, isIdle: isIdle && !isNew, findings: [...findings, ...aboutList] };
}

/** The test as this run has it. */
function testOf(manifest: Manifest): TestOfRun | null {
  const rule = testRuleOf(manifest);
  return rule === undefined ? null : { rule, actor: commandActor() };
}

/** The ramp as this run has it: its steps counted in people. */
async function rampOf(
  { ramp }: Manifest,
  found: {
    ledger: Pick<ResultLedger, "tally">;
    campaign: CampaignRecord;
    facts: AccountFacts | undefined;
  },
): Promise<RampCourse | null> {
  if (ramp === undefined) return null;
  const { ledger, campaign, facts } = found;
  const { rows, counts } = await ledger.tally(campaign.id);
  const sizes = stepSizes(ramp, rows - (counts.skipped ?? 0));
  return { rule: ramp, sizes, isAssessed: isGreen(facts) };
}

/** Meta is through with assessing every template. */
function isGreen(facts: AccountFacts | undefined): boolean {
  const templates = facts === undefined ? [] : templatesOf(facts);
  return templates.length > 0 && templates.every(({ quality }) => quality === "GREEN");
}

/**
 * Judges the planned list while a recipient of it waits, or none ever could.
 * @returns the warnings
 * @throws OperatorError with every blocker
 */
async function checkList(
  loaded: LoadedManifest,
  {
    campaign,
    open,
    prices,
  }: { campaign: CampaignRecord; open: number; prices: () => Promise<Prices | null> },
  { ledger, flags }: Pick<ReadinessOptions, "flags"> & { ledger: Pick<ResultLedger, "tally"> },
): Promise<Finding[]> {
  const tally = await ledger.tally(campaign.id);
  if (open === 0 && tally.rows > (tally.counts.skipped ?? 0)) return [];
  const { columns } = campaign;
  const { budget } = loaded.manifest;
  const used = budget === undefined ? 0 : usedIn(tally.money, budget.currency);
  const money = { prices: await prices(), waiting: tally.money.waiting, used };
  const found = [
    ...(await listFindings(loaded, { tally, columns })),
    ...judgeBudget(loaded.manifest, money),
  ];
  const findings = blockersFirst(found, flags);
  const blockers = findings.filter(isBlocker);
  if (blockers.length > 0) {
    throw new OperatorError(blockers.map((one) => problemOf(one, loaded)));
  }
  printWarnings(findings, loaded);
  return findings;
}

/** A campaign that waits for a person ends at once: Meta is not asked, and nothing is planned. */
function endOfStop({ kind, code, sentence }: Stop): RunEnd {
  if (kind === "ramp") return { kind: "halted", halt: { code, sentence } };
  return { kind: "stopped", why: "paused", sentence, goOnAt: null };
}

/** The event that a check has to disprove before the campaign goes on. */
function haltedBy({ stop, laneStops }: CampaignRecord): boolean {
  return stop?.kind === "halted" || laneStops.length > 0;
}

/** Whose events concern the campaign from now on. */
function whoseFacts(
  { account }: Manifest,
  { waba, numbers }: AccountFacts,
): { waba?: string; number?: string; moreNumbers: Record<string, string> } {
  const id = waba?.id ?? (account === "sandbox" ? undefined : account.waba_id);
  const [first, ...more] = numbers.map(({ phoneNumberId, facts }) => {
    const digits = facts?.displayPhoneNumber?.replace(/\D/g, "") ?? "";
    return { lane: phoneNumberId, digits: /^[1-9]\d{4,14}$/.test(digits) ? digits : undefined };
  });
  const known = more.flatMap(({ lane, digits }) => (digits === undefined ? [] : [[lane, digits]]));
  return {
    ...(id !== undefined && { waba: id }),
    ...(first?.digits !== undefined && { number: first.digits }),
    moreNumbers: Object.fromEntries(known) as Record<string, string>,
  };
}

/**
 * The check found nothing that stops a run, so no event from before it does. While Meta cannot be
 * asked nothing is known to be well again, and an event goes on stopping the campaign.
 */
async function liftHalt(
  ledger: Pick<DecisionLedger, "liftStop">,
  campaign: number,
  facts: AccountFacts,
  checkedAt: number,
): Promise<void> {
  if (isUnreachable(facts)) return;
  const upTo = Math.min(checkedAt, facts.readAt);
  await ledger.liftStop(campaign, "halted", upTo);
}
