// What Meta returns of analytics, in the shapes that it documents and in those that it shows.

import { describe, expect, it } from "vitest";
import { readAnalytics, readBenchmark, readPricing } from "../../../src/domain/insights/answers.ts";
import { keepsHighest, sumInsights } from "../../../src/domain/insights/insight.ts";

const DAY = { templateId: "594425479261596", day: "2026-11-20", product: "marketing_lite" };
const POINT = { template_id: "594425479261596", start: "2026-11-20", end: "2026-11-21" };

const page = (point: object, part: object = {}): unknown => ({
  data: [{ granularity: "DAILY", data_points: [{ ...POINT, ...point }], ...part }],
});
const valuesOf = (answer: unknown) => readAnalytics(answer, "marketing_lite")?.values;

describe("readAnalytics", () => {
  const metrics: [what: string, point: object, expected: Record<string, number>][] = [
    [
      "numbers",
      { sent: 1200, delivered: 1130, read: 702 },
      { sent: 1200, delivered: 1130, read: 702 },
    ],
    ["numbers as text", { sent: "1200", delivered: " 12 " }, { sent: 1200, delivered: 12 }],
    ["keys in capitals", { SENT: 3 }, { sent: 3 }],
    [
      "what is not known",
      { website_purchases: 9, brand_new: 4 },
      { website_purchases: 9, brand_new: 4 },
    ],
    ["nothing", {}, {}],
    ["no number", { sent: null, read: "many", delivered: -1, played: {}, x: Number.NaN }, {}],
    [
      "clicks by button",
      {
        clicked: [
          { type: "url_button", button_content: "See the sale", count: 96 },
          { type: "unique_url_button", button_content: "See the sale", count: "81" },
          { type: "quick_reply_button", button_content: "Stop", count: 4 },
          { type: "url_button", button_content: "See the\nsale", count: 1 },
          { type: "odd type", count: 7 },
          "none",
        ],
      },
      {
        "clicked:url_button:See the sale": 97,
        "clicked:unique_url_button:See the sale": 81,
        "clicked:quick_reply_button:Stop": 4,
      },
    ],
    [
      "costs",
      { cost: [{ type: "amount_spent", value: 70.62 }, { type: "cost_per_delivered" }] },
      { "cost:amount_spent": 70.62 },
    ],
  ];
  it.each(metrics)("reads %s", (_, point, expected) => {
    const read = valuesOf(page(point));
    expect(read).toEqual(
      Object.entries(expected).map(([metric, value]) => ({ ...DAY, metric, value })),
    );
  });

  const products: [name: unknown, expected: string][] = [
    ["marketing_lite", "marketing_lite"],
    ["MARKETING_MESSAGES_LITE_API", "marketing_lite"],
    ["Marketing_Messages_API_for_WhatsApp", "marketing_lite"],
    ["cloud_api", "marketing"],
    ["CLOUD_API", "marketing"],
    ["CAMPAIGN_INSIGHTS", "marketing_lite"],
    [undefined, "marketing_lite"],
    [7, "marketing_lite"],
  ];
  it.each(products)("takes product %j for %s", (product_type, product) => {
    expect(valuesOf(page({ sent: 1 }, { product_type }))).toMatchObject([{ product }]);
  });

  const SAO_PAULO = "America/Sao_Paulo";
  const days: [start: unknown, zone: unknown, day: string | null][] = [
    ["2026-11-20", SAO_PAULO, "2026-11-20"],
    ["2026-11-20T00:00:00", undefined, "2026-11-20"],
    [1_795_132_800, undefined, "2026-11-20"],
    ["1795132800", undefined, "2026-11-20"],
    // Midnight UTC is a day of UTC, whatever stands beside it; another midnight is the zone's.
    [1_795_132_800, SAO_PAULO, "2026-11-20"],
    [1_795_143_600, SAO_PAULO, "2026-11-20"],
    [1_795_143_600, "Nowhere/Else", "2026-11-20"],
    ["2026-13-45", undefined, null],
    [0, undefined, null],
    [undefined, undefined, null],
  ];
  it.each(days)("reads start %j in zone %j as %s", (start, waba_timezone, day) => {
    const values = valuesOf(page({ start, sent: 1 }, { waba_timezone }));
    expect(values?.map((one) => one.day)).toEqual(day === null ? [] : [day]);
  });

  it("names the zone, and takes an id that is a number", () => {
    const read = readAnalytics(
      page({ template_id: 12, sent: 1 }, { waba_timezone: SAO_PAULO }),
      "marketing",
    );
    expect(read).toMatchObject({
      zone: SAO_PAULO,
      values: [{ templateId: "12", product: "marketing" }],
    });
  });

  it.each([null, 7, "x", [], {}, { data: {} }])("finds no page in %j", (answer) => {
    expect(readAnalytics(answer, "marketing")).toBeNull();
  });
  it.each([{ data: [] }, { data: [null, {}, { data_points: 4 }, { data_points: [null, 7] }] }])(
    "finds nothing in %j",
    (answer) => {
      expect(readAnalytics(answer, "marketing")).toEqual({ values: [], zone: null });
    },
  );
});

