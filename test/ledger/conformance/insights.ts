// What every ledger must do with what Meta counted. Part of the suite in conformance.ts.

import { describe, expect, it } from "vitest";
import type { InsightReading, InsightValue } from "../../../src/domain/insights/insight.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import { T0 } from "./builders.ts";

const HOUR_MS = 3_600_000;
let templates = 0;

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeInsights(open: () => Ledger): void {
  async function campaignOf(name: string) {
    templates += 1;
    const draft = { name: `${name}-${templates}`, lane: "1065", frozen: {}, columns: [], now: T0 };
    const { id } = await open().createCampaign(draft);
    return { id, templateId: `59442547926${1000 + templates}` };
  }
  function lookAt(templateId: string | null, hours = 0): InsightReading {
    return {
      readAt: T0 + hours * HOUR_MS,
      template: { id: templateId, name: "spring_sale", language: "pt_BR" },
      ...{ since: "2026-11-20", until: "2026-11-28", zone: "America/Sao_Paulo", isWhole: true },
      ...{ currency: "BRL", isOn: true, benchmark: null, pricing: null, countsClicks: null },
      creative: { template: { image_touchups: "OPT_OUT" }, account: null },
      sharedWith: [],
      missing: [{ part: "ads", sentence: "Ção 😀.", code: 200 }],
    };
  }
  const value = (
    templateId: string,
    metric: string,
    number: number,
    changes: Partial<InsightValue> = {},
  ) => ({
    ...{ templateId, day: "2026-11-20", product: "marketing_lite" as const, metric },
    value: number,
    ...changes,
  });

  describe("what Meta counted", () => {
    it("is none where nobody looked, and is kept as it was read", async () => {
      const { id, templateId } = await campaignOf("kept");
      expect(await open().insightsOf(id)).toBeNull();
      const look = lookAt(templateId);
      const clicked = 'clicked:url_button:Ver "ofertas" 😀';
      const values = [
        value(templateId, clicked, 3),
        value(templateId, "cost:amount_spent", 70.625),
        value(templateId, "sent", 1_200),
        value(templateId, "sent", 4, { product: "marketing" }),
        value(templateId, "sent", 7, { day: "2026-11-28" }),
      ];
      // Neither a day before or after those of the look, nor another template, is its.
      const others = [
        value(templateId, "sent", 9, { day: "2026-11-19" }),
        value(templateId, "sent", 9, { day: "2026-11-29" }),
        value("7", "sent", 9),
      ];
      await open().keepInsights(id, look, [...values, ...others]);
      const kept = await open().insightsOf(id);
      expect(kept?.reading).toEqual(look);
      const bySort = (a: InsightValue, b: InsightValue) =>
        `${a.day} ${a.product} ${a.metric}` < `${b.day} ${b.product} ${b.metric}` ? -1 : 1;
      expect(kept?.values).toEqual(
        values.map((one) => ({ ...one, readAt: look.readAt })).sort(bySort),
      );
    });

    const later: [metric: string, values: number[], expected: number, at: number][] = [
      ["read", [702, 0], 702, 0],
      ["read", [702, 710], 710, 1],
      ["read", [5, 5], 5, 1],
      ["clicked:url_button:A", [96, 4, 97], 97, 2],
      ["sent", [1_200, 1_100], 1_100, 1],
      ["delivered", [10, 0], 0, 1],
      ["cost:amount_spent", [70.6, 69.5], 69.5, 1],
    ];
    it.each(later)("of %s, read as %j, is %d", async (metric, values, expected, at) => {
      const { id, templateId } = await campaignOf("later");
      for (const [hours, number] of values.entries()) {
        await open().keepInsights(id, lookAt(templateId, hours), [
          value(templateId, metric, number),
        ]);
      }
      const kept = await open().insightsOf(id);
      expect(kept?.values).toMatchObject([{ value: expected, readAt: T0 + at * HOUR_MS }]);
      expect(kept?.reading.readAt).toBe(T0 + (values.length - 1) * HOUR_MS);
    });

    it("of an older look replaces nothing, and the same twice in one look is once", async () => {
      const { id, templateId } = await campaignOf("older");
      await open().keepInsights(id, lookAt(templateId, 2), [
        value(templateId, "sent", 8),
        value(templateId, "sent", 12),
        value(templateId, "read", 3),
      ]);
      await open().keepInsights(id, lookAt(templateId, 1), [
        value(templateId, "sent", 5),
        value(templateId, "read", 4),
      ]);
      const kept = await open().insightsOf(id);
      expect(kept?.reading.readAt).toBe(T0 + 2 * HOUR_MS);
      expect(kept?.values.map((one) => [one.metric, one.value])).toEqual([
        ["read", 3],
        ["sent", 12],
      ]);
    });

    it("is without numbers where no template was found, and stands in the report", async () => {
      const { id } = await campaignOf("report");
      await open().keepInsights(id, lookAt(null), []);
      const kept = await open().insightsOf(id);
      expect(kept).toEqual({ reading: lookAt(null), values: [] });
      expect((await open().report(id, T0)).insights).toEqual(kept);
    });
  });
}
