// Asks what Meta counted: analytics of templates, what was billed, benchmarks; and switches
// analytics on. It adds nothing up, and each call may fail by itself.

import type { Analytics } from "../domain/insights/answers.ts";
import {
  BENCHMARK_FIELDS,
  readAnalytics,
  readBenchmark,
  readPricing,
} from "../domain/insights/answers.ts";
import { dayAfter, secondsOf } from "../domain/insights/days.ts";
import type { Benchmark, PricingRow, Product } from "../domain/insights/insight.ts";
import { INVALID_PARAMETER } from "../domain/sending/error-codes.ts";
import type { Calls } from "./calls.ts";
import { GraphError } from "./calls.ts";
import { cursorOf } from "./pages.ts";

/** Templates in one request at most (Meta, analytics page, 2026-06). */
const IDS_MAX = 10;
/** Pages that are read: 90 days of ten templates are 900 points. */
const MAX_PAGES = 50;

/**
 * What a product is called in a request, the newest name first (Meta, analytics page, 2026-06; its
 * SDK of the same month and the max price page know the older one alone).
 */
const NAMES: Readonly<Record<Product, readonly string[]>> = {
  marketing_lite: ["MARKETING_MESSAGES_API_FOR_WHATSAPP", "MARKETING_MESSAGES_LITE_API"],
  marketing: ["CLOUD_API"],
};

/** Analytics of templates. */
interface AnalyticsRequest {
  /** Any number of them: more than ten are asked for in several requests. */
  templateIds: readonly string[];
  /** First and last day, YYYY-MM-DD in the account's zone. */
  since: string;
  until: string;
  product: Product;
  /** Meta's names in capitals. */
  metrics: readonly string[];
}

/** What a template is to Meta's ads, and whether its links are tracked; null: not returned. */
interface TemplateAds {
  /** The node that benchmarks are asked of. */
  adId: string | null;
  isTracked: boolean | null;
}

/** The part of an account that counts. */
export interface InsightCalls {
  /** @throws GraphError */
  readAnalytics(request: AnalyticsRequest): Promise<Analytics>;
  /**
   * What was billed for marketing on these days, all numbers of the account.
   * @throws GraphError
   */
  readPricing(days: { since: string; until: string }): Promise<PricingRow[]>;
  /** @throws GraphError */
  readTemplateAds(templateId: string): Promise<TemplateAds>;
  /**
   * The rates of the last 30 days beside those of similar businesses; null without data. Needs
   * `ads_read`.
   * @throws GraphError
   */
  readBenchmark(adId: string): Promise<Benchmark | null>;
  /**
   * Switches insights on for the account, for good: Meta has no way back.
   * @throws GraphError
   */
  enableInsights(): Promise<void>;
}

/** @param waba gives the account's id; throws where it is not known */
export function insightCalls(calls: Calls, waba: () => string): InsightCalls {
  /** The name of a product that this account's Graph takes, once it took one. */
  const taken = new Map<Product, string>();

  async function analyticsOf(
    request: AnalyticsRequest,
    templateIds: readonly string[],
    productType: string,
  ): Promise<Analytics> {
    const all: Analytics = { values: [], zone: null };
    let after: string | null = null;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const answer = await calls.get(`${waba()}/template_analytics`, {
        start: request.since,
        // Whether the last day is included is not documented: one more is asked for, and cut off.
        end: dayAfter(request.until),
        granularity: "DAILY",
        template_ids: `[${templateIds.join(",")}]`,
        metric_types: request.metrics.join(","),
        product_type: productType,
        use_waba_timezone: "true",
        ...(after !== null && { after }),
      });
      const read = readAnalytics(answer, request.product);
      if (read === null) throw strange("analytics");
      all.values.push(...read.values);
      all.zone ??= read.zone;
      const next = cursorOf(answer);
      if (next === null || next === after) break;
      after = next;
    }
    return all;
  }

  /** Code 100 may mean the product's name: then the older one is tried. */
  async function ofProduct(
    request: AnalyticsRequest,
    templateIds: readonly string[],
  ): Promise<Analytics> {
    const known = taken.get(request.product);
    const names = known === undefined ? NAMES[request.product] : [known];
    let first: unknown;
    for (const name of names) {
      try {
        const analytics = await analyticsOf(request, templateIds, name);
        taken.set(request.product, name);
        return analytics;
      } catch (error) {
        const isOfRequest = error instanceof GraphError && error.code === INVALID_PARAMETER;
        if (!isOfRequest) throw error;
        first ??= error;
      }
    }
    throw first;
  }

  return {
    async readAnalytics(request) {
      const all: Analytics = { values: [], zone: null };
      for (let at = 0; at < request.templateIds.length; at += IDS_MAX) {
        const part = await ofProduct(request, request.templateIds.slice(at, at + IDS_MAX));
        all.values.push(...part.values);
        all.zone ??= part.zone;
      }
      return all;
    },
    async readPricing({ since, until }) {
      const field = [
        `pricing_analytics.start(${secondsOf(since)})`,
        `end(${secondsOf(dayAfter(until))})`,
        "granularity(DAILY)",
        "metric_types(COST,VOLUME)",
        "dimensions(PRICING_CATEGORY,PRICING_TYPE,COUNTRY,PHONE)",
        "pricing_categories(MARKETING_LITE,MARKETING)",
      ].join(".");
      const rows = readPricing(await calls.get(waba(), { fields: field }));
      if (rows === null) throw strange("prices");
      return rows;
    },
    async readTemplateAds(templateId) {
      const node = await calls.get(encodeURIComponent(templateId), {
        fields: "ad_id,ad_adset_id,cta_url_link_tracking_opted_out",
      });
      const { ad_adset_id: adSet, ad_id: ad, cta_url_link_tracking_opted_out: isOut } = node;
      // Meta's own sample asks of the ad set (viewing metrics page, 2026-06).
      const adId = [adSet, ad].map(idOf).find((id) => id !== null) ?? null;
      return { adId, isTracked: typeof isOut === "boolean" ? !isOut : null };
    },
    async readBenchmark(adId) {
      const fields = BENCHMARK_FIELDS.join(",");
      return readBenchmark(await calls.get(`${encodeURIComponent(adId)}/insights`, { fields }));
    },
    async enableInsights() {
      await calls.post(`${waba()}?is_enabled_for_insights=true`, {});
    },
  };
}

function strange(what: string): GraphError {
  return new GraphError(`Graph's answer has no ${what} in it.`, { fault: "refused" });
}

function idOf(value: unknown): string | null {
  const id = typeof value === "number" ? String(value) : value;
  return typeof id === "string" && /^\d{1,30}$/.test(id) ? id : null;
}
