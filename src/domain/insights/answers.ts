// Reads what Meta returns of analytics, prices and benchmarks. Open about what it documents in one
// way and shows in another: the case of names, numbers as text, days as seconds or dates. A part
// that is not what it should be is left out. No I/O.

import { readInstant } from "../common/instant.ts";
import { oneLine } from "../common/plain.ts";
import { DAY_MS, dateOf, isZoneName, wallClock } from "../common/wall-clock.ts";
import type { Benchmark, InsightValue, PricingRow, Product } from "./insight.ts";

/** Longest text of a button that is kept; Meta's own limit is 25 characters. */
const CONTENT_MAX = 200;
/** Keys of a point that are no metric. */
const NO_METRIC: ReadonlySet<string> = new Set([
  "template_id",
  "template_group_id",
  "start",
  "end",
]);
/** A metric as Meta names them, in either case. */
const METRIC = /^[A-Za-z][A-Za-z0-9_]{0,79}$/;

/**
 * The names of the products in answers, in small letters (Meta, analytics and max price pages and
 * its SDK, 2026): for the same thing there are several, and more may come.
 */
const PRODUCT_NAMES: Readonly<Record<string, Product>> = {
  cloud_api: "marketing",
  marketing: "marketing",
  marketing_lite: "marketing_lite",
  marketing_messages_lite_api: "marketing_lite",
  marketing_messages_api_for_whatsapp: "marketing_lite",
};

/** A page of `template_analytics`, read. */
export interface Analytics {
  values: InsightValue[];
  /** The account's zone; null: not returned. */
  zone: string | null;
}

/**
 * Reads a page of GET /<WABA_ID>/template_analytics (Meta, analytics page, 2026-06). A metric that
 * is 0 or cannot be had is missing there. Every number with a name is kept, known or not: the keys
 * of conversions are not documented.
 * @param asked the product of the request, for parts that do not name theirs
 * @returns null for what is no such page
 */
export function readAnalytics(answer: unknown, asked: Product): Analytics | null {
  const parts = recordOf(answer)?.data;
  if (!Array.isArray(parts)) return null;
  const values: InsightValue[] = [];
  let zone: string | null = null;
  for (const part of parts.map(recordOf)) {
    if (part === undefined || !Array.isArray(part.data_points)) continue;
    const partZone = zoneOf(part.waba_timezone);
    zone ??= partZone;
    const named = typeof part.product_type === "string" ? part.product_type.toLowerCase() : "";
    const product = PRODUCT_NAMES[named] ?? asked;
    for (const point of part.data_points.map(recordOf)) {
      if (point === undefined) continue;
      const templateId = idOf(point.template_id);
      const day = dayOfPoint(point.start, partZone);
      if (templateId === null || day === null) continue;
      const metrics = metricsOf(point);
      for (const [metric, value] of metrics) {
        values.push({ templateId, day, product, metric, value });
      }
    }
  }
  return { values, zone };
}

/** The numbers of a point; several of one name are added up. */
function metricsOf(point: Record<string, unknown>): Map<string, number> {
  const metrics = new Map<string, number>();
  const add = (metric: string, value: number) =>
    metrics.set(metric, (metrics.get(metric) ?? 0) + value);
  for (const [key, raw] of Object.entries(point)) {
    if (NO_METRIC.has(key.toLowerCase()) || !METRIC.test(key)) continue;
    const name = key.toLowerCase();
    const value = numberOf(raw);
    if (value !== null) add(name, value);
    if (!Array.isArray(raw)) continue;
    for (const part of raw.map(recordOf)) {
      const number = numberOf(part?.count) ?? numberOf(part?.value);
      const type = typeof part?.type === "string" ? part.type.toLowerCase() : "";
      if (number === null || !METRIC.test(type)) continue;
      const content = typeof part?.button_content === "string" ? part.button_content : null;
      const label = content === null ? "" : `:${oneLine(content).slice(0, CONTENT_MAX)}`;
      add(`${name}:${type}${label}`, number);
    }
  }
  return metrics;
}

/**
 * Reads `pricing_analytics` of a GET /<WABA_ID> (Meta, analytics page, 2026-06), as the field or as
 * the edge has it.
 * @returns null for what is none; the rows of one number, country, category and type added up
 */
