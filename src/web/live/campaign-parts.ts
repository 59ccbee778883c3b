// What both the list and the page of a campaign show of it: its state, its bar, its figures.

import type { Status } from "../../domain/campaign/dispatch.ts";
import type { Content, Html } from "../../domain/common/html.ts";
import { html, said, withCode } from "../../domain/common/html.ts";
import { count, duration, percent, rateText } from "../../domain/common/numbers.ts";
import type { Share } from "../../domain/common/proportion.ts";
import type { NamedPart } from "../../domain/page/bars.ts";
import { key } from "../../domain/page/bars.ts";
import type { PartKind } from "../../domain/page/shapes.ts";
import { standingMark } from "../../domain/page/shapes.ts";
import { purgedSentence } from "../../domain/result/campaign-notes.ts";
import type { When } from "../../domain/result/campaign-standing.ts";
import { standingDetail, standingWords } from "../../domain/result/campaign-standing.ts";
import type { Figures } from "../../domain/result/figures.ts";
import { figuresOf } from "../../domain/result/figures.ts";
import type { Times } from "./format.ts";
import type { Look } from "./looks.ts";

/** Address of a campaign's page. */
export function pathOf(name: string): string {
  return `/campaigns/${encodeURIComponent(name)}`;
}

/** Where nothing goes to WhatsApp, every page says so. */
export const SANDBOX_TAG = html`<span class="tag" title="Nothing goes to WhatsApp; Graph is simulated on this machine.">sandbox</span>`;

/** The state: shape, colour and words. */
export function stateOf({ standing }: Look, when: When): Html {
  return standingMark(standing.kind, standingWords(standing, when));
}

/** What is said beside the state: how fast it goes, or why it does not. */
export function factsOf(look: Look, times: Times): Content {
  const { standing, rate, timeLeftMs, campaign } = look;
  if (campaign.erasedAt !== null) {
    return purgedSentence(times.calendar.date(campaign.erasedAt));
  }
  if (standing.kind !== "sending") {
    const detail = standingDetail(standing, times.when);
    return detail === null ? sentWords(look) : html`<bdi>${withCode(detail)}</bdi>`;
  }
  const pace = rate === null || rate < 0.05 ? null : html` · <b>${rateText(rate)}</b> a second`;
  const end =
    timeLeftMs === null
      ? null
      : html` · done about <b>${times.calendar.time(times.now + timeLeftMs)}</b>, in ${duration(timeLeftMs)}`;
  return html`${sentWords(look)}${pace}${end}`;
}

/** `28,649 of 43,763 people`; the cheap look knows it by the second. */
export function sentWords(look: Look): Html {
  const { done, of } = doneOf(look);
  return html`<b>${count(done)}</b> of ${count(of)} people`;
}

/** How many of those to be sent to have been sent to; the rest is what waits. */
export function doneOf({ campaign, tally, left }: Look): { done: number; of: number } {
  const rows = Math.max(campaign.rows, tally?.rows ?? 0);
  const of = rows - (tally?.counts.skipped ?? 0);
  const open = left.pending + left.claimed + left.held + (tally?.counts.cancelled ?? 0);
  return { done: Math.max(0, Math.min(of, of - open)), of };
}

const BAR: readonly { kind: PartKind; words: string; statuses: readonly Status[] }[] = [
  { kind: "read", words: "Read", statuses: ["read"] },
  { kind: "delivered", words: "Delivered, not read", statuses: ["delivered"] },
  { kind: "no_receipt", words: "No receipt yet", statuses: ["accepted", "sent"] },
  { kind: "held", words: "Held or unknown", statuses: ["held", "unknown"] },
  { kind: "failed", words: "Failed", statuses: ["failed", "expired"] },
  { kind: "skipped", words: "Cancelled", statuses: ["cancelled"] },
  { kind: "waiting", words: "Waiting", statuses: ["pending", "claimed"] },
];

/** What the colours of a whole bar mean. */
export const BAR_LEGEND = BAR.map(({ kind, words }) => key(kind, words));

/** The parts of a whole bar of the people to be sent to. */
export function barParts({ tally }: Look): { parts: NamedPart[]; of: number } {
  const parts = BAR.map(({ kind, words, statuses }) => ({
    kind,
    words,
    number: statuses.reduce((all, status) => all + (tally?.counts[status] ?? 0), 0),
  }));
  return { parts, of: parts.reduce((all, { number }) => all + number, 0) };
}

/** The figures of a campaign; null while the rows were never counted. */
export function figuresIn({ tally }: Look): Figures | null {
  return tally === null ? null : figuresOf(tally);
}

/** A share of the delivered or of the people sent to; not known while no receipt came. */
export function shareText(share: Share, figures: Figures): string {
  return figures.delivered.number === 0 ? "–" : percent(share.number, share.of);
}

/** A name that was chosen elsewhere, as a link. */
export function campaignLink(name: string): Html {
  return html`<a class="name" href="${pathOf(name)}">${said(name)}</a>`;
}
