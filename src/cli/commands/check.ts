// `campaign check`: everything short of sending: manifest, CSV, Meta's side, time and cost. It
// plans into a scratch ledger, so that the counts are exactly those of a run; it leaves the real
// one as it is, and changes nothing at Meta.

import { systemClock } from "../../clock/clock.ts";
import type { AccountFacts } from "../../domain/account/facts.ts";
import { definitionsOf } from "../../domain/account/facts.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, errorRecord, OperatorError } from "../../domain/common/errors.ts";
import { isByRecipient } from "../../domain/manifest/clocks-of-all.ts";
import { judgeBudget } from "../../domain/preflight/budget-checks.ts";
import type { Finding } from "../../domain/preflight/finding.ts";
import { isOfSome } from "../../domain/preflight/gate.ts";
import { judgeInsights } from "../../domain/preflight/insight-checks.ts";
import { planDigest } from "../../domain/preflight/plan-digest.ts";
import { judgeSchedule } from "../../domain/preflight/schedule-checks.ts";
import { judgeTestSize } from "../../domain/preflight/test-checks.ts";
import { zonesLeft } from "../../domain/schedule/zone-reach.ts";
import { ttlOf } from "../../domain/sending/ttl.ts";
import { placeOf } from "../../ledger/open.ts";
import { factsFor } from "../account/account-facts.ts";
import type { Source } from "../campaign/source.ts";
import { openSource, withDefinitions } from "../campaign/source.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { ledgerAddress, loadManifest, readLedger, sayLedger } from "../campaign/wiring.ts";
import { capForecast } from "../check/caps.ts";
import type { CheckCommandFlags, CheckedCampaign } from "../check/check-result.ts";
import { estimateOf, isOver, leftOf, moneyOf, resultOf, sentTo } from "../check/check-result.ts";
import type { CheckFlags } from "../check/findings.ts";
import {
  blockersFirst,
  factsWithLanguages,
  findingsOf,
  isBlocker,
  mustWait,
  plannedOf,
  printFindings,
  problemOf,
  reachedOf,
  refuseTtlFlag,
  waitingLanguages,
} from "../check/findings.ts";
import { ledgerFindings } from "../check/ledger-guard.ts";
import { findIdFaults, listFindings } from "../check/list-findings.ts";
import { planOf, withScratchLedger } from "../check/plan-now.ts";
import { maxPriceReach, reachFindings } from "../check/reach.ts";
import { compareWithLedger, rehearse } from "../check/rehearsal.ts";
import { testRecord } from "../check/test-record.ts";
import { unreadOf } from "../check/unread.ts";
import type { CommandContext } from "../context.ts";
import { refuseOwnFiles } from "../files/own-files.ts";
import { pinList } from "../files/pinned-list.ts";
import { writeRejects } from "../files/rejects-file.ts";
import { textOf } from "../print/check-text.ts";
import { print, printJson } from "../print/print.ts";
import { printProblems } from "../print/problems.ts";

