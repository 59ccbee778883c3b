// The report's sections on what holds people back, and on what is open: each item with the command
// that settles it.

import { type Html, html, NOTHING, withCode } from "../domain/common/html.ts";
import { command, conditionsTable, openTable } from "../domain/page/parts.ts";
import { openItemName } from "../domain/page/reasons.ts";
import { conditionsOf } from "../domain/result/conditions.ts";
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

/** What hours, cap, ramp, budget and limits hold back; nothing where none of them is on. */
export function conditionsSection({ data, conditions, when }: ReportView): Html {
  const all = conditionsOf(conditions, when);
  if (all.length === 0) return NOTHING;
  return html`<section class="keep"><h2>Conditions</h2>${conditionsTable(all, data.rows)}</section>`;
}
