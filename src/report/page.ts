// The report as one page of HTML that needs nothing else: no network, no script, about a hundred kilobytes whatever the number
// of rows. Decides nothing; what is counted comes in.

import { calendarOf } from "../domain/common/calendar.ts";
import type { Html } from "../domain/common/html.ts";
import { html, markupText, NOTHING, trusted } from "../domain/common/html.ts";
import type { ReportData } from "../domain/result/report-data.ts";
import { funnelOf } from "./funnel.ts";
import { messageSection } from "./message.ts";
import { failedOf, openOf, skippedOf } from "./reasons.ts";
import { bannersOf, figuresOf, headerOf, headlineOf, isSandbox } from "./result.ts";
import { notesSection, settingsSection } from "./settings.ts";
import { STYLE } from "./style.ts";
import { overTimeOf, waitsSection } from "./time.ts";
import { countriesSection, pathsSection } from "./where.ts";

/** Nothing is loaded from anywhere, nothing runs, nothing is sent, and no other page frames it. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/**
 * The report page of a campaign.
 *
 * Instants are shown in the time zone of the manifest's `hours` where the settings have it, else in UTC.
 * @param data as `Ledger.report` gives it; with `settings`, the page shows rate limit, hours and cost, and its commands name the
 *   manifest
 * @returns a whole HTML document, UTF-8
 */
export function reportPage(data: ReportData): string {
  const calendar = calendarOf(data.settings?.hours?.timeZone ?? "UTC");
  const sandboxFoot = isSandbox(data)
    ? html`<p class="banner sandbox"><b>SANDBOX</b> Nothing went to WhatsApp.</p>`
    : NOTHING;
  const body = html`<main>
${headerOf(data, calendar)}
${bannersOf(data)}
${headlineOf(data, calendar)}
${figuresOf(data)}
${funnelOf(data)}
${openOf(data, calendar)}
${failedOf(data)}
${skippedOf(data)}
${overTimeOf(data, calendar)}
${waitsSection(data)}
${countriesSection(data)}
${pathsSection(data)}
${messageSection(data)}
${settingsSection(data, calendar)}
${notesSection(data, calendar)}
${sandboxFoot}
</main>`;
  return documentOf(`${data.campaign.name}: campaign report`, body);
}

function documentOf(title: string, body: Html): string {
  return markupText(html`${trusted("<!doctype html>")}
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
${body}
</body>
</html>
`);
}
