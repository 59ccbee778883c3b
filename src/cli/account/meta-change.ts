// Keeps what a command changed at Meta: in the audit of the ledger, whose facts of before are
// dropped.

import type { AuditEntry } from "../../domain/campaign/audit.ts";
import { openLedgerIfThere, placeOf } from "../../ledger/open.ts";
import { audited } from "../campaign/auditing.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { ledgerAddress } from "../campaign/wiring.ts";
import type { GlobalOptions } from "../context.ts";
import { say } from "../print/print.ts";
import { redact } from "../print/redact.ts";

/**
 * Writes down a change that Meta has made already, so nothing here fails the command. The built-in
 * sandbox forgets what was changed, and so does this.
 */
export async function recordChange(
  options: GlobalOptions,
  loaded: LoadedManifest,
  done: Pick<AuditEntry, "action" | "subject" | "detail">,
): Promise<void> {
  if (loaded.manifest.account === "sandbox") {
    say("The built-in sandbox forgets it when this command ends.");
    return;
  }
  const address = ledgerAddress(options, loaded);
  try {
    const ledger = await openLedgerIfThere(address);
    if (ledger === undefined) {
      say(`There is no ledger at ${placeOf(address)} yet: the change is in no audit.`);
      return;
    }
    try {
      await ledger.dropCached("facts");
      await audited(ledger, done);
    } finally {
      await ledger.close();
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    say(`The change is not in the audit of ${placeOf(address)}: ${redact(why)}`);
  }
}
