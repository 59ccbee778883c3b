// The pages about people: the opt-out list with its search, and the whole history of one person.

import type { SuppressionRecord } from "../../domain/campaign/suppression.ts";
import type { Content, Html } from "../../domain/common/html.ts";
import { html, said } from "../../domain/common/html.ts";
import { count, plural } from "../../domain/common/numbers.ts";
import type { AttemptHistory, DispatchHistory, History } from "../../domain/result/history.ts";
import { STATUS_WORDS } from "../../domain/result/labels.ts";
import { wordsFor } from "../../domain/result/reason-labels.ts";
import type { Session } from "../auth/session.ts";
import { pathOf } from "./campaign-parts.ts";
import { instant } from "./format.ts";
import type { Page } from "./page.ts";
import { csrfField } from "./page.ts";

/** Opt-outs on one page. */
export const OPT_OUTS_SHOWN = 50;

/** Where an opt-out came from, in words. */
const SOURCE_WORDS: Readonly<Record<string, string>> = {
  manual: "by hand",
  webhook: "switch in WhatsApp",
  reply: "switch in WhatsApp",
  message: "they wrote it",
};

export interface OptOutsView {
  /** What is searched for; empty for all. */
  text: string;
  /** Address of this search without paging. */
  path: string;
  entries: readonly SuppressionRecord[];
  found: number;
  /** Address of the page with older entries; null on the last one. */
  olderPath: string | null;
  isFirst: boolean;
}

/** The opt-out list, searched or whole. */
export function optOutsPage(view: OptOutsView, session: Session): Page {
  const { text, entries, found } = view;
  const what = text === "" ? "on the list" : "found";
  const clear = text !== "" && html` <a href="/opt-outs">Show all</a>`;
  return {
    title: "Opt-outs",
    section: "opt-outs",
    body: html`<h1>Opt-outs</h1>
<p class="meta">People who get no campaign of this ledger. A change is in force at once.</p>
<div class="columns tools">
<form class="card stack" method="post" action="/opt-outs" role="search">${csrfField(session)}
<label for="text">Find by a part of the number, user id, reason or source</label>
<div class="line"><input id="text" name="text" type="search" value="${text}" maxlength="200" autocomplete="off"><button>Find</button></div></form>
<form class="card stack" method="post" action="/opt-outs/add">${csrfField(session)}
<label for="who">Add: number with + and country code, or user id</label>
<div class="line"><input id="who" name="who" required maxlength="200" autocomplete="off" inputmode="tel"></div>
<label for="reason">Reason, kept with the entry</label>
<div class="line"><input id="reason" name="reason" value="asked by hand" maxlength="200"><button class="main">Add</button></div></form>
</div>
<section class="card"><p class="row between"><span><b>${count(found)}</b> ${what}</span>${clear}</p>
${entries.length === 0 ? html`<p class="hint">Nobody.</p>` : optOutTable(entries, view.path, session)}
<p class="pages">${!view.isFirst && html`<a href="${view.path}">Newest</a>`} ${view.olderPath !== null && html`<a href="${view.olderPath}" rel="next">Older</a>`}</p></section>`,
  };
}

