// The page: what it shows in every state, that nothing breaks out of it, and that it needs nothing
// but itself.

import { describe, expect, it } from "vitest";
import type { CampaignRecord } from "../../src/domain/campaign/campaign.ts";
import type { ReportData, ReportSettings } from "../../src/domain/result/report-data.ts";
import { reportPage } from "../../src/report/page.ts";
import { NO_CONDITIONS } from "../support/conditions.ts";
import { BEGIN, emptyReport, reportData, shownFor } from "./builders.ts";

const SETTINGS: ReportSettings = {
  manifest: "campaigns/spring.yaml",
  messagesPerSecond: 20,
  maxInFlight: 64,
  peoplePerDay: null,
  rules: NO_CONDITIONS,
  rateCard: {
    title: "October",
    currency: "USD",
    rows: [{ market: "Brazil", price: 0.05, line: 2 }],
  },
};
const HELD = { reason: "131049", number: 47, nextAt: BEGIN + 86_400_000, lastAt: BEGIN };
const RUN = "campaign run campaigns/spring.yaml";

const pageOf = (data: ReportData, isRunning = false): string =>
  reportPage(data, shownFor(data, isRunning));

function campaignWith(changes: Partial<CampaignRecord>): CampaignRecord {
  return { ...reportData().campaign, ...changes };
}

const plain = (page: string): string =>
  page
    .replace(/<style>.*?<\/style>/s, "")
    .replace(/<[^>]+>/g, " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&#39;", "'")
    .replaceAll("&quot;", '"')
    .replace(/\s+/g, " ")
    .trim();

const headingsOf = (page: string): string[] =>
  [...page.matchAll(/<h2>([^<]+)/g)].map(([, heading]) => heading as string);

/** Name, figure and base of each tile. */
const tilesOf = (page: string): string[][] =>
  [
    ...page.matchAll(
      /<div class="tile"><dt>(.*?)<\/dt><dd class="v">(.*?)<\/dd><dd class="cap">(.*?)<\/dd>/g,
    ),
  ].map(([, ...parts]) => parts.map(plain));

const commandsOf = (page: string): string[] =>
  [...page.matchAll(/<code class="cmd">(.*?)<\/code>/g)].map(([, text]) =>
    plain(text as string)
      .replace(/ +/g, " ")
      .trim(),
  );

/** Every state that a person may send a report of. */
const STATES: Readonly<Record<string, [ReportData, boolean?]>> = {
  finished: [reportData({ settings: SETTINGS })],
  running: [
    reportData({
      settings: SETTINGS,
      campaign: campaignWith({ state: "running" }),
      counts: { ...reportData().counts, pending: 600, claimed: 5 },
    }),
    true,
  ],
  waiting: [
    reportData({
      settings: SETTINGS,
      campaign: campaignWith({ state: "stopped" }),
      counts: { ...reportData().counts, held: 47 },
      held: [HELD],
    }),
  ],
  halted: [
    reportData({
      campaign: campaignWith({
        state: "halted",
        halt: { code: "190", sentence: "The token is no longer valid." },
      }),
      counts: { ...reportData().counts, pending: 600 },
    }),
  ],
  paused: [
    reportData({
      settings: SETTINGS,
      campaign: campaignWith({
        state: "stopped",
        stop: { kind: "paused", code: "paused", sentence: "x", at: BEGIN, by: "command: ana" },
      }),
      counts: { ...reportData().counts, pending: 600, held: 47 },
      held: [HELD],
    }),
  ],
  cancelled: [
    reportData({
      campaign: campaignWith({ state: "cancelled", cancelledBy: "command: ana" }),
      counts: { ...reportData().counts, cancelled: 600 },
    }),
  ],
  empty: [emptyReport()],
  "without receipts": [
    reportData({
      campaign: campaignWith({ receiptsSince: null }),
      counts: { skipped: 60, accepted: 1_100, failed: 40 },
      funnel: {
        ...reportData().funnel,
        accepted: 1_100,
        sent: 0,
        delivered: 0,
        read: 0,
        clicked: 0,
      },
    }),
  ],
};

