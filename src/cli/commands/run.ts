// `campaign run`: checks, plans what is not planned, sends what remains, and prints how it ended.

import { resolve } from "node:path";
import { systemClock } from "../../clock/clock.ts";
import { openingAt } from "../../clock/hours.ts";
import type { AccountFacts } from "../../domain/account/facts.ts";
import type { CampaignRecord, Stop } from "../../domain/campaign/campaign.ts";
import type { DecisionLedger } from "../../domain/campaign/campaign-ports.ts";
import { LedgerError } from "../../domain/campaign/fault.ts";
import type { ErrorRecord, ExitCode } from "../../domain/common/errors.ts";
import { EXIT, errorRecord, OperatorError } from "../../domain/common/errors.ts";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import { laneOf, stopWordsOf } from "../../domain/manifest/manifest.ts";
import type { Finding } from "../../domain/preflight/finding.ts";
import { isUnreachable } from "../../domain/preflight/preflight.ts";
import type { ResultLedger } from "../../domain/result/result-ports.ts";
import type { Summary } from "../../domain/result/summary.ts";
import { dailyLimitOf } from "../../domain/sending/daily-limit.ts";
import type { ReadinessLedger, RunEnd, RunLedger } from "../../domain/sending/run-ports.ts";
import { HOLD_WAIT_MS, onlyHeldEnd } from "../../domain/sending/stop-reasons.ts";
import { ttlOf } from "../../domain/sending/ttl.ts";
import type { Remaining } from "../../domain/sending/turn.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import type { CampaignView, SummaryLedger } from "../campaign/campaign-summary.ts";
import { viewOf } from "../campaign/campaign-summary.ts";
import { holding } from "../campaign/holding.ts";
import { bringUpToDate } from "../campaign/planning.ts";
import { sandboxLog, sayInDoubt, send } from "../campaign/sending.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { loadManifest } from "../campaign/wiring.ts";
import type { CheckFlags } from "../check/findings.ts";
import {
  blockersFirst,
  findingRecords,
  isBlocker,
  printWarnings,
  problemOf,
  refuseTtlFlag,
} from "../check/findings.ts";
import { guardLedger, openToRun } from "../check/ledger-guard.ts";
import { listFindings } from "../check/list-findings.ts";
import type { ReadinessOptions } from "../check/readiness.ts";
import { checkBeforePlanning, checkBeforeSending } from "../check/readiness.ts";
import type { CommandContext } from "../context.ts";
import { fail } from "../failures.ts";
import { openLog } from "../print/log.ts";
import { areStreamsOne, beQuiet, print, printJson, say } from "../print/print.ts";
import { printRunEnd } from "../print/run-end.ts";
import { SANDBOX_WORDS } from "../print/summary.ts";
import { timesOf } from "../print/times.ts";
import { expiredSentence, expireMessages } from "../process/expiring.ts";

export interface RunFlags extends CheckFlags {
  json?: boolean;
  limit?: number;
  yes?: boolean;
  replan?: boolean;
  quiet?: boolean;
  /** Wait for another run of the campaign or the number. */
  wait?: boolean;
}

const clock = systemClock;

/** Runs the command; gives its exit code. */
export async function run(
  file: string,
  flags: RunFlags,
  context: CommandContext,
): Promise<ExitCode> {
  if (flags.quiet) beQuiet();
  const loaded = await loadManifest(file);
  const { manifest } = loaded;
  if (manifest.account === "sandbox") saySandbox(flags);
  try {
    refuseTtlFlag(loaded, flags);
    const ledger = await openToRun(loaded, flags, context);
    try {
      const { stop } = context;
      const who = { campaign: manifest.campaign, lane: laneOf(manifest) };
      const wanted = { ...who, clock, wait: flags.wait === true, stop };
      const ended = await holding(ledger, wanted, () => runHeld(loaded, ledger, flags, context));
      await printEnd(ended, { ledger, loaded }, flags);
      return exitCodeOf(ended.end);
    } finally {
      await ledger.close();
    }
  } catch (error) {
    // Said here, so that what is said of the sandbox stays the last line.
    return fail(error);
  } finally {
    if (manifest.account === "sandbox") saySandbox(flags);
  }
}

/** First and last line, on whichever stream a person or a log reads. */
function saySandbox(flags: RunFlags): void {
  say(SANDBOX_WORDS);
  if (!flags.json && !process.stdout.isTTY && !areStreamsOne()) print(SANDBOX_WORDS);
}

interface Ended {
  end: RunEnd;
  /** Nothing was done, since there was nothing to do. */
  isIdle: boolean;
  /** Warnings of the check. */
  findings: Finding[];
}

/** What was read before sending; without facts where nothing can be sent now. */
interface Checked {
  facts: AccountFacts | undefined;
  findings: Finding[];
}

