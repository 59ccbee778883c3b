// The folded end of the report: each part answers in its own line, so that opening it is rarely
// needed.

import { type Html, html, NOTHING, said } from "../domain/common/html.ts";
import { count, duration, percent, plural, rateText } from "../domain/common/numbers.ts";
import { sentenceCase } from "../domain/common/text.ts";
import { countryName } from "../domain/cost/market.ts";
import type { Moment } from "../domain/manifest/clocks-of-all.ts";
import { facts, fold, paperRows } from "../domain/page/parts.ts";
import { reasonName } from "../domain/page/reasons.ts";
import type { OptOutWay } from "../domain/receipts/engagement.ts";
import { OPT_OUT_WAYS, optOutWays } from "../domain/result/labels.ts";
import type { ReportData } from "../domain/result/report-data.ts";
import { hoursText, momentText } from "../domain/schedule/of-manifest.ts";
import { allCountries } from "./countries.ts";
import { decisionsFold } from "./decisions.ts";
import { messageFold } from "./message.ts";
import { pathAnswer, pathTable } from "./paths.ts";
import { type ReportView, templateOf } from "./view.ts";
import { waitsFold } from "./waits.ts";

/** Rows of a short part that is printed. */
const ROWS_ON_PAPER = 3;
/** Longest value of a setting that is shown, in characters. */
const VALUE_MAX = 300;

/** Details that few people need, each behind one line. */
export function moreSection(view: ReportView): Html {
  return html`<section class="more"><h2>More</h2>${waitsFold(view)}${optOutFold(view)}${clicksFold(view)}${pathsFold(view)}${countriesFold(view)}${reasonsFold(view)}${messageFold(view)}${decisionsFold(view)}${settingsFold(view)}${readingFold(view)}</section>`;
}

function optOutFold({ data: { optOuts }, figures }: ReportView): Html {
  if (optOuts.people === 0) return NOTHING;
  const ways = (Object.entries(optOuts.byWay) as [OptOutWay, number][]).sort((a, b) => b[1] - a[1]);
  const rows = ways.map(
    ([way, number]) =>
      html`<tr><td>${sentenceCase(OPT_OUT_WAYS[way])}</td><td class="n">${count(number)}</td><td class="n">${percent(number, figures.opted_out.of)}</td></tr>`,
  );
  return fold({
    name: "Opt-outs",
    answer: optOutWays(optOuts.byWay),
    inside: html`<table class="t"><thead><tr><th>How</th><th class="n">People</th><th class="n">Of delivered</th></tr></thead><tbody>${rows}</tbody></table>`,
    isPrinted: true,
  });
}

function clicksFold({ data }: ReportView): Html {
  const { taps, opened, clicks, landingPageViews, funnel } = data;
  const rows: [Html | string, number][] = [
    ...(opened > 0 ? [["Opened a link", opened] as [string, number]] : []),
    ...taps.map(({ label, number }): [Html, number] => [
      html`Tapped "${said(label ?? "another button")}"`,
      number,
    ]),
  ];
  if (rows.length === 0 && clicks === 0 && landingPageViews === 0) return NOTHING;
  const line = ([name, number]: [Html | string, number]) =>
    html`<tr><td>${name}</td><td class="n">${count(number)}</td><td class="n">${percent(number, funnel.delivered)}</td></tr>`;
  const table =
    rows.length === 0
      ? NOTHING
      : html`<table class="t"><thead><tr><th>What</th><th class="n">People</th><th class="n">Of delivered</th></tr></thead>${paperRows(rows.map(line), ROWS_ON_PAPER)}</table>`;
  const views =
    landingPageViews > 0 ? ` ${plural(landingPageViews, "page")} behind links reached.` : "";
  return fold({
    name: "Clicks",
    answer: `${plural(clicks, "click")} on links`,
    inside: html`${table}<p class="cap">${plural(clicks, "click")} on links, those included of which Meta does not report whose they are.${views}</p>`,
    isPrinted: true,
  });
}

function pathsFold({ data: { paths } }: ReportView): Html {
  if (paths.length === 0) return NOTHING;
  return fold({
    name: "Paths and prices",
    answer: pathAnswer(paths),
    inside: pathTable(paths),
    isPrinted: true,
  });
}

function countriesFold(view: ReportView): Html {
  const table = allCountries(view);
  if (table === null) return NOTHING;
  return fold({
    name: `All ${count(view.data.countries.length)} countries`,
    answer: largestOf(view),
    inside: table,
  });
}

