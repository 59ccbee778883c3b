// What Meta counted of a template, day by day, and what it sums up to. Shapes and sums; no words.

import type { CreativeFeatures } from "../account/creative.ts";

/**
 * The way that Meta counted messages on, named as in receipts: `marketing_lite` is the Marketing
 * Messages API, `marketing` the Cloud API. A campaign that fell back has figures of both.
 */
export type Product = "marketing_lite" | "marketing";

/** Every product, in the order in which they are asked for and shown. */
export const PRODUCTS: readonly Product[] = ["marketing_lite", "marketing"];

/** One number of Meta's. */
export interface InsightValue {
  templateId: string;
  /** YYYY-MM-DD in the account's zone. */
  day: string;
  product: Product;
  /**
   * `sent`, `delivered`, `read`, `website_purchases`, …, in small letters as Meta names it; of a
   * list its parts: `clicked:url_button:See the sale`, `cost:amount_spent`. An open list.
   */
  metric: string;
  value: number;
}

/** The same as the ledger has it. */
export interface KeptValue extends InsightValue {
  /** When Meta returned this value, ms. */
  readAt: number;
}

/** A part that could not be had. */
export interface MissingPart {
  /** `messages`, `cloud_api`, `conversions`, …: a name for scripts. */
  part: string;
  /** One sentence: what is missing, and why. */
  sentence: string;
  /** Meta's code; null without one. */
  code: number | null;
}

/** How a template does beside those of similar businesses, in per cent; null: not returned. */
export interface Benchmark {
  /** First and last day that it is about, as Meta has them. */
  since: string | null;
  until: string | null;
  readRate: number | null;
  /** What the best quarter of similar businesses reaches at least. */
  readBenchmark: number | null;
  clickRate: number | null;
  clickBenchmark: number | null;
}

/** What Meta bills by its price list: a number, a country, a category and a type. */
export interface PricingRow {
  /** Digits; null: not returned. */
  phone: string | null;
  /** ISO 3166-1 alpha-2. */
  country: string | null;
  /** In small letters: `marketing_lite`, `marketing`. */
  category: string | null;
  /** In small letters: `regular`, `free_customer_service`, … */
  type: string | null;
  /** Delivered messages. */
  volume: number;
  /** In the account's currency. */
  cost: number;
}

/** One look at Meta's figures: everything that is no number of a day. */
export interface InsightReading {
  /** Instant. */
  readAt: number;
  template: { id: string | null; name: string; language: string };
  /** Those of further arms of a test; the numbers are of all of them. Left out: there are none. */
  others?: InsightReading["template"][];
  /** First and last day, YYYY-MM-DD. */
  since: string;
  until: string;
  /** The account's zone, in which days begin; null: not returned. */
  zone: string | null;
  /** Whether these days have all of the campaign: else its own counts are of more than they are. */
  isWhole: boolean;
  /** ISO 4217, of the account; null: not known. */
  currency: string | null;
  /** Whether insights are switched on for the account; null: not known. */
  isOn: boolean | null;
  benchmark: Benchmark | null;
  /** Of the campaign's numbers; null: not known. */
  pricing: PricingRow[] | null;
  /** What is set at the template and at the account; null: not known. */
  creative: { template: CreativeFeatures | null; account: CreativeFeatures | null };
  /** Whether clicks on the template's links are counted; null: not known. */
  countsClicks: boolean | null;
  /** Other campaigns of the ledger that sent the template on these days. */
  sharedWith: string[];
  missing: MissingPart[];
}

/** What a ledger has of a campaign: the last look, and the numbers of its days. */
export interface KeptInsights {
  reading: InsightReading;
  values: KeptValue[];
}

/** Reads and keeps what Meta counted. */
export interface InsightLedger {
  /**
   * Keeps a look at Meta's figures in place of the one before, and its numbers: of reads and clicks
   * the highest that was ever read, of all else the newest.
   */
  keepInsights(
    campaign: number,
    reading: InsightReading,
    values: readonly InsightValue[],
  ): Promise<void>;
  /** The last look, and the numbers of its days; null where nobody looked. */
  insightsOf(campaign: number): Promise<KeptInsights | null>;
}

/**
 * Whether a lower value that is read later must not replace a higher one: Meta resets reads and
 * clicks to zero 7 days after the messages were sent (Meta, analytics page, 2026-06).
 */
export function keepsHighest(metric: string): boolean {
  return metric === "read" || metric.startsWith("clicked:");
}

/**
 * Each number once, the higher of two: answers to several questions may have the same ones, and a
 * product that one server takes for another is in both of its answers.
 */
export function onceEach(values: readonly InsightValue[]): InsightValue[] {
  const each = new Map<string, InsightValue>();
  for (const one of values) {
    const key = JSON.stringify([one.templateId, one.day, one.product, one.metric]);
    const before = each.get(key);
    if (before === undefined || before.value < one.value) each.set(key, one);
  }
  return [...each.values()];
}

/** Clicks on one button. */
interface ButtonClicks {
  /** `url_button` (every click), `unique_url_button` (people), `quick_reply_button`; open. */
  type: string;
  content: string;
  number: number;
}

/** Meta's numbers added up; null: no day has one, which is Meta's way of writing 0 as well. */
export interface InsightSums {
  sent: number | null;
  delivered: number | null;
  read: number | null;
  /** On links. */
  clicks: number | null;
  /** People who followed one. */
  clickers: number | null;
  quickReplies: number | null;
  /** In the account's currency. */
  spent: number | null;
  buttons: ButtonClicks[];
  /** `website_purchases` and the like. */
  conversions: Record<string, number>;
  /** Numbers that this program does not know. */
  others: Record<string, number>;
}

const BASIC: ReadonlySet<string> = new Set(["sent", "delivered", "read"]);
const CONVERSION = /^(website|app)_/;

/** Adds numbers up over days and templates. @param product that of all when left out */
export function sumInsights(values: readonly InsightValue[], product?: Product): InsightSums {
  const sums = new Map<string, number>();
  for (const one of values) {
    if (product !== undefined && one.product !== product) continue;
    sums.set(one.metric, (sums.get(one.metric) ?? 0) + one.value);
  }
  const buttons = buttonsOf(sums);
  const clicksOf = (type: string): number | null => {
    const those = buttons.filter((one) => one.type === type);
    return those.length === 0 ? null : those.reduce((sum, one) => sum + one.number, 0);
  };
  const simple = [...sums].filter(([metric]) => !metric.includes(":") && !BASIC.has(metric));
  return {
    sent: sums.get("sent") ?? null,
    delivered: sums.get("delivered") ?? null,
    read: sums.get("read") ?? null,
    clicks: clicksOf("url_button"),
    clickers: clicksOf("unique_url_button"),
    quickReplies: clicksOf("quick_reply_button"),
    spent: sums.get("cost:amount_spent") ?? null,
    buttons,
    conversions: Object.fromEntries(simple.filter(([metric]) => CONVERSION.test(metric))),
    others: Object.fromEntries(simple.filter(([metric]) => !CONVERSION.test(metric))),
  };
}

function buttonsOf(sums: ReadonlyMap<string, number>): ButtonClicks[] {
  const buttons = [...sums].flatMap(([metric, number]): ButtonClicks[] => {
    const [, type, content] = /^clicked:([^:]+):?(.*)$/s.exec(metric) ?? [];
    return type === undefined ? [] : [{ type, content: content ?? "", number }];
  });
  return buttons.sort((a, b) => b.number - a.number || (a.content < b.content ? -1 : 1));
}
