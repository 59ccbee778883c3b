// What both the list and the page of a campaign show of it: its state, its bar, its figures.

import type { Status } from "../../domain/campaign/dispatch.ts";
import type { Content, Html } from "../../domain/common/html.ts";
import { html, said, withCode } from "../../domain/common/html.ts";
import { count, duration, percent } from "../../domain/common/numbers.ts";
import type { NamedPart } from "../../domain/page/bars.ts";
import { rateText } from "../../domain/page/rate-chart.ts";
import type { StateShape } from "../../domain/page/shapes.ts";
import { stateMark } from "../../domain/page/shapes.ts";
import type { CampaignStanding, When } from "../../domain/result/campaign-standing.ts";
import { standingDetail, standingWords } from "../../domain/result/campaign-standing.ts";
import type { Figures, Share } from "../../domain/result/figures.ts";
import { figuresOf } from "../../domain/result/figures.ts";
import type { Times } from "./format.ts";
import type { Look } from "./looks.ts";

/** Address of a campaign's page. */
export function pathOf(name: string): string {
  return `/campaigns/${encodeURIComponent(name)}`;
}

/** Where nothing goes to WhatsApp, every page says so. */
export const SANDBOX_TAG = html`<span class="tag" title="Nothing goes to WhatsApp; Graph is simulated on this machine.">sandbox</span>`;

const SHAPES: Readonly<Record<CampaignStanding["kind"], StateShape>> = {
  planning: "sending",
  planned: "waiting",
  sending: "sending",
  pausing: "paused",
  waiting: "waiting",
  paused: "paused",
  stopped: "waiting",
  halted: "halted",
  finished: "finished",
  cancelled: "cancelled",
};

/** The state: shape, colour and words. */
export function stateOf({ standing }: Look, when: When): Html {
  return stateMark(SHAPES[standing.kind], standingWords(standing, when));
}

/** What is said beside the state: how fast it goes, or why it does not. */
export function factsOf(look: Look, times: Times): Content {
  const { standing, rate, timeLeftMs, campaign } = look;
  if (campaign.erasedAt !== null) {
    return `Purged on ${times.calendar.date(campaign.erasedAt)}: its personal data is erased, the counts stay, and it sends to nobody any more.`;
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

/** The parts of a whole bar of the people to be sent to. */
export function barParts({ tally }: Look): { parts: NamedPart[]; of: number } {
  const sum = (...statuses: Status[]): number =>
    statuses.reduce((all, status) => all + (tally?.counts[status] ?? 0), 0);
  const parts: NamedPart[] = [
    { kind: "read", words: "Read", number: sum("read") },
    { kind: "delivered", words: "Delivered, not read", number: sum("delivered") },
    { kind: "no_receipt", words: "No receipt yet", number: sum("accepted", "sent") },
    { kind: "held", words: "Held or unknown", number: sum("held", "unknown") },
    { kind: "failed", words: "Failed", number: sum("failed", "expired") },
    { kind: "skipped", words: "Cancelled", number: sum("cancelled") },
    { kind: "waiting", words: "Waiting", number: sum("pending", "claimed") },
  ];
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