describe("in every state", () => {
  it.each(Object.entries(STATES))(
    "%s: the same five tiles in the same order",
    (_, [data, runs]) => {
      const tiles = tilesOf(pageOf(data, runs));
      expect(tiles.map(([name]) => name?.replace(/( so far)?, USD$/, ""))).toEqual([
        "Delivered",
        "Read",
        "Clicked",
        "Opted out",
        "Cost",
      ]);
      for (const [name, figure, base] of tiles) {
        expect([name, figure, base?.trim() === ""]).toEqual([
          name,
          expect.stringMatching(/^(–|[\d,.]+%?)$/),
          false,
        ]);
      }
    },
  );

  it.each(Object.entries(STATES))("%s: a command stands once", (_, [data, runs]) => {
    const commands = commandsOf(pageOf(data, runs));
    expect(new Set(commands).size).toBe(commands.length);
  });

  it.each([
    ["finished", "Finished 20 Nov, 12:01"],
    ["running", "Sending"],
    ["waiting", "Waiting until 21 Nov, 12:00 · 47 held"],
    ["halted", "Halted by Meta: the access token"],
    ["paused", "Paused by ana, 20 Nov, 12:00"],
    ["cancelled", "Cancelled 20 Nov, 12:01 by ana"],
  ])("%s: the state in words before the headline", (state, words) => {
    const [data, runs] = STATES[state] as [ReportData, boolean?];
    const text = plain(pageOf(data, runs));
    expect(text).toContain(words);
    expect(text.indexOf(words)).toBeLessThan(text.indexOf("got the message"));
  });
});

