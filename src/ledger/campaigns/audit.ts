// Keeps what people did by hand to the ledger. Nothing is ever taken out of it, so no phone number
// may be in it.

import type { AuditEntry, AuditRecord } from "../../domain/campaign/audit.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";

type AuditRow = Omit<AuditRecord, "detail"> & { detail: string };

/** The verbs of the contract around the audit table. */
export function makeAudit() {
  const insert = statement(
    "insert into audit (at, actor, action, subject, detail) values (?, ?, ?, ?, ?)",
  );
  const page = statement<[{ before: number | null; limit: number }], AuditRow>(`
    select id, at, actor, action, subject, detail from audit
    where id < coalesce(@before, 9223372036854775807) order by id desc limit @limit
  `);

  return {
    *writeAudit({ at, actor, action, subject, detail }: AuditEntry): Verb<void> {
      yield* insert.run(Math.round(at), actor, action, subject, JSON.stringify(detail));
    },

    *audits(beforeId: number | null, limit: number): Verb<AuditRecord[]> {
      return (yield* page.all({ before: beforeId, limit })).map((row) => ({
        ...row,
        detail: JSON.parse(row.detail) as Record<string, unknown>,
      }));
    },
  };
}

export type Audit = ReturnType<typeof makeAudit>;
