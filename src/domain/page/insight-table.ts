// What Meta counted beside what the ledger has, on pages.

import type { Html } from "../common/html.ts";
import { html, NOTHING, said, withCode } from "../common/html.ts";
import type { Compared } from "../insights/compared.ts";

/**
 * A table of both, and sentences below it.
 * @param when an instant in words
 */
export function insightTable(compared: Compared, when: (at: number) => string): Html {
  const { about, readAt, rows, lines, missing } = compared;
  const body = rows.map(
    ({ name, meta, own }) =>
      html`<tr><td>${name}</td><td class="n">${said(meta)}</td><td class="n">${said(own)}</td></tr>`,
  );
  const list = (all: readonly string[]) =>
    html`<ul class="cap">${all.map((one) => html`<li>${withCode(one)}</li>`)}</ul>`;
  return html`<p class="cap">${said(about)}; read at ${when(readAt)}.</p><table class="t"><thead><tr><th>Figure</th><th class="n">Meta</th><th class="n">This ledger</th></tr></thead><tbody>${body}</tbody></table>${list(lines)}${missing.length > 0 ? html`<p class="cap">Not to be had:</p>${list(missing)}` : NOTHING}`;
}