async function runHeld(
  loaded: LoadedManifest,
  ledger: OpenedLedger,
  flags: RunFlags,
  context: CommandContext,
): Promise<Ended> {
  const { manifest } = loaded;
  const sandboxLoop =
    manifest.account === "sandbox"
      ? await (await import("../account/sandbox-loop.ts")).startSandboxLoop(loaded, ledger, {
          clock,
          log: openLog({ file: context.options.logFile, level: context.options.logLevel }),
          logFile: sandboxLog(ledger.address, loaded.project),
        })
      : undefined;
  try {
    const { stop } = context;
    const expired = await expireMessages(ledger, stop);
    if (expired > 0) say(expiredSentence(expired));
    const ready = { ledger, clock, flags, stop, sandbox: sandboxLoop?.sandbox };
    const ended = await sendReady(loaded, ready, context);
    if (sandboxLoop === undefined || !mayWait(ended.end)) return ended;
    await sandboxLoop.settle(stop);
    return { ...ended, end: await endAfterReceipts(ended.end, ledger, manifest.campaign) };
  } finally {
    await sandboxLoop?.close();
  }
}

/**
 * A run that a person, a fault or the account ended does not wait for receipts; the next one gets
 * them.
 */
function mayWait(end: RunEnd): boolean {
  if (end.kind === "stopped") return end.why === "held" || end.why === "limit";
  return end.kind === "finished";
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
    await ledger.setState(campaign.id, "halted", { code, sentence }, clock.now());
    return { kind: "halted", halt: { code, sentence } };
  }
  if (end.kind !== "finished") return end;
  const { pending, held, nextDueAt } = await ledger.remaining(campaign.id);
  if (campaign.state === "cancelled" || pending + held === 0) return end;
  const ended = onlyHeldEnd(held, nextDueAt);
  const { why, goOnAt } = ended;
  await ledger.setState(campaign.id, "stopped", null, clock.now(), { why, goOnAt });
  return ended;
}

async function sendReady(
  loaded: LoadedManifest,
  options: ReadinessOptions & { ledger: OpenedLedger; flags: RunFlags },
  context: CommandContext,
): Promise<Ended> {
  const { ledger, flags, stop, sandbox } = options;
  const before = await ledger.findCampaign(loaded.manifest.campaign);
  if (before?.stop?.kind === "paused") {
    await settleClaims(ledger, before);
    return { end: pausedEnd(before.stop), isIdle: true, findings: [] };
  }
  const isNew = before === undefined || before.recipients === null;
  const guard = () => guardLedger(ledger, loaded, { flags, now: clock.now() });
  if (isNew) await guard();
  const early = isNew ? await checkBeforePlanning(loaded, options) : undefined;
  const replan = flags.replan === true;
  // The template's own words count against the limits of a text.
  const definition = early?.template?.definition;
  const planned = { ledger, clock, flags, replan, stop };
  const campaign = await bringUpToDate({ ...loaded, definition }, planned);
  if (campaign === "interrupted") {
    const sentence = "Interrupted while planning.";
    const end = { kind: "stopped", why: "interrupted", sentence, goOnAt: null } as const;
    return { end, isIdle: false, findings: [] };
  }
  if (campaign.state === "cancelled") {
    await settleClaims(ledger, campaign);
    say(`Campaign "${campaign.name}" was cancelled: it sends to nobody any more.`);
    return { end: { kind: "finished" }, isIdle: true, findings: [] };
  }
  await ledger.keepManifest(campaign.id, resolve(loaded.file));
  await ledger.keepStopWords(campaign.id, stopWordsOf(loaded.manifest));
  await ledger.keepCappedTries(campaign.id, loaded.manifest.delivery.capped_tries);
  const left = await ledger.remaining(campaign.id);
  const open = left.pending + left.held;
  if (!isNew && open > 0) await guard();
  const aboutList = await checkList(loaded, { campaign, open }, options);
  const checkedAt = clock.now();
  const { facts, findings }: Checked =
    isNew || haltedBy(campaign) || maySendNow(loaded, left)
      ? await checkBeforeSending(loaded, { open, early, halted: haltedBy(campaign) }, options)
      : { facts: undefined, findings: [] };
  if (facts !== undefined) {
    const portfolio = facts.waba?.ownerBusinessId ?? null;
    const ttlSeconds = ttlOf(loaded.manifest, facts);
    const template = facts.template === null ? {} : { definition: facts.template.definition };
    const whose = whoseFacts(loaded.manifest, facts);
    const kept = { portfolio, ttlSeconds, ...template, ...whose };
    await ledger.keepFacts(campaign.id, kept, clock.now());
    await liftHalt(ledger, campaign.id, facts, checkedAt);
  }
  const limit = flags.limit ?? null;
  const number = facts?.number ?? null;
  const dailyLimit = dailyLimitOf(loaded.manifest, number);
  const yes = flags.yes === true;
  const what = { ledger, campaign, clock, limit, dailyLimit, number, yes, sandbox };
  const { end, isIdle } = await send(loaded, what, context);
  return { end, isIdle: isIdle && !isNew, findings: [...findings, ...aboutList] };
}

/**
 * Judges the planned list while a recipient of it waits, or none ever could.
 * @returns the warnings
 * @throws OperatorError with every blocker
 */
