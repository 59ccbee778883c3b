// The page of what people did by hand, newest first.

import type { AuditRecord } from "../../domain/campaign/audit.ts";
import { html, said } from "../../domain/common/html.ts";
import type { Times } from "./format.ts";
import type { Page } from "./page.ts";

/** Entries on one page. */
export const AUDITS_SHOWN = 100;

/** What was done, in words; what is not here is shown as it is written. */
const ACTION_WORDS: Readonly<Record<string, string>> = {
  pause: "paused",
  unpause: "unpaused",
  cancel: "cancelled",
  retry: "queued failed ones again",
  resolve: "decided on unknown ones",
  suppress: "put on the opt-out list",
  unsuppress: "took off the opt-out list",
  suppress_import: "imported opt-outs",
  purge: "erased what was old",
  forget: "erased one person",
};

/** The page. */
export function auditPage(
  entries: readonly AuditRecord[],
  { isFirst, times }: { isFirst: boolean; times: Times },
): Page {
  const rows = entries.map(({ at, actor, action, subject, detail }) => {
    const words = Object.hasOwn(ACTION_WORDS, action) ? ACTION_WORDS[action] : undefined;
    const more = Object.entries(detail).map(
      ([key, value], index) =>
        html`${index > 0 && ", "}${said(key)} ${said(typeof value === "string" ? value : JSON.stringify(value))}`,
    );
    return html`<tr><td class="nw">${times.tag(at)}</td><td>${said(actor)}</td><td><b>${words ?? said(action)}</b></td><td>${said(subject)}</td><td class="sub">${more}</td></tr>`;
  });
  const last = entries.length === AUDITS_SHOWN ? entries.at(-1) : undefined;
  return {
    title: "Audit",
    section: "audit",
    body: html`<h1>Audit</h1><p class="sub">What people did by hand, here and by commands. Numbers are masked, and nothing is ever taken out.</p>
<section class="card">${
      entries.length === 0
        ? html`<p class="sub">Nothing was done by hand so far.</p>`
        : html`<table class="t rows-s"><thead><tr><th>When</th><th>Who</th><th>Did</th><th>To</th><th>More</th></tr></thead><tbody>${rows}</tbody></table>`
    }
<p class="pages">${!isFirst && html`<a href="/audit">Newest</a>`} ${last !== undefined && html`<a href="/audit?before=${last.id}" rel="next">Older</a>`}</p></section>`,
  };
}