describe("sumInsights", () => {
  it("adds up days and products, and leaves what is missing null", () => {
    const { values = [] } =
      readAnalytics(
        page({
          sent: 3,
          delivered: 2,
          replied: 1,
          website_purchases: 2,
          clicked: [{ type: "url_button", button_content: "A", count: 4 }],
          cost: [{ type: "amount_spent", value: 1.5 }],
        }),
        "marketing_lite",
      ) ?? {};
    const cloud = values.map((one) => ({
      ...one,
      day: "2026-11-21",
      product: "marketing" as const,
    }));
    expect(sumInsights([...values, ...cloud])).toEqual({
      sent: 6,
      delivered: 4,
      read: null,
      clicks: 8,
      clickers: null,
      quickReplies: null,
      spent: 3,
      buttons: [{ type: "url_button", content: "A", number: 8 }],
      conversions: { website_purchases: 4 },
      others: { replied: 2 },
    });
    expect(sumInsights([...values, ...cloud], "marketing")).toMatchObject({ sent: 3, spent: 1.5 });
  });

  it.each([
    ["read", true],
    ["clicked:url_button:A", true],
    ["sent", false],
    ["delivered", false],
    ["cost:amount_spent", false],
  ])("keeps the highest of %s: %s", (metric, expected) => {
    expect(keepsHighest(metric)).toBe(expected);
  });
});

describe("readPricing", () => {
  const point = {
    start: 1,
    end: 2,
    phone_number: "+55 20 5555-0100",
    country: "br",
    tier: "0:MAX",
  };
  const more = { pricing_type: "REGULAR", pricing_category: "MARKETING_LITE" };
  it.each([
    [
      "the field",
      {
        id: "1",
        pricing_analytics: {
          data: [{ data_points: [{ ...point, ...more, volume: 31, cost: 1.94 }] }],
        },
      },
    ],
    [
      "the edge, as text",
      { data: [{ data_points: [{ ...point, ...more, volume: "31", cost: "1.94" }] }] },
    ],
    [
      "two days",
      {
        data: [
          {
            data_points: [
              { ...point, ...more, volume: 30, cost: 1.9 },
              { ...point, ...more, start: 2, volume: 1, cost: 0.04 },
            ],
          },
        ],
      },
    ],
  ])("reads %s", (_, answer) => {
    const [row, ...others] = readPricing(answer) ?? [];
    expect(others).toEqual([]);
    expect(row).toMatchObject({ phone: "552055550100", country: "BR", category: "marketing_lite" });
    expect([row?.type, row?.volume]).toEqual(["regular", 31]);
    expect(row?.cost).toBeCloseTo(1.94);
  });
  it("knows nothing billed from something else", () => {
    expect(readPricing({ id: "1" })).toEqual([]);
    expect(readPricing({ id: "1", pricing_analytics: 7 })).toBeNull();
    expect(readPricing("no")).toBeNull();
  });
});

describe("readBenchmark", () => {
  const data = {
    date_start: "2026-10-29",
    date_stop: "2026-11-27",
    marketing_messages_read_rate: "62.12",
    marketing_messages_read_rate_benchmark: "70.27",
    marketing_messages_link_btn_click_rate: "481.8",
  };
  it("reads texts, and rates above 100", () => {
    expect(readBenchmark({ data: [data] })).toEqual({
      since: "2026-10-29",
      until: "2026-11-27",
      readRate: 62.12,
      readBenchmark: 70.27,
      clickRate: 481.8,
      clickBenchmark: null,
    });
  });
  it.each([{ data: [] }, {}, null, { data: ["x"] }])("has none in %j", (answer) => {
    expect(readBenchmark(answer)).toBeNull();
  });
});
