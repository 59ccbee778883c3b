// The report in a real browser: nothing is wider than a phone, its own policy lets it through, and
// it fits on paper.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReportData } from "../../src/domain/result/report-data.ts";
import { reportPage } from "../../src/report/page.ts";
import { BEGIN, emptyReport, reportData, shownFor } from "../report/builders.ts";
import { NO_CONDITIONS } from "../support/conditions.ts";
import { makeFolder } from "../support/harness.ts";
import { findChromium } from "./chromium.ts";

const INSTALL_MS = 320_000;
const LONG = `${"campaign-with-a-very-long-name-".repeat(4)}<script>alert(1)</script> حملة الربيع`;
const found = findChromium();
if ("missing" in found) console.warn(`The report is not tested in a browser: ${found.missing}.`);

/**
 * A campaign with more of everything than a page shows. @param text stands wherever a text of
 * others may stand
 */
function crowded(text: string): ReportData {
  const { campaign, countries, counts } = reportData();
  const regions = ["BR", "MX", "AR", "PT", "ES", "DE", "CL", "CO"];
  const reasons = ["duplicate", "opted_out", "invalid_number", "missing_value", "us_number"];
  const codes = ["131026", "131050", "130472", "131049", "131021", "131000", "132015"];
  return reportData({
    campaign: { ...campaign, name: text, state: "stopped", manifest: `/srv/${text}.yaml` },
    counts: { ...counts, held: 47, unknown: 2, pending: 3 },
    held: [{ reason: "131049", number: 47, nextAt: BEGIN + 86_400_000, lastAt: BEGIN }],
    skipped: [...reasons, text].map((reason, at) => ({ reason, number: 20 - at })),
    failed: codes.map((code, at) => ({ code, number: 9 - at, afterAcceptance: 1, example: text })),
    countries: regions.flatMap((region) =>
      countries.slice(0, 1).map((one) => ({ ...one, region })),
    ),
    taps: [text, "Shop now", "Later", "Ask"].map((label, at) => ({ label, number: 9 - at })),
    decisions: [{ at: BEGIN, actor: `command: ${text}`, action: "pause", detail: { text } }],
    settings: {
      manifest: "campaigns/spring.yaml",
      messagesPerSecond: 20,
      ...{ maxInFlight: 64, peoplePerDay: null, rules: NO_CONDITIONS },
      rateCard: {
        title: "October",
        currency: "USD",
        rows: [{ market: "Brazil", price: 0.0625, line: 2 }],
      },
    },
  });
}

describe.skipIf("missing" in found)("the report in a browser", () => {
  const { folder, remove } = makeFolder();
  let browser: Browser;

  beforeAll(async () => {
    const path = "path" in found ? found.path : "";
    browser = await chromium.launch({ executablePath: path, args: ["--no-sandbox"] });
  }, INSTALL_MS);

  afterAll(async () => {
    await browser?.close();
    remove();
  });

  const PAGES: [string, ReportData][] = [
    ["ordinary", reportData()],
    ["crowded", crowded(LONG)],
    ["empty", emptyReport()],
  ];

  it.each(PAGES)("%s: is no wider than a phone or a screen, opened or not", async (name, data) => {
    const file = join(folder, `${name}.html`);
    writeFileSync(file, reportPage(data, shownFor(data)));
    for (const width of [360, 1280]) {
      const page = await browser.newPage({ viewport: { width, height: 900 } });
      const faults: string[] = [];
      page.on("console", (message) => faults.push(message.text()));
      page.on("pageerror", (error) => faults.push(error.message));
      await page.goto(`file://${file}`);
      const widest = () => page.evaluate("document.documentElement.scrollWidth");
      expect(await widest()).toBe(width);
      await page.evaluate(
        'for (const one of document.querySelectorAll("details")) one.open = true',
      );
      expect(await widest()).toBe(width);
      expect(await page.locator(".tile").count()).toBe(5);
      expect(faults).toEqual([]);
      await page.close();
    }
  });

  it.each([
    ["an ordinary", reportData()],
    ["a crowded", crowded("black-friday-2026")],
  ])("prints %s campaign on two pages", async (name, data) => {
    const file = join(folder, `${name}-paper.html`);
    writeFileSync(file, reportPage(data, shownFor(data)));
    const page = await browser.newPage();
    await page.goto(`file://${file}`);
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
    expect(pdf.match(/\/Type\s*\/Page\b/g)?.length).toBeLessThanOrEqual(2);
    await page.close();
  });
});
