// The report's sections on countries and what their messages cost.

import { type Html, html, NOTHING, said } from "../domain/common/html.ts";
import { count, money, percent } from "../domain/common/numbers.ts";
import { countryName } from "../domain/cost/market.ts";
import { courseText } from "../domain/cost/money.ts";
import { cutAt } from "../domain/page/reasons.ts";
import { hasOptimisation, hasReporting } from "../domain/recipient/geography.ts";
import type { CountryCount } from "../domain/result/report-data.ts";
import { moneyOf } from "../domain/result/report-figures.ts";
import { geographyNotes, peopleWithout } from "../domain/result/summary.ts";
import { priceText } from "./head.ts";
import type { ReportView } from "./view.ts";

/** Countries that are listed; the smaller ones are summed up. */
const COUNTRIES_MAX = 4;

/** A row of the table. */
interface Line extends Omit<CountryCount, "region" | "toSend" | "accepted" | "billable"> {
  name: Html;
  /** Null where there is no price. */
  cost: number | null;
  price: number | "various" | null;
}

/** Countries, with prices and cost where there are prices; nothing for a single country without. */
export function countriesSection(view: ReportView): Html {
  const { data, cost } = view;
  const lines = linesOf(view);
  if (lines.length === 0 || (lines.length === 1 && cost === null)) return NOTHING;
  const { shown, rest } = cutAt(lines, COUNTRIES_MAX);
  const others = rest.length === 0 ? [] : [summed(html`${count(rest.length)} others`, rest)];
  const heading = cost === null ? "Countries" : "Countries and cost";
  const regions = Object.fromEntries(
    data.countries.flatMap(({ region, toSend }) => (region === null ? [] : [[region, toSend]])),
  );
  const notes = geographyNotes({
    without_optimisation: peopleWithout(hasOptimisation, regions),
    without_reporting: peopleWithout(hasReporting, regions),
  });
  const below = [...costNotes(view), ...notes].join(" ");
  const all = lines.length > 1 ? summed(html`All`, lines) : null;
  return html`<section class="keep"><h2>${heading}</h2>${table([...shown, ...others], all, view)}${
    below === "" ? NOTHING : html`<p class="cap">${below}</p>`
  }</section>`;
}

/** What was planned, set aside, settled and reported, a line each currency. */
export function moneySection({ data }: ReportView): Html {
  const courses = moneyOf(data);
  if (courses.length === 0) return NOTHING;
  const lines = courses.map((course) => html`<p class="sub">${said(courseText(course))}</p>`);
  return html`<section class="keep"><h2>Planned and spent</h2>${lines}</section>`;
}

/** Every country, for the folded part; null when the section above has them all. */
export function allCountries(view: ReportView): Html | null {
  const lines = linesOf(view);
  return lines.length <= COUNTRIES_MAX + 1 ? null : table(lines, null, view);
}

function linesOf({ data, cost }: ReportView): Line[] {
  const priced = new Map((cost?.by_country ?? []).map((one) => [one.region, one]));
  return data.countries
    .filter(({ sentTo }) => sentTo > 0)
    .map((one) => {
      const { region, sentTo, delivered, read, failed, billable } = one;
      const known = priced.get(region);
      const id = region === null ? NOTHING : html` <span class="id">${said(region)}</span>`;
      const name = html`${region === null ? "No known country" : said(countryName(region))}${id}`;
      return {
        ...{ name, sentTo, delivered, read, failed },
        cost: billable === 0 ? 0 : (known?.cost ?? null),
        price: known?.price ?? null,
      };
    });
}

function summed(name: Html, lines: readonly Line[]): Line {
  const sum = (key: "sentTo" | "delivered" | "read" | "failed"): number =>
    lines.reduce((total, line) => total + line[key], 0);
  const costs = lines.flatMap(({ cost }) => cost ?? []);
  return {
    name,
    ...{ sentTo: sum("sentTo"), delivered: sum("delivered") },
    ...{ read: sum("read"), failed: sum("failed") },
    cost: costs.length === 0 ? null : costs.reduce((total, one) => total + one, 0),
    price:
      new Set(lines.map(({ price }) => price)).size === 1 ? (lines[0]?.price ?? null) : "various",
  };
}

function table(lines: readonly Line[], all: Line | null, { cost, hasReceipts }: ReportView): Html {
  const hasCost = cost !== null;
  const lastColumns = hasCost
    ? html`<th class="n hide-s">Price</th><th class="n">Cost, ${cost.bill.currency}</th>`
    : html`<th class="n">Failed</th>`;
  const share = (part: number, of: number): string => (hasReceipts ? percent(part, of) : "–");
  const row = (line: Line, kind: Html): Html =>
    html`<tr${kind}><td>${line.name}</td><td class="n">${count(line.sentTo)}</td><td class="n">${share(line.delivered, line.sentTo)}</td><td class="n hide-s">${share(line.read, line.delivered)}</td>${
      hasCost
        ? html`<td class="n hide-s">${typeof line.price === "number" ? priceText(line.price) : (line.price ?? "–")}</td><td class="n">${line.cost === null ? "–" : money(line.cost)}</td>`
        : html`<td class="n">${count(line.failed)}</td>`
    }</tr>`;
  const last = all === null ? NOTHING : row(all, html` class="sum"`);
  return html`<table class="t"><thead><tr><th>Country</th><th class="n">Sent</th><th class="n">Delivered</th><th class="n hide-s">Read</th>${lastColumns}</tr></thead><tbody>${lines.map((line) => row(line, NOTHING))}${last}</tbody></table>`;
}

function costNotes({ cost }: ReportView): string[] {
  if (cost === null) return [];
  const { estimate, bill } = cost;
  const card = bill.card === null ? "" : ` (${bill.card})`;
  return [
    `By list prices${card}, for delivered messages that are not free; ${money(estimate.total_if_all_delivered)} if all had been delivered. Discounts, taxes and bids are not in it: Meta's invoice is what counts.`,
  ];
}
