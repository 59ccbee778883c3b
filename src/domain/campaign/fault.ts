// What a ledger reports when it cannot do its work.

import { FAILED_OVER, FAILED_OVER_TODO } from "./failed-over.ts";

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

const TODOS: Readonly<Record<LedgerFault, string>> = {
  full: "Free some space on its disk.",
  read_only:
    "Give this user the right to write to its file and folder, or choose another with --ledger.",
  busy: "Close what has the ledger open (a database browser, a backup, another command).",
  newer_schema: "Use the newer version of campaign, or choose another ledger with --ledger.",
  older_schema: "Finish its campaigns with that version, or choose another ledger with --ledger.",
  not_a_ledger: "Correct the path of the ledger, or choose another with --ledger.",
  gone: "Put the ledger's file back where it was: it is the only memory of who was messaged.",
  moved: "Use the ledger at its new place: name it by --ledger, CAMPAIGN_LEDGER or the policy.",
  corrupt:
    "Do not send with it: put back its newest copy (docs/ledger.md says what that means), or choose another with --ledger.",
  io: "Look at the disk that the ledger is on, and at its path.",
  unreachable: "See whether the ledger's server answers, and whether this machine reaches it.",
  no_rights: "Give the user of the ledger's address these rights at the server.",
  untrusted:
    "Correct sslmode and sslrootcert in the ledger's address, or the server's certificate.",
  unsafe: "Set the server so that it keeps what it has committed (docs/ledger.md says how).",
  old_server: "Move the ledger to a server of a newer version.",
  lease_lost: "Nothing: another process goes on with it.",
  failed_over: FAILED_OVER_TODO,
};

/**
 * What a person does about a fault, one sentence or more; null where the id is none of a fault's.
 * @param id as `faultId` gives it
 */
export function faultTodo(id: string): string | null {
  if (id === FAILED_OVER) return TODOS.failed_over;
  return TODOS[id.replace(/^ledger_/, "") as LedgerFault] ?? null;
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
