// Has the ledger's files rewritten after people were erased, when that holds nobody up. Erases nothing itself.

import type { Ledger } from "../ledger.ts";
import { say } from "./print.ts";
import { isRunning } from "./status.ts";

/** Returns whether nothing of what was erased is left in the files; says why where something may be. */
export async function compactUnlessRunning(ledger: Ledger): Promise<boolean> {
  const campaigns = await ledger.listCampaigns();
  for (const campaign of campaigns) {
    if (!(await isRunning(ledger, campaign))) continue;
    say(
      `Campaign “${campaign.name}” is running, so the ledger's file is not rewritten now, and unused places in it may still ` +
        "hold what was erased. Run the same command again when it has ended.",
    );
    return false;
  }
  if (await ledger.compact()) return true;
  say(
    "Somebody else is reading or writing the ledger, so its files could not be rewritten, and unused places in them may still " +
      "hold what was erased. Run the same command again in a quiet moment.",
  );
  return false;
}
