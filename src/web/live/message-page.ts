// The page that draws a row's message as it reads on a phone, from what the ledger keeps of
// template and row.

import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { Content, Html } from "../../domain/common/html.ts";
import { html, said } from "../../domain/common/html.ts";
import { count } from "../../domain/common/numbers.ts";
import type { MessageOfArm } from "../../domain/manifest/arms-of-manifest.ts";
import {
  compileMessages,
  definitionOf,
  templateOfRow,
} from "../../domain/manifest/arms-of-manifest.ts";
import { frozenMessages } from "../../domain/manifest/manifest.ts";
import type { CompiledMessage } from "../../domain/message/body.ts";
import type { Bubble, BubbleButton } from "../../domain/message/phone-view.ts";
import { bubbleOf, drawRun, namedValues } from "../../domain/message/phone-view.ts";
import type { TemplateDefinition } from "../../domain/message/template.ts";
import { facts } from "../../domain/page/parts.ts";
import type { MessageRecord } from "../../domain/result/history.ts";
import { plainReason } from "../../domain/result/labels.ts";
import type { Session } from "../auth/session.ts";
import { pathOf } from "./campaign-parts.ts";
import type { Page } from "./page.ts";
import { csrfField } from "./page.ts";

const BUTTON_SIGNS: Readonly<Record<BubbleButton["kind"], string>> = {
  link: "↗",
  call: "✆",
  copy: "⧉",
  reply: "↩",
};

const HEADER_SIGNS: Readonly<Record<string, string>> = {
  image: "Picture",
  video: "Film",
  gif: "Animation",
  document: "Document",
  location: "Place",
  product: "Product",
};

export interface MessageView {
  campaign: CampaignRecord;
  /** Undefined when the campaign has no such row, or none to be sent to. */
  message: MessageRecord | undefined;
  /** The row that was asked for; null for the first that is sent to. */
  row: number | null;
  now: number;
  session: Session;
}

/** The page. */
export function messagePage(view: MessageView): Page {
  const { campaign, message } = view;
  const path = pathOf(campaign.name);
  const row = message?.row ?? view.row ?? 1;
  const last = Math.max(1, campaign.rows);
  const step = (to: number, words: string) =>
    to >= 1 && to <= last && html`<a class="btn" href="${path}/message?row=${to}">${words}</a>`;
  return {
    title: `Message of ${campaign.name}`,
    section: "campaigns",
    body: html`<p class="crumb"><a href="/">Campaigns</a> / <a href="${path}">${said(campaign.name)}</a></p><h1>How the message reads</h1>
<form class="look" method="get" action="${path}/message"><label for="row" class="nw">Row, 1 to ${count(last)}</label><input id="row" name="row" type="number" min="1" max="${last}" value="${row}" inputmode="numeric"><button class="btn">Show</button>${step(row - 1, "Previous")}${step(row + 1, "Next")}</form>
<div class="preview">${drawing(view)}</div>
${testForm(view)}`,
  };
}

/** What sends the message of this row to a phone of one's own; nothing where none can be sent. */
function testForm({ campaign, message, session }: MessageView): Content {
  const { name, frozen, lane, erasedAt } = campaign;
  const row = message?.row ?? null;
  if (message === undefined || message.values === null || row === null || erasedAt !== null) {
    return false;
  }
  const template = String(frozen["template.name"] ?? "");
  const where =
    lane === "sandbox"
      ? "The sandbox takes it, and nothing leaves the machine."
      : `It is sent for real from number ${lane}, and Meta may charge it as any other.`;
  const arm = armOf(campaign, message.arm);
  return html`<section class="card"><h2>Send it to a phone of your own</h2>
<p class="sub">Template ${said(template)} with the values of row ${count(row)}, as the list has it now. ${where} No count, cap, budget or report has it; the audit keeps that it was sent, with the number masked.</p>
<form class="look" method="post" action="${pathOf(name)}/send-test">${csrfField(session)}<input type="hidden" name="row" value="${row}">${arm !== null && html`<input type="hidden" name="arm" value="${arm}">`}<label for="to" class="nw">Phone</label><input id="to" name="to" type="tel" required autocomplete="off" placeholder="+5511987650001"><label class="nw"><input type="checkbox" name="own" value="yes" required> The phone is ours</label><button class="btn">Send the test</button></form></section>`;
}

