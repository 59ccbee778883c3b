// The page of one campaign, and the question before it is cancelled.

import { testFigures, testHeading } from "../../domain/arms/test-figures.ts";
import { STATUSES } from "../../domain/campaign/dispatch.ts";
import type { Content, Html } from "../../domain/common/html.ts";
import { html, NOTHING, said, withCode } from "../../domain/common/html.ts";
import { count, money, percent, plural } from "../../domain/common/numbers.ts";
import { spanOf } from "../../domain/common/time-buckets.ts";
import { estimateCost } from "../../domain/cost/estimate.ts";
import { languageWords } from "../../domain/message/template.ts";
import { bar, meter, wholeBar } from "../../domain/page/bars.ts";
import { figureTiles, NO_PRICES, uncountedTiles } from "../../domain/page/figure-tiles.ts";
import { funnelView } from "../../domain/page/funnel-steps.ts";
import { insightTable } from "../../domain/page/insight-table.ts";
import type { Tile } from "../../domain/page/parts.ts";
import {
  conditionsTable,
  copiedCommand,
  fold,
  openTable,
  topCard,
} from "../../domain/page/parts.ts";
import { rateChart } from "../../domain/page/rate-chart.ts";
import { cutAt, openItemName, reasonName } from "../../domain/page/reasons.ts";
import { testTable } from "../../domain/page/test-table.ts";
import { worthTable } from "../../domain/page/worth-table.ts";
import { campaignNotes } from "../../domain/result/campaign-notes.ts";
import type { CampaignStanding } from "../../domain/result/campaign-standing.ts";
import { choicesOf, isAtWork } from "../../domain/result/campaign-standing.ts";
import { conditionsOf } from "../../domain/result/conditions.ts";
import type { LedgerTally } from "../../domain/result/counts.ts";
import type { Figures } from "../../domain/result/figures.ts";
import { STATUS_WORDS } from "../../domain/result/labels.ts";
import {
  mayRun,
  openItems,
  openOfTally,
  runCommand,
  skippedOf,
} from "../../domain/result/open-items.ts";
import { comparedBy } from "../../domain/result/report-figures.ts";
import { worthOf } from "../../domain/worth/worth.ts";
import { worthHeading } from "../../domain/worth/worth-words.ts";
import type { Session } from "../auth/session.ts";
import {
  barParts,
  doneOf,
  factsOf,
  figuresIn,
  pathOf,
  SANDBOX_TAG,
  sentWords,
  stateOf,
} from "./campaign-parts.ts";
import type { Parts } from "./events.ts";
import type { Times } from "./format.ts";
import { limitMeter } from "./home-page.ts";
import type { Look } from "./looks.ts";
import type { Page } from "./page.ts";
import { csrfField } from "./page.ts";

/** Reasons that are listed; the rest is summed up. */
const FAILED_SHOWN = 4;
const SKIPPED_SHOWN = 5;
/** Counts older than this say so. */
const OLD_COUNT_MS = 3_000;

export interface CampaignView {
  look: Look;
  session: Session;
  times: Times;
  /** The manifest as a command names it. */
  manifest: string;
}

/** The page. */
export function campaignPage(view: CampaignView): Page {
  const { campaign } = view.look;
  const path = pathOf(campaign.name);
  const parts = campaignParts(view);
  const live = (name: string, className = "") =>
    html`<div${className !== "" && html` class="${className}"`} data-live="${name}">${parts[name]}</div>`;
  const text = (key: string) => String(campaign.frozen[key] ?? "");
  const { lanes } = campaign;
  const numbers = `from ${lanes.length === 1 ? "number" : "numbers"} ${lanes.join(", ")}`;
  const sender = campaign.lane === "sandbox" ? "by the sandbox" : numbers;
  const card = topCard({
    state: live("state"),
    facts: html`<span data-live="facts">${parts.facts}</span>`,
    run: html`<span data-live="run">${parts.run}</span>`,
    bar: live("bar"),
    buttons: [html`<span class="acts" data-live="actions">${parts.actions}</span>`],
  });
  return {
    title: campaign.name,
    section: "campaigns",
    events: `${path}/events`,
    body: html`<p class="crumb"><a href="/">Campaigns</a> / ${said(campaign.name)}</p>
<h1>${said(campaign.name)}${campaign.lane === "sandbox" && html` ${SANDBOX_TAG}`}</h1>
<p class="sub">${said(text("template.name"))} (${said(languageWords(text("template.language")))}) · ${sender} · ${said(view.manifest)}</p>
<div aria-live="polite">${card}</div>
${live("tiles")}
${live("reach")}
${live("meters")}
${live("conditions")}
${live("open")}
${live("test")}
${live("worth")}
${live("reasons")}
${live("insights")}
<section class="card folds">${fold({
      name: "All statuses",
      answer: "every row of the list",
      inside: live("statuses"),
    })}<p class="links"><a href="${path}/message">The message, row by row</a> <a href="/audit">What was done by hand</a></p></section>`,
  };
}

