// The report's section on what was sent: the template's own words, with its variables unfilled, since every value in them is somebody's.

import { type Run, runsOf } from "../bubble.ts";
import type { ReportData } from "../report-data.ts";
import { componentOf, type TemplateComponent } from "../template.ts";
import type { Markup } from "./markup.ts";
import { html, NOTHING } from "./markup.ts";
import { plural } from "./numbers.ts";

/** The message as the template has it; nothing when no run saw the template at Meta. */
export function messageSection({ template }: ReportData): Markup {
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

function headerOf(header: TemplateComponent | undefined): Markup {
  if (header === undefined) return NOTHING;
  const format = header.format ?? "TEXT";
  return format === "TEXT"
    ? html`<p><b>${header.text ?? ""}</b></p>`
    : html`<p class="kind">${format.toLowerCase()}</p>`;
}

/** With WhatsApp's marks for bold and the like drawn. */
function textOf(text: string): Markup {
  return html`${runsOf(text).map(drawn)}`;
}

function drawn({ text, style }: Run): Markup {
  switch (style) {
    case "bold":
      return html`<b>${text}</b>`;
    case "italic":
      return html`<em>${text}</em>`;
    case "strike":
      return html`<s>${text}</s>`;
    case "code":
      return html`<code>${text}</code>`;
    case "plain":
      return html`${text}`;
  }
}