function optOutTable(entries: readonly SuppressionRecord[], back: string, session: Session): Html {
  const rows = entries.map((entry) => {
    const who = entry.phone ?? entry.userId;
    return html`<tr><th scope="row">${who === null ? html`<span class="none">forgotten; kept as a hash</span>` : said(who)}</th>
<td>${said(entry.reason)}</td><td class="fine">${sourceWords(entry.source)}</td><td class="fine">${instant(entry.addedAt)}</td>
<td class="act">${who !== null && html`${historyButton(who, session)} ${removal(who, entry.source, back, session)}`}</td></tr>`;
  });
  return html`<div class="scroll"><table class="cards"><thead><tr><th scope="col">Who</th><th scope="col">Reason</th><th scope="col">Source</th><th scope="col">Since</th><th scope="col"><span class="unseen">Do</span></th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function sourceWords(source: string): Html {
  const words = Object.hasOwn(SOURCE_WORDS, source) ? SOURCE_WORDS[source] : undefined;
  return words === undefined ? said(source) : html`<span title="${source}">${words}</span>`;
}

function historyButton(who: string, session: Session): Html {
  return html`<form method="post" action="/people">${csrfField(session)}<input type="hidden" name="who" value="${who}"><button class="quiet">History</button></form>`;
}

/** Taking a person off asks once more, without a script. */
function removal(who: string, source: string, back: string, session: Session): Html {
  const isSwitch = source === "webhook" || source === "reply";
  return html`<details class="sure"><summary>Take off…</summary><form method="post" action="/opt-outs/remove">${csrfField(session)}
<input type="hidden" name="who" value="${who}"><input type="hidden" name="back" value="${back}">
<p>They get campaigns again. ${isSwitch && "They turned marketing messages off in WhatsApp itself, and Meta goes on refusing them."}</p>
<button class="danger">Take off the list</button></form></details>`;
}

/** Asks for a person. */
export function peoplePage(session: Session, options: { text: string; problem?: string }): Page {
  return {
    title: "People",
    section: "people",
    body: html`<h1>People</h1><p class="meta">Everything this ledger knows of one person: every campaign, every try, every receipt.</p>${askForm(session, options)}`,
  };
}

function askForm(session: Session, { text, problem }: { text: string; problem?: string }): Html {
  return html`<form class="card stack ask" method="post" action="/people" role="search">${csrfField(session)}
${problem !== undefined && html`<p class="problem" role="alert">${problem}</p>`}
<label for="who">Number with + and country code, WhatsApp id, or user id</label>
<div class="line"><input id="who" name="who" required maxlength="200" value="${text}" autocomplete="off" inputmode="tel"><button class="main">Look up</button></div></form>`;
}

/** One person, or the few that a number without its plus may mean. */
export function personPage(
  view: { text: string; path: string; histories: readonly { who: string; history: History }[] },
  session: Session,
): Page {
  return {
    title: "A person",
    section: "people",
    body: html`<h1>People</h1>${askForm(session, { text: view.text })}
${view.histories.map(({ who, history }) => personSection(who, history, view.path, session))}`,
  };
}

function personSection(who: string, history: History, path: string, session: Session): Html {
  const others = [...history.phones, ...history.userIds].filter((name) => name !== who);
  const stopped = history.suppressions.length > 0;
  const isLeftAlone = stopped || history.isForgotten;
  return html`<section class="person"><div class="row title"><h2>${said(who)}</h2>${isLeftAlone && html`<span class="standing bad">On the opt-out list</span>`}</div>
${others.length > 0 && html`<p class="meta">Known as well as ${others.map((name, at) => html`${at > 0 && ", "}${said(name)}`)}</p>`}
<div class="card">${history.isForgotten && html`<p>Forgotten: their data was erased on request, and they are left alone from then on.</p>`}${stopped ? suppressionList(history, who, path, session) : !history.isForgotten && addForm(who, path, session)}
${history.consents.map(
  ({ channel, value, saidAt }) =>
    html`<p class="hint">${value === "stop" ? "Asked to be left alone" : "Asked for messages again"} ${channel === "switch" ? "by the switch in WhatsApp" : "in a message"}, ${instant(saidAt)}</p>`,
)}</div>
<h3>${plural(history.dispatches.length, "campaign message")}${history.isCut && " (the newest)"}</h3>
${history.dispatches.length === 0 && html`<p class="hint">No campaign of this ledger has this person.</p>`}
${history.dispatches.map(dispatchCard)}</section>`;
}

function suppressionList(history: History, who: string, path: string, session: Session): Html {
  const entries = history.suppressions.map(
    (entry) =>
      html`<li>${said(entry.reason)} <span class="hint">${sourceWords(entry.source)}, ${instant(entry.addedAt)}</span></li>`,
  );
  const source = history.suppressions[0]?.source ?? "";
  return html`<p>Gets no campaign:</p><ul>${entries}</ul>${removal(who, source, path, session)}`;
}

function addForm(who: string, path: string, session: Session): Html {
  return html`<form class="row between" method="post" action="/opt-outs/add">${csrfField(session)}<input type="hidden" name="who" value="${who}"><input type="hidden" name="reason" value="asked by hand"><input type="hidden" name="back" value="${path}"><span>Not on the opt-out list.</span><button>Opt out</button></form>`;
}

function dispatchCard(dispatch: DispatchHistory): Html {
  const { campaign, row, line, status } = dispatch;
  const reason = dispatch.reason ?? dispatch.errorCode;
  const { meaning } = wordsFor(reason ?? "");
  const why =
    reason !== null &&
    html`<p><code>${reason}</code> ${meaning}${dispatch.detail !== null && html`: ${said(dispatch.detail)}`}${dispatch.errorMessage !== null && html`<small>${said(dispatch.errorMessage)}</small>`}</p>`;
  const where =
    row === null
      ? "no more in the file"
      : html`row ${row}, line ${line} · <a href="${pathOf(campaign)}/message?row=${row}">message</a>`;
  return html`<article class="card dispatch"><div class="row"><h4><a href="${pathOf(campaign)}">${said(campaign)}</a></h4><span class="status ${status}">${status}</span><span class="when">${where}</span></div>
<p class="hint">${STATUS_WORDS[status]}${dispatch.path !== null && html` · by ${dispatch.path}`}</p>${why}
${timeline(dispatch)}</article>`;
}

interface Moment {
  at: number;
  what: Content;
  /** Of what happened in one second: Meta's instants are whole seconds, and ours are not. */
  rank: number;
}

/** Everything that happened to a dispatch, in the order in which it happened. */
function timeline(dispatch: DispatchHistory): Html {
  const moments: Moment[] = dispatch.attempts.map((attempt) => ({
    at: attempt.startedAt ?? attempt.endedAt,
    what: attemptWords(attempt),
    rank: 0,
  }));
  const reported: [number | null, string][] = [
    [dispatch.sentAt, "Sent, says Meta"],
    [dispatch.deliveredAt, "On the phone"],
    [dispatch.readAt, "Read"],
    [dispatch.status === "failed" ? dispatch.failedAt : null, "Failed for good"],
    [dispatch.heldUntil, "Next try"],
  ];
  reported.forEach(([at, what], index) => {
    if (at !== null) moments.push({ at, what, rank: 1 + index });
  });
  for (const { label, tappedAt } of dispatch.taps) {
    const what = html`Tapped ${label === null ? "a button" : said(label)}`;
    moments.push({ at: tappedAt, what, rank: reported.length + 1 });
  }
  for (const { component, clickedAt } of dispatch.clicks) {
    const where = component !== null && html` (${said(component)})`;
    moments.push({ at: clickedAt, what: html`Followed a link${where}`, rank: reported.length + 1 });
  }
  if (moments.length === 0) return html``;
  const second = ({ at }: Moment) => Math.floor(at / 1000);
  moments.sort((a, b) => second(a) - second(b) || a.rank - b.rank);
  return html`<ol class="timeline">${moments.map(({ at, what }) => html`<li>${instant(at)}<div>${what}</div></li>`)}</ol>`;
}

function attemptWords(attempt: AttemptHistory): Html {
  const { code, outcome, next, message, details, fbtraceId } = attempt;
  const answer = [message, details].filter((text) => text !== null && text !== "").join(" · ");
  const words = {
    accepted: "Meta took it",
    refused: "Meta refused it",
    not_sent: "the request was never written",
    unknown: "the answer was lost",
  }[outcome];
  const meaning = code === null ? "" : wordsFor(String(code)).meaning;
  return html`Try ${attempt.attempt}: ${words}${code !== null && html` (<code>${code}</code> ${meaning})`}${outcome !== "accepted" && html`, now ${next}`}
${(answer !== "" || fbtraceId !== null) && html`<small>${said(answer)}${fbtraceId !== null && html` fbtrace_id ${said(fbtraceId)}`}</small>`}`;
}