/** The parts of the page that change, by the name under which the page keeps them. */
export function campaignParts(view: CampaignView): Parts {
  const { look, times, manifest } = view;
  const { standing, tally } = look;
  const figures = figuresIn(look);
  const canRun = mayRun(standing) && look.campaign.erasedAt === null;
  return {
    state: stateOf(look, times.when),
    facts: html`${factsOf(look, times)}`,
    run: canRun ? copiedCommand(runOf(standing, manifest)) : NOTHING,
    actions: actionsPart(view),
    bar: barPart(look),
    tiles: tilesPart(look, figures),
    reach: reachPart(look, times),
    meters: metersPart(look, figures, times),
    conditions: conditionsPart(look, times),
    open: tally === null ? NOTHING : openPart(view, tally),
    reasons: tally === null ? NOTHING : reasonsPart(tally),
    test: testPart(look, times),
    worth: worthPart(look, times),
    insights: insightsPart(look, times),
    statuses: statusesPart(look, times),
  };
}

/** A pause has a button of its own, so that the command is the one after it. */
function runOf(standing: CampaignStanding, manifest: string): string {
  return runCommand({ ...standing, kind: "stopped" }, manifest);
}

function barPart(look: Look): Html {
  const { parts, of } = barParts(look);
  if (look.tally === null) return html`<p class="cap">The rows are being counted.</p>`;
  const { done, of: people } = doneOf(look);
  const label = `${count(done)} of ${count(people)} people sent to`;
  return wholeBar(parts, { of, label, height: 14 });
}

/** Only what works now; the filled one is what can be done now. */
function actionsPart({ look, session }: CampaignView): Html {
  const path = pathOf(look.campaign.name);
  const { kind } = look.standing;
  const { start, pause, unpause, cancel } = choicesOf(look.standing);
  const plan = look.standing.plan ?? "";
  const isSending = kind === "sending" || kind === "planning";
  const button = (action: string, words: string, isFilled: boolean) =>
    html`<form method="post" action="${path}/${action}">${csrfField(session)}<button class="btn${isFilled ? " pri" : ""}">${words}</button></form>`;
  const startForm = html`<form method="post" action="${path}/start">${csrfField(session)}<input type="hidden" name="plan" value="${plan}"><button class="btn pri">Start the plan</button></form>`;
  return html`${start && startForm}
${pause && button("pause", isSending ? "Pause sending" : "Pause", isSending)}
${unpause && button("unpause", "Lift the pause", true)}
${cancel && html`<a class="btn risk" href="${path}/cancel">Cancel campaign…</a>`}
<a class="btn" href="${path}/report">Report</a>`;
}

function tilesPart(look: Look, figures: Figures | null): Html {
  const { campaign, tally } = look;
  if (figures === null || tally === null) return uncountedTiles();
  const hasReceipts = campaign.receiptsSince !== null;
  return figureTiles({ figures, hasReceipts, clicks: 0, cost: costTile(look, tally) });
}

/**
 * What all would cost by the rate card. What was billed so far takes a look at every row: the
 * report has it.
 */
function costTile({ settings }: Look, tally: LedgerTally): Tile {
  const people = { toSend: tally.reached.toSend, byRegion: tally.regions };
  const { cost } = estimateCost(people, settings?.rateCard ?? null);
  if (cost === null) return { name: "Cost", figure: "–", base: NO_PRICES };
  const { currency, total_if_all_delivered: total, people_without_price: without } = cost;
  const rest = without === 0 ? "" : `, ${count(without)} without a price`;
  return {
    name: `Cost at most, ${currency}`,
    figure: money(total),
    base: `if all are delivered${rest}; so far: see the report`,
  };
}

