// The page of what people did by hand, newest first.

import type { AuditRecord } from "../../domain/campaign/audit.ts";
import { html, said } from "../../domain/common/html.ts";
import { actionWords, decisionDetail } from "../../domain/page/decisions.ts";
import type { Times } from "./format.ts";
import type { Page } from "./page.ts";

/** Entries on one page. */
export const AUDITS_SHOWN = 100;

/** The page. */
export function auditPage(
  entries: readonly AuditRecord[],
  { isFirst, times }: { isFirst: boolean; times: Times },
): Page {
  const rows = entries.map((entry) => {
    const { at, actor, subject } = entry;
    return html`<tr><td class="nw">${times.tag(at)}</td><td>${said(actor)}</td><td><b>${said(actionWords(entry))}</b></td><td>${said(subject)}</td><td class="sub">${decisionDetail(entry)}</td></tr>`;
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
