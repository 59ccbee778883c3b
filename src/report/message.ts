// The report's section on what was sent: the template's own words, with its variables unfilled, since every value in them is a recipient's.

import type { Html } from "../domain/common/html.ts";
import { html, NOTHING } from "../domain/common/html.ts";
import { plural } from "../domain/common/numbers.ts";
import { drawRun, runsOf } from "../domain/message/phone-view.ts";
import { componentOf, type TemplateComponent } from "../domain/message/template.ts";
import type { ReportData } from "../domain/result/report-data.ts";

/** The message as the template has it; nothing when no run saw the template at Meta. */
export function messageSection({ template }: ReportData): Html {
  if (template === null) return NOTHING;
  const { components } = template;
  const buttons = componentOf(components, "BUTTONS")?.buttons ?? [];
  const cards = componentOf(components, "CAROUSEL")?.cards?.length ?? 0;
  const footer = componentOf(components, "FOOTER")?.text;
  return html`<section><h2>The message</h2>
<p>The template as the last run saw it; each person's own values stand where the braces are.</p>
<div class="message">${headerOf(componentOf(components, "HEADER"))}<p>${textOf(componentOf(components, "BODY")?.text ?? "")}</p>${
    cards === 0 ? NOTHING : html`<p class="foot">and a carousel of ${plural(cards, "card")}</p>`
  }${footer === undefined ? NOTHING : html`<p class="foot">${footer}</p>`}${
    buttons.length === 0
      ? NOTHING
      : html`<ul>${buttons.map(({ text }) => html`<li>${text ?? "Button"}</li>`)}</ul>`
  }</div></section>`;
}

function headerOf(header: TemplateComponent | undefined): Html {
  if (header === undefined) return NOTHING;
  const format = header.format ?? "TEXT";
  return format === "TEXT"
    ? html`<p><b>${header.text ?? ""}</b></p>`
    : html`<p class="kind">${format.toLowerCase()}</p>`;
}

/** With WhatsApp's marks for bold and the like drawn. */
function textOf(text: string): Html {
  return html`${runsOf(text).map(drawRun)}`;
}
