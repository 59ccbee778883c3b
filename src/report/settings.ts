// The report's end: under which settings it was sent, and how its figures are to be read.

import type { Calendar } from "../domain/common/calendar.ts";
import type { Content, Html } from "../domain/common/html.ts";
import { html, NOTHING } from "../domain/common/html.ts";
import { count, duration, plural } from "../domain/common/numbers.ts";
import type { ReportData } from "../domain/result/report-data.ts";
import { quantity } from "./numbers.ts";
import { isSandbox, templateOf } from "./result.ts";

/** Longest value of a setting that is shown, in characters. */
const VALUE_MAX = 300;

/** Sender, template, list, rate and the rest. */
export function settingsSection(data: ReportData, calendar: Calendar): Html {
  const { campaign, settings } = data;
  const frozen = campaign.frozen;
  const { name, language } = templateOf(data);
  const entries: [string, Content][] = [
    ["Sending number", isSandbox(data) ? "sandbox (simulated)" : `id ${campaign.lane} at Meta`],
    ["Template", name === null ? null : `${name} (${language ?? "language not reported"})`],
    ["List", textOf(frozen["recipients.file"])],
    ["Planned", `${calendar.minute(campaign.createdAt)} ${calendar.zone}`],
    ["Delivery", policyWords(frozen["delivery.product_policy"])],
    ["Activity shared with Meta", yesNo(frozen["delivery.message_activity_sharing"])],
    ["Bid", textOf(frozen["delivery.bid_multiplier"])],
    ["Time to live", data.ttlSeconds === null ? null : duration(data.ttlSeconds * 1000)],
    ["US territories", frozen["suppress.us_territories"] === false ? "sent to" : null],
  ];
  if (settings !== null) {
    const { messagesPerSecond, maxInFlight, peoplePerDay, hours, endsAt } = settings;
    entries.push(
      [
        "Rate",
        `${quantity(messagesPerSecond)} messages a second, ${plural(maxInFlight, "request")} at once`,
      ],
      ["People a day", peoplePerDay === null ? null : `${count(peoplePerDay)} at most`],
      ["Hours", hours === null ? null : hoursWords(hours)],
      ["End", endsAt === null ? null : `${calendar.minute(endsAt)} ${calendar.zone}`],
      ["Manifest", settings.manifest],
    );
  }
  const { erasedAt } = campaign;
  entries.push(
    ["Requests to Meta", count(data.requests)],
    ["Personal data", erasedAt === null ? null : `erased on ${calendar.minute(erasedAt)}`],
  );
  const shown = entries.filter(([, value]) => value !== null);
  return html`<section><h2>How it was sent</h2><dl>${shown.map(
    ([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`,
  )}</dl></section>`;
}

function hoursWords(hours: NonNullable<NonNullable<ReportData["settings"]>["hours"]>): string {
  const days = hours.days === null ? "" : `, ${hours.days.join(" ")}`;
  return `${hours.from} to ${hours.to} ${hours.timeZone}${days}`;
}

function policyWords(value: unknown): string | null {
  if (value === "STRICT") return "STRICT: by the Marketing Messages API only";
  if (value === "CLOUD_API_FALLBACK") return "CLOUD_API_FALLBACK: falls back to the Cloud API";
  return textOf(value);
}

function yesNo(value: unknown): string | null {
  return typeof value === "boolean" ? (value ? "yes" : "no") : null;
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX)}…` : text;
}

/** What the words and figures mean. */
export function notesSection(data: ReportData, calendar: Calendar): Html {
  const { laneFactor } = data;
  const slowed =
    laneFactor === null || laneFactor >= 1
      ? NOTHING
      : html`<li>Meta has throttled the sending number: ${Math.round(100 * laneFactor)} % of the configured rate is used until it recovers.</li>`;
  return html`<section class="notes"><h2>How to read this</h2><ul>
<li><b>Accepted</b> means that Meta took the message, not that it arrived. <b>Delivered</b> and <b>read</b> are what Meta's receipts reported; read receipts can be switched off by people, so the true number of readers is higher.</li>
<li>A later receipt counts for the steps before it: who has read was delivered to.</li>
<li>Shares stand beside their counts. Where fewer than 1,000 were counted, the 95% interval (Wilson) says how far chance alone could move the share.</li>
<li>All scales start at zero. Times are in ${calendar.zone}.</li>
<li>No phone number and no name is in this page.</li>
${slowed}</ul></section>`;
}