function reachPart(look: Look, times: Times): Html {
  const { posts, settings, standing, campaign } = look;
  const funnelCard = funnelPart(look);
  // The rows that were posted last are the whole of a campaign that is small, and the present of
  // one that runs.
  const isShown = posts !== null && (standing.kind === "sending" || campaign.rows <= 20_000);
  const limit = settings?.messagesPerSecond ?? null;
  const chart = isShown ? rateChart(posts, spanOf([posts]), limit, times.calendar) : null;
  const chartCard =
    chart === null
      ? null
      : html`<section class="card"><h2>Messages a second</h2><p class="cap">${standing.kind === "sending" ? "As Meta took them of late." : "While it was sent."}</p>${chart.picture}</section>`;
  if (funnelCard === null && chartCard === null) return NOTHING;
  const isAlone = funnelCard === null || chartCard === null;
  return html`<div class="grid ${isAlone ? "g1" : "g2"}">${funnelCard}${chartCard}</div>`;
}

function funnelPart({ tally, standing, campaign }: Look): Html | null {
  if (tally === null) return null;
  const hasReceipts = campaign.receiptsSince !== null;
  const shown = funnelView(tally, { standing, hasReceipts, clicks: 0 });
  if (shown === null) return null;
  return html`<section class="card"><h2>How far it got</h2><p class="cap">${shown.base}</p>${shown.steps}</section>`;
}

function metersPart({ dailyLimit }: Look, figures: Figures | null, times: Times): Html {
  const limit = dailyLimit === null ? null : limitMeter(dailyLimit, times, null);
  const receipts =
    figures === null || figures.sent_to.number === 0
      ? null
      : meter({
          title: "Receipts",
          used: figures.settled.number,
          most: figures.settled.of,
          words: html`<b>${percent(figures.settled.number, figures.settled.of)}</b> settled`,
          beside: `${count(figures.settled.number)} of ${count(figures.settled.of)}`,
          consequence:
            figures.no_receipt.number === 0
              ? "Delivered or failed: nothing is waited for."
              : `${plural(figures.no_receipt.number, "message waits", "messages wait")} for a receipt.`,
        });
  if (limit === null && receipts === null) return NOTHING;
  return html`<div class="grid g2e">${limit}${receipts}</div>`;
}

function conditionsPart({ conditions, tally }: Look, times: Times): Html {
  const all = conditions === null ? [] : conditionsOf(conditions, times.when);
  if (all.length === 0) return NOTHING;
  return html`<section class="card"><h2>Conditions</h2>${conditionsTable(all, tally?.rows ?? 0)}</section>`;
}

function openPart({ look, times, manifest }: CampaignView, tally: LedgerTally): Html {
  const { campaign, standing } = look;
  const context = { standing, manifest, now: times.now, when: times.when };
  const items = openItems(openOfTally(tally, campaign), context).map((item) => ({
    item: openItemName(item),
    people: item.number,
    todo: html`${item.todo}${item.command !== null && html` ${copiedCommand(item.command)}`}`,
  }));
  const retry = `campaign retry ${manifest}`;
  const notes = campaign.erasedAt === null ? campaignNotes(tally, campaign, retry) : [];
  if (items.length === 0 && notes.length === 0) return NOTHING;
  const table = items.length === 0 ? NOTHING : openTable(items, tally.rows);
  return html`<section class="card"><h2>Open</h2>${table}${notes.map((note) => html`<p class="sub note">${withCode(note)}</p>`)}</section>`;
}

function reasonsPart(tally: LedgerTally): Html {
  const failed = reasonTable("Failed", tally.failures, FAILED_SHOWN, tally.rows);
  const skipped = reasonTable("Skipped", skippedOf(tally), SKIPPED_SHOWN, tally.rows);
  if (failed === null && skipped === null) return NOTHING;
  return html`<div class="grid ${failed === null || skipped === null ? "g1" : "g2e"}">${failed}${skipped}</div>`;
}

/** The arms of the test side by side. */
function testPart({ conditions }: Look, times: Times): Html {
  const test = conditions?.found.test ?? null;
  if (conditions === null || test === null) return NOTHING;
  const figures = testFigures(test.rule, test.state, conditions.now);
  return html`<section class="card"><h2>${said(testHeading(figures, times.when))}</h2>${testTable(figures, times.when)}</section>`;
}

