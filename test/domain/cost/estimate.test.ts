import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { EstimateOptions } from "../../../src/cli/campaign/estimate.ts";
import { estimateFor } from "../../../src/cli/campaign/estimate.ts";
import type { LoadedManifest } from "../../../src/cli/campaign/wiring.ts";
import { openProject } from "../../../src/cli/files/project.ts";
import {
  costLines,
  countryLines,
  paceLines,
  whenLines,
} from "../../../src/cli/print/estimate-text.ts";
import { OperatorError } from "../../../src/domain/common/errors.ts";
import { estimateCost, estimateTime } from "../../../src/domain/cost/estimate.ts";
import type { RateCard } from "../../../src/domain/cost/rate-card.ts";
import { frozenOf, readManifest } from "../../../src/domain/manifest/manifest.ts";
import { openingsOf } from "../../../src/domain/schedule/openings.ts";
import type { Schedule } from "../../../src/domain/schedule/schedule.ts";
import type { Group, Speed } from "../../../src/domain/schedule/simulate.ts";
import { makeFolder } from "../../support/harness.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Monday, midnight UTC. */
const MONDAY = Date.parse("2030-04-01T00:00Z");

function cardOf(prices: Record<string, number | null>): RateCard {
  const rows = Object.entries(prices).map(([market, price], at) => ({
    market,
    price,
    line: at + 2,
  }));
  return { title: null, currency: "USD", rows };
}

describe("estimateCost", () => {
  it("prices countries by their own row, their group, or Other, and never guesses", () => {
    const card = cardOf({
      Brazil: 0.1,
      "Rest of Western Europe": 0.2,
      "Rest of Central and Eastern Europe": 0.3,
      Poland: 0.05,
      Portugal: 0.04,
      Other: 0.5,
      India: null,
    });
    const byRegion = { BR: 100, AT: 10, PT: 20, PL: 8, RO: 4, KR: 2, IN: 7, KZ: 3, JP: 1, ES: 6 };
    const { countries, cost } = estimateCost({ toSend: 166, byRegion }, card);
    expect(
      countries.map(({ region, market, people, price, cost }) => [
        region,
        market,
        people,
        price,
        cost,
      ]),
    ).toEqual([
      ["BR", "Brazil", 100, 0.1, 10],
      ["PT", "Portugal", 20, 0.04, 0.8],
      ["AT", "Rest of Western Europe", 10, 0.2, 2],
      ["PL", "Poland", 8, 0.05, 0.4],
      ["IN", "India", 7, null, null],
      ["ES", null, 6, null, null],
      [null, null, 5, null, null],
      ["RO", "Rest of Central and Eastern Europe", 4, 0.3, 1.2],
      ["KZ", null, 3, null, null],
      ["KR", "Other", 2, 0.5, 1],
      ["JP", null, 1, null, null],
    ]);
    expect(cost).toMatchObject({
      currency: "USD",
      total_if_all_delivered: 15.4,
      people_priced: 144,
      people_without_price: 22,
    });
    expect(cost?.markets[0]).toEqual({ market: "Brazil", people: 100, price: 0.1, cost: 10 });
  });

  it("adds countries of one market up", () => {
    const card = cardOf({ "North America": 0.025, "Rest of Africa": 0.1 });
    const { cost } = estimateCost({ toSend: 6, byRegion: { KE: 2, UG: 3, CA: 1 } }, card);
    expect(cost?.markets).toEqual([
      { market: "Rest of Africa", people: 5, price: 0.1, cost: 0.5 },
      { market: "North America", people: 1, price: 0.025, cost: 0.025 },
    ]);
  });

  it("has no cost without a card, and no countries without people", () => {
    expect(estimateCost({ toSend: 2, byRegion: { BR: 2 } }, null)).toMatchObject({
      countries: [{ region: "BR", country: "Brazil", people: 2, price: null, cost: null }],
      cost: null,
    });
    expect(estimateCost({ toSend: 0, byRegion: { BR: 0 } }, cardOf({ Brazil: 1 }))).toMatchObject({
      countries: [],
      cost: { total_if_all_delivered: 0, people_priced: 0, people_without_price: 0 },
    });
  });

  it("holds the caller to counts of the same people", () => {
    expect(() => estimateCost({ toSend: 1, byRegion: { BR: 2 } }, null)).toThrow(/assertion/);
  });

  it("adds up, whatever the people and the card", () => {
    const region = fc.constantFrom(..."BR AR PL KZ KR GG US TT PT XX Q9 ES".split(" "));
    const price = fc.option(fc.integer({ min: 0, max: 50_000 }).map((part) => part / 10_000));
    const market = fc.constantFrom(
      ..."Brazil|Poland|Rest of Western Europe|Other|North America|KZ|nowhere".split("|"),
    );
    fc.assert(
      fc.property(
        fc.dictionary(region, fc.nat(3_000_000)),
        fc.nat(1000),
        fc.option(fc.dictionary(market, price)),
        (byRegion, unknown, prices) => {
          const sum = (numbers: number[]) => numbers.reduce((all, one) => all + one, 0);
          const toSend = sum(Object.values(byRegion)) + unknown;
          const card = prices === null ? null : cardOf(prices);
          const { countries, cost } = estimateCost({ toSend, byRegion }, card);
          expect(sum(countries.map(({ people }) => people))).toBe(toSend);
          for (const { region, people } of countries) {
            expect(people).toBe(region === null ? unknown : byRegion[region]);
          }
          expect(cost === null).toBe(card === null);
          if (cost === null) return;
          expect(cost.people_priced + cost.people_without_price).toBe(toSend);
          expect(sum(cost.markets.map(({ people }) => people))).toBe(cost.people_priced);
          const total = cost.total_if_all_delivered;
          expect(sum(countries.map((one) => one.cost ?? 0))).toBeCloseTo(total, 4);
          expect(sum(cost.markets.map((one) => one.cost))).toBeCloseTo(total, 4);
        },
      ),
    );
  });
});