function largestOf({ data: { countries, funnel } }: ReportView): string {
  const [largest] = countries;
  if (largest === undefined || largest.region === null) return "";
  return `${countryName(largest.region)} ${percent(largest.sentTo, funnel.sentTo)}`;
}

/** Every reason with Meta's own words, where it gave any. */
function reasonsFold({ data }: ReportView): Html {
  const { failed, skipped, rows } = data;
  if (failed.length + skipped.length === 0) return NOTHING;
  const all = [
    ...failed.map((one) => ({ ...one, reason: one.code })),
    ...skipped.map((one) => ({ ...one, afterAcceptance: 0, example: null })),
  ];
  const lines = all.map(
    ({ reason, number, afterAcceptance, example }) =>
      html`<tr><td>${reasonName(reason)}${example === null ? NOTHING : html`<br><span class="said">Meta: ${said(example)}</span>`}</td><td class="n">${count(number)}</td><td class="n">${percent(number, rows)}</td><td class="n">${afterAcceptance === 0 ? "" : count(afterAcceptance)}</td></tr>`,
  );
  return fold({
    name: "All reasons and codes",
    answer: plural(all.length, "reason"),
    inside: html`<table class="t"><thead><tr><th>Reason</th><th class="n">People</th><th class="n">Of list</th><th class="n">After acceptance</th></tr></thead><tbody>${lines}</tbody></table>`,
  });
}

function settingsFold(view: ReportView): Html {
  const { data, calendar, isSandbox } = view;
  const { campaign, settings } = data;
  const { frozen, erasedAt } = campaign;
  const { name, language } = templateOf(data);
  const entries: [string, string | null][] = [
    [
      "Sending number",
      isSandbox ? "sandbox (simulated)" : `id ${campaign.lanes.join(", ")} at Meta`,
    ],
    ["Template", name === null ? null : `${name} (${language ?? "language not reported"})`],
    ["List", textOf(frozen["recipients.file"])],
    ["Planned", calendar.minute(campaign.createdAt)],
    ["Delivery", policyWords(frozen["delivery.product_policy"])],
    ["Activity shared with Meta", yesNo(frozen["delivery.message_activity_sharing"])],
    ["Bid", textOf(frozen["delivery.bid_multiplier"])],
    ["Time to live", data.ttlSeconds === null ? null : duration(data.ttlSeconds * 1000)],
    ["US territories", frozen["suppress.us_territories"] === false ? "sent to" : null],
    ...settingEntries(view),
    ["Manifest", settings?.manifest ?? campaign.manifest],
    ["Requests to Meta", count(data.requests)],
    ["Personal data", erasedAt === null ? null : `erased on ${calendar.minute(erasedAt)}`],
  ];
  const shown = entries.flatMap(([term, value]): [string, Html][] =>
    value === null ? [] : [[term, said(value)]],
  );
  return fold({ name: "How it was sent", answer: rateWords(view), inside: facts(shown) });
}

function settingEntries({ data: { settings }, calendar }: ReportView): [string, string | null][] {
  if (settings === null) return [];
  const { maxInFlight, peoplePerDay, rules } = settings;
  const { starts, ends } = rules.schedule;
  const shown = (moment: Moment | null) =>
    typeof moment === "number" ? calendar.minute(moment) : moment && momentText(moment, "UTC");
  return [
    ["Rate", `${rateWords({ data: { settings } })}, ${plural(maxInFlight, "request")} at once`],
    ["People a day", peoplePerDay === null ? null : `${count(peoplePerDay)} at most`],
    ["Hours", hoursText(rules.schedule)],
    ["Start", shown(starts)],
    ["End", shown(ends)],
  ];
}

function rateWords({ data: { settings } }: { data: Pick<ReportData, "settings"> }): string {
  return settings === null
    ? ""
    : `${rateText(settings.messagesPerSecond)} messages a second at most`;
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

function readingFold({ calendar }: ReportView): Html {
  return html`<details class="p read"><summary>How to read this report <span class="cap">accepted is not delivered</span></summary><div class="in"><p class="sub">Accepted means that Meta took the message. Delivered and read come from receipts; people who turned read receipts off are never counted as read. Delivered is a share of the people sent to; read, clicked and opted out are shares of the delivered; failed, skipped and held are shares of the list. A person counts once, however many attempts it took. Times are in ${calendar.zone}. No phone number and no name is in this page.</p></div></details>`;
}