/** Hold-out and messaged side by side, as of the last count. */
function worthPart({ worth: counts, campaign, settings }: Look, times: Times): Html {
  if (counts === null) return NOTHING;
  const budget = campaign.budget?.currency ?? null;
  const worth = worthOf(counts, { budget, rateCard: settings?.rateCard ?? null }, times.now);
  return html`<section class="card"><h2>${said(worthHeading(worth, times.when))}</h2>${worthTable(worth, times.when)}</section>`;
}

/** What Meta counted itself, as it was read last. */
function insightsPart({ insights, tally }: Look, times: Times): Html {
  if (insights === null || tally === null) return NOTHING;
  const compared = comparedBy(insights.kept, tally, insights.engagement);
  return html`<section class="card"><h2>As Meta counted it</h2>${insightTable(compared, times.when)}</section>`;
}

/** A table of reasons, the largest first; null without any. */
function reasonTable(
  title: string,
  numbers: Readonly<Record<string, number>>,
  most: number,
  rows: number,
): Html | null {
  const all = Object.entries(numbers).sort((a, b) => b[1] - a[1]);
  if (all.length === 0) return null;
  const line = (name: Content, number: number, className = "") =>
    html`<tr${className !== "" && html` class="${className}"`}><td>${name}</td><td class="n">${count(number)}</td><td class="n">${percent(number, rows)}</td></tr>`;
  const sum = (some: readonly [string, number][]) =>
    some.reduce((total, [, one]) => total + one, 0);
  const { shown, rest } = cutAt(all, most);
  return html`<section class="card"><h2>${title}</h2><table class="t"><thead><tr><th>Reason</th><th class="n">People</th><th class="n">Of list</th></tr></thead><tbody>
${shown.map(([reason, number]) => line(reasonName(reason, "Not known"), number))}${rest.length > 0 && line(plural(rest.length, "smaller reason"), sum(rest))}${line(`All ${title.toLowerCase()}`, sum(all), "sum")}</tbody></table></section>`;
}

function statusesPart({ tally, talliedAt }: Look, times: Times): Html {
  if (tally === null) return html`<p class="cap">The rows are being counted.</p>`;
  const rows = STATUSES.filter((status) => (tally.counts[status] ?? 0) > 0).map(
    (status) =>
      html`<tr><td>${status}</td><td class="n">${count(tally.counts[status] ?? 0)}</td><td class="sub">${STATUS_WORDS[status]}</td></tr>`,
  );
  const isOld = times.now - (talliedAt ?? times.now) > OLD_COUNT_MS;
  return html`<table class="t"><thead><tr><th>Status</th><th class="n">Rows</th><th>Means</th></tr></thead><tbody>${rows}</tbody></table>${isOld && html`<p class="cap">Counted ${times.tag(talliedAt)}: counting so many rows takes a while, so it is done less often.</p>`}`;
}

/** Asked before a campaign is ended: what will happen, and to how many. */
export function cancelPage({ look, session }: Pick<CampaignView, "look" | "session">): Page {
  const { campaign, left, standing } = look;
  const path = pathOf(campaign.name);
  const waiting = left.pending + left.held;
  const { parts, of } = barParts(look);
  return {
    title: `Cancel ${campaign.name}`,
    section: "campaigns",
    body: html`<p class="crumb"><a href="/">Campaigns</a> / <a href="${path}">${said(campaign.name)}</a></p>
<section class="card question"><h1>Cancel this campaign for good?</h1><p class="sub">${sentWords(look)} sent to so far.</p>
${bar(parts, { of, label: "People sent to", height: 10 })}
<ul>
<li><b>${plural(waiting, "recipient")}</b> still waiting will not get the message.</li>
<li>People who have it keep it; their receipts are still counted.</li>
${isAtWork(standing) && html`<li>A run is at work: requests in flight still arrive, and it ends within a moment.</li>`}
<li>It cannot be undone. To stop for a while, pause it instead.</li>
</ul>
<div class="acts"><form method="post" action="${path}/cancel">${csrfField(session)}<button class="btn risk solid">Cancel the campaign</button></form>
<a class="btn" href="${path}">Keep it</a></div></section>`,
  };
}
