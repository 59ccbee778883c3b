// The parts of a campaign's page that change while it runs: how it stands, how far it is, the funnel, the reasons, what is open.

import type { Status } from "../../domain/campaign/dispatch.ts";
import { STATUSES } from "../../domain/campaign/dispatch.ts";
import type { Content, Html } from "../../domain/common/html.ts";
import { html, said, withCode } from "../../domain/common/html.ts";
import { count, duration, percent, plural } from "../../domain/common/numbers.ts";
import { campaignNotes } from "../../domain/result/campaign-notes.ts";
import type { LedgerTally } from "../../domain/result/counts.ts";
import { STATUS_WORDS } from "../../domain/result/labels.ts";
import { wordsFor } from "../../domain/result/reason-labels.ts";
import type { Session } from "../auth/session.ts";
import type { Look } from "./counting.ts";
import type { Parts } from "./events.ts";
import { day, instant } from "./format.ts";
import { csrfField } from "./page.ts";
import type { Standing } from "./standing.ts";
import { choicesOf, standingOf } from "./standing.ts";

/** Reasons that are listed; the rest is summed up. */
const REASONS_SHOWN = 20;
/** Counts older than this say so. */
const OLD_COUNT_MS = 3_000;

/** Groups of statuses as the bar shows them, from the good end. */
const BAR_GROUPS: readonly { name: string; tone: string; statuses: readonly Status[] }[] = [
  { name: "Read", tone: "read", statuses: ["read"] },
  { name: "Delivered", tone: "delivered", statuses: ["delivered"] },
  { name: "Accepted", tone: "accepted", statuses: ["accepted", "sent"] },
  { name: "Failed", tone: "failed", statuses: ["failed", "expired"] },
  { name: "Unknown", tone: "unknown", statuses: ["unknown"] },
  { name: "Held", tone: "held", statuses: ["held"] },
  { name: "Cancelled", tone: "cancelled", statuses: ["cancelled"] },
  { name: "Waiting", tone: "waiting", statuses: ["claimed", "pending"] },
];

/** Address of a campaign's page. */
export function pathOf(name: string): string {
  return `/campaigns/${encodeURIComponent(name)}`;
}

/** A standing as a small label. */
export function standingLabel({ word, tone }: Standing): Html {
  return html`<span class="standing ${tone}">${word}</span>`;
}

/** Every part, by the name under which the page keeps it. */
export function campaignParts(look: Look, session: Session, now: number): Parts {
  const standing = standingOf(look);
  return {
    standing: standingLabel(standing),
    banner: bannerPart(standing),
    progress: progressPart(look),
    actions: actionsPart(look, session),
    funnel: funnelPart(look.tally),
    statuses: statusesPart(look, now),
    skipped: reasonsPart(look.tally, "skipped"),
    failed: reasonsPart(look.tally, "failed"),
    open: openPart(look),
  };
}

function bannerPart({ sentence, tone }: Standing): Html {
  if (sentence === null) return html``;
  return html`<p class="banner ${tone}"><bdi>${withCode(sentence)}</bdi></p>`;
}

function number(tally: LedgerTally | null, statuses: readonly Status[]): number {
  return statuses.reduce((sum, status) => sum + (tally?.counts[status] ?? 0), 0);
}

/** How many of those that are sent to were dealt with, as far as is known; the rest is what the cheap look says. */
export function doneOf({ campaign, tally, left }: Look): { done: number; of: number } {
  const rows = Math.max(campaign.rows, tally?.rows ?? 0);
  const of = rows - number(tally, ["skipped"]);
  const open =
    left === null
      ? number(tally, ["pending", "claimed", "held"])
      : left.pending + left.claimed + left.held;
  return { done: Math.max(0, Math.min(of, of - open)), of };
}

function progressPart(look: Look): Html {
  const { done, of } = doneOf(look);
  const share = of === 0 ? 0 : Math.floor((done / of) * 1000) / 10;
  const rate = look.rate === null ? null : Math.round(look.rate);
  const facts: Content[] = [];
  if (look.isRunning && rate !== null) {
    facts.push(html`<span><b>${count(rate)}</b> a second</span>`);
    if (look.timeLeftMs !== null) {
      facts.push(html`<span>about <b>${duration(look.timeLeftMs)}</b> left</span>`);
    }
  }
  if (look.left !== null && look.left.held > 0 && look.left.nextDueAt !== null) {
    facts.push(html`<span>next try of those held: ${instant(look.left.nextDueAt)}</span>`);
  }
  return html`<div class="progress">
<p class="big"><b>${share.toFixed(share === 100 || share === 0 ? 0 : 1)}<small> %</small></b>
<span><b>${count(done)}</b> of ${count(of)} dealt with</span>${facts}</p>
${stackedBar(look.tally, `${share} % dealt with`)}
</div>`;
}

