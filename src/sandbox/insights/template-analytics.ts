// Analytics of templates as Graph returns them (Meta, analytics page, 2026-06, and its SDK of the
// same month), counted from the log. Where the page names no error, code 100 and the sentence are
// ours.

import { DAY_MS, dateOf, dayOf, wallClock } from "../../domain/common/wall-clock.ts";
import type { Refusal } from "../messages/graph-errors.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { ScenarioTemplate } from "../scenario/scenario-template.ts";
import type { Call } from "../server/call.ts";
import { isRefusal } from "../server/fields.ts";
import { invalid } from "../server/invalid.ts";
import type { Node } from "../server/nodes.ts";
import { placedTemplates } from "../server/nodes.ts";
import { pageOf } from "../server/template-list.ts";
import type { CountedMessage } from "./counted.ts";

const IDS_MAX = 10;
const LOOK_BACK_DAYS = 90;
const BASIC = ["SENT", "DELIVERED", "READ", "CLICKED", "COST", "REPLIED"];
const CONVERSIONS = [
  ...["APP_ACTIVATIONS", "APP_ADD_TO_CART", "APP_CHECKOUTS_INITIATED", "APP_PURCHASES"],
  ...["APP_PURCHASES_CONVERSION_VALUE", "WEBSITE_ADD_TO_CART", "WEBSITE_CHECKOUTS_INITIATED"],
  ...["WEBSITE_PURCHASES", "WEBSITE_PURCHASES_CONVERSION_VALUE"],
];
const NEWER = [
  ...["APP_ADD_PAYMENT_INFO", "APP_ADD_TO_WISHLIST", "APP_COMPLETE_REGISTRATION"],
  ...["APP_LEVEL_ACHIEVED", "APP_OTHER", "APP_RATE", "APP_SEARCH", "APP_TUTORIAL_COMPLETION"],
  ...["APP_VIEW_CONTENT", "WEBSITE_ADD_PAYMENT_INFO", "WEBSITE_ADD_TO_WISHLIST"],
  ...["WEBSITE_COMPLETE_REGISTRATION", "WEBSITE_CUSTOM", "WEBSITE_LEAD", "WEBSITE_SEARCH"],
  "WEBSITE_VIEW_CONTENT",
];
const CLOUD_API = "CLOUD_API";

interface Request {
  ids: string[];
  metrics: ReadonlySet<string>;
  path: CountedMessage["path"];
  since: number;
  /** The day after the last one. */
  before: number;
  zone: string;
  hasDates: boolean;
}

/** `GET /<WABA_ID>/template_analytics`. */
export function templateAnalytics(scenario: Scenario, call: Call): Node | Refusal {
  const { insights } = scenario;
  if (!insights.enabled) return { code: 200007, fromGraph: true };
  if (!insights.available) return { code: 200005, fromGraph: true };
  const request = readRequest(scenario, call);
  if ("code" in request) return request;
  const page = pageOf(scenario, call, pointsOf(scenario, call, request));
  if (isRefusal(page)) return page;
  const { data, ...paging } = page;
  const isCloud = request.path === "marketing";
  const part = {
    ...(call.query.get("use_waba_timezone") === "true" && { waba_timezone: request.zone }),
    granularity: "DAILY",
    product_type: isCloud ? "cloud_api" : insights.product_shown,
    data_points: data,
  };
  return { data: [part], ...paging };
}

function readRequest({ insights }: Scenario, { query }: Call): Request | Refusal {
  const ids = idsOf(query.get("template_ids"));
  if (ids === undefined) return invalid("Param template_ids must be a list of ids.");
  if (ids.length > IDS_MAX) return invalid(`Param template_ids takes ${IDS_MAX} ids at most.`);
  if (query.get("granularity")?.toUpperCase() !== "DAILY") {
    return invalid("Param granularity must be one of {DAILY}.");
  }
  const known = [...BASIC, ...CONVERSIONS, ...(insights.newer_conversions ? NEWER : [])];
  const asked = (query.get("metric_types") ?? "").split(",").filter((name) => name !== "");
  const strange = asked.find((name) => !known.includes(name.toUpperCase()));
  if (strange !== undefined) {
    return invalid(`Param metric_types must be one of {${known.join(", ")}}: got ${strange}.`);
  }
  const metrics = new Set(asked.length === 0 ? known : asked.map((name) => name.toUpperCase()));
  if (insights.cost_per_delivery === null && metrics.size === 1 && metrics.has("COST")) {
    return invalid("Cost not available.");
  }
  const product = query.get("product_type") ?? CLOUD_API;
  const names: readonly string[] = [CLOUD_API, ...insights.product_names];
  if (!names.includes(product)) {
    return invalid(`Param product_type must be one of {${names.join(", ")}}.`);
  }
  const hasDates = query.get("use_waba_timezone") === "true";
  const since = dayIn(query.get("start"), hasDates);
  const before = dayIn(query.get("end"), hasDates);
  if (since === undefined || before === undefined) {
    return invalid(
      hasDates
        ? "With use_waba_timezone start and end must be YYYY-MM-DD."
        : "Params start and end must be seconds or YYYY-MM-DD.",
    );
  }
  const zone = hasDates ? insights.time_zone : "UTC";
  const path = product === CLOUD_API ? "marketing" : "marketing_lite";
  return { ids, metrics, path, since, before, zone, hasDates };
}

