// Meta's figures beside the ledger's own, in words.

import { describe, expect, it } from "vitest";
import type { OwnCounts } from "../../../src/domain/insights/compared.ts";
import { compareInsights } from "../../../src/domain/insights/compared.ts";
import type {
  InsightReading,
  KeptInsights,
  Product,
} from "../../../src/domain/insights/insight.ts";
import { isOn, missingPart } from "../../../src/domain/insights/missing.ts";
import { insightRecord } from "../../../src/domain/insights/record.ts";

const READ_AT = Date.UTC(2026, 10, 28, 10, 12);
const OWN: OwnCounts = {
  ...{ accepted: 43_020, delivered: 36_860, read: 22_710, clicks: 3_054, quickReplies: 0 },
  costs: [],
};

function kept(
  numbers: Record<string, number>,
  changes: Partial<InsightReading> = {},
  product: Product = "marketing_lite",
): KeptInsights {
  const reading: InsightReading = {
    readAt: READ_AT,
    template: { id: "7", name: "spring_sale", language: "pt_BR" },
    ...{ since: "2026-11-20", until: "2026-11-28", zone: "America/Sao_Paulo", isWhole: true },
    ...{ currency: "USD", isOn: true, benchmark: null, pricing: null, countsClicks: true },
    creative: { template: null, account: null },
    sharedWith: [],
    missing: [],
    ...changes,
  };
  const values = Object.entries(numbers).map(([metric, value]) => ({
    ...{ templateId: "7", day: "2026-11-20", product, metric, value, readAt: READ_AT },
  }));
  return { reading, values };
}

const BENCHMARK = {
  ...{ since: "2026-10-29", until: "2026-11-27", readRate: 62.12, readBenchmark: 70.27 },
  ...{ clickRate: null, clickBenchmark: null },
};

