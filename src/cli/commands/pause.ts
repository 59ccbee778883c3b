// `campaign pause` and `campaign unpause`: a campaign waits for a person, whether it runs at this moment or not.

import { systemClock } from "../../clock/clock.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { DecisionLedger } from "../../domain/campaign/campaign-ports.ts";
import type { AuditLedger } from "../../domain/campaign/list-ports.ts";
import { pauseBy } from "../../domain/campaign/pause.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, OperatorError } from "../../domain/common/errors.ts";
import type { LockLedger } from "../../domain/ledger/ledger.ts";
import type { RunLedger } from "../../domain/sending/run-ports.ts";
import { audited, commandActor } from "../campaign/auditing.ts";
import { isRunning, viewOf } from "../campaign/campaign-summary.ts";
import { campaignOf, loadManifest, openLedger } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { printJson, say } from "../print/print.ts";
import { printSummary } from "../print/summary.ts";
import { timesOf } from "../print/times.ts";

interface PauseFlags {
  json?: boolean;
}

/** What a pause changes and reads. */
type PauseLedger = Pick<DecisionLedger, "askStop" | "liftStop"> &
  Pick<RunLedger, "findCampaign"> &
  Pick<LockLedger, "heldBy"> &
  Pick<AuditLedger, "writeAudit">;

/** `campaign pause`: a runner that is at work stops within a moment, and no later one posts anything. */
export async function pause(
  file: string,
  flags: PauseFlags,
  context: CommandContext,
): Promise<ExitCode> {
  return change(file, flags, context, async (ledger, campaign) => {
    refuseEnded(campaign);
    const now = systemClock.now();
    await ledger.askStop(campaign.id, pauseBy(commandActor(), now), now);
    await audited(ledger, { action: "pause", subject: campaign.name, detail: {} });
    return `Paused: nothing more of "${campaign.name}" is sent. \`campaign unpause ${file}\` lifts the pause. A run that is at work stops within a moment.`;
  });
}

/** `campaign unpause`: lifts the pause; sending is the business of the next run. */
export async function unpause(
  file: string,
  flags: PauseFlags,
  context: CommandContext,
): Promise<ExitCode> {
  return change(file, flags, context, async (ledger, campaign) => {
    refuseEnded(campaign);
    // The clock may have been set back since; what is seen here is lifted all the same.
    const upTo = Math.max(systemClock.now(), campaign.stop?.at ?? 0);
    const wasPaused = await ledger.liftStop(campaign.id, "paused", upTo);
    if (wasPaused) await audited(ledger, { action: "unpause", subject: campaign.name, detail: {} });
    const { stop } = (await ledger.findCampaign(campaign.name)) as CampaignRecord;
    if (stop?.kind === "paused") return `It was paused again in this moment: ${stop.sentence}`;
    const done = wasPaused ? "Unpaused." : `"${campaign.name}" was not paused.`;
    if (stop !== null) return `${done} It is halted all the same: ${stop.sentence}`;
    if (await isRunning(ledger, campaign)) return `${done} A run is at work.`;
    return `${done} Nothing is sent until a run is started: campaign ${file}`;
  });
}

function refuseEnded(campaign: CampaignRecord): void {
  if (campaign.state !== "cancelled" && campaign.state !== "finished") return;
  const how = campaign.state === "cancelled" ? "was cancelled" : "is finished";
  throw new OperatorError({
    message: `campaign "${campaign.name}" ${how}: there is nothing to pause and nothing to go on with`,
    hint: "`campaign status` prints where it stands.",
  });
}

async function change(
  file: string,
  flags: PauseFlags,
  context: CommandContext,
  act: (ledger: PauseLedger, campaign: CampaignRecord) => Promise<string>,
): Promise<ExitCode> {
  const loaded = await loadManifest(file, { tokenUnused: true });
  const ledger = await openLedger(context.options, loaded);
  try {
    const campaign = await campaignOf(ledger, loaded, context.options);
    say(await act(ledger, campaign));
    const after = (await ledger.findCampaign(campaign.name)) as CampaignRecord;
    const view = await viewOf(ledger, after);
    if (flags.json) printJson({ ...view.summary, ledger: ledger.file });
    else printSummary(view, timesOf(loaded));
    return EXIT.done;
  } finally {
    await ledger.close();
  }
}
