// The report's section on what is open: each item with the command that settles it.

import { type Html, html, NOTHING, withCode } from "../domain/common/html.ts";
import { command, openTable } from "../domain/page/parts.ts";
import { openItemName } from "../domain/page/reasons.ts";
import { openItems, openOfReport } from "../domain/result/open-items.ts";
import type { ReportView } from "./view.ts";

/** What is not settled; nothing when everything is. A command stands once. */
export function openSection({ data, standing, manifest, when }: ReportView): Html {
  const items = openItems(openOfReport(data), { standing, manifest, now: data.at, when });
  if (items.length === 0) return NOTHING;
  const shown = new Set<string>();
  const rows = items.map((item) => {
    const { number, todo, command: text } = item;
    const isNew = text !== null && !shown.has(text);
    if (text !== null) shown.add(text);
    return {
      item: openItemName(item),
      people: number,
      todo: isNew ? html`${withCode(todo)} ${command(text)}` : withCode(todo.replace(/:$/, ".")),
    };
  });
  return html`<section class="keep"><h2>Open</h2>${openTable(rows, data.rows)}</section>`;
}
