// `campaign pause` and `campaign unpause`: a campaign waits for a person, whether it runs at this
// moment or not.

import { systemClock } from "../../clock/clock.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { DecisionLedger } from "../../domain/campaign/campaign-ports.ts";
import { pauseBy } from "../../domain/campaign/pause.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import type { LanesLedger, RunLedger } from "../../domain/sending/run-ports.ts";
import { audited, commandActor } from "../campaign/auditing.ts";
import { isRunning } from "../campaign/campaign-summary.ts";
import { decide } from "../campaign/deciding.ts";
import type { CommandContext } from "../context.ts";

interface PauseFlags {
  json?: boolean;
}

/**
 * `campaign pause`: a runner that is at work stops within a moment, and no later one posts
 * anything.
 */
export async function pause(
  file: string,
  flags: PauseFlags,
  context: CommandContext,
): Promise<ExitCode> {
  return decide(file, flags, context, async (ledger, campaign) => {
    refuseEnded(campaign);
    const now = systemClock.now();
    await ledger.askStop(campaign.id, pauseBy(commandActor(), now), now);
    await audited(ledger, { action: "pause", subject: campaign.name, detail: {} });
    return `Paused: nothing more of "${campaign.name}" is sent. \`campaign unpause ${file}\` lifts the pause. A run that is at work stops within a moment.`;
  });
}

/**
 * `campaign unpause`: lifts the pause, and hands to the workers what they leave to a person;
 * sending is the business of the next run.
 */
export async function unpause(
  file: string,
  flags: PauseFlags & { despite?: "ramp" },
  context: CommandContext,
): Promise<ExitCode> {
  return decide(file, flags, context, async (ledger, campaign) => {
    refuseEnded(campaign);
    const isRamp = campaign.stop?.kind === "ramp";
    if (isRamp && flags.despite === undefined) throw haltedByRamp(campaign);
    // The clock may have been set back since; what is seen here is lifted all the same.
    const upTo = Math.max(systemClock.now(), campaign.stop?.at ?? 0);
    const wasPaused = await ledger.liftStop(campaign.id, "paused", upTo);
    const wasOverridden = isRamp && (await overrideRamp(ledger, campaign.id, upTo));
    const wasLeft = (await letGoOn(ledger, campaign)) || wasOverridden;
    const detail = wasOverridden ? { despite: "ramp" } : {};
    if (wasPaused || wasLeft)
      await audited(ledger, { action: "unpause", subject: campaign.name, detail });
    const { stop } = (await ledger.findCampaign(campaign.name)) as CampaignRecord;
    if (stop?.kind === "paused") return `It was paused again in this moment: ${stop.sentence}`;
    const notPaused = wasLeft ? "Let go on." : `"${campaign.name}" was not paused.`;
    const done = wasPaused ? "Unpaused." : notPaused;
    if (stop !== null) return `${done} It is halted all the same: ${stop.sentence}`;
    if (await isRunning(ledger, campaign)) return `${done} A run is at work.`;
    return `${done} A worker goes on at once; without one, start a run: campaign ${file}`;
  });
}

/** What came of the messages so far does not count against the campaign any more. */
async function overrideRamp(
  ledger: Pick<DecisionLedger, "liftStop"> & Pick<RunLedger, "rampState" | "moveRamp">,
  campaign: number,
  upTo: number,
): Promise<boolean> {
  const now = systemClock.now();
  const { step } = await ledger.rampState(campaign, now);
  await ledger.moveRamp(campaign, step, step, now);
  return ledger.liftStop(campaign, "ramp", upTo);
}

function haltedByRamp({ name, stop }: CampaignRecord): OperatorError {
  return new OperatorError({
    message: `campaign "${name}" was halted by its ramp. ${stop?.sentence ?? ""}`,
    hint: "Look at why first: `campaign status`, and the list. `--despite ramp` goes on all the same.",
  });
}

/**
 * A campaign that a run halted, or that stopped at its limit, is one that stopped; and so is a
 * number of it.
 * @returns whether it was such a one
 */
async function letGoOn(
  ledger: Pick<RunLedger, "setState"> & Pick<LanesLedger, "setLaneState">,
  campaign: CampaignRecord,
): Promise<boolean> {
  const { id, halt, lanes, laneStates } = campaign;
  const now = systemClock.now();
  const left = laneStates.filter(isLeftToPerson);
  for (const { lane, halt: own } of left) {
    await ledger.setLaneState(id, lanes.indexOf(lane), "stopped", own, now);
  }
  if (laneStates.length > 0) return left.length > 0;
  if (!isLeftToPerson(campaign)) return false;
  await ledger.setState(id, "stopped", halt, now);
  return true;
}

function isLeftToPerson({ state, lastStop }: Pick<CampaignRecord, "state" | "lastStop">): boolean {
  return state === "halted" || (state === "stopped" && lastStop?.why === "limit");
}

function refuseEnded(campaign: CampaignRecord): void {
  if (campaign.state !== "cancelled" && campaign.state !== "finished") return;
  const how = campaign.state === "cancelled" ? "was cancelled" : "is finished";
  throw new OperatorError({
    message: `campaign "${campaign.name}" ${how}: there is nothing to pause and nothing to go on with`,
    hint: "`campaign status` prints where it stands.",
  });
}
