// `campaign check`: everything short of sending: manifest, CSV, Meta's side, time and cost. It plans into a scratch ledger, so
// that the counts are exactly those of a run; it leaves the real one as it is, and changes nothing at Meta.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AccountFacts } from "../../domain/account/facts.ts";
import type { NotChecked } from "../../domain/preflight/checked.ts";
import { checkedSentence, notChecked } from "../../domain/preflight/checked.ts";
import { count, plural } from "../../domain/common/numbers.ts";
import { dailyLimitOf } from "../../domain/sending/daily-limit.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, errorRecord, OperatorError, throwIfStopped } from "../../domain/common/errors.ts";
import type { Finding } from "../../domain/preflight/finding.ts";
import { hasOptimisation, hasReporting } from "../../domain/recipient/geography.ts";
import type { CampaignRecord, Ledger, LedgerTally } from "../../domain/ledger/ledger.ts";
import { frozenOf, laneOf } from "../../domain/manifest/manifest.ts";
import { regionsLeft } from "../../domain/cost/people-left.ts";
import { planRows } from "../../domain/planning/plan.ts";
import { compareSource } from "../../domain/planning/replan.ts";
import {
  changedProblems,
  changesRecord,
  changesSentence,
  removedFindings,
} from "../../domain/preflight/source-changes.ts";
import { openSqliteLedger } from "../../ledger/ledger.ts";
import { geographyNotes, peopleWithout } from "../../domain/result/summary.ts";
import { systemClock } from "../../clock/clock.ts";
import type { Unread } from "../../domain/recipient/unread.ts";
import { plainReason } from "../../domain/result/labels.ts";
import { factsFor } from "../account/account-facts.ts";
import type { Estimate, LoadedEstimate } from "../campaign/estimate.ts";
import { estimateFor, estimateText } from "../campaign/estimate.ts";
import { findExclusionFaults, withoutReached } from "../check/exclusions.ts";
import type { CheckFlags, FindingRecord } from "../check/findings.ts";
import {
  blockersFirst,
  findingRecords,
  findingsOf,
  isBlocker,
  mustWait,
  plannedOf,
  printFindings,
  problemOf,
  reachedOf,
  refuseTtlFlag,
} from "../check/findings.ts";
import { ledgerFindings } from "../check/ledger-guard.ts";
import { findIdFaults, listFindings } from "../check/list-findings.ts";
import { suppressionPages } from "../campaign/optouts.ts";
import { refuseOwnFiles } from "../files/own-files.ts";
import { importOptOutFiles, refuseChanges, refuseEnded, refusePurged, rowsOf } from "../campaign/planning.ts";
import { print, printJson, say } from "../print/print.ts";
import { printProblems } from "../print/problems.ts";
import type { CommandContext } from "../program.ts";
import { readingLine, startProgress } from "../print/progress.ts";
import { writeRejects } from "./rejects.ts";
import { howToReplan } from "../campaign/replanning.ts";
import { requireSound } from "../check/sound.ts";
import type { Source } from "../campaign/source.ts";
import { openSource, rowsToPlan, withDefinition } from "../campaign/source.ts";
import { SANDBOX_WORDS } from "../print/summary.ts";
import { unreadLines, unreadOf } from "../check/unread.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { ledgerFile, loadManifest, readLedger, sayLedger } from "../campaign/wiring.ts";

/** The `--json` document of `check`. Keys may be added. */
interface CheckResult {
  campaign: string;
  /** Absolute path; there may be none yet. */
  ledger: string;
  sandbox: boolean;
  rows: number;
  /** How many of the whole list would be sent to. */
  send: number;
  /** How many of them a run would still send to; the estimate is theirs. */
  left: number;
  reasons: Record<string, number>;
  /** Numbers that were not read, by why. */
  unread: Unread[];
  regions: Record<string, number>;
  /** Sent to, in regions where Meta gives no delivery optimisation. */
  without_optimisation: number;
  without_reporting: number;
  messages_per_second: number;
  /** At the rate alone. */
  seconds: number;
  /** What the ledger has of the campaign; null before its first run. */
  already: {
    counts: LedgerTally["counts"];
    /** Planned and not sent yet. */
    waiting: number;
    /** Rows that a run would plan: added to the file, back in it, or repaired. */
    new_rows: number;
    /** What the file has otherwise than when it was planned. */
    changes: Record<string, number>;
  } | null;
  estimate: Estimate;
  /** What was found at Meta, blockers first. */
  findings: FindingRecord[];
  /** What could not be looked at, and why; empty when everything was. */
  not_checked: NotChecked[];
}

export interface CheckCommandFlags extends CheckFlags {
  json?: boolean;
  rejects?: string;
  rateCard?: string;
}