const ALWAYS = () => ({ kind: "open", until: Number.POSITIVE_INFINITY }) as const;

type Pace = Speed & Pick<Group, "opening">;

function paceOf(change: Partial<Pace>): Pace {
  return {
    messagesPerSecond: 80,
    dailyLimit: null,
    reached: 0,
    startAt: MONDAY,
    opening: ALWAYS,
    ...change,
  };
}

function timeOf(people: number, { opening, ...speed }: Pace) {
  return estimateTime([{ people, opening }], speed);
}

const OFFICE: Schedule = {
  hours: { from: "09:00", to: "17:00" },
  clock: "UTC",
  ...{ starts: null, ends: null, closed: [] },
};
const inHours = (days?: string[]) =>
  openingsOf({ ...OFFICE, hours: { from: "09:00", to: "17:00", days } }, null);

describe("estimateTime", () => {
  it.each([
    // What, people, pace → seconds, days, hours from the start until done, not reached.
    ["nobody", 0, {}, 0, 0, null, 0],
    ["the rate alone", 960_000, {}, 12_000, 1, 3.3333, 0],
    ["less than one a second", 1, { messagesPerSecond: 0.5 }, 2, 1, 0.0006, 0],
    ["a limit that is not met", 10_000, { dailyLimit: 10_000 }, 125, 1, 0.0347, 0],
    ["one over the limit", 10_001, { dailyLimit: 10_000 }, 126, 2, 24, 0],
    ["three days", 30_000, { dailyLimit: 10_000 }, 375, 3, 48.0347, 0],
    [
      "a slow rate under a limit",
      200_000,
      { dailyLimit: 100_000, messagesPerSecond: 1 },
      200_000,
      3,
      55.5556,
      0,
    ],
    ["part of the limit used", 10_000, { dailyLimit: 10_000, reached: 9_000 }, 125, 2, 24.0312, 0],
    ["all of it used", 10, { dailyLimit: 10, reached: 25 }, 1, 2, 24, 0],
    ["a limit of nobody", 10, { dailyLimit: 0 }, 1, 0, null, 10],
    [
      "hours, from midnight",
      288_000,
      { messagesPerSecond: 10, opening: inHours() },
      28_800,
      1,
      17,
      0,
    ],
    [
      "hours, the next day too",
      288_001,
      { messagesPerSecond: 10, opening: inHours() },
      28_801,
      2,
      33,
      0,
    ],
    [
      "hours, over a weekend",
      28_800 * 6,
      { messagesPerSecond: 1, opening: inHours(["mon", "tue", "wed", "thu", "fri"]) },
      172_800,
      8,
      7 * 24 + 17,
      0,
    ],
    [
      "hours and a limit",
      2_000,
      { messagesPerSecond: 1, dailyLimit: 1_000, opening: inHours() },
      2_000,
      2,
      33.2778,
      0,
    ],
    ["more than a year", 1_000_000, { dailyLimit: 250 }, 12_500, 367, null, 1_000_000 - 367 * 250],
  ] as [string, number, Partial<Pace>, number, number, number | null, number][])(
    "%s",
    (_, people, change, seconds, days, hours, notReached) => {
      const time = timeOf(people, paceOf(change));
      expect(time).toMatchObject({ seconds, days, not_reached: notReached });
      if (hours === null) expect(time.done_at).toBe(null);
      else expect((Date.parse(time.done_at as string) - MONDAY) / HOUR).toBeCloseTo(hours, 3);
    },
  );

  it("tells how many the campaign's end leaves out", () => {
    const opening = openingsOf({ ...OFFICE, ends: MONDAY + DAY }, null);
    const time = timeOf(40_000, paceOf({ messagesPerSecond: 1, opening }));
    expect(time).toMatchObject({ days: 1, done_at: null, not_reached: 40_000 - 8 * 3600 });
  });

  it("is what sending person by person comes to", () => {
    const small = fc.record({
      people: fc.integer({ min: 1, max: 60 }),
      dailyLimit: fc.option(fc.integer({ min: 1, max: 25 })),
      reached: fc.nat(30),
      messagesPerSecond: fc.constantFrom(1, 0.01, 0.002, 1 / 3600, 80),
      hours: fc.boolean(),
      start: fc.nat(47),
    });
    fc.assert(
      fc.property(small, ({ people, hours, start, ...change }) => {
        const opening = hours ? inHours(["mon", "wed", "thu"]) : ALWAYS;
        const pace = paceOf({ ...change, opening, startAt: MONDAY + start * HOUR });
        const time = timeOf(people, pace);
        const sent = sentOneByOne(people, pace);
        const last = sent.at(-1) as number;
        expect(Math.abs(Date.parse(time.done_at as string) - last - eachMs(pace))).toBeLessThan(5);
        expect(time.days).toBe(Math.floor((last - pace.startAt + 1) / DAY) + 1);
      }),
      { numRuns: 200 },
    );
  });
});

