// Writes down in the ledger what a command changed by hand, and whose hand it was. Puts no number
// into it.

import { userInfo } from "node:os";
import { systemClock } from "../../clock/clock.ts";
import type { AuditEntry } from "../../domain/campaign/audit.ts";
import type { AuditLedger } from "../../domain/campaign/list-ports.ts";
import { redact } from "../print/redact.ts";

/**
 * A forgotten person as the audit table names them; eight digits of a hash may look like a number
 * to the mask.
 */
const FORGOTTEN = /^person [0-9a-f]{8}$/;

/**
 * Writes an entry of the audit table for the system's user who runs this command. The subject is
 * masked as in the log; `detail` must have no number and no name in it.
 */
export async function audited(
  ledger: Pick<AuditLedger, "writeAudit">,
  done: Pick<AuditEntry, "action" | "subject" | "detail">,
): Promise<void> {
  const { action, subject, detail } = done;
  await ledger.writeAudit({
    at: systemClock.now(),
    actor: commandActor(),
    action,
    subject: FORGOTTEN.test(subject) ? subject : redact(subject),
    detail,
  });
}

/** The actor in the audit table: the system user who runs this command. */
export function commandActor(): string {
  return `command: ${systemUser()}`;
}

/** Containers often run as a number that has no name. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}
