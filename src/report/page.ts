// The report as one page of HTML that needs nothing else: no network, no script. Its order: what
// happened, what is wrong, what to do, details.

import type { Html } from "../domain/common/html.ts";
import { html, markupText, NOTHING, said, trusted } from "../domain/common/html.ts";
import { plural } from "../domain/common/numbers.ts";
import { funnelView } from "../domain/page/funnel-steps.ts";
import { PATTERNS } from "../domain/page/shapes.ts";
import type { CampaignStanding } from "../domain/result/campaign-standing.ts";
import type { ConditionFacts } from "../domain/result/conditions.ts";
import type { ReportData } from "../domain/result/report-data.ts";
import { countriesSection, moneySection } from "./countries.ts";
import { headOf, tilesOf } from "./head.ts";
import { insightsSection } from "./insights.ts";
import { moreSection } from "./more.ts";
import { conditionsSection, openSection } from "./open.ts";
import { rateSection } from "./rate.ts";
import { reasonsSection } from "./reasons.ts";
import { styleOf } from "./style.ts";
import { type ReportView, templateOf, viewOf } from "./view.ts";
import { testSection, worthSection } from "./worth.ts";

/** Nothing is loaded from anywhere, nothing runs, nothing is sent, and no other page frames it. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/**
 * The report page of a campaign. A section with nothing to say is left out; the five tiles are
 * always there.
 *
 * Instants are shown in the time zone of the manifest's `hours` where the settings have it, else in
 * UTC.
 * @param data as `Ledger.report` gives it; with `settings`, the page shows limit, hours and cost
 * @param now how the campaign stands at this moment, and what holds it back
 * @param address of the campaign's live page, where that serves the report; null in a file
 * @returns a whole HTML document, UTF-8
 */
export function reportPage(
  data: ReportData,
  now: { standing: CampaignStanding; conditions: ConditionFacts },
  address: string | null = null,
): string {
  const view = viewOf(data, now, address);
  const body = html`${PATTERNS}<main class="page">
${headOf(view)}
${tilesOf(view)}
${pairOf(funnelSection(view), rateSection(view))}
${conditionsSection(view)}
${openSection(view)}
${testSection(view)}
${worthSection(view)}
${reasonsSection(view)}
${countriesSection(view)}
${moneySection(view)}
${insightsSection(view)}
${moreSection(view)}
${footOf(view)}
</main>`;
  return documentOf(view, body);
}

/** How far the people of the list got. */
function funnelSection({ data, standing, hasReceipts }: ReportView): Html {
  const { clicks, funnel: reached } = data;
  const shown = funnelView({ ...data, reached }, { standing, hasReceipts, clicks });
  if (shown === null) return NOTHING;
  return html`<section><h2>How far it got</h2><p class="sub">${shown.base}</p>${shown.steps}</section>`;
}

/** Two sections beside each other; one alone takes the whole width. */
function pairOf(first: Html, second: Html): Html {
  return first === NOTHING || second === NOTHING
    ? html`${first}${second}`
    : html`<div class="two">${first}${second}</div>`;
}

function footOf({ data, manifest, isSandbox }: ReportView): Html {
  const { name, language } = templateOf(data);
  const list = data.campaign.frozen["recipients.file"];
  const parts = [
    ...(name === null ? [] : [html`Template ${said(name)} (${said(language)})`]),
    ...(manifest === "<manifest>" ? [] : [said(manifest)]),
    html`${typeof list === "string" ? html`${said(list)}, ` : NOTHING}${plural(data.rows, "row")}`,
  ];
  const joined = parts.map((part, index) => (index === 0 ? part : html` · ${part}`));
  const last = isSandbox ? html`<span>SANDBOX: nothing went to WhatsApp</span>` : NOTHING;
  return html`<footer><span>${joined}</span>${last}</footer>`;
}

function documentOf({ data, calendar }: ReportView, body: Html): string {
  const { name } = data.campaign;
  const foot = `${name} · as of ${calendar.minute(data.at)}`;
  return markupText(html`${trusted("<!doctype html>")}
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${name} · campaign report</title>
<style>${trusted(styleOf(foot))}</style>
</head>
<body>
${body}
</body>
</html>
`);
}