const eachMs = (pace: Pace) => 1000 / pace.messagesPerSecond;

/** The instants at which each person is sent to: the plainest reading of rate, limit and hours. */
function sentOneByOne(people: number, pace: Pace): number[] {
  const sent: number[] = [];
  const limit = pace.dailyLimit ?? Number.POSITIVE_INFINITY;
  const free = limit - Math.min(limit, pace.reached);
  for (let person = 0; person < people; person += 1) {
    let at = person === 0 ? pace.startAt : (sent[person - 1] as number) + eachMs(pace);
    if (person >= free) at = Math.max(at, pace.startAt + DAY);
    if (person >= limit) at = Math.max(at, (sent[person - limit] as number) + DAY);
    for (let opening = pace.opening(at); opening.kind === "closed"; opening = pace.opening(at)) {
      at = opening.opensAt as number;
    }
    sent.push(at);
  }
  return sent;
}

const EXAMPLE = fileURLToPath(new URL("../../../campaigns/rates.example.csv", import.meta.url));

function manifestOf(folder: string, more = ""): LoadedManifest {
  const text = `campaign: test
account: sandbox
recipients: { file: list.csv }
template: { name: offer, language: pt_BR }
${more}`;
  const result = readManifest(text, { file: "campaign.yaml" });
  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  return { ...result, text, file: "campaign.yaml", folder, project: openProject(folder) };
}

async function estimated(
  more: string,
  counts: { toSend: number; byRegion: Record<string, number> },
  options: Partial<EstimateOptions> & { files?: Record<string, string | Buffer> } = {},
) {
  const { folder, remove } = makeFolder();
  try {
    const { files, ...rest } = options;
    for (const [name, text] of Object.entries(files ?? {})) writeFileSync(join(folder, name), text);
    const all = { dailyLimit: null, startAt: MONDAY, ...rest };
    return await estimateFor(manifestOf(folder, more), counts, all);
  } finally {
    remove();
  }
}