export function readPricing(answer: unknown): PricingRow[] | null {
  const node = recordOf(answer);
  const parts = (recordOf(node?.pricing_analytics) ?? node)?.data;
  if (!Array.isArray(parts)) {
    // A field without a value is left out.
    return node !== undefined && "id" in node && !("pricing_analytics" in node) ? [] : null;
  }
  const rows = new Map<string, PricingRow>();
  for (const part of parts.map(recordOf)) {
    if (part === undefined || !Array.isArray(part.data_points)) continue;
    for (const point of part.data_points.map(recordOf)) {
      if (point === undefined) continue;
      const keys = {
        phone: textOf(point.phone_number)?.replace(/\D/g, "") ?? null,
        country: textOf(point.country)?.toUpperCase() ?? null,
        category: textOf(point.pricing_category)?.toLowerCase() ?? null,
        type: textOf(point.pricing_type)?.toLowerCase() ?? null,
      };
      const key = JSON.stringify(keys);
      const row = rows.get(key) ?? { ...keys, volume: 0, cost: 0 };
      row.volume += numberOf(point.volume) ?? 0;
      row.cost += numberOf(point.cost) ?? 0;
      rows.set(key, row);
    }
  }
  return [...rows.values()].sort((a, b) => b.cost - a.cost || b.volume - a.volume);
}

/** Fields of a benchmark (Meta, viewing metrics page, 2026-06, and its SDK of the same month). */
export const BENCHMARK_FIELDS: readonly string[] = [
  "marketing_messages_delivered",
  "marketing_messages_read_rate",
  "marketing_messages_read_rate_benchmark",
  "marketing_messages_link_btn_click_rate",
  "marketing_messages_click_rate_benchmark",
];

/**
 * Reads GET /<AD_SET_ID>/insights (Meta, viewing metrics page, 2026-06). Every value is a text, and
 * rates are per cent, now and then above 100.
 * @returns null where Meta has no data, or something else
 */
export function readBenchmark(answer: unknown): Benchmark | null {
  const parts = recordOf(answer)?.data;
  const first = Array.isArray(parts) ? recordOf(parts[0]) : undefined;
  if (first === undefined) return null;
  const rate = (name: string) => numberOf(first[`marketing_messages_${name}`]);
  return {
    since: textOf(first.date_start),
    until: textOf(first.date_stop),
    readRate: rate("read_rate"),
    readBenchmark: rate("read_rate_benchmark"),
    clickRate: rate("link_btn_click_rate"),
    clickBenchmark: rate("click_rate_benchmark"),
  };
}

/**
 * The day of a point: a date, or seconds. Seconds are of midnight in the account's zone where the
 * answer names one, else of midnight UTC.
 */
function dayOfPoint(start: unknown, zone: string | null): string | null {
  if (typeof start === "string" && /^\d{4}-\d{2}-\d{2}/.test(start)) {
    const day = start.slice(0, "YYYY-MM-DD".length);
    return Number.isNaN(Date.parse(day)) ? null : day;
  }
  const at = readInstant(start);
  if (at === null) return null;
  // Seconds that are midnight UTC are of a day UTC, whatever zone stands beside them.
  if (zone === null || at % DAY_MS === 0) return dateOf(Math.floor(at / DAY_MS));
  return dateOf(wallClock(zone).dayAt(at));
}

function zoneOf(value: unknown): string | null {
  return typeof value === "string" && isZoneName(value) ? value : null;
}

function idOf(value: unknown): string | null {
  const id = typeof value === "number" ? String(value) : value;
  return typeof id === "string" && /^\d{1,30}$/.test(id) ? id : null;
}

function textOf(value: unknown): string | null {
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}

/** A number, or one as text; null for anything else, and for one below zero. */
function numberOf(value: unknown): number | null {
  const isText = typeof value === "string" && /^\s*\d+(\.\d+)?\s*$/.test(value);
  const number = isText ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number >= 0 ? number : null;
}

function recordOf(value: unknown): Record<string, unknown> | undefined {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord ? (value as Record<string, unknown>) : undefined;
}
