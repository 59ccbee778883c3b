// Writes down once that a manifest sets rules of its policy aside.

import type { AuditRecord } from "../../domain/campaign/audit.ts";
import type { AuditLedger } from "../../domain/campaign/list-ports.ts";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import { setAsideTexts } from "../../domain/manifest/under-policy.ts";
import { audited } from "../campaign/auditing.ts";

/** Entries that are looked through at once. */
const AUDIT_PAGE = 1_000;

/** Who sets a rule of the policy aside has done that by hand: it is written down once. */
export async function auditSetAside(
  { campaign, policy }: Manifest,
  ledger: Pick<AuditLedger, "audits" | "writeAudit">,
): Promise<void> {
  if (policy === undefined || Object.keys(policy.setAside).length === 0) return;
  const detail = { rules: setAsideTexts(policy.setAside).join("; ") };
  for (let before: number | null = null; ; ) {
    const page: AuditRecord[] = await ledger.audits(before, AUDIT_PAGE);
    const isWritten = page.some(
      (one) =>
        one.action === "policy_set_aside" &&
        one.subject === campaign &&
        one.detail.rules === detail.rules,
    );
    if (isWritten) return;
    before = page.at(-1)?.id ?? null;
    if (before === null) break;
  }
  await audited(ledger, { action: "policy_set_aside", subject: campaign, detail });
}
