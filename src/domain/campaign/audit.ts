// An entry of the audit table: what a person changed by hand. No I/O.

/** The actor of what is done on the live page. */
export const LIVE_PAGE = "live page";

/** What a person did by hand to the ledger. */
export interface AuditEntry {
  /** Instant. */
  at: number;
  /** Who: `live page`, or `command` with the system's user behind it (`command: anna`). */
  actor: string;
  /**
   * What, in one word of ours: `pause`, `unpause`, `cancel`, `suppress`, `unsuppress`, `purge`,
   * `forget`, …
   */
  action: string;
  /** To what: a campaign's name, or a phone masked as in the log. */
  subject: string;
  /** JSON object of what else is worth knowing; no phone number, no name. */
  detail: Record<string, unknown>;
}

export interface AuditRecord extends AuditEntry {
  id: number;
}

/** Who did something, behind a verb: `by anna`, `on the live page`. */
export function actorWords(actor: string): string {
  if (actor === LIVE_PAGE) return "on the live page";
  return `by ${actor.replace(/^command: /, "")}`;
}
