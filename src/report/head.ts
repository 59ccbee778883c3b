// The top of the report: whose it is, how the campaign stands, the result in one sentence, and the
// five figures.

import { type Html, html, NOTHING, said } from "../domain/common/html.ts";
import { count, duration, money, plural } from "../domain/common/numbers.ts";
import { costsByReceipts } from "../domain/cost/money.ts";
import { inUnits } from "../domain/limits/budget.ts";
import { figureTiles, NO_PRICES } from "../domain/page/figure-tiles.ts";
import type { Tile } from "../domain/page/parts.ts";
import { standingMark } from "../domain/page/shapes.ts";
import { standingDetail, standingWords } from "../domain/result/campaign-standing.ts";
import type { ReportView } from "./view.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Name, state, headline and what else is known of the state. */
export function headOf(view: ReportView): Html {
  const { data, standing, calendar, when, isSandbox, address } = view;
  const tag = isSandbox
    ? html` <span class="tag">SANDBOX: nothing went to WhatsApp</span>`
    : NOTHING;
  const name =
    address === null
      ? said(data.campaign.name)
      : html`<a href="${address}">${said(data.campaign.name)}</a>`;
  const asOf = `As of ${calendar.minute(data.at)} · ${calendar.zone}`;
  const sentences = [sentWords(view), receiptWords(view), detailOf(view)];
  const below = sentences.filter((words) => words !== "").join(" ");
  return html`<header><div class="mast"><span>Campaign report · <b>${name}</b>${tag}</span><span>${asOf}</span></div>
<div class="lead">${standingMark(standing.kind, said(standingWords(standing, when)))}<h1>${headline(view)}</h1>${below === "" ? NOTHING : html`<p class="sub">${said(below)}</p>`}</div></header>`;
}

function headline({ data, standing, hasReceipts }: ReportView): string {
  const { toSend, sentTo, accepted, delivered, read } = data.funnel;
  if (sentTo === 0) {
    if (toSend === 0) return "There is nobody to send to.";
    return standing.left > 0
      ? `Nothing has been sent yet: ${plural(standing.left, "person waits", "people wait")}.`
      : "Nothing was sent.";
  }
  const soFar = standing.left > 0 ? " so far" : "";
  if (!hasReceipts) {
    return `Meta accepted ${count(accepted)} of ${plural(sentTo, "message")}${soFar}. Whether they were delivered is not known.`;
  }
  const reading = read === 0 ? "" : `, and ${count(read)} read it`;
  return `${count(delivered)} of ${plural(sentTo, "person", "people")} got the message${soFar}${reading}.`;
}

/** When it was sent, and how long that took. */
function sentWords({ data, calendar }: ReportView): string {
  const { firstPostAt: first, lastPostAt: last, sendingMs } = data;
  if (first === null || last === null) return "";
  const begin = calendar.minute(first);
  if (last - first < MINUTE_MS) return `Sent ${begin}, in ${duration(last - first)}.`;
  const isSameDay = calendar.day(first) === calendar.day(last) && last - first < DAY_MS;
  const end = isSameDay ? calendar.time(last) : calendar.minute(last);
  const sending = sendingMs > 0 ? `, in ${duration(sendingMs)} of sending` : "";
  return `Sent ${begin} to ${end}${sending}.`;
}

function receiptWords({ data, hasReceipts, isSandbox }: ReportView): string {
  if (hasReceipts || data.funnel.accepted === 0) return "";
  const words = "No receipt came for this campaign, and accepted is not delivered.";
  return isSandbox ? words : `${words} Start the receiver, or import the webhook bodies.`;
}

/** Of a campaign that is over, the open items say what is left. */
function detailOf({ standing, when }: ReportView): string {
  if (standing.kind === "finished" || standing.kind === "planned") return "";
  return standingDetail(standing, when) ?? "";
}

/** The five figures, the same in every state. */
export function tilesOf(view: ReportView): Html {
  const { data, figures, hasReceipts } = view;
  return figureTiles({ figures, hasReceipts, clicks: data.clicks, cost: costTile(view) });
}

/**
 * What receipts reported is surer than list prices; of several currencies that of most messages.
 */
function costTile({ data, cost, figures, hasReceipts }: ReportView): Tile {
  const [reported] = costsByReceipts(data.money);
  if (reported !== undefined) {
    const { currency, cost: sum, messages } = reported;
    const each = priceText(inUnits(sum) / messages);
    return {
      name: `Cost, ${currency}`,
      figure: money(inUnits(sum)),
      base: `by receipts of ${plural(messages, "message")}, ${each} each`,
    };
  }
  if (cost === null) {
    return { name: "Cost", figure: "–", base: NO_PRICES };
  }
  const { currency, total_if_all_delivered: total, people_without_price: without } = cost.bill;
  const name = `Cost, ${currency}`;
  if (!hasReceipts) return { name, figure: "–", base: "no receipt has come" };
  const isOver = data.counts.pending === undefined && data.counts.held === undefined;
  const delivered = figures.delivered.number;
  const each =
    delivered === 0 ? "of delivered messages" : `${priceText(total / delivered)} a delivery`;
  const rest = without === 0 ? "" : `, ${count(without)} without a price`;
  return {
    name: isOver ? name : `Cost so far, ${currency}`,
    figure: money(total),
    base: `${each}${rest}`,
  };
}

/** A price has four decimals, as on Meta's cards. */
export function priceText(price: number): string {
  return price.toFixed(4);
}
