// The page: what it says, that nothing breaks out of it, and that it needs nothing but itself.

import { describe, expect, it } from "vitest";
import type { ReportSettings } from "../../src/domain/result/report-data.ts";
import { reportPage } from "../../src/report/page.ts";
import { BEGIN, reportData } from "./builders.ts";

const SETTINGS: ReportSettings = {
  manifest: "campaigns/spring.yaml",
  messagesPerSecond: 20,
  maxInFlight: 64,
  peoplePerDay: null,
  hours: null,
  endsAt: null,
  rateCard: {
    title: "October",
    currency: "USD",
    rows: [{ market: "Brazil", price: 0.05, line: 2 }],
  },
};

const plain = (page: string): string =>
  page
    .replace(/<style>.*?<\/style>/s, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ");

describe("what it says", () => {
  it("tells the result in one sentence, and each share with its count", () => {
    const text = plain(reportPage(reportData()));
    expect(text).toContain("1,050 of 1,140 people got the message, and 750 read it.");
    expect(text).toContain("93.8% 1,050 of 1,120 accepted");
    expect(text).toContain("Accepted is not delivered");
    expect(text).toContain("131026 Undeliverable: not on WhatsApp");
    expect(text).not.toContain("SANDBOX");
  });

  it("says SANDBOX first and last when nothing went to WhatsApp", () => {
    const { campaign } = reportData();
    const text = plain(reportPage(reportData({ campaign: { ...campaign, lane: "sandbox" } })));
    expect(text.indexOf("SANDBOX")).toBeLessThan(text.indexOf("got the message"));
    expect(text.lastIndexOf("SANDBOX")).toBeGreaterThan(text.indexOf("How to read this"));
  });

  it("shows clicks of which Meta does not tell whose, as no share of anybody", () => {
    const funnel = { ...reportData().funnel, clicked: 0 };
    const text = plain(reportPage(reportData({ funnel, taps: [], opened: 0, clicks: 25 })));
    expect(text).toMatch(/Clicks on links Meta did not report whose [^%]*\b25 (?!\d|%)/);
    const nothing = { funnel, taps: [], opened: 0, clicks: 0, landingPageViews: 0 };
    expect(plain(reportPage(reportData(nothing)))).not.toMatch(/Click/);
  });

  it("shows who opted out after the message, as a share of the delivered", () => {
    const text = plain(reportPage(reportData()));
    expect(text).toContain("Opted out after the message share of the delivered");
    expect(text).toContain("12 by a button, 6 in writing, 3 by WhatsApp&#39;s switch 21 2.0%");
    const none = plain(reportPage(reportData({ optOuts: { people: 0, byWay: {} } })));
    expect(none).not.toContain("Opted out after the message");
  });

  it("claims no delivery where no receipt came", () => {
    const funnel = { ...reportData().funnel, sent: 0, delivered: 0, read: 0, clicked: 0 };
    const text = plain(reportPage(reportData({ receiptsSince: null, funnel })));
    expect(text).toContain(
      "Meta accepted 1,120 of 1,140 messages. Whether they were delivered is not known.",
    );
    expect(text).toContain("No receipts");
    expect(text).not.toContain("Delivered to the phone");
  });

  it("shows limit, estimate and bill, and names the manifest in commands, when the settings are there", () => {
    const text = plain(reportPage(reportData({ settings: SETTINGS, counts: { pending: 3 } })));
    expect(text).toContain("limit 20/s");
    expect(text).toContain("USD 55.00");
    expect(text).toContain("USD 50.00");
    expect(text).toContain("campaign run campaigns/spring.yaml");
    const without = plain(reportPage(reportData()));
    expect(without).not.toContain("limit 20/s");
    expect(without).not.toContain("USD");
  });

  it("shows instants in the zone of the campaign's hours, and says which", () => {
    const hours = { from: "09:00", to: "20:00", timeZone: "America/Sao_Paulo", days: null };
    const text = plain(reportPage(reportData({ settings: { ...SETTINGS, hours } })));
    expect(text).toContain("20 Nov 2026, 09:00 to 09:00 America/Sao_Paulo");
    expect(plain(reportPage(reportData()))).toContain("20 Nov 2026, 12:00 to 12:00 UTC");
  });

  it("has an interval beside a share of few, and none beside one of many", () => {
    const page = reportPage(reportData());
    expect(page).toContain('<i class="interval"');
    const { countries } = reportData();
    const large = reportPage(reportData({ countries: countries.slice(0, 1) }));
    expect(large).not.toContain('<i class="interval"');
  });

  it.each([
    [
      "held",
      { held: [{ reason: "131049", number: 2, nextAt: BEGIN, lastAt: BEGIN }] },
      "campaign run",
    ],
    ["unknown", {}, "campaign resolve &lt;manifest&gt; --unknown give-up"],
    ["pending", {}, "campaign run &lt;manifest&gt;"],
    ["expired", {}, "a late one still counts"],
  ])("says what deals with %s", (status, changes, words) => {
    const page = reportPage(reportData({ counts: { [status]: 2 }, ...changes }));
    expect(page).toContain(words);
  });

  it("says why a campaign halted, and that it is paused", () => {
    const { campaign } = reportData();
    const halt = { code: "190", sentence: "The token is no longer valid." };
    const stop = {
      kind: "paused",
      code: "paused",
      sentence: "Paused by anna.",
      at: BEGIN,
    } as const;
    const text = plain(
      reportPage(reportData({ campaign: { ...campaign, state: "halted", halt, stop } })),
    );
    expect(text).toContain("Halted (190) The token is no longer valid.");
    expect(text).toContain("Paused Paused by anna.");
  });
});

describe("what nothing breaks out of", () => {
  const NASTY = [
    "<script>alert(1)</script>",
    "=cmd()",
    '"><img src=x onerror=alert(1)>',
    "</style><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "\u202egnp.exe\u0000",
  ];

  it.each(NASTY)("%j in every text from outside", (nasty) => {
    const data = reportData();
    const page = reportPage(
      reportData({
        campaign: {
          ...data.campaign,
          name: nasty,
          lane: nasty,
          halt: { code: nasty, sentence: nasty },
          stop: { kind: "halted", code: nasty, sentence: nasty, at: BEGIN },
          frozen: {
            "template.name": nasty,
            "template.language": nasty,
            "recipients.file": nasty,
            "delivery.product_policy": nasty,
            "delivery.bid_multiplier": nasty,
          },
        },
        counts: { ...data.counts, held: 1, unknown: 1, pending: 1 },
        skipped: [{ reason: nasty, number: 1 }],
        failed: [{ code: nasty, number: 1, afterAcceptance: 0, example: nasty }],
        held: [{ reason: nasty, number: 1, nextAt: BEGIN, lastAt: BEGIN }],
        countries: [{ ...(data.countries[0] as (typeof data.countries)[0]), region: nasty }],
        paths: [{ ...(data.paths[0] as (typeof data.paths)[0]), path: nasty, pricingType: nasty }],
        taps: [{ label: nasty, number: 1 }],
        template: {
          name: nasty,
          language: nasty,
          category: nasty,
          status: nasty,
          parameter_format: "POSITIONAL",
          components: [
            { type: "HEADER", format: nasty, text: nasty },
            { type: "BODY", text: `*${nasty}* _${nasty}_ ${nasty}` },
            { type: "FOOTER", text: nasty },
            { type: "BUTTONS", buttons: [{ type: "QUICK_REPLY", text: nasty }] },
          ],
        },
        settings: {
          ...SETTINGS,
          manifest: nasty,
          hours: { from: nasty, to: nasty, timeZone: nasty, days: [nasty] },
          rateCard: {
            title: nasty,
            currency: nasty,
            rows: [{ market: "Other", price: 1, line: 2 }],
          },
        },
      }),
    );
    const tags = [...page.matchAll(/<\/?([a-z][a-z0-9]*)([^<>]*)>/gi)];
    const names = new Set(tags.map(([, name]) => (name as string).toLowerCase()));
    for (const name of ["script", "img", "iframe", "object", "link", "a", "form"]) {
      expect(names).not.toContain(name);
    }
    for (const [, , attributes] of tags) expect(` ${attributes}`).not.toMatch(/\son\w+\s*=/i);
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page.includes("\u202e") || page.includes("\u0000")).toBe(false);
    expectWellFormed(page);
  });

  it("escapes what a library draws, too", () => {
    const page = reportPage(reportData({ settings: SETTINGS }));
    const texts = [...page.matchAll(/<svg.*?<\/svg>/gs)].map(([svg]) => svg);
    expect(texts.length).toBeGreaterThanOrEqual(6);
    for (const svg of texts) expectWellFormed(svg);
  });
});

