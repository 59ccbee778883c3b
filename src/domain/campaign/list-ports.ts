// What the opt-out list and the audit table need of the ledger.

import type { AuditEntry, AuditRecord } from "./audit.ts";
import type { Suppression, SuppressionRecord } from "./suppression.ts";

/** The audit table. */
export interface AuditLedger {
  /**
   * Writes down what a person did by hand; kept when the person concerned is erased, so `subject`
   * names nobody by number.
   */
  writeAudit(entry: AuditEntry): Promise<void>;
  /**
   * Pages of the audit table, newest first: entries with an id below `beforeId` (null: from the
   * newest).
   */
  audits(beforeId: number | null, limit: number): Promise<AuditRecord[]>;
}

/** The opt-out list. */
export interface SuppressionLedger {
  /**
   * Adds suppressions; one that exists already (same person or user id) is left as it is, unless it
   * came from the person's switch in WhatsApp: then the new one takes its place, or turning the
   * switch back would lift that one too. Returns how many were new.
   */
  suppress(entries: Suppression[], now: number): Promise<number>;
  /** Removes suppressions of these persons and user ids. Returns how many. */
  unsuppress(keys: { person?: string; userId?: string }[]): Promise<number>;
  /** Pages of the suppression list, by id. */
  suppressions(afterId: number, limit: number): Promise<SuppressionRecord[]>;
  /**
   * Pages of the suppressions that hold the text in a number (written anyhow), a user id, a reason
   * or a source, newest first: entries with an id below `before` (null: from the newest). An empty
   * text finds all.
   */
  searchSuppressions(
    text: string,
    before: number | null,
    limit: number,
  ): Promise<SuppressionRecord[]>;
  countSuppressions(text: string): Promise<number>;
}