async function checkList(
  loaded: LoadedManifest,
  { campaign, open }: { campaign: CampaignRecord; open: number },
  { ledger, flags }: Pick<ReadinessOptions, "flags"> & { ledger: Pick<ResultLedger, "tally"> },
): Promise<Finding[]> {
  const tally = await ledger.tally(campaign.id);
  if (open === 0 && tally.rows > (tally.counts.skipped ?? 0)) return [];
  const { columns } = campaign;
  const findings = blockersFirst(await listFindings(loaded, { tally, columns }), flags);
  const blockers = findings.filter(isBlocker);
  if (blockers.length > 0) {
    throw new OperatorError(blockers.map((one) => problemOf(one, loaded)));
  }
  printWarnings(findings, loaded);
  return findings;
}

/** A paused campaign ends at once: Meta is not asked, and nothing is planned. */
function pausedEnd({ sentence }: Stop): RunEnd {
  return { kind: "stopped", why: "paused", sentence, goOnAt: null };
}

/** Of a campaign that sends nothing: a run may have been killed before a person stopped it. */
async function settleClaims(
  ledger: Pick<ReadinessLedger, "recoverClaims">,
  { id }: CampaignRecord,
): Promise<void> {
  sayInDoubt(await ledger.recoverClaims(id, clock.now()));
}

/** The event that a check has to disprove before the campaign goes on. */
function haltedBy({ stop }: CampaignRecord): boolean {
  return stop?.kind === "halted";
}

/** Whose events concern the campaign from now on. */
function whoseFacts(
  { account }: Manifest,
  { waba, number }: AccountFacts,
): { waba?: string; number?: string } {
  const id = waba?.id ?? (account === "sandbox" ? undefined : account.waba_id);
  const digits = number?.displayPhoneNumber?.replace(/\D/g, "") ?? "";
  return {
    ...(id !== undefined && { waba: id }),
    ...(/^[1-9]\d{4,14}$/.test(digits) && { number: digits }),
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

/** Cron comes every minute: Meta is not asked when nothing can be sent anyway. */
function maySendNow({ manifest }: LoadedManifest, left: Remaining): boolean {
  const { pending, held, nextDueAt } = left;
  if (pending + held === 0) return false;
  if (pending === 0 && nextDueAt !== null && nextDueAt > clock.now() + HOLD_WAIT_MS) return false;
  return openingAt(manifest.hours, manifest.ends ?? null, clock.now()).kind === "open";
}

async function printEnd(
  { end, isIdle, findings: found }: Ended,
  { ledger, loaded }: { ledger: OpenedLedger; loaded: LoadedManifest },
  flags: RunFlags,
): Promise<void> {
  const view = await viewAtEnd(end, ledger, loaded);
  const summary = view?.summary;
  if (flags.json) {
    const findings = findingRecords(found, loaded);
    const known = summary ?? { campaign: loaded.manifest.campaign, ...endOf(end) };
    printJson({ ...known, ledger: ledger.place, findings, ...errorOf(end) });
  }
  printRunEnd(end, {
    campaign: loaded.manifest.campaign,
    manifest: loaded.file,
    view,
    times: timesOf(loaded),
    file: ledger.place,
    isIdle,
    isJson: flags.json === true,
  });
}

/** How the run ended, where the ledger can say nothing of the campaign any more. */
function endOf(end: RunEnd): Pick<Summary, "state" | "halt"> {
  const { halt } = recordOf(end);
  return { state: end.kind, halt };
}

/** Why the exit code is not 0. */
function errorOf(end: RunEnd): { error?: ErrorRecord } {
  if (end.kind === "finished") return {};
  const { id, message } =
    end.kind === "halted"
      ? { id: end.halt.code, message: end.halt.sentence }
      : { id: end.why, message: end.sentence };
  return { error: errorRecord([{ id, message }], exitCodeOf(end)) };
}

async function viewAtEnd(
  end: RunEnd,
  ledger: Pick<RunLedger, "findCampaign"> & SummaryLedger,
  loaded: LoadedManifest,
): Promise<CampaignView | undefined> {
  try {
    const campaign = await ledger.findCampaign(loaded.manifest.campaign);
    if (campaign === undefined) return undefined;
    // A ledger that stopped the run could not write the end down; what is printed is how it ended.
    // A run of a campaign that was cancelled has nothing to do, and ends as any other.
    const ended = campaign.state === "cancelled" ? campaign : { ...campaign, ...recordOf(end) };
    return await viewOf(ledger, ended, { isRunning: false });
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}

function recordOf(end: RunEnd): Pick<CampaignRecord, "state" | "halt" | "lastStop"> {
  const halt = end.kind === "halted" ? { code: end.halt.code, sentence: end.halt.sentence } : null;
  const lastStop = end.kind === "stopped" ? { why: end.why, goOnAt: end.goOnAt } : null;
  return { state: end.kind, halt, lastStop };
}

function exitCodeOf(end: RunEnd): ExitCode {
  switch (end.kind) {
    case "finished":
      return EXIT.done;
    case "halted":
      return EXIT.halted;
    case "stopped":
      return EXIT.stopped;
  }
}