/** Runs the command; gives its exit code. */
export async function check(
  file: string,
  flags: CheckCommandFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = await loadManifest(file);
  refuseTtlFlag(loaded, flags);
  await pinList(loaded, flags, context.stop);
  refuseRejects(loaded, flags, context);
  const isReal = loaded.manifest.account !== "sandbox";
  const whenNew = isReal ? "none there yet: a run asks, or needs --new-ledger" : undefined;
  await sayLedger(ledgerAddress(context.options, loaded), whenNew);
  const { source, facts: read } = await askBoth(loaded, flags, context);
  printProblems(source.csv.warnings, "warning: ");
  const {
    result: already,
    findings: changed,
    regions,
    zones: waiting,
    languages: planned,
  } = await compareWithLedger(source, context, { replan: flags.replan === true });
  return withScratchLedger(async (scratch) => {
    const { campaign, tally, optOuts } = await rehearse(source, scratch, context);
    const languages = planned ?? (await waitingLanguages(loaded, scratch, campaign.id));
    const facts = factsWithLanguages(loaded, read, languages);
    const unread = await unreadOf(scratch, campaign, source, context.stop);
    const ids = await findIdFaults(loaded, scratch, campaign.id);
    if (flags.rejects !== undefined)
      await writeRejects(
        scratch,
        campaign,
        { csv: flags.rejects, delimiter: source.csv.delimiter },
        context.stop,
      );
    const cap = await capForecast(
      loaded,
      { scratch, campaign, waiting: tally.counts.pending ?? 0 },
      context,
    );
    const reached = await reachedBy(loaded, facts, context);
    const zones = isByRecipient(loaded.manifest)
      ? { waiting, today: await scratch.waitingZones(campaign.id) }
      : null;
    const test = await testRecord(loaded.manifest, scratch, { campaign: campaign.id, tally });
    const seen = { tally, facts, reached, already, regions, zones, languages };
    const money = await moneyOf(loaded, seen);
    const estimated = await estimateOf(source, { ...seen, money }, flags);
    const { countries } = estimated.estimate;
    const maxPrice = await maxPriceReach(loaded, facts, countries, context.stop);
    const findings = blockersFirst(
      [
        ...changed,
        ...optOuts,
        ...ids,
        ...judgeTestSize(
          loaded.manifest,
          (test?.arms ?? []).map(({ people }) => people),
        ),
        ...(money === null ? [] : judgeBudget(loaded.manifest, money)),
        ...reachFindings(maxPrice),
        ...(await judge(source, seen, flags, context)),
      ],
      flags,
    );
    const ledger = placeOf(ledgerAddress(context.options, loaded));
    const isBlocked = findings.some(isBlocker);
    const plan = isBlocked ? null : await planOf(source, { tally, already, facts });
    const result = resultOf(source, {
      plan: plan === null ? null : planDigest(plan),
      ledger,
      tally,
      unread,
      already,
      estimated,
      cap,
      maxPrice,
      test,
      languages,
      findings,
      facts,
    });
    const code = exitCodeOf(findings, mustWait(facts, flags));
    if (flags.json) {
      // Where Meta could not be asked that is a warning, and the whole reason.
      const reasons = code === EXIT.stopped ? findings.filter(isLater) : findings.filter(isBlocker);
      const problems = reasons.map((one) => problemOf(one, loaded));
      printJson(code === EXIT.done ? result : { ...result, error: errorRecord(problems, code) });
    } else {
      const { ramp } = loaded.manifest;
      const more = { facts, isOfSome: isOfSome(findings, facts), rejects: flags.rejects, ramp };
      print(textOf(result, estimated, more));
      printFindings(findings, loaded);
    }
    return code;
  });
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
  const asked = factsFor(loaded, { clock: systemClock, stop: context.stop });
  try {
    const [source, facts] = await Promise.all([openSource(loaded), asked]);
    return { source: withDefinitions(source, definitionsOf(facts)), facts };
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

async function judge(
  { loaded, csv }: Source,
  seen: CheckedCampaign,
  flags: CheckFlags,
  context: CommandContext,
): Promise<Finding[]> {
  const { facts, reached, languages } = seen;
  const planned = await plannedOf(loaded, facts, {
    toSend: leftOf(seen),
    all: leftOf(seen) + sentTo(seen),
    reached,
    zones: seen.zones === null ? null : zonesLeft(seen.zones, leftOf(seen)),
  });
  const ledger = await readLedger(context.options, loaded);
  try {
    const own = await ledgerFindings(
      ledger,
      loaded,
      placeOf(ledgerAddress(context.options, loaded)),
    );
    const found = [
      ...(await findingsOf(loaded, { facts, planned, languages, ledger }, flags)),
      ...judgeInsights(facts),
    ];
    if (isOver(seen)) return blockersFirst([...own, ...found], flags);
    const list = await listFindings(loaded, { tally: seen.tally, columns: csv.columns });
    const ttlSeconds = ttlOf(loaded.manifest, facts);
    const { zones = [] } = planned;
    const schedule = judgeSchedule(loaded.manifest, { ttlSeconds, zones });
    return blockersFirst([...own, ...found, ...list, ...schedule], flags);
  } finally {
    await ledger?.close();
  }
}
