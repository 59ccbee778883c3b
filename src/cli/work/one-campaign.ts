// One campaign of a worker: its free lanes held, run and reported as `run` does it, with a ledger
// of its own, so that campaigns side by side share a process and nothing else.

import { systemClock } from "../../clock/clock.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { RunEnd } from "../../domain/sending/run-ports.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { holdingIfFree } from "../campaign/holding.ts";
import type { RunContext } from "../campaign/lane-run.ts";
import { resultOf } from "../campaign/run-result.ts";
import { runHeld } from "../campaign/running.ts";
import { openSound } from "../check/sound.ts";
import type { Notices } from "../process/notices.ts";
import { manifestOf } from "./manifest-of.ts";
import type { WorkEvents } from "./work-events.ts";

/** No question, no need of the list where the plan is whole, nothing tried that others may do. */
const WISHES = {
  ...{ yes: true, listMayLack: true, leavesToOthers: true },
  takesOver: "while_sending",
} as const;

/** What the running of one campaign needs. */
export interface OneCampaign {
  /** What opens the ledger. */
  address: string;
  /** Those of the campaign that it is to send from. */
  lanes: readonly string[];
  context: RunContext;
  events: WorkEvents;
  notices: Notices;
  /** Looks at the campaign once it is held: another worker may have ended it in between. */
  isDue(ledger: OpenedLedger, campaign: CampaignRecord): Promise<boolean>;
}

/**
 * Runs a campaign until it ends or cannot go on.
 * @returns how it ended; null when it was not run, because another process has it, or had
 * @throws OperatorError when it cannot be sent from here; LedgerError
 */
export async function runCampaign(
  campaign: CampaignRecord,
  { address, lanes, context, events, notices, isDue }: OneCampaign,
): Promise<RunEnd | null> {
  const loaded = await manifestOf(campaign);
  const ledger = await openSound(address, "never");
  let end: RunEnd | null = null;
  try {
    const wanted = { campaign: campaign.name, lanes, clock: systemClock };
    await holdingIfFree(ledger, wanted, async (hold) => {
      if (!(await isDue(ledger, campaign))) return;
      let hasBegun = false;
      const begins = (open: number, from: readonly string[]) => {
        hasBegun = true;
        events.begins(campaign, open, from);
        notices.begins(loaded, open);
      };
      const what = { ledger, flags: WISHES, context: { ...context, begins } };
      const ended = await runHeld(loaded, hold, what);
      end = ended.end;
      notices.ends(loaded, ended);
      if (!hasBegun && ended.isIdle) return;
      events.ends(campaign, loaded, ended, await resultOf(ended, { ledger, loaded }));
    });
  } finally {
    await ledger.close();
  }
  return end;
}
