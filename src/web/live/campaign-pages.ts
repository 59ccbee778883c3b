// The pages about campaigns: the list of all, one in detail, and the question before one is cancelled.

import type { Content, Html } from "../../domain/common/html.ts";
import { html, said } from "../../domain/common/html.ts";
import { count, duration, percent, plural } from "../../domain/common/numbers.ts";
import type { Session } from "../auth/session.ts";
import {
  barLegend,
  campaignParts,
  doneOf,
  pathOf,
  stackedBar,
  standingLabel,
} from "./campaign-parts.ts";
import type { Look } from "./counting.ts";
import type { Parts } from "./events.ts";
import { day } from "./format.ts";
import type { Page } from "./page.ts";
import { csrfField } from "./page.ts";
import { standingOf } from "./standing.ts";

/** Where nothing goes to WhatsApp, every page says so. */
const SANDBOX_LABEL = html`<span class="tag" title="Nothing goes to WhatsApp; Graph is simulated on this machine.">sandbox</span>`;

/** All campaigns, newest first. */
export function campaignsPage(looks: readonly Look[]): Page {
  return {
    title: "Campaigns",
    section: "campaigns",
    events: "/events",
    body: html`<h1>Campaigns</h1><div data-live="campaigns">${campaignsParts(looks).campaigns as Html}</div>`,
  };
}

/** The one part of the list that changes. */
export function campaignsParts(looks: readonly Look[]): Parts {
  if (looks.length === 0) {
    return {
      campaigns: html`<div class="card empty"><p>No campaign yet.</p><p class="hint">The first one shows here as soon as it is planned: <code data-copy>campaign run &lt;manifest&gt;</code></p></div>`,
    };
  }
  return { campaigns: html`<ul class="campaigns">${looks.map(campaignItem)}</ul>` };
}

function campaignItem(look: Look): Html {
  const { campaign, tally } = look;
  const { done, of } = doneOf(look);
  const facts: Content[] = [html`${count(Math.max(campaign.rows, tally?.rows ?? 0))} rows`];
  if (of > 0) facts.push(html`${percent(done, of)} dealt with`);
  if (look.isRunning && look.rate !== null) facts.push(html`${count(look.rate)} a second`);
  if (look.timeLeftMs !== null) facts.push(html`about ${duration(look.timeLeftMs)} left`);
  return html`<li class="card campaign">
<div class="row"><h2><a href="${pathOf(campaign.name)}">${said(campaign.name)}</a></h2>${standingLabel(standingOf(look))}${campaign.lane === "sandbox" && SANDBOX_LABEL}<span class="when">${day(campaign.createdAt)}</span></div>
<p class="facts">${facts.map((fact, at) => html`${at > 0 && " · "}${fact}`)}</p>
${stackedBar(tally, `${count(done)} of ${count(of)} dealt with`)}
${tally === null ? html`<p class="hint">The rows are being counted.</p>` : barLegend(tally)}
</li>`;
}

/** One campaign. */
export function campaignPage(look: Look, options: { session: Session; now: number }): Page {
  const { campaign } = look;
  const path = pathOf(campaign.name);
  const parts = campaignParts(look, options.session, options.now);
  const live = (name: string) => html`<div data-live="${name}">${parts[name]}</div>`;
  const text = (key: string) => String(campaign.frozen[key] ?? "");
  const lane = campaign.lane === "sandbox" ? "the sandbox" : `number ${campaign.lane}`;
  const meta = html`<p class="meta">Template ${said(text("template.name"))} (${said(text("template.language"))}) by ${lane} · list ${said(text("recipients.file"))} · ${plural(campaign.rows, "row")} · planned ${day(campaign.createdAt)}</p>`;
  return {
    title: campaign.name,
    section: "campaigns",
    events: `${path}/events`,
    body: html`<div class="row title"><h1>${said(campaign.name)}</h1><span data-live="standing">${parts.standing}</span>${campaign.lane === "sandbox" && SANDBOX_LABEL}</div>
${meta}
<div data-live="banner" aria-live="polite">${parts.banner}</div>
<section class="card lead" aria-label="Progress">${live("progress")}
<div class="row between">${live("actions")}
<p class="links"><a href="${path}/message">How the message reads</a> <a href="${path}/report">Report</a></p></div></section>
<div class="columns">
<section class="card"><h2>How far they got</h2>${live("funnel")}</section>
<section class="card"><h2>What is open</h2>${live("open")}</section>
</div>
<section class="card"><h2>By status</h2>${live("statuses")}</section>
<div class="columns">
<section class="card"><h2>Skipped</h2>${live("skipped")}</section>
<section class="card"><h2>Failed</h2>${live("failed")}</section>
</div>`,
  };
}

/** Asked before a campaign is ended: what will happen, and to how many. */
export function cancelPage(look: Look, session: Session): Page {
  const { campaign, left, isRunning } = look;
  const path = pathOf(campaign.name);
  const waiting = (left?.pending ?? 0) + (left?.held ?? 0);
  return {
    title: `Cancel ${campaign.name}`,
    section: "campaigns",
    body: html`<p class="crumb"><a href="${path}">${said(campaign.name)}</a></p>
<div class="card question"><h1>End this campaign for good?</h1>
<ul>
<li><b>${plural(waiting, "recipient")}</b> still waiting will not get the message.</li>
<li>People who have it keep it; receipts for it go on being counted.</li>
${isRunning && html`<li>A run is at work: what is on its way at this moment still arrives, and it ends within a moment.</li>`}
<li>It cannot be undone. Who should still get the message needs a campaign of its own. To stop for a while, pause it instead.</li>
</ul>
<div class="actions"><form method="post" action="${path}/cancel">${csrfField(session)}<button class="danger">End the campaign</button></form>
<a class="button" href="${path}">Leave it as it is</a></div></div>`,
  };
}
