// What a ledger could not do, in one sentence that names the ledger.

import type { LedgerFault } from "../domain/campaign/fault.ts";
import { LedgerError } from "../domain/campaign/fault.ts";
import { SCHEMA_VERSION } from "./file/schema.ts";

/** What a database or the way to it refuses. */
export interface ExplainedFault {
  fault: LedgerFault;
  /** What happened and what to do, after the place of the ledger. */
  sentence: string;
}

/**
 * The fault as a LedgerError.
 * @param place of the ledger, for people
 * @param cause what was thrown; its code, if it has one, stands behind the sentence
 */
export function explained(
  { fault, sentence }: ExplainedFault,
  place: string,
  cause: unknown,
): LedgerError {
  const { code } = cause as { code?: unknown };
  const detail = typeof code === "string" ? ` (${code})` : "";
  return new LedgerError(fault, `The ledger ${place} ${sentence}${detail}`, { cause });
}

/** The error of a ledger whose schema has this other version. @param place for people */
export function otherSchema(place: string, version: number): LedgerError {
  const known = `schema ${version}, this one knows ${SCHEMA_VERSION}`;
  return version < SCHEMA_VERSION
    ? new LedgerError(
        "older_schema",
        `The ledger ${place} was written by a version of this program before its first release (${known}). ` +
          "Finish its campaigns with that version: a new ledger does not know whom they messaged, nor who opted out.",
      )
    : new LedgerError(
        "newer_schema",
        `The ledger ${place} was written by a newer version of this program (${known}). Install that version.`,
      );
}
