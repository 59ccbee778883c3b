// What a run has to show at its end: the campaign as it is then, the JSON document, the exit code.

import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import { LedgerError } from "../../domain/campaign/fault.ts";
import type { ErrorRecord, ExitCode } from "../../domain/common/errors.ts";
import { EXIT, errorRecord } from "../../domain/common/errors.ts";
import { endRemedy } from "../../domain/result/end-remedy.ts";
import type { Summary } from "../../domain/result/summary.ts";
import type { RunEnd, RunLedger } from "../../domain/sending/run-ports.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { findingRecords } from "../check/findings.ts";
import type { CampaignView, SummaryLedger } from "./campaign-summary.ts";
import { isRunning, rulesOf, viewOf } from "./campaign-summary.ts";
import type { Ended } from "./running.ts";
import type { LoadedManifest } from "./wiring.ts";

/** The result of a run, for every face. */
export interface RunResult {
  /** Undefined where the ledger can say nothing of the campaign any more. */
  view: CampaignView | undefined;
  /** What `--json` has of it. */
  document: Record<string, unknown>;
}

/** Reads what a run that has just ended has to show. */
export async function resultOf(
  { end, findings: found, isPlanned }: Ended,
  { ledger, loaded }: { ledger: OpenedLedger; loaded: LoadedManifest },
): Promise<RunResult> {
  const view = await viewAtEnd(isPlanned ? null : end, ledger, loaded);
  const known = view?.summary ?? { campaign: loaded.manifest.campaign, ...endOf(end) };
  const findings = findingRecords(found, loaded);
  return {
    view,
    document: { ...known, ledger: ledger.place, findings, ...errorOf(end, loaded.file) },
  };
}

/** How the run ended, where the ledger can say nothing of the campaign any more. */
function endOf(end: RunEnd): Pick<Summary, "state" | "halt"> {
  const { halt } = recordOf(end);
  return { state: end.kind, halt };
}

/** Why the exit code is not 0. */
function errorOf(end: RunEnd, file: string): { error?: ErrorRecord } {
  if (end.kind === "finished") return {};
  const { id, message } =
    end.kind === "halted"
      ? { id: end.halt.code, message: end.halt.sentence }
      : { id: end.why, message: end.sentence };
  return { error: errorRecord([{ id, message, hint: endRemedy(end, file) }], exitCodeOf(end)) };
}

/** @param end null of a campaign that stands as the ledger has it */
async function viewAtEnd(
  end: RunEnd | null,
  ledger: Pick<RunLedger, "findCampaign"> & SummaryLedger,
  loaded: LoadedManifest,
): Promise<CampaignView | undefined> {
  try {
    const campaign = await ledger.findCampaign(loaded.manifest.campaign);
    if (campaign === undefined) return undefined;
    // A ledger that stopped the run could not write the end down; what is printed is how it ended.
    // A run of a campaign that was cancelled has nothing to do, and ends as any other.
    // While others send from its other numbers, the campaign stands as these have it.
    const isShared = campaign.lanes.length > 1 && (await isRunning(ledger, campaign));
    const isLeft = end?.kind === "stopped" && end.why === "numbers_left";
    const isAsKept = end === null || campaign.state === "cancelled" || isShared || isLeft;
    const ended = isAsKept ? campaign : { ...campaign, ...recordOf(end) };
    const rules = await rulesOf(loaded);
    return await viewOf(ledger, ended, { isRunning: isShared, rules });
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

/** The exit code of a run. */
export function exitCodeOf(end: RunEnd): ExitCode {
  switch (end.kind) {
    case "finished":
      return EXIT.done;
    case "halted":
      return EXIT.halted;
    case "stopped":
      return EXIT.stopped;
  }
}