describe("what it says", () => {
  it("has the result in one sentence, and each figure with its base", () => {
    const page = pageOf(reportData({ settings: SETTINGS }));
    expect(plain(page)).toContain("1,050 of 1,140 people got the message, and 750 read it.");
    expect(tilesOf(page)).toEqual([
      ["Delivered", "92.1%", "1,050 of 1,140 sent"],
      ["Read", "71.4%", "750 of delivered"],
      ["Clicked", "3.8%", "40 of delivered"],
      ["Opted out", "2.0%", "21 of delivered"],
      ["Cost, USD", "50.00", "0.0476 a delivery, 30 without a price"],
    ]);
  });

  it("has the way from the plan to the bill, and the cost by receipts where they have it", () => {
    const delivered = [{ currency: "USD", messages: 1_000, planned: 50_000_000, cost: 40_250_000 }];
    const money = { waiting: [], planned: 60_000_000, reserved: 5_000_000, delivered, besides: [] };
    const campaign = campaignWith({ budget: { most: 60_000_000, currency: "USD" } });
    const page = pageOf(reportData({ settings: SETTINGS, money, campaign }));
    expect(tilesOf(page).at(-1)).toEqual([
      "Cost, USD",
      "40.25",
      "by receipts of 1,000 messages, 0.0403 each",
    ]);
    expect(plain(page)).toContain(
      "Planned and spent USD: estimated 60.00 → reserved 5.00 → settled 40.25 → by Meta's receipts 40.25 (1,000 messages, 9.75 or 19.5% less than planned for them)",
    );
    expect(headingsOf(page)).toContain("Countries and cost");
    expect(headingsOf(pageOf(reportData({ money })))).toContain("Planned and spent");
    expect(headingsOf(pageOf(reportData()))).not.toContain("Planned and spent");
  });

  it("has its sections in one order, and leaves out those with nothing to say", () => {
    expect(headingsOf(pageOf(reportData({ settings: SETTINGS })))).toEqual([
      "How far it got",
      "Messages a second",
      "Open",
      "Not delivered, and why",
      "Countries and cost",
      "More",
    ]);
    const all = { counts: { read: 1_200 }, skipped: [], failed: [] };
    const { funnel, countries, series } = reportData();
    const done = { ...funnel, toSend: 1_200, sentTo: 1_200, delivered: 1_200, read: 1_200 };
    const short = {
      ...series,
      posted: { bucketMs: 1_000, buckets: [{ at: BEGIN, count: 1_200 }] },
    };
    expect(
      headingsOf(
        pageOf(
          reportData({
            ...all,
            ...{ funnel: { ...done, clicked: 0 }, countries: countries.slice(0, 1), series: short },
          }),
        ),
      ),
    ).toEqual(["More"]);
    expect(headingsOf(pageOf(emptyReport()))).toEqual(["More"]);
  });

  it("shows the people of each step, those who were lost beside them", () => {
    const text = plain(pageOf(reportData()));
    expect(text).toContain("Share of the 1,200 people on the list.");
    expect(text).toMatch(/Sent 1,140 95\.0% 60 skipped/);
    expect(text).toMatch(/Delivered 1,050 87\.5% 60 without a receipt 30 failed/);
    expect(text).toMatch(/Read 750 62\.5% 300 not read, or read receipts off/);
  });

  it("has parts that add up in every bar of the funnel", () => {
    const counts = {
      ...{ skipped: 100, pending: 50, cancelled: 30, claimed: 1, held: 47, unknown: 2 },
      ...{ accepted: 30, sent: 20, expired: 10, delivered: 300, read: 500, failed: 110 },
    };
    const funnel = {
      ...reportData().funnel,
      toSend: 1_100,
      sentTo: 1_010,
      delivered: 800,
      read: 500,
    };
    const page = pageOf(reportData({ counts, funnel, held: [HELD] }));
    const bars = [...page.matchAll(/<svg class="bar" role="img" aria-label="(\w+):.*?<\/svg>/g)];
    const widths = Object.fromEntries(
      bars.map(([bar, name]) => [
        name,
        [...bar.matchAll(/ width="([\d.]+)%" height="20" (?:class|fill)/g)].reduce(
          (sum, [, width]) => sum + Number(width),
          0,
        ),
      ]),
    );
    expect(widths.Sent).toBeCloseTo(100, 1);
    expect(widths.Delivered).toBeCloseTo((100 * 1_010) / 1_200, 1);
    expect(widths.Read).toBeCloseTo((100 * 800) / 1_200, 1);
    expect(plain(page)).toContain("47 held, 3 unknown");
  });

  it("names the manifest in the commands of what is open", () => {
    const data = reportData({
      settings: SETTINGS,
      campaign: campaignWith({ state: "stopped" }),
      counts: { ...reportData().counts, pending: 3, unknown: 2 },
      skipped: [{ reason: "invalid_number", number: 26 }],
    });
    expect(commandsOf(pageOf(data))).toEqual([
      RUN,
      "campaign resolve campaigns/spring.yaml --unknown give-up",
      "campaign rejects campaigns/spring.yaml --csv rejects.csv",
    ]);
  });

  it("lists the largest reasons, and sums up the smaller ones", () => {
    const codes = ["131026", "131050", "130472", "131049", "131021", "131000", "132015"];
    const failed = codes.map((code, at) => ({
      ...{ code, number: 10 - at, afterAcceptance: 0, example: null },
    }));
    const text = plain(pageOf(reportData({ failed }))).split("Countries")[0] as string;
    expect(text).toContain("131049");
    expect(text).toContain("3 smaller reasons 15");
    expect(text).not.toContain("131021");
    expect(plain(pageOf(reportData({ failed: failed.slice(0, 5) })))).not.toContain("smaller");
  });

  it("sums up the smaller countries, and has them all folded", () => {
    const [one] = reportData().countries;
    const regions = ["BR", "MX", "AR", "PT", "ES", "DE", "CL"];
    const countries = regions.map((region) => ({ ...(one as NonNullable<typeof one>), region }));
    const page = pageOf(reportData({ countries }));
    expect(plain(page)).toContain("3 others");
    const [above, below] = page.split("All 7 countries");
    expect(above).not.toContain("Chile");
    expect(below).toContain("Chile");
  });

  it("prints SANDBOX first and last when nothing went to WhatsApp", () => {
    const text = plain(pageOf(reportData({ campaign: campaignWith({ lane: "sandbox" }) })));
    expect(text.indexOf("SANDBOX")).toBeLessThan(text.indexOf("got the message"));
    expect(text.lastIndexOf("SANDBOX")).toBeGreaterThan(text.indexOf("How to read this"));
    expect(plain(pageOf(reportData()))).not.toContain("SANDBOX");
  });

  it("claims no delivery where no receipt came", () => {
    const [data] = STATES["without receipts"] as [ReportData];
    const page = pageOf(data);
    expect(plain(page)).toContain(
      "Meta accepted 1,100 of 1,140 messages. Whether they were delivered is not known.",
    );
    expect(plain(page)).toContain("accepted is not delivered");
    expect(tilesOf(page).slice(0, 2)).toEqual([
      ["Delivered", "–", "no receipt has come"],
      ["Read", "–", "no receipt has come"],
    ]);
  });

  it("shows clicks of which Meta does not report whose they are as no share", () => {
    const funnel = { ...reportData().funnel, clicked: 0 };
    const tiles = tilesOf(pageOf(reportData({ funnel, taps: [], opened: 0, clicks: 25 })));
    expect(tiles[2]).toEqual(["Clicked", "–", "25 clicks, not known whose"]);
    const none = { funnel, taps: [], opened: 0, clicks: 0, landingPageViews: 0 };
    expect(tilesOf(pageOf(reportData(none)))[2]).toEqual(["Clicked", "–", "no click was reported"]);
  });

  it("lists what was done by hand, and says the last of it before it is opened", () => {
    const decision = { actor: "command: ana", detail: {} };
    const decisions = [
      { ...decision, at: BEGIN, action: "pause" },
      { ...decision, at: BEGIN + 60_000, action: "unpause", actor: "live page" },
    ];
    const text = plain(pageOf(reportData({ decisions })));
    expect(text).toContain("Done by hand unpaused on the live page, 20 Nov, 12:01");
    expect(text).toMatch(/20 Nov 12:00:00 Paused by ana 20 Nov 12:01:00 Unpaused on the live page/);
    expect(pageOf(reportData())).not.toContain("Done by hand");
  });

  it("leads back to the live page that serves it, and a file to nothing", () => {
    const data = reportData();
    const served = reportPage(data, shownFor(data), "/campaigns/spring");
    expect(served).toContain('<a href="/campaigns/spring"><bdi>spring</bdi></a>');
    expect(pageOf(data)).not.toContain("<a ");
  });

  it("has a price for nothing without a rate card", () => {
    expect(tilesOf(pageOf(reportData()))[4]).toEqual([
      "Cost",
      "–",
      "no prices; name them with rate_card",
    ]);
  });

  it("says what each condition holds back, and nothing where none is on", () => {
    const data = reportData();
    const budget = { most: 500_000_000, currency: "USD" };
    const cap = { most: 2, windowMs: 86_400_000, gapMs: null, over: "skip" as const };
    const found = { hours: null, ramp: null, cap };
    const tally = { reasons: { frequency_cap: 41 } };
    const page = reportPage(data, shownFor(data, false, { budget, found, tally }));
    const text = plain(page).replaceAll(/\s+/g, " ");
    expect(text).toContain("Frequency cap (2 in 24h) 41");
    expect(text).toContain("41 skipped.");
    expect(text).toContain("0.00 of 500.00 USD delivered.");
    expect(pageOf(data)).not.toContain("Conditions");
  });

  it("shows instants in the zone of the campaign's hours, named once in the head", () => {
    const schedule = {
      ...NO_CONDITIONS.schedule,
      ...{ hours: { from: "09:00", to: "20:00" }, clock: "America/Sao_Paulo" },
    };
    const settings = { ...SETTINGS, rules: { ...NO_CONDITIONS, schedule } };
    const text = plain(pageOf(reportData({ settings })));
    expect(text).toContain("As of 20 Nov 2026, 10:00 · America/Sao_Paulo");
    expect(text).toContain("Sent 20 Nov 2026, 09:00, in 59 s.");
    expect(plain(pageOf(reportData()))).toContain("As of 20 Nov 2026, 13:00 · UTC");
  });
});

describe("what nothing breaks out of", () => {
  const NASTY = [
    "<script>alert(1)</script>",
    "=cmd()",
    '"><img src=x onerror=alert(1)>',
    "</style><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    '"} body { display: none }',
    "\u202egnp.exe\u0000",
  ];

  it.each(NASTY)("%j in every text from outside", (nasty) => {
    const data = reportData();
    const page = pageOf(
      reportData({
        campaign: campaignWith({
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
        }),
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
          rules: {
            ...NO_CONDITIONS,
            schedule: {
              ...NO_CONDITIONS.schedule,
              ...{ hours: { from: nasty, to: nasty, days: [nasty] }, clock: nasty },
            },
          },
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
    const style = /<style>(.*)<\/style>/s.exec(page)?.[1] ?? "";
    expect(style).not.toContain('display: none }"');
    expect(style.match(/\{/g)?.length).toBe(style.match(/\}/g)?.length);
    expect(page.includes("\u202e") || page.includes("\u0000")).toBe(false);
    expectWellFormed(page);
  });
});

describe("what it needs", () => {
  const page = pageOf(reportData({ settings: SETTINGS }));

  it("loads nothing, runs nothing", () => {
    expect(page).not.toMatch(/https?:/);
    expect(page).not.toMatch(/<script|<link|<img|@import|url\((?!#)/i);
    expect(page).not.toContain(" style=");
    expect(page).toContain("default-src &#39;none&#39;;");
    expectWellFormed(page);
  });

  it("has a sentence for every picture that is read out", () => {
    const pictures = page.match(/<svg (?![^>]*aria-hidden="true")/g) ?? [];
    const labelled = page.match(/<svg [^>]*role="img" aria-label="[^"]{8,}"/g) ?? [];
    expect(pictures).toHaveLength(labelled.length);
  });

  it("has every id once, and colours by the page's own variables only", () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [svg] of page.matchAll(/<svg.*?<\/svg>/gs)) {
      expect(svg).not.toMatch(/(?:fill|stroke)="(?!none|var\(--|url\(#|currentColor)/);
    }
  });

  it("draws histograms only where the waits differ, from zero", () => {
    const { waits } = reportData();
    const bins = [0, 2_000, 5_000].map((from) => ({ from, to: from + 3_000, number: 350 }));
    const toDelivery = { ...waits.toDelivery, histogram: bins };
    const wide = pageOf(reportData({ waits: { ...waits, toDelivery } }));
    expect(wide.match(/aria-label="Accepted to delivered:/g)).toHaveLength(1);
    expect(page).not.toContain('aria-label="Accepted to delivered:');
  });

  it("is the same for the same data", () => {
    expect(pageOf(reportData({ settings: SETTINGS }))).toBe(page);
  });
});

/**
 * Every tag that is opened is closed in its order; enough of XML for a page that this program
 * writes itself.
 */
function expectWellFormed(markup: string): void {
  const open: string[] = [];
  const withoutStyle = markup.replace(/<style>.*?<\/style>/s, "");
  for (const [, close, name, empty] of withoutStyle.matchAll(
    /<(\/?)([a-zA-Z][\w-]*)[^>]*?(\/?)>/g,
  )) {
    if (name === "meta" || name === "br" || empty === "/") continue;
    if (close === "/") expect(open.pop()).toBe(name);
    else open.push(name as string);
  }
  expect(open).toEqual([]);
}