/** One bar of all rows that are sent to; the words beside it say the same. Widths are attributes: no inline style is allowed. */
export function stackedBar(tally: LedgerTally | null, label: string): Html {
  const of = (tally?.rows ?? 0) - number(tally, ["skipped"]);
  let x = 0;
  const parts = BAR_GROUPS.map(({ tone, statuses }) => {
    const width = of <= 0 ? 0 : (number(tally, statuses) / of) * 100;
    const from = x;
    x += width;
    return (
      width > 0 &&
      html`<rect class="${tone}" x="${from.toFixed(3)}" width="${width.toFixed(3)}" height="1"/>`
    );
  });
  return html`<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label="${label}"><rect class="waiting" width="100" height="1"/>${parts}</svg>`;
}

/** What the colours of the bar mean, with the numbers. */
export function barLegend(tally: LedgerTally | null): Html {
  const items = BAR_GROUPS.flatMap(({ name, tone, statuses }) => {
    const here = number(tally, statuses);
    return here === 0 ? [] : [html`<li><i class="${tone}"></i>${name} <b>${count(here)}</b></li>`];
  });
  return html`<ul class="legend">${items}</ul>`;
}

function funnelPart(tally: LedgerTally | null): Html {
  if (tally === null) return html`<p class="hint">The rows are being counted.</p>`;
  const { rows } = tally;
  const { toSend, accepted, delivered, read } = tally.reached;
  const steps: [string, number, number, string][] = [
    ["Rows of the file", rows, rows, ""],
    ["To be sent to", toSend, rows, "of the rows"],
    ["Accepted by Meta", accepted, toSend, "of those to be sent to"],
    ["On the phone", delivered, accepted, "of those accepted"],
    ["Read", read, delivered, "of those on the phone"],
  ];
  const { people: optedOut } = tally.optOuts;
  if (optedOut > 0)
    steps.push(["Opted out after the message", optedOut, delivered, "of those on the phone"]);
  return html`<ol class="funnel">${steps.map(
    ([name, here, of, words]) => html`<li>
<span class="name">${name}</span><b>${count(here)}</b>
<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect class="waiting" width="100" height="1"/><rect class="step" width="${rows === 0 ? 0 : ((here / rows) * 100).toFixed(3)}" height="1"/></svg>
<span class="share">${words !== "" && of > 0 && html`${percent(here, of)} ${words}`}</span></li>`,
  )}</ol>`;
}

function statusesPart({ campaign, tally, talliedAt }: Look, now: number): Html {
  if (tally === null) return html`<p class="hint">The rows are being counted.</p>`;
  const rows = STATUSES.filter((status) => (tally.counts[status] ?? 0) > 0).map(
    (status) =>
      html`<tr><th scope="row">${status}</th><td class="number">${count(tally.counts[status] ?? 0)}</td><td>${STATUS_WORDS[status]}</td></tr>`,
  );
  const age = now - (talliedAt ?? now);
  const notes = campaignNotes(tally, campaign);
  return html`<table class="counts"><thead><tr><th scope="col">Status</th><th scope="col" class="number">Rows</th><th scope="col">Means</th></tr></thead><tbody>${rows}</tbody></table>
${notes.map((note) => html`<p class="hint">${withCode(note)}</p>`)}
${age > OLD_COUNT_MS && html`<p class="hint">Counted at ${instant(talliedAt)}; so many rows are counted less often, so that the run is not slowed down.</p>`}`;
}