/** The arm whose message is drawn; null without a test. */
function armOf({ frozen }: CampaignRecord, arm: number): string | null {
  try {
    return frozenMessages(frozen)[Math.max(0, arm - 1)]?.arm ?? null;
  } catch {
    return null;
  }
}

function rowWords(row: number | null): string {
  return row === null ? "A row that the file has no more" : `Row ${row}`;
}

function drawing({ campaign, message, row, now }: MessageView): Content {
  if (message === undefined) {
    const what = row === null ? "No row of this campaign is sent to." : `There is no row ${row}.`;
    return html`<p class="sub">${what}</p>`;
  }
  const who = message.phone ?? message.userId;
  const about = html`<p class="sub">${rowWords(message.row)}${who !== null && html`, to ${said(who)}`}: ${message.status}</p>`;
  if (message.values === null) {
    const reason = message.reason ?? "";
    const words = html`This row is skipped (<code>${reason}</code> ${plainReason(reason)}), and has no message.`;
    return html`${about}<p>${words}</p>`;
  }
  try {
    const sources = frozenMessages(campaign.frozen);
    const { messages } = compileMessages(sources);
    const at = Math.max(0, message.arm - 1);
    const [source, compiled] = [sources[at] as MessageOfArm, messages[at] as CompiledMessage];
    const template = templateOfRow(source, message.values);
    const known = definitionOf(template, kept(message.definitions));
    const arm = source.arm !== null && armWords(message.arm, source.arm);
    if (known === undefined)
      return html`${about}${arm}${valueList(namedValues(compiled, message.values, now))}`;
    return html`${about}${arm}${phone(bubbleOf(compiled, message.values, { definition: known, now }))}`;
  } catch {
    // Erased values, or a plan of an older version: neither is worth a page that fails.
    return html`${about}<p>What is kept of this row no longer makes a message.</p>`;
  }
}

function kept(text: string | null): TemplateDefinition[] | undefined {
  return text === null ? undefined : (JSON.parse(text) as TemplateDefinition[]);
}

/** Which message of a test is shown. */
function armWords(arm: number, name: string): Html {
  return arm === 0
    ? html`<p class="sub">This row waits for the test to be decided; drawn as arm <code>${said(name)}</code>.</p>`
    : html`<p class="sub">Arm <code>${said(name)}</code> of the test.</p>`;
}

/** Without the template's words only the values can be shown. */
function valueList(values: readonly { name: string; value: string }[]): Html {
  return html`<div class="card"><p class="sub">The template's own words are not known here: they are kept once a run has read the template at Meta. Its values:</p>
${facts(values.map(({ name, value }) => [name, said(value)] as const))}</div>`;
}

function phone(bubble: Bubble): Html {
  return html`<figure class="phone"><div class="screen">${drawBubble(bubble)}
${bubble.cards.length > 0 && html`<div class="cards-row" tabindex="0" role="group" aria-label="Cards">${bubble.cards.map(drawBubble)}</div>`}</div>
<figcaption class="sub">Drawn here; a phone may break lines elsewhere. Pictures are not loaded.</figcaption></figure>`;
}

function drawBubble({ header, offer, body, footer, buttons }: Bubble): Html {
  return html`<div class="bubble">${header !== null && drawHeader(header)}
${offer !== null && html`<p class="offer">${said(offer)}</p>`}
${body.length > 0 && html`<p class="text">${body.map(drawRun)}</p>`}
${footer !== null && html`<p class="footer">${said(footer)}</p>`}
${buttons.length > 0 && html`<ul class="buttons">${buttons.map(drawButton)}</ul>`}</div>`;
}

function drawHeader({ kind, text }: NonNullable<Bubble["header"]>): Html {
  if (kind === "text") return html`<p class="head">${said(text)}</p>`;
  const what = HEADER_SIGNS[kind] ?? kind;
  const behind = text.replace(/^\([a-z]+\) ?/, "");
  return html`<div class="media"><b>${what}</b><span>${said(behind)}</span></div>`;
}

/** Not a link: a page for looking must not be one for clicking away from. */
function drawButton({ label, kind, detail }: BubbleButton): Html {
  return html`<li><span>${BUTTON_SIGNS[kind]} ${said(label)}</span>${detail !== "" && html`<small>${said(detail)}</small>`}</li>`;
}
