// The report's folded part on what was sent: the template's own words, with its variables unfilled,
// since every value in them is a recipient's.

import { type Html, html, NOTHING, said } from "../domain/common/html.ts";
import { plural } from "../domain/common/numbers.ts";
import { drawRun, runsOf } from "../domain/message/phone-view.ts";
import { componentOf, type TemplateComponent } from "../domain/message/template.ts";
import { fold } from "../domain/page/parts.ts";
import type { ReportView } from "./view.ts";

/** The message as the template has it; nothing when no run saw the template at Meta. */
export function messageFold({ data: { template } }: ReportView): Html {
  if (template === null) return NOTHING;
  const { components } = template;
  const buttons = componentOf(components, "BUTTONS")?.buttons ?? [];
  const cards = componentOf(components, "CAROUSEL")?.cards?.length ?? 0;
  const footer = componentOf(components, "FOOTER")?.text;
  const message = html`<div class="message">${headerOf(componentOf(components, "HEADER"))}<p><bdi>${textOf(componentOf(components, "BODY")?.text ?? "")}</bdi></p>${
    cards === 0 ? NOTHING : html`<p class="cap">and a carousel of ${plural(cards, "card")}</p>`
  }${footer === undefined ? NOTHING : html`<p class="cap">${said(footer)}</p>`}${
    buttons.length === 0
      ? NOTHING
      : html`<ul>${buttons.map(({ text }) => html`<li>${said(text ?? "Button")}</li>`)}</ul>`
  }</div>`;
  return fold({
    name: "The message",
    answer: "each person's own values stand where the braces are",
    inside: message,
  });
}

function headerOf(header: TemplateComponent | undefined): Html {
  if (header === undefined) return NOTHING;
  const format = header.format ?? "TEXT";
  return format === "TEXT"
    ? html`<p><b>${said(header.text)}</b></p>`
    : html`<p class="cap">${said(format.toLowerCase())}</p>`;
}

/** With WhatsApp's marks for bold and the like drawn. */
function textOf(text: string): Html {
  return html`${runsOf(text).map(drawRun)}`;
}