function idsOf(text: string | null): string[] | undefined {
  const [, inside] = /^\s*\[(.*)\]\s*$/.exec(text ?? "") ?? [];
  const ids = inside?.split(",").map((id) => id.trim().replace(/^"(.*)"$/, "$1")) ?? [];
  return ids.length > 0 && ids.every((id) => /^\d{1,30}$/.test(id)) ? ids : undefined;
}

/** Seconds are rounded down to the day, UTC. */
function dayIn(text: string | null, hasDates: boolean): number | undefined {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text ?? "")) {
    const day = dayOf(text as string);
    return Number.isNaN(day) ? undefined : day;
  }
  if (hasDates || !/^\d{1,12}$/.test(text ?? "")) return undefined;
  return Math.floor((Number(text) * 1_000) / DAY_MS);
}

function pointsOf(scenario: Scenario, call: Call, request: Request): Node[] {
  const clock = wallClock(request.zone);
  const today = clock.dayAt(call.nowMs);
  const oldest = Math.max(request.since, today - LOOK_BACK_DAYS);
  const placed = placedTemplates(scenario).filter(({ id }) => request.ids.includes(id));
  const points: Node[] = [];
  for (const { id, template } of placed) {
    const byDay = new Map<number, CountedMessage[]>();
    for (const message of call.messages()) {
      const isOfIt = message.template === template.name && message.language === template.language;
      if (!isOfIt || message.path !== request.path) continue;
      const day = clock.dayAt(message.at);
      if (day < oldest || day >= request.before) continue;
      byDay.set(day, [...(byDay.get(day) ?? []), message]);
    }
    for (const [day, messages] of [...byDay].sort(([a], [b]) => a - b)) {
      const metrics = metricsOf(scenario, template, messages, {
        nowMs: call.nowMs,
        isReset: today - day > scenario.insights.reset_days,
        asked: request.metrics,
      });
      points.push(pointOf(scenario, id, day, { metrics, request }));
    }
  }
  return points;
}

function pointOf(
  { insights }: Scenario,
  id: string,
  day: number,
  { metrics, request }: { metrics: Node; request: Request },
): Node {
  const isDate = request.hasDates && !insights.seconds;
  const at = (one: number) =>
    isDate ? dateOf(one) : wallClock(request.zone).firstAt(one, "00:00") / 1_000;
  const point = { template_id: id, start: at(day), end: at(day + 1), ...metrics };
  if (!insights.texts) return point;
  return { ...asTexts(point), template_id: Number(id) };
}

function metricsOf(
  { insights }: Scenario,
  template: ScenarioTemplate,
  messages: readonly CountedMessage[],
  { nowMs, isReset, asked }: { nowMs: number; isReset: boolean; asked: ReadonlySet<string> },
): Node {
  const happened = (what: string) =>
    messages.filter(({ events }) => (events.get(what) ?? Number.POSITIVE_INFINITY) <= nowMs);
  const delivered = happened("delivered").length;
  const clicks = isReset ? 0 : happened("click").length;
  const taps = isReset ? 0 : happened("tap").length;
  const spent = round((insights.cost_per_delivery ?? 0) * delivered);
  const isTracked = template.cta_url_link_tracking_opted_out !== true;
  const buttons = buttonsOf(template);
  const all: Record<string, unknown> = {
    SENT: messages.length,
    DELIVERED: delivered,
    READ: isReset ? 0 : happened("read").length,
    CLICKED: [
      ...(clicks > 0 && isTracked
        ? ["url_button", "unique_url_button"].map((type) => ({
            type,
            button_content: buttons.URL ?? "Link",
            count: clicks,
          }))
        : []),
      ...(taps > 0
        ? [
            {
              type: "quick_reply_button",
              button_content: buttons.QUICK_REPLY ?? "Stop",
              count: taps,
            },
          ]
        : []),
    ],
    COST:
      insights.cost_per_delivery === null || delivered === 0
        ? []
        : [
            { type: "amount_spent", value: spent },
            { type: "cost_per_delivered", value: insights.cost_per_delivery },
            ...(clicks > 0 && isTracked
              ? [{ type: "cost_per_url_button_click", value: round(spent / clicks) }]
              : []),
          ],
  };
  for (const [metric, share] of Object.entries(insights.per_delivery)) {
    const isValue = metric.endsWith("_value");
    all[metric.toUpperCase()] = isValue ? round(share * delivered) : Math.round(share * delivered);
  }
  // A metric that is zero is missing (the same page).
  const given = Object.entries(all).filter(
    ([name, value]) => asked.has(name) && (Array.isArray(value) ? value.length > 0 : value !== 0),
  );
  return Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), value]));
}

/** The text of the first button of a type. */
function buttonsOf({ components }: ScenarioTemplate): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { type, text } of components.flatMap((component) => component.buttons ?? [])) {
    if (text !== undefined) texts[type] ??= text;
  }
  return texts;
}

function asTexts(value: unknown): Node {
  const text = (one: unknown): unknown => {
    if (typeof one === "number") return String(one);
    if (Array.isArray(one)) return one.map(text);
    if (typeof one !== "object" || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, inside]) => [key, text(inside)]));
  };
  return text(value) as Node;
}

function round(amount: number): number {
  return Math.round(amount * 1e6) / 1e6;
}
