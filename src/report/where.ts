// The report's sections on countries, and on paths with what they cost.

import type { Html } from "../domain/common/html.ts";
import { html, NOTHING } from "../domain/common/html.ts";
import { count, plural } from "../domain/common/numbers.ts";
import { intervalOf } from "../domain/common/proportion.ts";
import { countryName } from "../domain/cost/market.ts";
import type { CountryCount, ReportData } from "../domain/result/report-data.ts";
import { costOf } from "../domain/result/report-figures.ts";
import { money } from "./numbers.ts";
import { shareOf } from "./result.ts";
import { table } from "./table.ts";

/** Countries that are listed; the rest is summed up. */
const COUNTRIES_MAX = 15;

const PATHS: Readonly<Record<string, string>> = {
  marketing_lite: "Marketing Messages API",
  marketing: "Cloud API",
};

/** Meta's words for how a message is priced, as people are shown them. */
export const PRICING_WORDS: Readonly<Record<string, string>> = {
  regular: "billed",
  free_customer_service: "free: within a customer service window",
  free_entry_point: "free: after an ad that leads to WhatsApp",
  free_group_customer_service: "free: within a customer service window of a group",
};

/** How far messages got by country. */
export function countriesSection(data: ReportData): Html {
  const { countries, receiptsSince } = data;
  if (countries.length === 0) return NOTHING;
  const listed =
    countries.length === COUNTRIES_MAX + 1 ? countries : countries.slice(0, COUNTRIES_MAX);
  const rest = countries.slice(listed.length);
  const rows = listed.map((one) => countryRow(nameOf(one.region), one, receiptsSince !== null));
  if (rest.length > 0) {
    rows.push(
      countryRow(
        plural(rest.length, "other country", "other countries"),
        summed(rest),
        receiptsSince !== null,
      ),
    );
  }
  const bars =
    receiptsSince === null
      ? "The bars show how many of those to be sent to were accepted."
      : "The bars show how many of the accepted were delivered; where fewer than 1,000 were accepted, the thin line is the 95% interval.";
  const columns = ["To be sent to", "Accepted", "Delivered", "Read", "Failed"].map((name) => ({
    name,
    kind: "number" as const,
  }));
  return html`<section><h2>Countries</h2><p>${bars}</p>${table(
    "Messages by country",
    ["Country", ...columns],
    rows,
  )}</section>`;
}

function countryRow(name: string, one: CountryCount, hasReceipts: boolean) {
  const { toSend, accepted, delivered, read, failed } = one;
  const [part, of] = hasReceipts ? [delivered, accepted] : [accepted, toSend];
  return {
    name,
    bar: {
      share: of === 0 ? 0 : part / of,
      colour: hasReceipts ? ("delivered" as const) : ("accepted" as const),
      interval: intervalOf(part, of),
    },
    values: [
      count(toSend),
      count(accepted),
      withShare(delivered, accepted),
      withShare(read, delivered),
      count(failed),
    ],
  };
}

/** A count with its share below. */
function withShare(number: number, of: number): Html {
  return html`${count(number)}<span class="note">${shareOf(number, of)}</span>`;
}

function summed(countries: readonly CountryCount[]): CountryCount {
  const sum = (key: Exclude<keyof CountryCount, "region">): number =>
    countries.reduce((total, one) => total + one[key], 0);
  return {
    region: null,
    toSend: sum("toSend"),
    sentTo: sum("sentTo"),
    accepted: sum("accepted"),
    delivered: sum("delivered"),
    read: sum("read"),
    failed: sum("failed"),
    billable: sum("billable"),
  };
}

function nameOf(region: string | null): string {
  return region === null ? "No known country" : countryName(region);
}

/** By which path messages went, and what that costs. */
export function pathsSection(data: ReportData): Html {
  const { paths } = data;
  const cost = costSection(data);
  if (paths.length === 0 && cost === NOTHING) return NOTHING;
  return html`<section><h2>Paths and cost</h2>${pathTable(data)}${cost}</section>`;
}

function pathTable({ paths, funnel }: ReportData): Html {
  if (paths.length === 0) return NOTHING;
  const total = paths.reduce((sum, { number }) => sum + number, 0);
  const rows = paths.map(({ path, pricingType, number, delivered, read }) => ({
    name: path === null ? "Not reported" : (PATHS[path] ?? path),
    note: html`${path === null ? NOTHING : html`<code>${path}</code> `}${pricingType === null ? "price not reported" : (PRICING_WORDS[pricingType] ?? pricingType)}`,
    bar: { share: total === 0 ? 0 : number / total, colour: "accepted" as const },
    values: [count(number), withShare(delivered, number), withShare(read, delivered)],
  }));
  return html`<p>A receipt tells by which path a message went: of ${count(funnel.accepted)} accepted, ${count(total)} were reported.</p>${table(
    "Messages by path and price",
    [
      "Path",
      { name: "Messages", kind: "number" },
      { name: "Delivered", kind: "number" },
      { name: "Read", kind: "number" },
    ],
    rows,
  )}`;
}

function costSection(data: ReportData): Html {
  const cost = costOf(data);
  if (cost === null) return NOTHING;
  const { estimate, bill } = cost;
  const without = bill.people_without_price;
  const rows = [
    {
      name: "Estimate",
      note: "if all who were to be sent to had been delivered to",
      values: [
        count(estimate.people_priced),
        money(estimate.total_if_all_delivered, estimate.currency),
      ],
    },
    {
      name: "Bill",
      note: "delivered, and not reported as free",
      values: [count(bill.people_priced), money(bill.total_if_all_delivered, bill.currency)],
    },
  ];
  return html`<h3>Estimate and bill</h3><p>Meta bills delivered messages. Both by list prices${
    bill.card === null ? NOTHING : html` (${bill.card})`
  }; discounts, taxes and bids of a template with a maximum price are not in them, and Meta's own invoice is what counts.${
    without === 0
      ? NOTHING
      : html` ${plural(without, "delivered message has", "delivered messages have")} no price in the card.`
  }</p>${table(
    "Estimate and bill",
    ["", { name: "Messages", kind: "number" }, { name: "Cost", kind: "number" }],
    rows,
  )}`;
}
