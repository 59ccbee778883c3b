// A ledger that `doctor` calls damaged does not send.

import { LedgerError } from "../../domain/campaign/fault.ts";
import type { LedgerOptions, OpenedLedger } from "../../ledger/open.ts";
import { openLedgerAt } from "../../ledger/open.ts";
import { say } from "../print/print.ts";

/** Places of one broken rule that are named. */
const PLACES_SHOWN = 3;

/**
 * Opens a ledger to send from it.
 * @throws LedgerError when it is damaged, or cannot be opened
 */
export async function openSound(
  address: string,
  make: NonNullable<LedgerOptions["make"]>,
): Promise<OpenedLedger> {
  const ledger = await openLedgerAt(address, { make });
  try {
    await requireSound(ledger);
    // Another program changes rows without what was counted of them.
    if (!ledger.isSealed()) await ledger.dropDerived();
    ledger.seal();
    return ledger;
  } catch (error) {
    await ledger.close();
    throw error;
  }
}

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