describe("what it needs", () => {
  const page = reportPage(reportData({ settings: SETTINGS }));

  it("loads nothing, runs nothing", () => {
    expect(page).not.toMatch(/https?:/);
    expect(page).not.toMatch(/<script|<link|<img|@import|url\((?!#)/i);
    expect(page).toContain("default-src &#39;none&#39;;");
    expectWellFormed(page);
  });

  it("has a text and a table beside every picture, and hides the drawing from being read out", () => {
    for (const [figure] of page.matchAll(/<figure>.*?<\/figure>/gs)) {
      expect(figure).toMatch(/<figcaption>.*<p>\s*\S/s);
      expect(figure).toMatch(/<details>.*<table/s);
    }
    const pictures = page.match(/<svg /g) ?? [];
    const inFigures = [...page.matchAll(/<figure>.*?<\/figure>/gs)].join("").match(/<svg /g) ?? [];
    expect(inFigures).toHaveLength(pictures.length);
    const labelled = page.match(/role="img" aria-label="[^"]{20,}"><svg [^>]*aria-hidden="true"/g);
    expect(labelled).toHaveLength(pictures.length);
  });

  it("has every id once, colours by the page's own variables only, and scales from zero", () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [svg] of page.matchAll(/<svg.*?<\/svg>/gs)) {
      // Black stands in clip paths alone, which are not seen.
      const seen = svg.replace(/<defs.*?<\/defs>/gs, "");
      expect(seen).not.toMatch(/(?:fill|stroke)="(?!none|var\(--)/);
    }
    for (const [svg] of page.matchAll(/<svg.*?<\/svg>/gs)) {
      const isBars = svg.includes("≤");
      if (!isBars) expect(svg).toMatch(/>0<\/text>/);
    }
  });

  it("is the same for the same data", () => {
    expect(reportPage(reportData({ settings: SETTINGS }))).toBe(page);
  });
});

/** Every tag that is opened is closed in its order; enough of XML for a page that this program writes itself. */
function expectWellFormed(markup: string): void {
  const open: string[] = [];
  const withoutStyle = markup.replace(/<style>.*?<\/style>/s, "");
  for (const [, close, name, empty] of withoutStyle.matchAll(
    /<(\/?)([a-zA-Z][\w-]*)[^>]*?(\/?)>/g,
  )) {
    if (name === "meta" || empty === "/") continue;
    if (close === "/") expect(open.pop()).toBe(name);
    else open.push(name as string);
  }
  expect(open).toEqual([]);
}