function reasonsPart(tally: LedgerTally | null, which: "skipped" | "failed"): Html {
  if (tally === null) return html`<p class="hint">The rows are being counted.</p>`;
  const all = Object.entries(tally.reasons)
    .filter(([reason]) => isOf(tally, reason, which))
    .map(([reason, sum]) => [reason, which === "failed" ? (tally.failures[reason] ?? 0) : sum])
    .sort((a, b) => (b[1] as number) - (a[1] as number)) as [string, number][];
  if (all.length === 0) return html`<p class="hint">Nobody.</p>`;
  const reported = new Set<string>();
  const rest = all.slice(REASONS_SHOWN).reduce((sum, [, here]) => sum + here, 0);
  return html`<table class="counts"><thead><tr><th scope="col">${which === "failed" ? "Code" : "Reason"}</th><th scope="col" class="number">Rows</th><th scope="col">Means</th></tr></thead><tbody>${all
    .slice(0, REASONS_SHOWN)
    .map(([reason, here]) => {
      const { meaning, todo } = wordsFor(reason);
      // What is to be done is the same for several reasons, and said with the first.
      const isNew = todo !== "" && !reported.has(todo);
      reported.add(todo);
      return html`<tr><th scope="row">${said(reason)}</th><td class="number">${count(here)}</td><td>${meaning}${isNew && html`<small>${withCode(todo)}</small>`}</td></tr>`;
    })}${rest > 0 && html`<tr><th scope="row">others</th><td class="number">${count(rest)}</td><td>${plural(all.length - REASONS_SHOWN, "more reason")}; the report has them all</td></tr>`}</tbody></table>`;
}

/** Holds have a reason, too; they are distinguished from skips by being codes. */
function isOf(tally: LedgerTally, reason: string, which: "skipped" | "failed"): boolean {
  const isFailure = tally.failures[reason] !== undefined;
  return which === "failed" ? isFailure : !isFailure && !/^\d+$/.test(reason);
}

function openPart(look: Look): Html {
  const { tally, left, campaign, isRunning } = look;
  if (campaign.erasedAt !== null) {
    return html`<p class="hint">Purged on ${day(campaign.erasedAt)}: its personal data is erased, the counts stay, and it sends to nobody any more.</p>`;
  }
  const rows: [number, string, Content][] = [];
  const here = (status: Status) => tally?.counts[status] ?? 0;
  const run = html`<code data-copy>campaign run &lt;manifest&gt;</code>`;
  const waiting = left === null ? here("pending") : left.pending;
  if (waiting > 0 && !isRunning && campaign.state !== "cancelled") {
    const first = campaign.stop?.kind === "paused" && "Unpause the campaign first. ";
    rows.push([waiting, "wait to be sent", html`${first}The same command goes on: ${run}`]);
  }
  const held = left === null ? here("held") : left.held;
  if (held > 0) {
    rows.push([held, "are held for a later try", html`A run when they are due sends them: ${run}`]);
  }
  if (here("unknown") > 0) {
    const resolve = html`<code data-copy>campaign resolve &lt;manifest&gt; --unknown give-up</code>`;
    rows.push([
      here("unknown"),
      "may have it: the answer was lost",
      html`A receipt settles them, or you do: ${resolve} (or <code>resend</code>; some then get it twice)`,
    ]);
  }
  if (here("accepted") > 0) {
    rows.push([
      here("accepted"),
      "were accepted and have no receipt yet",
      html`They come by webhook to this server, or from a file: <code data-copy>campaign receipts import &lt;file&gt;</code>`,
    ]);
  }
  const [worst] = Object.entries(tally?.failures ?? {}).sort((a, b) => b[1] - a[1]);
  // Of a cancelled one nobody is queued again.
  if (worst !== undefined && campaign.state !== "cancelled") {
    rows.push([
      here("failed"),
      "failed",
      html`To queue some of them again, on purpose: <code data-copy>campaign retry &lt;manifest&gt; --code ${worst[0]}</code>`,
    ]);
  }
  if (rows.length === 0) return html`<p class="hint">Nothing is open.</p>`;
  return html`<ul class="open">${rows.map(
    ([sum, words, todo]) =>
      html`<li><p><b>${count(sum)}</b> ${words}</p><p class="hint">${todo}</p></li>`,
  )}</ul>`;
}

function actionsPart(look: Look, session: Session): Html {
  const path = pathOf(look.campaign.name);
  const { pause, unpause, cancel } = choicesOf(look);
  return html`<div class="actions">
${pause && html`<form method="post" action="${path}/pause">${csrfField(session)}<button class="main">Pause</button></form>`}
${unpause && html`<form method="post" action="${path}/unpause">${csrfField(session)}<button class="main">Unpause</button></form>`}
${cancel && html`<a class="button danger" href="${path}/cancel">Cancel…</a>`}
</div>`;
}
