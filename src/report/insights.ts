// What Meta counted itself: the section of the report, and the keys of its JSON.

import { type Html, html, NOTHING } from "../domain/common/html.ts";
import { insightTable } from "../domain/page/insight-table.ts";
import { comparedOf } from "../domain/result/report-figures.ts";
import type { Column } from "./columns.ts";
import type { ReportView } from "./view.ts";

/** `insights --json`, behind `campaign`, and `report.insights` of a report. */
export const INSIGHT_KEYS: readonly Column[] = [
  { name: "read_at", type: "instant", what: "when Meta was asked last" },
  { name: "template", type: "object", what: "`id` (null: not found), `name`, `language`" },
  {
    name: "other_templates",
    type: "list",
    what: "the same of further arms of a test: the numbers are of all of them",
  },
  {
    name: "days",
    type: "object",
    what: "`since` and `until` in the account's zone, `time_zone` (null: not returned), and `whole_campaign`: whether these days have all of it",
  },
  {
    name: "insights_on",
    type: "yes or no",
    optional: true,
    what: "whether they are switched on for the account",
  },
  {
    name: "meta",
    type: "object",
    what: "Meta's numbers, added up: `sent`, `delivered`, `read`, `clicks`, `people_clicked`, `quick_replies`, `spent`, `buttons`, `conversions` and `others` by Meta's names; null: no day has one, which is Meta's way of writing 0 too",
  },
  {
    name: "products",
    type: "object",
    what: "the same by `marketing_lite` (Marketing Messages API) and `marketing` (Cloud API)",
  },
  {
    name: "ledger",
    type: "object",
    what: "what the ledger counts: `accepted`, `delivered`, `read`, `clicks`, `quick_replies`, and `costs` by receipts",
  },
  {
    name: "receipts",
    type: "object",
    optional: true,
    what: "deliveries that receipts reported: `number`, `of` Meta's, `never_reported`; null where the two are not of the same messages",
  },
  {
    name: "cost",
    type: "object",
    optional: true,
    what: "by Meta: `currency`, `spent`, `per_delivery`, `per_click`; null where a partner pays",
  },
  {
    name: "counts_clicks",
    type: "yes or no",
    optional: true,
    what: "whether clicks on the template's links are counted",
  },
  {
    name: "benchmark",
    type: "object",
    optional: true,
    what: "of the last 30 days, in per cent: `read_rate` and `click_rate`, and what the best quarter of similar businesses reaches",
  },
  {
    name: "pricing",
    type: "list",
    optional: true,
    what: "what was billed for the campaign's numbers: `phone`, `country`, `category`, `type`, `volume`, `cost`",
  },
  {
    name: "creative_features",
    type: "object",
    what: "of the `template` and of the `account` (null: not known), and where they `differ`",
  },
  { name: "recommendations", type: "text", what: "`whatsapp_manager_only`: no API has them" },
  {
    name: "shared_with",
    type: "list",
    what: "other campaigns of the ledger that sent the template on these days",
  },
  {
    name: "missing",
    type: "list",
    what: "what could not be had: `part`, `sentence`, and Meta's `code`",
  },
  {
    name: "days_read",
    type: "list",
    what: "the numbers of each day: `template` (its id), `day`, `product`, `metric`, `value`, `read_at`",
  },
];

/** Meta's figures beside the ledger's; nothing where nobody looked. */
export function insightsSection({ data, when }: ReportView): Html {
  const compared = comparedOf(data);
  if (compared === null) return NOTHING;
  return html`<section class="keep"><h2>As Meta counted it</h2>${insightTable(compared, when)}</section>`;
}
