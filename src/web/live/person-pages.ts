// The pages about people: the opt-out list with its search, and the whole history of one person.

import type { SuppressionRecord } from "../../domain/campaign/suppression.ts";
import { SWITCH_SOURCES } from "../../domain/campaign/suppression.ts";
import type { Content, Html } from "../../domain/common/html.ts";
import { html, NOTHING, said } from "../../domain/common/html.ts";
import { count } from "../../domain/common/numbers.ts";
import { countryName } from "../../domain/cost/market.ts";
import { copiedCommand, facts, tiles } from "../../domain/page/parts.ts";
import { stateMark } from "../../domain/page/shapes.ts";
import type { DispatchHistory, History } from "../../domain/result/history.ts";
import type { Session } from "../auth/session.ts";
import { dispatchCard } from "./dispatch-card.ts";
import type { Times } from "./format.ts";
import type { Page } from "./page.ts";
import { csrfField } from "./page.ts";

/** Opt-outs on one page. */
export const OPT_OUTS_SHOWN = 50;

/** Where an opt-out came from, in words. */
const SOURCE_WORDS: Readonly<Record<string, string>> = {
  manual: "by hand",
  webhook: "switch in WhatsApp",
  reply: "switch in WhatsApp",
  message: "the person wrote it",
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
  times: Times;
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
<p class="sub">People who get no campaign of this ledger. A change is in force at once.</p>
<div class="tools">
<form class="card form" method="post" action="/opt-outs" role="search">${csrfField(session)}
<label for="text">Find by a part of the number, user id, reason or source</label>
<div class="line"><input id="text" name="text" type="search" value="${text}" maxlength="200" autocomplete="off"><button class="btn">Find</button></div></form>
<form class="card form" method="post" action="/opt-outs/add">${csrfField(session)}
<label for="who">Add: number with + and country code, or user id</label>
<div class="line"><input id="who" name="who" required maxlength="200" autocomplete="off" inputmode="tel"></div>
<label for="reason">Reason, kept with the entry</label>
<div class="line"><input id="reason" name="reason" value="asked by hand" maxlength="200"><button class="btn pri">Add</button></div></form>
</div>
<section class="card"><p class="between"><span><b>${count(found)}</b> ${what}</span>${clear}</p>
${entries.length > 0 && optOutTable(view, session)}
<p class="pages">${!view.isFirst && html`<a href="${view.path}">Newest</a>`} ${view.olderPath !== null && html`<a href="${view.olderPath}" rel="next">Older</a>`}</p></section>`,
  };
}

function optOutTable({ entries, path, times }: OptOutsView, session: Session): Html {
  const rows = entries.map((entry) => {
    const who = entry.phone ?? entry.userId;
    return html`<tr><td>${who === null ? html`<span class="sub">forgotten; kept as a hash</span>` : html`<b>${said(who)}</b>`}</td>
<td>${said(entry.reason)}</td><td class="sub">${sourceWords(entry.source)}</td><td class="sub nw">${times.tag(entry.addedAt)}</td>
<td class="does">${who !== null && html`${historyButton(who, session)}${removal(who, entry.source, path, session)}`}</td></tr>`;
  });
  return html`<table class="t rows-s"><thead><tr><th>Who</th><th>Reason</th><th>Source</th><th>Since</th><th><span class="vh">Do</span></th></tr></thead><tbody>${rows}</tbody></table>`;
}

function sourceWords(source: string): Html {
  const words = Object.hasOwn(SOURCE_WORDS, source) ? SOURCE_WORDS[source] : undefined;
  return words === undefined ? said(source) : html`<span title="${source}">${words}</span>`;
}

function historyButton(who: string, session: Session): Html {
  return html`<form method="post" action="/people">${csrfField(session)}<input type="hidden" name="who" value="${who}"><button class="link">History</button></form>`;
}

/** Taking a person off asks once more, without a script. */
function removal(who: string, source: string, back: string, session: Session): Html {
  return html`<details class="sure"><summary>Take off the list…</summary><form method="post" action="/opt-outs/remove">${csrfField(session)}
<input type="hidden" name="who" value="${who}"><input type="hidden" name="back" value="${back}">
<p>Campaigns send to this person again. Do it only on the person's own request.${SWITCH_SOURCES.includes(source) && " Marketing messages are switched off in WhatsApp itself, and Meta goes on refusing them."}</p>
<button class="btn risk">Take off the list</button></form></details>`;
}

/** Asks for a person. */
export function peoplePage(session: Session, options: { text: string; problem?: string }): Page {
  return {
    title: "People",
    section: "people",
    body: html`<h1>People</h1><p class="sub">Everything this ledger knows of one person: every campaign, every attempt, every receipt.</p>${askForm(session, options)}`,
  };
}

function askForm(session: Session, { text, problem }: { text: string; problem?: string }): Html {
  return html`<form class="look" method="post" action="/people" role="search">${csrfField(session)}
${problem !== undefined && html`<p class="problem" role="alert">${problem}</p>`}
<input name="who" required maxlength="200" value="${text}" autocomplete="off" inputmode="tel" aria-label="Number with + and country code, WhatsApp id, or user id" placeholder="+5511987650001, WhatsApp id, or user id"><button class="btn">Look up</button></form>`;
}

export interface PersonView {
  text: string;
  path: string;
  histories: readonly { who: string; history: History }[];
  times: Times;
}

/** One person, or the few that a number without its plus may mean. */
export function personPage(view: PersonView, session: Session): Page {
  return {
    title: "A person",
    section: "people",
    body: html`${askForm(session, { text: view.text })}
${view.histories.map(({ who, history }) => personSection(who, history, view, session))}`,
  };
}

function personSection(who: string, history: History, view: PersonView, session: Session): Html {
  const { times, path } = view;
  const { dispatches, suppressions } = history;
  const others = [...history.phones, ...history.userIds].filter((name) => name !== who);
  const region = dispatches.find((one) => one.region !== null)?.region ?? null;
  const about = [
    ...others.map((name) => said(name)),
    ...(region === null ? [] : [html`${countryName(region)}`]),
  ];
  const isStopped = suppressions.length > 0;
  const acts = isStopped
    ? removal(who, suppressions[0]?.source ?? "", path, session)
    : !history.isForgotten && addForm(who, path, session);
  return html`<section class="person"><div class="head"><div class="what"><h1>${said(who)}</h1>${about.length > 0 && html`<p class="sub">${about.map((one, at) => html`${at > 0 && " · "}${one}`)}</p>`}</div><div class="acts">${acts}</div></div>
${standingCard(history, times)}
${tiles(personTiles(dispatches, times))}
<div class="grid pg"><div>${dispatches.length === 0 && html`<section class="card"><p class="sub">No campaign of this ledger has this person.</p></section>`}
${dispatches.map((dispatch) => dispatchCard(dispatch, times))}${history.isCut && html`<p class="cap">The newest ones; older ones are in the ledger.</p>`}</div>
<div>${knownCard(history, times)}<section class="card cmds"><h2>Commands</h2><p class="cap">Erase this person everywhere; the opt-out stays as a keyed hash</p>${copiedCommand(`campaign forget ${who}`)}</section></div></div></section>`;
}

/** Whether campaigns send to this person, and why not. */
function standingCard({ suppressions, isForgotten }: History, times: Times): Html {
  const [entry] = suppressions;
  if (isForgotten) {
    const words = "Forgotten: the data was erased on request";
    return card(stateMark("cancelled", words), "No campaign sends to this person from then on.");
  }
  if (entry === undefined) {
    return card(
      stateMark("finished", "Not on the opt-out list"),
      "Campaigns may send to this person.",
    );
  }
  const why = html`${said(entry.reason)} (${sourceWords(entry.source)}). No campaign sends to this person, under any number or id.`;
  return card(
    stateMark("cancelled", `On the opt-out list since ${times.when(entry.addedAt)}`),
    why,
  );
}

function card(state: Html, sentence: Content): Html {
  return html`<section class="card now">${state}<p class="sub">${sentence}</p></section>`;
}

function addForm(who: string, path: string, session: Session): Html {
  return html`<form method="post" action="/opt-outs/add">${csrfField(session)}<input type="hidden" name="who" value="${who}"><input type="hidden" name="reason" value="asked by hand"><input type="hidden" name="back" value="${path}"><button class="btn">Opt out</button></form>`;
}

function personTiles(dispatches: readonly DispatchHistory[], times: Times) {
  const sent = dispatches.filter(
    ({ attempts, messageId }) => attempts.length > 0 || messageId !== null,
  );
  const delivered = sent.filter(({ status }) => status === "delivered" || status === "read");
  const read = sent.filter(({ status }) => status === "read");
  const clicked = sent.filter(({ clicks, taps }) => clicks.length + taps.length > 0);
  const first = Math.min(...sent.map(({ claimedAt }) => claimedAt ?? Number.POSITIVE_INFINITY));
  const since = Number.isFinite(first) ? `since ${times.calendar.date(first)}` : "no message yet";
  const failed = sent.filter(({ status }) => status === "failed");
  return [
    { name: "Sent", figure: count(sent.length), base: since },
    { name: "Delivered", figure: count(delivered.length), base: `of ${count(sent.length)} sent` },
    { name: "Read", figure: count(read.length), base: `of ${count(delivered.length)} delivered` },
    {
      name: "Clicked",
      figure: count(clicked.length),
      base: `of ${count(delivered.length)} delivered`,
    },
    { name: "Failed", figure: count(failed.length), base: `of ${count(sent.length)} sent` },
  ];
}

/** Names and words of the person; nothing when none is known. */
function knownCard(history: History, times: Times): Html {
  const rows: [string, Content][] = [
    ...history.phones.map((phone): [string, Content] => ["Number", said(phone)]),
    ...history.userIds.map((id): [string, Content] => ["User id", said(id)]),
    ...history.dispatches
      .flatMap(({ recipientId }) => (recipientId === null ? [] : [recipientId]))
      .filter((id, at, all) => all.indexOf(id) === at)
      .map((id): [string, Content] => ["Id in the list", said(id)]),
    ...history.consents.map(({ channel, value, saidAt }): [string, Content] => [
      value === "stop" ? "Asked to stop" : "Asked for messages again",
      html`${channel === "switch" ? "switch in WhatsApp" : "in a message"}, ${times.tag(saidAt)}`,
    ]),
  ];
  return rows.length === 0
    ? NOTHING
    : html`<section class="card"><h2>What is known</h2>${facts(rows)}</section>`;
}