/** Runs the command; gives its exit code. */
export async function check(
  file: string,
  flags: CheckCommandFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = loadManifest(file);
  refuseTtlFlag(loaded, flags);
  refuseRejects(loaded, flags, context);
  const isReal = loaded.manifest.account !== "sandbox";
  const whenNew = isReal ? "none there yet: a run asks, or needs --new-ledger" : undefined;
  sayLedger(ledgerFile(context.options, loaded), whenNew);
  const { source, facts } = await askBoth(loaded, flags, context);
  printProblems(source.csv.warnings, "warning: ");
  const { result: already, findings: changed, regions } = await compareWithLedger(source, context);
  const folder = mkdtempSync(join(tmpdir(), "campaign-check-"));
  try {
    const scratch = await openSqliteLedger(join(folder, "scratch.sqlite"));
    try {
      const { campaign, tally, optOuts } = await rehearse(source, scratch, context);
      const unread = await unreadOf(scratch, campaign, source, context.stop);
      const ids = await findIdFaults(loaded, scratch, campaign.id);
      if (flags.rejects !== undefined)
        await writeRejects(scratch, campaign, { csv: flags.rejects }, context.stop);
      const reached = await reachedBy(loaded, facts, context);
      const seen = { tally, facts, reached, already, regions };
      const estimated = await estimateOf(source, seen, flags);
      const findings = blockersFirst(
        [...changed, ...optOuts, ...ids, ...(await judge(source, seen, flags, context))],
        flags,
      );
      const ledger = ledgerFile(context.options, loaded);
      const result = resultOf(source, {
        ledger,
        tally,
        unread,
        already,
        estimated,
        findings,
        facts,
      });
      const code = exitCodeOf(findings, mustWait(facts, flags));
      if (flags.json) {
        // Where Meta could not be asked that is a warning, and the whole reason.
        const reasons =
          code === EXIT.stopped ? findings.filter(isLater) : findings.filter(isBlocker);
        const problems = reasons.map((one) => problemOf(one, loaded));
        printJson(code === EXIT.done ? result : { ...result, error: errorRecord(problems, code) });
      } else {
        print(textOf(result, estimated, { facts, rejects: flags.rejects }));
        printFindings(findings, loaded);
      }
      return code;
    } finally {
      await scratch.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isLater({ id }: Finding): boolean {
  return id === "meta_unreachable";
}

function exitCodeOf(findings: readonly Finding[], isToWait: boolean): ExitCode {
  if (findings.some(isBlocker)) return EXIT.operator;
  return isToWait ? EXIT.stopped : EXIT.done;
}

/** What is found goes to stdout, so the rows need a file. */
function refuseRejects(
  loaded: LoadedManifest,
  { rejects }: CheckCommandFlags,
  { options }: CommandContext,
): void {
  refuseOwnFiles([{ option: "--rejects", file: rejects }], options, loaded);
  if (rejects !== "-") return;
  throw new OperatorError({
    message: "what the check finds goes to stdout, so --rejects cannot",
    hint: "Give it the name of a file.",
  });
}

/**
 * Opens the CSV and asks Meta.
 * @throws OperatorError with what is wrong with the CSV, and every blocker beside it
 */
async function askBoth(
  loaded: LoadedManifest,
  flags: CheckFlags,
  context: CommandContext,
): Promise<{ source: Source; facts: AccountFacts }> {
  const asked = factsFor(loaded, {
    ledgerFile: ledgerFile(context.options, loaded),
    clock: systemClock,
    fresh: true,
    stop: context.stop,
  });
  try {
    const [source, facts] = await Promise.all([openSource(loaded), asked]);
    const definition = facts.template?.definition;
    return { source: definition ? withDefinition(source, definition) : source, facts };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const facts = await asked;
    const findings = await findingsOf(loaded, { facts, planned: null, ledger: undefined }, flags);
    const blockers = findings.filter(isBlocker).map((one) => problemOf(one, loaded));
    throw new OperatorError([...error.problems, ...blockers], error.exitCode);
  }
}

async function reachedBy(
  loaded: LoadedManifest,
  facts: AccountFacts,
  context: CommandContext,
): Promise<number> {
  const ledger = await readLedger(context.options, loaded);
  try {
    return await reachedOf(loaded, facts, ledger);
  } finally {
    await ledger?.close();
  }
}

/** What was found out about the campaign. */
interface Seen {
  facts: AccountFacts;
  /** People of the daily limit that are used up. */
  reached: number;
  /** Of the whole list. */
  tally: LedgerTally;
  already: Already | null;
  regions: Compared["regions"];
}

/** How many a run would send to. */
function leftOf({ tally, already }: Seen): number {
  return already === null ? (tally.counts.pending ?? 0) : already.waiting + already.new_rows;
}

function estimateOf(
  { loaded }: Source,
  seen: Seen,
  flags: CheckCommandFlags,
): Promise<LoadedEstimate> {
  const { facts, reached, tally, already, regions } = seen;
  const limit = dailyLimitOf(loaded.manifest, facts.number);
  const left = leftOf(seen);
  const inLedger = regions ?? { waiting: {}, planned: {} };
  const byRegion =
    already === null ? tally.regions : regionsLeft({ ...inLedger, today: tally.regions }, left);
  return estimateFor(
    loaded,
    { toSend: left, byRegion },
    {
      dailyLimit: limit?.people ?? null,
      ...(limit !== null && { dailyLimitFrom: limit.from }),
      reached,
      left,
      rateCard: flags.rateCard,
      startAt: systemClock.now(),
    },
  );
}

async function judge(
  { loaded, csv }: Source,
  seen: Seen,
  flags: CheckFlags,
  context: CommandContext,
): Promise<Finding[]> {
  const { facts, reached } = seen;
  const planned = plannedOf(loaded, facts, { toSend: leftOf(seen), reached });
  const ledger = await readLedger(context.options, loaded);
  try {
    const own = await ledgerFindings(ledger, loaded, ledgerFile(context.options, loaded));
    const found = await findingsOf(loaded, { facts, planned, ledger }, flags);
    const list = isOver(seen)
      ? []
      : await listFindings(loaded, { tally: seen.tally, columns: csv.columns });
    return blockersFirst([...own, ...found, ...list], flags);
  } finally {
    await ledger?.close();
  }
}

/** True when somebody was sent to and nobody is left. */
function isOver(seen: Seen): boolean {
  const { skipped: _, ...others } = seen.already?.counts ?? {};
  return Object.keys(others).length > 0 && leftOf(seen) === 0;
}

/** What a run would go on with. */
type Already = NonNullable<CheckResult["already"]>;

interface Compared {
  /** Null when the ledger has no such campaign. */
  result: Already | null;
  findings: Finding[];
  /** By region, as the ledger has them; null when nobody is left. */
  regions: { waiting: Record<string, number>; planned: Record<string, number> } | null;
}

/**
 * What the ledger has of the campaign; null when it has none.
 * @throws OperatorError when `run` would refuse the manifest or the CSV as it is now
 */
async function compareWithLedger(source: Source, context: CommandContext): Promise<Compared> {
  const { manifest } = source.loaded;
  const ledger = await readLedger(context.options, source.loaded);
  try {
    if (ledger !== undefined) await requireSound(ledger);
    const campaign = await ledger?.findCampaign(manifest.campaign);
    if (ledger === undefined || campaign === undefined || campaign.recipients === null) {
      refuseEnded(source.loaded, systemClock.now());
      return { result: null, findings: [], regions: null };
    }
    if (campaign.state === "cancelled")
      return { result: await cancelledOf(ledger, campaign), findings: [], regions: null };
    refusePurged(source.loaded, campaign);
    refuseChanges(source.loaded, campaign, frozenOf(manifest), false);
    const { changes } = await compareSource({
      ledger,
      campaign,
      read: () => rowsToPlan(source),
      useIds: manifest.recipients.id !== undefined,
      how: howToReplan(campaign, false),
      onProgress: () => throwIfStopped(context.stop, "nothing was changed"),
    });
    const sentence = changesSentence(changes);
    if (sentence !== undefined) say(sentence);
    const problems = changedProblems(campaign.name, source.shownAs, changes);
    if (problems.length > 0) throw new OperatorError(problems);
    const { pending, held } = await ledger.remaining(campaign.id);
    const { counts, regions: planned } = await ledger.tally(campaign.id);
    const { added, back, repaired, gone } = changes;
    return {
      result: {
        counts,
        waiting: pending + held - gone.waiting,
        new_rows: added + back + repaired,
        changes: changesRecord(changes),
      },
      findings: removedFindings(changes),
      regions: { waiting: await ledger.waitingRegions(campaign.id), planned },
    };
  } finally {
    await ledger?.close();
  }
}

async function cancelledOf(ledger: Ledger, campaign: CampaignRecord): Promise<Already> {
  const { counts } = await ledger.tally(campaign.id);
  return { counts, waiting: 0, new_rows: 0, changes: {} };
}

async function rehearse(
  source: Source,
  scratch: Ledger,
  context: CommandContext,
): Promise<{ campaign: CampaignRecord; tally: LedgerTally; optOuts: Finding[] }> {
  const { manifest } = source.loaded;
  await copySuppressions(source, scratch, context);
  const { stop } = context;
  const optOuts = await importOptOutFiles(source.loaded, scratch, { clock: systemClock, stop });
  const campaign = await scratch.createCampaign({
    name: manifest.campaign,
    lane: laneOf(manifest),
    frozen: frozenOf(manifest),
    columns: source.csv.columns,
    now: systemClock.now(),
  });
  const reading = readingLine("checking", source.csv.fingerprint.size, systemClock);
  const line = startProgress(reading.text);
  const ledger = await readLedger(context.options, source.loaded);
  try {
    optOuts.push(...(await findExclusionFaults(source.loaded, ledger)));
    const { campaigns } = manifest.suppress;
    const rows = rowsOf(source);
    await planRows({
      ledger: scratch,
      campaign,
      rows:
        ledger === undefined || campaigns.length === 0
          ? rows
          : withoutReached(rows, ledger, campaigns),
      now: systemClock.now,
      onProgress(rows, bytes) {
        reading.at(rows, bytes);
        throwIfStopped(stop, "nothing was changed");
      },
    });
  } finally {
    line.end();
    await ledger?.close();
  }
  return { campaign, tally: await scratch.tally(campaign.id), optOuts };
}

async function copySuppressions(
  { loaded }: Source,
  scratch: Ledger,
  context: CommandContext,
): Promise<void> {
  const ledger = await readLedger(context.options, loaded);
  if (ledger === undefined) return;
  try {
    for await (const page of suppressionPages(ledger)) {
      const named = page.filter((entry) => !entry.isForgotten);
      await scratch.suppress(named, systemClock.now());
      throwIfStopped(context.stop, "nothing was changed");
    }
    const forgotten = await ledger.forgottenPeople();
    if (forgotten !== null) await scratch.keepForgotten(forgotten, systemClock.now());
  } finally {
    await ledger.close();
  }
}

function resultOf(
  source: Source,
  seen: {
    ledger: string;
    tally: LedgerTally;
    unread: Unread[];
    already: Already | null;
    estimated: LoadedEstimate;
    findings: readonly Finding[];
    facts: AccountFacts;
  },
): CheckResult {
  const { loaded } = source;
  const { manifest } = loaded;
  const { ledger, tally, unread, already, estimated, findings, facts } = seen;
  const send = tally.counts.pending ?? 0;
  const left = already === null ? send : already.waiting + already.new_rows;
  return {
    campaign: manifest.campaign,
    ledger,
    sandbox: manifest.account === "sandbox",
    rows: tally.rows,
    send,
    left,
    reasons: tally.reasons,
    unread,
    regions: tally.regions,
    without_optimisation: peopleWithout(hasOptimisation, tally.regions),
    without_reporting: peopleWithout(hasReporting, tally.regions),
    messages_per_second: manifest.rate.messages_per_second,
    seconds: Math.ceil(left / manifest.rate.messages_per_second),
    already,
    estimate: estimated.estimate,
    findings: findingRecords(findings, loaded),
    not_checked: notChecked(facts),
  };
}

/** Of a campaign that was sent to in part what is left is the answer. */
function leftText({ already, send, left }: CheckResult): string {
  if (already === null || left === send) return `${count(send)} to send`;
  return `${count(left)} left to send of ${count(send)}`;
}

function textOf(
  result: CheckResult,
  estimated: LoadedEstimate,
  { facts, rejects }: { facts: AccountFacts; rejects: string | undefined },
): string {
  const lines = [
    `${result.campaign}: ${plural(result.rows, "row")}, ${leftText(result)}, ${count(result.rows - result.send)} skipped`,
  ];
  if (result.already !== null) {
    const counts = Object.entries(result.already.counts).map(
      ([status, n]) => `${count(n)} ${status}`,
    );
    lines.push(
      `the ledger has it already: ${counts.join(", ")}; a run goes on with ${count(result.already.waiting)} waiting and ${plural(result.already.new_rows, "new row")}`,
    );
  }
  for (const [reason, number] of Object.entries(result.reasons).sort((a, b) => b[1] - a[1])) {
    lines.push(`  ${count(number).padStart(9)}  ${reason.padEnd(15)} ${plainReason(reason)}`);
    if (reason === "invalid_number") lines.push(...unreadLines(result.unread));
  }
  lines.push(estimateText(estimated));
  lines.push(...geographyNotes(result));
  const blockers = result.findings.filter(({ level }) => level === "blocker").length;
  const warnings = result.findings.length - blockers;
  lines.push(checkedSentence(facts, { blockers, warnings }));
  if (rejects !== undefined) lines.push(`rows to fix are in ${rejects}`);
  if (result.sandbox) lines.push(SANDBOX_WORDS);
  return lines.join("\n");
}
