// Plans a manifest into a scratch ledger, and compares it with what the ledger has: nothing of it
// is kept.

import { systemClock } from "../../clock/clock.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { CampaignLedger } from "../../domain/campaign/campaign-ports.ts";
import type { SuppressionLedger } from "../../domain/campaign/list-ports.ts";
import { OperatorError, throwIfStopped } from "../../domain/common/errors.ts";
import type { ErasureLedger } from "../../domain/ledger/ledger.ts";
import { frozenOf, laneOf } from "../../domain/manifest/manifest.ts";
import { planRows } from "../../domain/planning/plan.ts";
import type { ExclusionLedger, PlanLedger } from "../../domain/planning/plan-ports.ts";
import { compareSource } from "../../domain/planning/replan.ts";
import { planRules } from "../../domain/planning/rules.ts";
import type { Finding } from "../../domain/preflight/finding.ts";
import {
  changedProblems,
  changesRecord,
  changesSentence,
  removedFindings,
} from "../../domain/preflight/source-changes.ts";
import type { LedgerTally } from "../../domain/result/counts.ts";
import type { ResultLedger } from "../../domain/result/result-ports.ts";
import {
  importOptOutFiles,
  refuseChanges,
  refuseEnded,
  refusePurged,
  rowsOf,
} from "../campaign/planning.ts";
import { howToReplan } from "../campaign/replanning.ts";
import type { Source } from "../campaign/source.ts";
import { rowsToPlan } from "../campaign/source.ts";
import { suppressionPages } from "../campaign/suppression-pages.ts";
import { readLedger } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { say } from "../print/print.ts";
import { readingLine, startProgress } from "../print/progress.ts";
import type { Already, Compared } from "./check-result.ts";
import { findExclusionFaults, withoutReached } from "./exclusions.ts";
import { waitingLanguages } from "./findings.ts";
import { requireSound } from "./sound.ts";

/**
 * What the ledger has of the campaign; null when it has none.
 * @param options.replan as with `run --replan`. `isQuiet`: another reading says what changed
 * @throws OperatorError when `run` would refuse the manifest or the CSV as it is now
 */
export async function compareWithLedger(
  source: Source,
  context: CommandContext,
  { replan = false, isQuiet = false }: { replan?: boolean; isQuiet?: boolean } = {},
): Promise<Compared> {
  const { manifest } = source.loaded;
  const ledger = await readLedger(context.options, source.loaded);
  try {
    if (ledger !== undefined) await requireSound(ledger);
    const campaign = await ledger?.findCampaign(manifest.campaign);
    if (ledger === undefined || campaign === undefined || campaign.recipients === null) {
      refuseEnded(source.loaded, systemClock.now());
      return { result: null, findings: [], regions: null, zones: [] };
    }
    if (campaign.state === "cancelled")
      return {
        result: await cancelledOf(ledger, campaign),
        findings: [],
        regions: null,
        zones: [],
      };
    refusePurged(source.loaded, campaign);
    refuseChanges(source.loaded, campaign, frozenOf(manifest), replan);
    const { changes } = await compareSource({
      ledger,
      campaign,
      read: () => rowsToPlan(source),
      useIds: manifest.recipients.id !== undefined,
      how: howToReplan(campaign, replan),
      onProgress: () => throwIfStopped(context.stop, "nothing was changed"),
    });
    const sentence = changesSentence(changes);
    if (sentence !== undefined && !isQuiet) say(sentence);
    const problems = changedProblems(campaign.name, source.shownAs, changes);
    if (problems.length > 0 && !replan) throw new OperatorError(problems);
    const { pending, held } = await ledger.remaining(campaign.id);
    const { counts, regions: planned, money } = await ledger.tally(campaign.id);
    const { added, back, repaired, gone } = changes;
    const isAsPlanned = !replan && added + back + repaired === 0;
    return {
      result: {
        counts,
        waiting: pending + held - gone.waiting,
        new_rows: added + back + repaired,
        changes: changesRecord(changes),
      },
      findings: removedFindings(changes),
      regions: { waiting: await ledger.waitingRegions(campaign.id), planned, money },
      zones: await ledger.waitingZones(campaign.id),
      ...(isAsPlanned && { languages: await waitingLanguages(source.loaded, ledger, campaign.id) }),
    };
  } finally {
    await ledger?.close();
  }
}

async function cancelledOf(
  ledger: Pick<ResultLedger, "tally">,
  campaign: CampaignRecord,
): Promise<Already> {
  const { counts } = await ledger.tally(campaign.id);
  return { counts, waiting: 0, new_rows: 0, changes: {} };
}

/** What a rehearsal reads of the real ledger. */
type RealLedger = Pick<SuppressionLedger, "suppressions"> &
  Pick<ErasureLedger, "forgottenPeople"> &
  Pick<CampaignLedger, "listCampaigns"> &
  Pick<ExclusionLedger, "reachedByCampaigns">;

/** What it plans into. */
type ScratchLedger = PlanLedger &
  Pick<SuppressionLedger, "suppress"> &
  Pick<ErasureLedger, "keepForgotten"> &
  Pick<CampaignLedger, "createCampaign"> &
  Pick<ResultLedger, "tally">;

interface Rehearsed {
  campaign: CampaignRecord;
  tally: LedgerTally;
  /** Findings about lists of opt-outs and campaigns to leave out. */
  optOuts: Finding[];
}

/** Plans the whole list into the scratch ledger, with the opt-outs of the real one. */
export async function rehearse(
  source: Source,
  scratch: ScratchLedger,
  context: CommandContext,
): Promise<Rehearsed> {
  const ledger = await readLedger(context.options, source.loaded);
  try {
    return await rehearseBeside(ledger, { source, scratch, stop: context.stop });
  } finally {
    await ledger?.close();
  }
}

async function rehearseBeside(
  ledger: RealLedger | undefined,
  { source, scratch, stop }: { source: Source; scratch: ScratchLedger; stop: AbortSignal },
): Promise<Rehearsed> {
  const { manifest } = source.loaded;
  if (ledger !== undefined) await copySuppressions(ledger, scratch, stop);
  // Whom a policy keeps out depends on when the campaign was planned first.
  const all = (await ledger?.listCampaigns()) ?? [];
  const before = all.find(({ name }) => name === manifest.campaign);
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
  try {
    optOuts.push(...(await findExclusionFaults(source.loaded, ledger)));
    const { campaigns } = manifest.suppress;
    const rows = rowsOf(source);
    await planRows({
      ledger: scratch,
      campaign,
      rules: {
        ...planRules(manifest, before ?? campaign),
        // The scratch ledger has one lane, and no order that counts.
        ...{ lanes: [], isShuffled: false },
      },
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
  }
  return { campaign, tally: await scratch.tally(campaign.id), optOuts };
}

async function copySuppressions(
  ledger: Pick<SuppressionLedger, "suppressions"> & Pick<ErasureLedger, "forgottenPeople">,
  scratch: Pick<SuppressionLedger, "suppress"> & Pick<ErasureLedger, "keepForgotten">,
  stop: AbortSignal,
): Promise<void> {
  for await (const page of suppressionPages(ledger)) {
    const named = page.filter((entry) => !entry.isForgotten);
    await scratch.suppress(named, systemClock.now());
    throwIfStopped(stop, "nothing was changed");
  }
  const forgotten = await ledger.forgottenPeople();
  if (forgotten !== null) await scratch.keepForgotten(forgotten, systemClock.now());
}
