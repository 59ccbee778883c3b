// Brings the plan of a campaign up to date with a CSV that changed: says what changed, refuses what
// may not, and writes the rest down.

import { fingerprintFile, statFingerprint } from "../../csv/fingerprint.ts";
import type { CampaignRecord, Fingerprint, Replanning } from "../../domain/campaign/campaign.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { frozenOf } from "../../domain/manifest/manifest.ts";
import type { SourceComparison } from "../../domain/planning/replan.ts";
import { compareSource } from "../../domain/planning/replan.ts";
import { planRules } from "../../domain/planning/rules.ts";
import {
  changedProblems,
  changesRecord,
  changesSentence,
  removedFindings,
} from "../../domain/preflight/source-changes.ts";
import { refuseUnlessDespite, saidOf } from "../check/ledger-guard.ts";
import { say } from "../print/print.ts";
import { printProblems } from "../print/problems.ts";
import { readingLine, startProgress } from "../print/progress.ts";
import { agreed, canAsk } from "../process/ask.ts";
import { audited } from "./auditing.ts";
import type { PlanningOptions } from "./planning-options.ts";
import type { Source } from "./source.ts";
import { openSource, rowsToPlan } from "./source.ts";
import type { LoadedManifest } from "./wiring.ts";

/**
 * Which rows are planned again. What an earlier run began and did not end goes on as it was asked
 * for.
 */
export function howToReplan(campaign: CampaignRecord, replan: boolean): Replanning {
  return replan || campaign.replanning === "again" ? "again" : "changes";
}

/**
 * Plans a CSV again that was planned before.
 * @throws OperatorError for what is wrong with the CSV, and for changes that may not be;
 * `Interrupted` of the caller
 */
export async function replanSource(
  loaded: LoadedManifest,
  campaign: CampaignRecord,
  options: PlanningOptions & { onRead(): void },
): Promise<void> {
  const { ledger, clock, onRead } = options;
  const source = await openSource(loaded);
  printProblems(source.csv.warnings, "warning: ");
  const how = howToReplan(campaign, options.replan);
  const reading = readingLine("planning", source.csv.fingerprint.size, clock);
  const line = startProgress(reading.text);
  // Beside the reading, which refuses a file that changes under it. A fault is thrown where it is
  // awaited.
  const fingerprint = fingerprintFile(source.path, source.shownAs);
  fingerprint.catch(() => {});
  const prices = await options.prices?.();
  const compared = await compareSource({
    ...{ ledger, campaign, how, rules: planRules(loaded.manifest, campaign, prices?.byRegion) },
    read: () => rowsToPlan(source),
    useIds: loaded.manifest.recipients.id !== undefined,
    onProgress(rows, bytes) {
      reading.at(rows, bytes);
      onRead();
    },
  }).finally(() => line.end());
  const recipients = await fingerprint;
  const { changes } = compared;
  const sentence = changesSentence(changes);
  if (sentence !== undefined) say(sentence);
  const problems = changedProblems(campaign.name, source.shownAs, changes);
  if (problems.length > 0 && !options.replan) throw new OperatorError(problems);
  await refuseManyRemoved(loaded, compared, options);
  if (options.replan) {
    const detail = changesRecord(changes);
    await audited(ledger, { action: "replan", subject: campaign.name, detail });
  }
  await compared.apply(ledger, clock.now);
  await refuseOtherFile(source, recipients);
  const facts = { frozen: frozenOf(loaded.manifest), recipients, columns: source.csv.columns };
  await ledger.finishPlanning(campaign.id, { ...facts, rows: changes.rows, now: clock.now() });
}

/** A list of which many are gone may be the wrong file: a person decides. */
async function refuseManyRemoved(
  loaded: LoadedManifest,
  { changes }: SourceComparison,
  { ledger, flags, stop }: PlanningOptions,
): Promise<void> {
  const findings = removedFindings(changes);
  const [found] = findings;
  const isNamed = flags.despite?.includes("many_removed") === true;
  if (found !== undefined && !isNamed && canAsk()) {
    if (await agreed(`${found.wrong} Skip them, and go on with the others?`, stop)) {
      const detail = { finding: found.id, seen: found.seen };
      await audited(ledger, { action: "despite", subject: loaded.manifest.campaign, detail });
      return;
    }
  }
  await refuseUnlessDespite(findings, { ledger, flags, ...saidOf(loaded) });
}

/** The rows were read twice. What was planned of another file is compared again by the next run. */
async function refuseOtherFile(source: Source, read: Fingerprint): Promise<void> {
  const { path, shownAs } = source;
  const now = await statFingerprint(path, shownAs);
  if (now.size === read.size && now.modifiedMs === read.modifiedMs) return;
  if ((await fingerprintFile(path, shownAs)).sha256 === read.sha256) return;
  throw new OperatorError({
    file: shownAs,
    message: "the file changed while it was planned; nothing was sent",
    hint: "Run the same command again when the file is whole.",
  });
}
