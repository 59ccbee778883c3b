// The page of what people did by hand, newest first.

import type { AuditRecord } from "../../domain/campaign/audit.ts";
import { html, said } from "../../domain/common/html.ts";
import { instant } from "./format.ts";
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
export function auditPage(entries: readonly AuditRecord[], isFirst: boolean): Page {
  const rows = entries.map(({ at, actor, action, subject, detail }) => {
    const words = Object.hasOwn(ACTION_WORDS, action) ? ACTION_WORDS[action] : undefined;
    const more = Object.entries(detail).map(
      ([key, value], index) =>
        html`${index > 0 && ", "}${said(key)} ${said(typeof value === "string" ? value : JSON.stringify(value))}`,
    );
    return html`<tr><td>${instant(at)}</td><td>${said(actor)}</td><th scope="row">${words ?? said(action)}</th><td>${said(subject)}</td><td class="hint">${more}</td></tr>`;
  });
  const last = entries.length === AUDITS_SHOWN ? entries.at(-1) : undefined;
  return {
    title: "Audit",
    section: "audit",
    body: html`<h1>Audit</h1><p class="meta">What people did by hand, here and by commands. Numbers are masked, and nothing is ever taken out.</p>
<section class="card">${
      entries.length === 0
        ? html`<p class="hint">Nothing was done by hand so far.</p>`
        : html`<div class="scroll"><table class="cards"><thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">Did</th><th scope="col">To</th><th scope="col">More</th></tr></thead><tbody>${rows}</tbody></table></div>`
    }
<p class="pages">${!isFirst && html`<a href="/audit">Newest</a>`} ${last !== undefined && html`<a href="/audit?before=${last.id}" rel="next">Older</a>`}</p></section>`,
  };
}
