// What people did by hand, in words: the same in the audit and in a campaign's report.

import type { AuditEntry } from "../campaign/audit.ts";
import type { Html } from "../common/html.ts";
import { html, said } from "../common/html.ts";

/** What was done, in words; what is not here is shown as it is written. */
const ACTION_WORDS: Readonly<Record<string, string>> = {
  pause: "paused",
  unpause: "unpaused",
  cancel: "cancelled",
  rejects_apply: "planned fixed rows",
  retry: "queued failed ones again",
  resolve: "decided on unknown ones",
  plan_start: "started the plan",
  replan: "planned the list again",
  despite: "went on despite a finding",
  send_test: "sent a test",
  suppress: "put on the opt-out list",
  unsuppress: "took off the opt-out list",
  suppress_import: "imported opt-outs",
  purge: "erased what was old",
  forget: "erased one person",
};

/** What was done. */
export function actionWords({ action }: Pick<AuditEntry, "action">): string {
  return Object.hasOwn(ACTION_WORDS, action) ? (ACTION_WORDS[action] as string) : action;
}

/** What else is worth knowing of it: `recipients 12, decision give-up`. */
export function decisionDetail({ detail }: Pick<AuditEntry, "detail">): Html {
  const parts = Object.entries(detail).map(
    ([key, value], index) =>
      html`${index > 0 && ", "}${said(key)} ${said(typeof value === "string" ? value : JSON.stringify(value))}`,
  );
  return html`${parts}`;
}
