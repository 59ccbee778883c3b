// What a ledger reports when it cannot do its work.

import { FAILED_OVER } from "./failed-over.ts";

/** What a ledger could not do, distinguished because each has its own exit code and sentence. */
export type LedgerFault =
  | "full" // no space left
  | "read_only" // file, folder or file system is read-only, or belongs to another user
  | "busy" // another process kept it locked for longer than we wait
  | "newer_schema" // written by a newer version of this program
  | "older_schema" // written by a version before the first release
  | "not_a_ledger" // the file is something else
  | "gone" // the file was deleted, moved or replaced while it was open
  | "moved" // the ledger was copied to another place, and is used there
  | "corrupt" // the file is damaged
  | "io" // the disk reported an error
  | "unreachable" // the server does not answer, or the connection broke
  | "no_rights" // the server does not let this user in, or not do this
  | "untrusted" // the server is not encrypted, or not certified, as it was asked for
  | "unsafe" // the server may forget what it has committed
  | "old_server" // the server is older than what we know
  | "lease_lost" // another process has taken the lane over
  | "failed_over"; // the server is another one, or a standby that took over

/** The id under which a fault is reported, and the code of a halt for it. */
export function faultId(fault: LedgerFault): string {
  return fault === "failed_over" ? FAILED_OVER : `ledger_${fault}`;
}

/** The ledger could not be opened, read or written; `fault` says why. */
export class LedgerError extends Error {
  override readonly name = "LedgerError";
  readonly fault: LedgerFault;

  constructor(fault: LedgerFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
