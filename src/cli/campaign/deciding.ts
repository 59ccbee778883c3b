// What the commands that change one campaign have in common: they find it, act, and print how it
// stands then.

import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { DecisionLedger } from "../../domain/campaign/campaign-ports.ts";
import type { AuditLedger } from "../../domain/campaign/list-ports.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT } from "../../domain/common/errors.ts";
import type { LockLedger } from "../../domain/ledger/ledger.ts";
import type { ResultLedger } from "../../domain/result/result-ports.ts";
import type { LanesLedger, RunLedger } from "../../domain/sending/run-ports.ts";
import type { CommandContext } from "../context.ts";
import { printJson, say } from "../print/print.ts";
import { printSummary } from "../print/summary.ts";
import { timesOf } from "../print/times.ts";
import { rulesOf, viewOf } from "./campaign-summary.ts";
import { campaignOf, loadManifest, openLedger } from "./wiring.ts";

/** What such a command changes, and what it reads to say what follows. */
export type DecidingLedger = DecisionLedger &
  Pick<
    RunLedger,
    | "findCampaign"
    | "remaining"
    | "setState"
    | "rampState"
    | "testState"
    | "decideTest"
    | "moveRamp"
  > &
  Pick<LanesLedger, "setLaneState"> &
  Pick<ResultLedger, "tally" | "doubts" | "laneCounts"> &
  Pick<LockLedger, "heldBy"> &
  Pick<AuditLedger, "writeAudit">;

/** What is said, and what `--json` adds to the summary. */
export interface Decided {
  sentence: string;
  more: Record<string, unknown>;
}

/**
 * Changes a campaign that was run before, and prints its summary.
 * @param act makes the change; returns a sentence about it
 * @throws OperatorError when the ledger has no such campaign
 */
export async function decide(
  file: string,
  flags: { json?: boolean },
  context: CommandContext,
  act: (ledger: DecidingLedger, campaign: CampaignRecord) => Promise<string | Decided>,
): Promise<ExitCode> {
  const loaded = await loadManifest(file, { tokenUnused: true });
  const ledger = await openLedger(context.options, loaded);
  try {
    const campaign = await campaignOf(ledger, loaded, context.options);
    const decided = await act(ledger, campaign);
    const { sentence, more } =
      typeof decided === "string" ? { sentence: decided, more: {} } : decided;
    say(sentence);
    const after = (await ledger.findCampaign(campaign.name)) as CampaignRecord;
    const view = await viewOf(ledger, after, { rules: await rulesOf(loaded) });
    if (flags.json) printJson({ ...view.summary, ledger: ledger.place, ...more });
    else printSummary(view, timesOf(loaded));
    return EXIT.done;
  } finally {
    await ledger.close();
  }
}
