// A ledger with what has to do with where it is, in a file or on a server. Shapes only.

import type { Ledger } from "../domain/ledger/ledger.ts";

/** A ledger with what has to do with where it is. */
export interface PlacedLedger extends Ledger {
  /** Where it is, for people: an absolute path, or a URL without its password. */
  readonly place: string;
  /** What opens it again, such as in a thread. */
  readonly address: string;
  /** Where the ledger is now, for people, when it was moved away from here; else null. */
  readonly movedTo: string | null;
  /**
   * Every verb asks this once it is done, so that nothing counts as written that went into a file
   * without a name.
   * @throws LedgerError `gone` when the ledger's files were deleted, moved or replaced since they
   * were opened
   */
  requireInPlace(): void;
  /**
   * True when nothing but this program has changed the file since it was last found sound: see
   * `violations`.
   */
  isSealed(): boolean;
  /** Call once it was found sound. */
  seal(): void;
}
