// A ledger that `doctor` calls damaged does not send.

import { LedgerError } from "../../domain/campaign/fault.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { say } from "../print/print.ts";

/** Places of one broken rule that are named. */
const PLACES_SHOWN = 3;

/**
 * Looks through a ledger that something else than this program has changed since it was last found
 * sound: a copy that was put back, another program, a fault of the disk, or a kill in the moment of
 * writing. A million rows take some seconds.
 * @throws LedgerError `corrupt` when it is damaged
 */
export async function requireSound(ledger: OpenedLedger): Promise<void> {
  if (ledger.isSealed()) return;
  if ((await ledger.listCampaigns()).length > 0) {
    say("Checking the ledger, which is new here, or was changed by something else than campaign.");
  }
  const broken = (await ledger.violations()).filter(({ isDerived }) => isDerived !== true);
  if (broken.length === 0) return;
  const rules = broken.map(({ invariant, examples }) => {
    const places = examples.slice(0, PLACES_SHOWN).join("; ");
    return `it does not hold that ${invariant} (${places})`;
  });
  throw new LedgerError(
    "corrupt",
    `The ledger ${ledger.place} is damaged: ${rules.join(", and ")}. Do not send with it: put back its newest copy (docs/ledger.md says what that means).`,
  );
}
