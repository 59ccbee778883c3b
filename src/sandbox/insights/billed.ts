// What was billed, by number, country and price, as Graph returns it (Meta, analytics page,
// 2026-06), counted from the log; and benchmarks (Meta, viewing metrics page, 2026-06).

import { DAY_MS } from "../../domain/common/wall-clock.ts";
import type { Refusal } from "../messages/graph-errors.ts";
import { numbersOf } from "../scenario/own-numbers.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Call } from "../server/call.ts";
import { invalid } from "../server/invalid.ts";
import type { Node } from "../server/nodes.ts";
import { adIdsOf, placedTemplates } from "../server/nodes.ts";
import { lacksScope } from "../server/token.ts";

/** Subcode of Graph for an app without the permission (OpenAPI v23.0). */
const NO_PERMISSION = 1349176;
const DEFAULT_DAYS = 30;
const PREFIX = "marketing_messages_";
/** Fields of messages (SDK v25.0.2, 2026-06); those of conversions were removed. */
const AD_FIELDS: ReadonlySet<string> = new Set(
  [
    ...["sent", "delivered", "read", "link_btn_click", "quick_reply_btn_click", "delivery_rate"],
    ...["read_rate", "link_btn_click_rate", "quick_reply_btn_click_rate", "spend"],
    ...["phone_call_btn_click_rate", "media_view_rate", "spend_currency", "cost_per_delivered"],
    ...["cost_per_link_btn_click", "read_rate_benchmark", "click_rate_benchmark"],
  ].map((name) => PREFIX + name),
);

/** The field `pricing_analytics` as it was asked for; undefined when it was not. */
export function pricingAsked(fields: string | null): string | undefined {
  const [, asked] = /(?:^|,)\s*(pricing_analytics\.[^{]*)/.exec(fields ?? "") ?? [];
  return asked;
}

/** The value of the field `pricing_analytics`. */
export function pricingAnalytics(scenario: Scenario, call: Call, asked: string): Node | Refusal {
  const of = (name: string): string | undefined =>
    new RegExp(`\\.${name}\\(\\[?([^)\\]]*)\\]?\\)`).exec(asked)?.[1];
  const [start, end] = [Number(of("start")), Number(of("end"))];
  if (!Number.isInteger(start) || !Number.isInteger(end)) {
    return invalid("pricing_analytics needs start and end in seconds.");
  }
  if (!["DAILY", "HALF_HOUR", "MONTHLY"].includes(of("granularity") ?? "")) {
    return invalid("granularity must be one of {DAILY, HALF_HOUR, MONTHLY}.");
  }
  const dimensions = of("dimensions")?.split(",") ?? [];
  const categories = of("pricing_categories")?.split(",");
  const numbers = numbersOf(scenario);
  const points = new Map<string, Node & { volume: number; cost: number }>();
  for (const message of call.messages()) {
    const deliveredAt = message.events.get("delivered") ?? Number.POSITIVE_INFINITY;
    const category = message.path.toUpperCase();
    if (deliveredAt > call.nowMs || deliveredAt < start * 1_000 || deliveredAt >= end * 1_000)
      continue;
    if (categories !== undefined && !categories.includes(category)) continue;
    const day = Math.floor(deliveredAt / DAY_MS);
    const phone = numbers.get(message.phoneNumberId)?.display_phone_number.replace(/\D/g, "");
    const keys = {
      start: (day * DAY_MS) / 1_000,
      end: ((day + 1) * DAY_MS) / 1_000,
      ...(dimensions.includes("PHONE") && { phone_number: phone }),
      ...(dimensions.includes("COUNTRY") && { country: message.country }),
      ...(dimensions.includes("PRICING_TYPE") && { pricing_type: "REGULAR" }),
      ...(dimensions.includes("PRICING_CATEGORY") && { pricing_category: category }),
    };
    const key = JSON.stringify(keys);
    const point = points.get(key) ?? { ...keys, volume: 0, cost: 0 };
    point.volume += 1;
    point.cost += scenario.insights.cost_per_delivery ?? 0;
    points.set(key, point);
  }
  return { data: [{ data_points: [...points.values()] }] };
}

/** `GET /<AD_ID | AD_SET_ID>/insights`; undefined where there is no such ad. */
export function adInsights(scenario: Scenario, call: Call): Node | Refusal | undefined {
  const [id = "", edge, ...rest] = call.path.split("/");
  if (edge !== "insights" || rest.length > 0 || !scenario.insights.ads) return undefined;
  const placed = placedTemplates(scenario).find((one) =>
    Object.values(adIdsOf(scenario, one.id)).includes(id),
  );
  if (placed === undefined) return undefined;
  if (lacksScope(scenario, "ads_read")) {
    const message = "(#200) Requires ads_read permission to access the resource";
    return { code: 200, subcode: NO_PERMISSION, message };
  }
  const fields = (call.query.get("fields") ?? "").split(",").filter((name) => name !== "");
  const strange = fields.find((name) => !AD_FIELDS.has(name));
  if (strange !== undefined) {
    const message = `(#100) ${strange} is not valid for fields param.`;
    return { code: 100, message, fromGraph: true };
  }
  const { template } = placed;
  const from = call.nowMs - DEFAULT_DAYS * DAY_MS;
  const those = call
    .messages()
    .filter((one) => one.template === template.name && one.language === template.language)
    .filter((one) => one.path === "marketing_lite" && one.at >= from);
  const { benchmarks } = scenario.insights;
  if (those.length === 0 || benchmarks === null) return { data: [] };
  const number = (what: string) =>
    those.filter(({ events }) => (events.get(what) ?? Number.POSITIVE_INFINITY) <= call.nowMs)
      .length;
  const [delivered, read, clicks] = [number("delivered"), number("read"), number("click")];
  const rate = (part: number) => (delivered === 0 ? 0 : (100 * part) / delivered).toFixed(2);
  const values: Record<string, string | null> = {
    sent: String(those.length),
    delivered: String(delivered),
    read: String(read),
    link_btn_click: String(clicks),
    read_rate: rate(read),
    link_btn_click_rate: rate(clicks),
    read_rate_benchmark: textOf(benchmarks.read),
    click_rate_benchmark: textOf(benchmarks.click),
  };
  const shown = Object.entries(values).filter(
    ([name, value]) => value !== null && fields.includes(PREFIX + name),
  );
  const date = (at: number) => new Date(at).toISOString().slice(0, "YYYY-MM-DD".length);
  const data = {
    date_start: date(from),
    date_stop: date(call.nowMs),
    ...Object.fromEntries(shown.map(([name, value]) => [PREFIX + name, value])),
  };
  return { data: [data], paging: { cursors: { before: "MAZDZD", after: "MAZDZD" } } };
}

function textOf(value: number | null): string | null {
  return value === null ? null : value.toFixed(2);
}