describe("compareInsights", () => {
  it("has both in a table, with cost per delivery and click", () => {
    const { about, rows } = compareInsights(
      kept({
        ...{ sent: 43_020, delivered: 38_000, read: 23_598, "cost:amount_spent": 2_375 },
        "clicked:url_button:See": 3_230,
      }),
      {
        ...OWN,
        costs: [
          { currency: "BRL", amount: 1 },
          { currency: "USD", amount: 2_300.5 },
        ],
      },
    );
    expect(about).toBe(
      "template spring_sale (pt_BR), 2026-11-20 to 2026-11-28, days of America/Sao_Paulo",
    );
    expect(rows.map(({ name, meta, own }) => [name, meta, own])).toEqual([
      ["sent", "43,020", "43,020"],
      ["delivered", "38,000", "36,860"],
      ["read", "23,598", "22,710"],
      ["clicks on links", "3,230", "3,054"],
      ["quick replies", "–", "0"],
      ["cost", "2,375.00 USD", "2,300.50 USD"],
      ["cost per delivery", "0.0625 USD", "–"],
      ["cost per click", "0.7353 USD", "–"],
    ]);
  });

  const lines: [what: string, of: KeptInsights, expected: string][] = [
    [
      "what was never reported",
      kept({ delivered: 38_000 }),
      "Receipts: 97.0%: 1,140 deliveries were never reported to this ledger.",
    ],
    [
      "a single one",
      kept({ delivered: 36_861 }),
      "Receipts: > 99.9%: 1 delivery was never reported to this ledger.",
    ],
    [
      "all",
      kept({ delivered: 36_860 }),
      "Receipts: 100%: every delivery was reported to this ledger.",
    ],
    [
      "more than Meta counts yet",
      kept({ delivered: 20 }),
      "Receipts: 36,860 deliveries were reported to this ledger, and Meta counts 20 so far: its figures come about a day late.",
    ],
    [
      "a benchmark in points",
      kept({}, { benchmark: BENCHMARK }),
      "Read 62.1%, the best quarter of similar businesses reads 70.3% or more: 8.2 points below (30 days to 2026-11-27).",
    ],
    [
      "a rate above 100",
      kept({}, { benchmark: { ...BENCHMARK, clickRate: 481.8, clickBenchmark: 18.74 } }),
      "Clicked 481.8%, the best quarter of similar businesses reaches 18.7% or more: 463.1 points above (30 days to 2026-11-27).",
    ],
    [
      "a rate without a benchmark",
      kept({}, { benchmark: { ...BENCHMARK, readBenchmark: null } }),
      "Read 62.1% (30 days to 2026-11-27); Meta returned no benchmark.",
    ],
    [
      "conversions",
      kept({ website_purchases: 9, website_purchases_conversion_value: 412.5 }),
      "Conversions, as Meta attributes them: website purchases 9, website purchases conversion value 412.50 USD.",
    ],
    ["numbers without words", kept({ replied: 12 }), "Meta also returned: replied 12."],
    [
      "links that are not tracked",
      kept({ delivered: 5 }, { countsClicks: false }),
      "Clicks on links are not counted: link tracking is off for this template.",
    ],
    [
      "creative settings that differ",
      kept(
        {},
        {
          creative: {
            template: { image_touchups: "OPT_OUT" },
            account: { image_touchups: "OPT_IN" },
          },
        },
      ),
      "They differ in image_touchups; Meta does not say which of the two counts.",
    ],
    [
      "other campaigns",
      kept({ delivered: 5 }, { sharedWith: ["autumn"] }),
      '"autumn" sent the same template on these days: Meta counts the template, not the campaign, and its figures are of all of them.',
    ],
    [
      "days that are not all",
      kept({ delivered: 5 }, { isWhole: false }),
      "These days are not all of the campaign's: the ledger's own figures are of the whole campaign.",
    ],
    [
      "what was billed",
      kept(
        {},
        {
          pricing: [
            {
              phone: "1",
              country: "BR",
              category: "marketing_lite",
              type: "regular",
              volume: 31,
              cost: 1.94,
            },
          ],
        },
      ),
      "Billed for marketing of the campaign's numbers on these days, other campaigns included: 1.94 USD for 31 deliveries (BR 1.94).",
    ],
  ];
  it.each(lines)("says %s", (_, of, expected) => {
    expect(compareInsights(of, OWN).lines).toContain(expected);
  });

  it("says both products where there are two", () => {
    const mm = kept({ sent: 10, delivered: 9 });
    const cloud = kept({ sent: 3, delivered: 2 }, {}, "marketing");
    const both = { reading: mm.reading, values: [...mm.values, ...cloud.values] };
    expect(compareInsights(both, OWN).lines).toContain(
      "By product: Marketing Messages API 10 sent, 9 delivered; Cloud API 3 sent, 2 delivered.",
    );
    expect(compareInsights(mm, OWN).lines.join(" ")).not.toContain("By product");
  });

  it("claims no share of receipts where the two are not of the same messages", () => {
    for (const changes of [{ sharedWith: ["autumn"] }, { isWhole: false }]) {
      const of = kept({ delivered: 38_000 }, changes);
      expect(compareInsights(of, OWN).lines.join(" ")).not.toContain("Receipts");
      expect(insightRecord(of, OWN)).toMatchObject({ receipts: null });
    }
  });
});

describe("what is missing", () => {
  const parts: [part: string, code: number | null, sentence: string][] = [
    [
      "messages",
      200007,
      "What Meta counted of the template: insights are off for this account; `campaign account insights on a.yaml` switches them on, for good.",
    ],
    [
      "cloud_api",
      200005,
      "What Meta counted of the template: Meta has no insights of this account yet.",
    ],
    [
      "conversions",
      10,
      "What Meta counted of the template: the token lacks whatsapp_business_management, or may not see this account (code 10).",
    ],
    ["conversions", 100, "Conversions: Meta does not take this request. Said so."],
    [
      "newer_conversions",
      100,
      "The conversion metrics of April 2026: Meta does not take them here (code 100).",
    ],
    [
      "benchmark",
      200,
      "Benchmarks of similar businesses: the token lacks ads_read, or may not see this account (code 200).",
    ],
    ["pricing", 131000, "What was billed by number and country: Said so."],
    ["waba", null, "The account: Said so."],
  ];
  it.each(parts)("names %s refused with %s", (part, code, sentence) => {
    const failure = { code, message: "Said so." };
    expect(missingPart(part, failure, "a.yaml")).toEqual({ part, code, sentence });
  });
  it.each([
    ["no_template", "Messages: there is no such template at Meta any more."],
    ["no_ads_read", "Benchmarks of similar businesses: the token lacks ads_read."],
  ])("names %s", (part, sentence) => {
    expect(missingPart(part, null, "a.yaml")).toEqual({ part, code: null, sentence });
  });
  it("shows that insights are off where the account does not say it", () => {
    const off = [missingPart("messages", { code: 200007, message: "" }, "a.yaml")];
    expect([isOn(null, off), isOn(true, off), isOn(null, [])]).toEqual([false, true, null]);
  });
});
