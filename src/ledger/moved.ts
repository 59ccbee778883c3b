// A ledger that was moved: what is left at its old place may be read, and nothing else.

import { LedgerError } from "../domain/campaign/fault.ts";

/**
 * Every write asks this in its transaction, so that a process which opened the ledger before it was
 * moved changes nothing afterwards.
 * @param place of the ledger, as messages name it
 * @param movedTo what the ledger says of its new place
 * @throws LedgerError `moved`
 */
export function requireHere(place: string, movedTo: string | null): void {
  if (movedTo === null) return;
  throw new LedgerError(
    "moved",
    `The ledger ${place} was moved to ${movedTo}: nothing is sent from here any more, and nothing changed. ` +
      `Name the new place: --ledger, CAMPAIGN_LEDGER, or "ledger:" in policy.yaml. ` +
      `If no ledger is there yet, the move was interrupted: give \`campaign ledger copy\` again.`,
  );
}
