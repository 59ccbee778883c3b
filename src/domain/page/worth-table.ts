// What a campaign was worth on pages: its groups side by side, and what follows in sentences.

import type { Html } from "../common/html.ts";
import { html, NOTHING, said, withCode } from "../common/html.ts";
import { money } from "../common/numbers.ts";
import { sentenceCase } from "../common/text.ts";
import { pointsText } from "../statistics/decision-text.ts";
import { revenueText } from "../worth/conversion.ts";
import type { Worth } from "../worth/worth.ts";
import { comparedSentences, worthSentences } from "../worth/worth-words.ts";
import { intervalTable } from "./interval-table.ts";

/** The tables and the sentences below them. @param when an instant in words */
export function worthTable(worth: Worth, when: (at: number) => string): Html {
  const rows = worth.groups.map((group) => {
    const against = worth.comparisons.find(({ name }) => name === group.name);
    return {
      ...{ name: html`<b>${nameOf(group)}</b>`, people: group.people },
      ...{ number: group.ordered, interval: group.interval, isFilled: group.kind === "messaged" },
      difference: against === undefined ? "" : pointsText(against.difference, against.interval),
    };
  });
  const heads = {
    ...{ group: "Group", did: "Ordered" },
    difference: worth.comparisons.length > 0 ? "Over hold-out" : null,
  };
  const [, ...others] = worth.comparisons;
  const lines = [
    ...worthSentences(worth, when),
    ...others.map((one) => comparedSentences(one, worth).join(" ")),
  ];
  return html`${intervalTable(rows, heads)}${moneyTable(worth)}<ul class="cap">${lines.map((line) => html`<li>${withCode(line)}</li>`)}</ul>`;
}

/** What each group brought and cost; nothing without either. */
function moneyTable({ groups, costCurrency }: Worth): Html {
  if (groups.every(({ revenue, cost }) => revenue.length === 0 && cost === null)) return NOTHING;
  const hasCosts = groups.some(({ cost }) => cost !== null);
  const rows = groups.map((group) => {
    const { revenue, cost } = group;
    const costs = cost === null ? "" : `${money(cost)} ${costCurrency ?? ""}`;
    return html`<tr><td>${nameOf(group)}</td><td class="n">${said(revenueText(revenue))}</td>${hasCosts && html`<td class="n">${costs}</td>`}</tr>`;
  });
  return html`<table class="t"><thead><tr><th>Group</th><th class="n">Revenue</th>${hasCosts && html`<th class="n">Cost of messages</th>`}</tr></thead><tbody>${rows}</tbody></table>`;
}

/** An arm by its own name; the others are words. */
function nameOf({ name, kind }: Worth["groups"][number]): Html {
  return said(kind === "arm" ? name : sentenceCase(name));
}
