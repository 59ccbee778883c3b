// The top of the report: whose it is, the result in one sentence, the figures that count, and how far the rows got.

import type { Calendar } from "../domain/common/calendar.ts";
import type { Content, Html } from "../domain/common/html.ts";
import { html, NOTHING } from "../domain/common/html.ts";
import { count, duration, percent, plural } from "../domain/common/numbers.ts";
import { intervalOf, percentRange } from "../domain/common/proportion.ts";
import type { ReportData } from "../domain/result/report-data.ts";
import { costOf } from "../domain/result/report-figures.ts";
import { amount } from "./numbers.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** True when nothing went to WhatsApp. */
export function isSandbox({ campaign }: ReportData): boolean {
  return campaign.lane === "sandbox";
}

/** A share with its interval where few were counted. */
export function shareOf(number: number, of: number): Html {
  const interval = intervalOf(number, of);
  const range =
    interval === null
      ? NOTHING
      : html` <span class="range" title="95% interval">${percentRange(interval)}</span>`;
  return html`${percent(number, of)}${range}`;
}

/** The campaign's name, the words above it, and what must be known before anything else is read. */
export function headerOf(data: ReportData, calendar: Calendar): Html {
  const { campaign, at } = data;
  const { name, language } = templateOf(data);
  const template = name === null ? NOTHING : html` · template <b>${name}</b> (${language})`;
  return html`<header>
<p class="over">Campaign report</p>
<p class="name"><b>${campaign.name}</b>${template}</p>
<p class="as-of">As of ${calendar.minute(at)} ${calendar.zone}</p>
</header>`;
}

/** Template and language that the campaign was planned with; null where the ledger does not tell. */
export function templateOf({ campaign }: ReportData): {
  name: string | null;
  language: string | null;
} {
  const text = (key: string): string | null => {
    const value = campaign.frozen[key];
    return typeof value === "string" ? value : null;
  };
  return { name: text("template.name"), language: text("template.language") };
}

/** The words that must not be missed: simulated, stopped, without receipts. */
export function bannersOf(data: ReportData): Html {
  const { campaign, funnel, receiptsSince } = data;
  const { stop, halt } = campaign;
  const banners: Content[] = [];
  if (isSandbox(data)) {
    banners.push(
      banner(
        "sandbox",
        "SANDBOX",
        "Nothing went to WhatsApp: Graph was simulated on this machine.",
      ),
    );
  }
  if (halt !== null) banners.push(banner("stop", `Halted (${halt.code})`, halt.sentence));
  if (stop?.kind === "paused") banners.push(banner("stop", "Paused", stop.sentence));
  if (stop?.kind === "halted" && halt === null) {
    banners.push(banner("stop", `Halted (${stop.code})`, stop.sentence));
  }
  if (funnel.accepted > 0 && receiptsSince === null) {
    const reported =
      "Accepted is not delivered: Meta tells of delivery by webhooks, and none came for this campaign.";
    const todo = "Start the receiver, or import the webhooks that were kept.";
    banners.push(banner("stop", "No receipts", isSandbox(data) ? reported : `${reported} ${todo}`));
  }
  return html`${banners}`;
}

function banner(kind: "sandbox" | "stop", title: string, text: string): Html {
  return html`<p class="banner ${kind}"><b>${title}</b> ${text}</p>`;
}

/** The result in one sentence, and below it when and in which state. */
export function headlineOf(data: ReportData, calendar: Calendar): Html {
  return html`<h1>${sentenceOf(data)}</h1><p class="lead">${stateOf(data, calendar)}</p>`;
}

function sentenceOf({ funnel, receiptsSince, counts }: ReportData): string {
  const { toSend, posted, accepted, delivered, read } = funnel;
  if (posted === 0) {
    return toSend === 0
      ? "There is nobody to send to."
      : `Nothing has been sent yet: ${plural(toSend, "person waits", "people wait")}.`;
  }
  if (receiptsSince === null) {
    return `Meta accepted ${count(accepted)} of ${plural(toSend, "message")}. Whether they were delivered is not known.`;
  }
  const isOpen = (counts.pending ?? 0) + (counts.claimed ?? 0) + (counts.held ?? 0) > 0;
  const soFar = isOpen ? " so far" : "";
  const reading = read === 0 ? "" : `, and ${count(read)} read it`;
  return `${count(delivered)} of ${plural(toSend, "person", "people")} got the message${soFar}${reading}.`;
}

function stateOf(data: ReportData, calendar: Calendar): Html {
  const { firstPostAt: first, lastPostAt: last } = data;
  const sent =
    first === null || last === null
      ? NOTHING
      : html` Sent from ${calendar.minute(first)} to ${endOf(first, last, calendar)} ${calendar.zone} (${duration(last - first)}).`;
  return html`${stateWords(data)}${sent}`;
}

/** The day is said once. */
function endOf(first: number, last: number, calendar: Calendar): string {
  const isSameDay = calendar.day(first) === calendar.day(last) && last - first < DAY_MS;
  return isSameDay ? calendar.time(last) : calendar.minute(last);
}

function stateWords({ campaign, counts }: ReportData): string {
  const left = (counts.pending ?? 0) + (counts.held ?? 0) + (counts.claimed ?? 0);
  switch (campaign.state) {
    case "planning":
      return "The list is still being planned.";
    case "ready":
      return "Planned, and not begun.";
    case "running":
      return `Still being sent: ${count(left)} to go.`;
    case "finished":
      return left > 0 ? `Stopped part-way: ${count(left)} to go.` : "Finished.";
    case "stopped":
      return left > 0
        ? `Stopped part-way: ${count(left)} to go.`
        : "Stopped; nobody is left to go.";
    case "halted":
      return `Halted: ${count(left)} to go.`;
    case "cancelled":
      return `Cancelled: ${count(counts.cancelled ?? 0)} were not sent to any more.`;
  }
}

/** The few figures that most people come for. */
export function figuresOf(data: ReportData): Html {
  const { funnel, counts, receiptsSince } = data;
  const failed = counts.failed ?? 0;
  const skipped = counts.skipped ?? 0;
  const cost = costOf(data);
  const figures: Content[] = [];
  if (receiptsSince === null) {
    const { accepted, posted } = funnel;
    figures.push(
      figure(
        "Accepted",
        shareOf(accepted, posted),
        `${count(accepted)} of ${count(posted)} posted`,
        "accepted",
      ),
    );
  } else {
    const { delivered, accepted, read } = funnel;
    figures.push(
      figure(
        "Delivered",
        shareOf(delivered, accepted),
        `${count(delivered)} of ${count(accepted)} accepted`,
        "delivered",
      ),
      figure(
        "Read",
        shareOf(read, delivered),
        `${count(read)} of ${count(delivered)} delivered`,
        "read",
      ),
    );
  }
  figures.push(
    figure(
      "Failed",
      shareOf(failed, funnel.posted),
      `${count(failed)} of ${count(funnel.posted)} posted`,
      "failed",
    ),
    figure("Not sent to", count(skipped), `of ${plural(funnel.rows, "row")} of the CSV`, "plain"),
  );
  if (cost !== null && receiptsSince !== null) {
    const { currency, total_if_all_delivered: total } = cost.bill;
    figures.push(
      figure(`Cost in ${currency}`, amount(total), "delivered, at list prices", "plain"),
    );
  }
  return html`<ul class="figures">${figures}</ul>`;
}

function figure(name: string, value: Content, note: string, colour: string): Html {
  return html`<li class="${colour}"><span class="name">${name}</span><span class="value">${value}</span><span class="note">${note}</span></li>`;
}