describe("estimateFor", () => {
  it("reads the shipped example, which says that its prices are made up", async () => {
    expect(readFileSync(EXAMPLE, "utf8").split("\n")[0]).toMatch(/MADE-UP/);
    const { estimate } = await estimated(
      "",
      { toSend: 1000, byRegion: { BR: 900, PT: 100 } },
      { rateCard: EXAMPLE },
    );
    expect(estimate.cost).toMatchObject({
      currency: "USD",
      card: expect.stringContaining("MADE-UP"),
      total_if_all_delivered: 105,
      file: expect.stringContaining("rates.example.csv"),
    });
  });

  it("prints a table for people: six countries, the others, what has no price, the time", async () => {
    const regions = "PT AT BE DK FI IE NO SE CH AR MX GB KE KZ GU".split(" ");
    const byRegion: Record<string, number> = { BR: 1_234_567 };
    for (const [at, region] of regions.entries()) byRegion[region] = 100 - at;
    const toSend = Object.values(byRegion).reduce((sum, one) => sum + one, 0) + 5;
    const done = await estimated(
      "hours: { from: '09:00', to: '20:00', time_zone: America/Sao_Paulo }",
      { toSend, byRegion },
      { rateCard: EXAMPLE, dailyLimit: 1_000_000, dailyLimitFrom: "TIER_1M" },
    );
    const lines = costLines(done.estimate, { isPriceAsked: false });
    expect([...lines.slice(0, 3), ...lines.slice(6, 9)]).toEqual([
      "  country       people   price  cost in USD",
      "  Brazil     1,234,567  0.1000   123,456.70",
      "  Portugal         100  0.1500        15.00",
      "  Finland           96  0.1500        14.40",
      "  11 others        910                84.33",
      "  total      1,235,967           123,614.53",
    ]);
    expect(lines[9]).toMatch(
      /^123,614\.53 USD if all are delivered, which is what Meta bills; prices by .*rates\.example\.csv \(MADE-UP/,
    );
    expect(lines[10]).toMatch(
      /^not in that cost, no price in the card: KZ 87, GU 86, no known country 5; add a line/,
    );
    expect(lines).toHaveLength(11);
    // The finding about them has the same.
    expect(costLines(done.estimate, { isPriceAsked: true })).toEqual(lines.slice(0, 10));
    expect(paceLines(done)).toEqual([
      "about 4 h 17 min at 80 a second; 2 days with the daily limit of 1,000,000 (TIER_1M)",
    ]);
    expect(whenLines(done)).toEqual([
      "09:00 to 20:00 America/Sao_Paulo; done about 2 Apr 2030, 09:49 (America/Sao_Paulo)",
    ]);
  });

  it("says three days of TIER_10K, and only the time at the rate when nothing holds it up", async () => {
    const counts = { toSend: 24_000, byRegion: { BR: 24_000 } };
    const limit = { dailyLimit: 10_000, dailyLimitFrom: "TIER_10K" };
    const slow = await estimated("rate: { messages_per_second: 2 }", counts, limit);
    expect(countryLines(slow.estimate)).toEqual([
      "  country  people",
      "  Brazil   24,000",
      "  total    24,000",
    ]);
    expect(costLines(slow.estimate, { isPriceAsked: false })).toEqual([
      "no cost: give Meta's rate card as CSV by `rate_card` in the manifest or --rate-card",
    ]);
    expect(paceLines(slow)).toEqual([
      "about 3 h 20 min at 2 a second; 3 days with the daily limit of 10,000 (TIER_10K)",
    ]);
    expect(whenLines(slow)).toEqual(["done about 3 Apr 2030, 00:33 UTC"]);
    const free = await estimated("", counts);
    expect([paceLines(free), whenLines(free)]).toEqual([["about 5 min at 80 a second"], []]);
    const nobody = await estimated("", { toSend: 0, byRegion: {} });
    const all = [costLines(nobody.estimate, { isPriceAsked: false }), paceLines(nobody)];
    expect([...all, whenLines(nobody)]).toEqual([[], [], []]);
  });

  it("says whom the campaign's end leaves out, and by whose clock it goes", async () => {
    const counts = { toSend: 20_000, byRegion: { BR: 20_000 } };
    const done = await estimated("ends: 2030-04-02", counts, { dailyLimit: 8_000 });
    expect(whenLines(done).at(-1)).toBe(
      "4,000 of them cannot be sent to before the end at 3 Apr 2030, 00:00 UTC",
    );
    const own = await estimated(
      `starts: 2030-04-02T09:00
ends: 2030-04-09
hours: { from: "09:00", to: "20:00", time_zone: recipient, days: [mon, tue], except: [2030-04-08] }`,
      counts,
    );
    expect(whenLines(own)[0]).toMatch(
      /^from 2 Apr 2030, 09:00 until 10 Apr 2030, 00:00; 09:00 to 20:00 by everybody's own clock, mon tue; not on 1 day of `except`; done about /,
    );
  });

  it("counts the time in which the steps of a ramp settle, but for those that are through", async () => {
    const ramp = "ramp: { steps: [200, 10%], settle: 30m }";
    const whole = { toSend: 24_000, byRegion: { BR: 24_000 } };
    const first = await estimated(ramp, whole, { all: 24_000 });
    expect([paceLines(first), whenLines(first)]).toEqual([
      ["about 5 min at 80 a second"],
      ["done about 1 Apr 2030, 01:05 UTC"],
    ]);
    const later = { toSend: 23_000, byRegion: { BR: 23_000 } };
    expect(whenLines(await estimated(ramp, later, { all: 24_000 }))).toEqual([
      "done about 1 Apr 2030, 00:34 UTC",
    ]);
  });

  const counts = { toSend: 10, byRegion: { BR: 10 } };
  const rows = "Brazil;BRL;0,50;n/a\nOther;BRL;0,10;n/a\n";

  it.each([
    ["by semicolons", `Market;Currency;Marketing;Utility\n${rows}`],
    ["under a bare title", `Cost per message\n\nMarket;Currency;Marketing;Utility\n${rows}`],
    [
      "under a title with commas",
      `Cost, in BRL, effective now, once\nMarket;Currency;Marketing;Utility\n${rows}`,
    ],
    [
      "by tabs, with a BOM",
      `\uFEFFMarket;Currency;Marketing;Utility\n${rows}`.replaceAll(";", "\t"),
    ],
    [
      "in UTF-16, as Excel saves it",
      Buffer.from(`\uFEFFMarket;Currency;Marketing;Utility\n${rows}`, "utf16le"),
    ],
    [
      "with sep= and CRLF",
      `sep=;\nMarket;Currency;Marketing;Utility\n${rows}`.replaceAll("\n", "\r\n"),
    ],
  ])("finds the manifest's card %s", async (_, text) => {
    const { estimate } = await estimated("rate_card: rates.csv", counts, {
      files: { "rates.csv": text },
    });
    expect(estimate.cost).toMatchObject({ currency: "BRL", total_if_all_delivered: 5 });
  });

  it("takes --rate-card before the manifest's, which is then not read", async () => {
    const { estimate } = await estimated("rate_card: nothing.csv", counts, { rateCard: EXAMPLE });
    expect(estimate.cost?.total_if_all_delivered).toBe(1);
  });

  it.each([
    ["no file", undefined, /there is no such file/, undefined],
    ["a list of people", "phone,name\n+551190000001,Ana\n", /no line has the columns/, 1],
    [
      "a slip",
      "Market,Currency,Marketing\nBrazil,USD,0.1\nIndia,USD,O.2\n",
      /"O.2" is no price/,
      3,
    ],
    [
      "far too long",
      `Market,Currency,Marketing\n${"x,USD,1\n".repeat(2_500)}`,
      /more than 2,000 rows/,
      undefined,
    ],
  ] as [string, string | undefined, RegExp, number | undefined][])(
    "refuses %s",
    async (_, text, said, line) => {
      const files = text === undefined ? {} : { "rates.csv": text };
      const error = await estimated("rate_card: rates.csv", counts, { files }).catch((e) => e);
      expect(error).toBeInstanceOf(OperatorError);
      expect(error.problems[0].message).toMatch(said);
      expect(error.problems[0].file).toMatch(/rates\.csv$/);
      expect(error.problems[0].line).toBe(line);
    },
  );

  it("does not freeze the card with the campaign", () => {
    const frozen = (more: string) => frozenOf(manifestOf("/", more).manifest);
    expect(frozen("rate_card: other.csv")).toEqual(frozen(""));
  });
});
