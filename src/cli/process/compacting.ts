// Has the ledger's files rewritten after people were erased, when that holds nobody up. Erases
// nothing itself.

import type { CampaignLedger } from "../../domain/campaign/campaign-ports.ts";
import type { Problem } from "../../domain/common/errors.ts";
import type { ErasureLedger, LockLedger } from "../../domain/ledger/ledger.ts";
import { isRunning } from "../campaign/campaign-summary.ts";
import { say } from "../print/print.ts";

/**
 * Rewrites the ledger's files after people were erased.
 * @returns null when nothing of what was erased is left in them; else why something may be, which
 * it also prints
 */
export async function compactUnlessRunning(
  ledger: Pick<CampaignLedger, "listCampaigns"> &
    Pick<ErasureLedger, "compact"> &
    Pick<LockLedger, "heldBy">,
): Promise<Problem | null> {
  const campaigns = await ledger.listCampaigns();
  for (const campaign of campaigns) {
    if (!(await isRunning(ledger, campaign))) continue;
    return notRewritten(
      `Campaign "${campaign.name}" is running, so the ledger's file is not rewritten now, and unused places in it may still hold what was erased.`,
      "Run the same command again when it has ended.",
    );
  }
  if (await ledger.compact()) return null;
  return notRewritten(
    "Another process is reading or writing the ledger, so its files could not be rewritten, and unused places in them may still hold what was erased.",
    "Run the same command again in a quiet moment.",
  );
}

function notRewritten(message: string, hint: string): Problem {
  say(`${message} ${hint}`);
  return { id: "not_rewritten", message, hint };
}
