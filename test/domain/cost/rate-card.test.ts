import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { marketKey } from "../../../src/domain/common/name-key.ts";
import { isKnownMarket, marketsOf } from "../../../src/domain/cost/market.ts";
import type { CardRecord } from "../../../src/domain/cost/rate-card.ts";
import { isRateCardHeader, readRateCard } from "../../../src/domain/cost/rate-card.ts";

const HEADER = ["Market", "Currency", "Marketing", "Utility", "Authentication"];
const AT = { file: "rates.csv", delimiter: "," };

/** Records with the lines that they would stand on, the header on the first. */
function recordsOf(...rows: string[][]): CardRecord[] {
  return [HEADER, ...rows].map((cells, at) => ({ line: at + 1, cells }));
}

function cardOf(...rows: string[][]) {
  const card = readRateCard(recordsOf(...rows), AT);
  if ("problems" in card) throw new Error(JSON.stringify(card.problems));
  return card;
}

function problemsOf(records: CardRecord[], options = AT) {
  const card = readRateCard(records, options);
  return "problems" in card ? card.problems : [];
}

describe("readRateCard", () => {
  it("reads Meta's form: a title above, a broken header cell, n/a, notes below", () => {
    const title =
      "Cost per message in USD on the WhatsApp Business Platform, effective July 1, 2030";
    const records: CardRecord[] = [
      { line: 1, cells: [title, "", "", "", "", "", ""] },
      { line: 2, cells: [...HEADER, "Authentication-\nInternational", "Service"] },
      { line: 4, cells: ["Argentina", "$US", "0.1111", "0.0100", "0.0100", "n/a", "n/a"] },
      { line: 5, cells: [" Rest of  Africa ", "$US", " 0.0225", "", "", "n/a", "n/a"] },
      { line: 6, cells: ["Other", "$US", "n/a", "0.01", "0.01", "n/a", "n/a"] },
      { line: 7, cells: ["Note: rates may change.", "", "", "", "", "", ""] },
    ];
    expect(readRateCard(records, AT)).toEqual({
      title,
      currency: "USD",
      rows: [
        { market: "Argentina", price: 0.1111, line: 4 },
        { market: "Rest of Africa", price: 0.0225, line: 5 },
        { market: "Other", price: null, line: 6 },
      ],
    });
  });

  it("takes the columns in any order and case, and what is between and after them", () => {
    const records: CardRecord[] = [
      { line: 1, cells: ["MARKETING", "x", "currency", " market "] },
      { line: 2, cells: ["0.5", "", "EUR", "Brazil", "more"] },
    ];
    expect(readRateCard(records, AT)).toMatchObject({
      title: null,
      currency: "EUR",
      rows: [{ market: "Brazil", price: 0.5, line: 2 }],
    });
  });

  it.each([
    // The first price gives the column its decimal mark, the second is read.
    ["0.0625", "0.5", 0.5],
    ["0.0625", ".5", 0.5],
    ["0.0625", "12", 12],
    ["0.0625", "1,234", 1234],
    ["0.0625", "1,234.5", 1234.5],
    ["0.0625", "1 234.5", 1234.5],
    ["0.0625", "1'234.5", 1234.5],
    ["0.0625", "$0.05", 0.05],
    ["0.0625", "US$ 0.05", 0.05],
    ["0.0625", "0.05 USD", 0.05],
    ["0,0625", "0,5", 0.5],
    ["0,0625", "0,618", 0.618],
    ["0,0625", "1.234", 1234],
    ["0,0625", "1.234,5", 1234.5],
    ["0,0625", "R$ 0,3217", 0.3217],
    ["0,0625", "Rp. 568,47", 568.47],
    ["0,0625", "0,05 €", 0.05],
    ["1,234.5", "1,234", 1234],
    ["12", "1234.5", 1234.5],
    ["12", "0", 0],
    ["12", "N/A", null],
    ["12", "na", null],
    ["12", "-", null],
    ["12", "–", null],
    ["12", "", null],
  ])("beside %s, %s is %s", (first, text, price) => {
    const { rows } = cardOf(["Brazil", "USD", first], ["India", "USD", text]);
    expect(rows[1]?.price).toBe(price);
  });

  it.each([
    ["0.0625", "0,05", /has a decimal ",", but other prices have "\."/],
    ["0,0625", "0.05", /has a decimal "\."/],
    ["12", "1,234", /may be a decimal or thousands/],
    ["12", "1.234", /may be a decimal or thousands/],
    ["0.5", "-0.05", /is no price/],
    ["0.5", "free", /is no price/],
    ["0.5", "0.05.1", /is no price/],
    ["0.5", "O.05", /is no price/],
    ["0.5", "O5", /is no price/],
    ["0.5", "1 2", /is no price/],
    ["0.5", "1,23,456", /is no price/],
    ["0.5", "5 %", /is no price/],
    ["0.5", "$3.00 USD / 1 M tokens", /is no price/],
    ["0.5", "1e3", /is no price/],
    ["0.5", "1,000,001", /more than any message costs/],
  ])("beside %s, %s is an error at its place", (first, text, said) => {
    const problems = problemsOf(recordsOf(["Brazil", "USD", first], ["India", "USD", text]));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(said);
    expect(problems[0]?.message).toContain(JSON.stringify(text));
    expect(problems[0]).toMatchObject({ file: "rates.csv", line: 3, column: 11 });
  });

  it("tells every problem at once, with the line as it stands in the file", () => {
    const problems = problemsOf(
      recordsOf(
        ["Brazil", "USD", "0.5"],
        ["India", "EUR", "x"],
        ["", "USD", "0.5"],
        ["Peru", "", "0.5"],
        ["BRAZIL", "USD", "0.6"],
      ),
    );
    expect(problems.map(({ line, column, message }) => [line, column, message])).toEqual([
      [3, 7, "the currency is EUR here and USD above"],
      [3, 11, '"x" is no price'],
      [4, 1, "this line has no market"],
      [5, 6, "this line has no currency"],
      [6, 1, "BRAZIL has another price on line 2"],
    ]);
    expect(problems[1]?.source).toBe("India,EUR,x");
  });

  it("tells the place behind a cell that had to be quoted", () => {
    const rows = recordsOf(["Congo, Republic of the", "USD", "x"]);
    expect(problemsOf(rows)[0]).toMatchObject({
      column: 30,
      source: '"Congo, Republic of the",USD,x',
    });
    expect(problemsOf(rows, { ...AT, delimiter: ";" })[0]).toMatchObject({ column: 28 });
  });

  it.each([
    [[{ line: 1, cells: ["Market", "From", "To", "Rate"] }], /no line has the columns/, 1],
    [[], /no line has the columns/, 1],
    [[{ line: 3, cells: ["Market", "Marketing"] }], /no column Currency/, 3],
    [[{ line: 2, cells: [...HEADER, "marketing"] }], /the column Marketing twice/, 2],
    [[{ line: 1, cells: HEADER }], /a header and no prices/, undefined],
  ] as [CardRecord[], RegExp, number | undefined][])("refuses %j", (records, said, line) => {
    const problems = problemsOf(records);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(said);
    expect(problems[0]?.line).toBe(line);
  });

  it("reads back any prices, however a country writes numbers", () => {
    const styles = [
      { locale: "en-US", mark: "." },
      { locale: "de-DE", mark: "," },
      { locale: "fr-FR", mark: "," },
      { locale: "de-CH", mark: "." },
    ];
    const prices = fc.array(fc.integer({ min: 0, max: 99_999_999 }), { minLength: 1 });
    fc.assert(
      fc.property(
        prices,
        fc.constantFrom(...styles),
        fc.boolean(),
        (parts, { locale }, grouped) => {
          const wanted = parts.map((part) => part / 10_000);
          const texts = wanted.map((price) =>
            price.toLocaleString(locale, { minimumFractionDigits: 4, useGrouping: grouped }),
          );
          const rows = texts.map((text, at) => [`market ${at}`, "USD", text]);
          expect(cardOf(...rows).rows.map(({ price }) => price)).toEqual(wanted);
        },
      ),
    );
  });

  it("never throws, and never gives a price that is none", () => {
    const cell = fc.oneof(
      fc.string(),
      fc.constantFrom("Market", "Currency", "Marketing", "USD", "0,5", "1.234", "n/a", ""),
    );
    fc.assert(
      fc.property(fc.array(fc.array(cell)), (table) => {
        const records = table.map((cells, at) => ({ line: at + 1, cells }));
        for (const all of [records, [{ line: 0, cells: HEADER }, ...records]]) {
          const card = readRateCard(all, AT);
          if ("problems" in card) expect(card.problems.length).toBeGreaterThan(0);
          else for (const { price } of card.rows) expect(price ?? 0).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});

describe("isRateCardHeader", () => {
  it.each([
    [HEADER, true],
    [["market", "marketing"], true],
    [["Market"], false],
    [["Cost per message in USD", ""], false],
  ])("%j: %s", (cells, is) => {
    expect(isRateCardHeader(cells)).toBe(is);
  });
});

describe("marketsOf", () => {
  it.each([
    ["BR", "Brazil"],
    ["TR", "Turkey"],
    ["AE", "United Arab Emirates"],
    ["GB", "United Kingdom"],
    ["US", "North America"],
    ["CA", "North America"],
    ["PT", "Rest of Western Europe"],
    ["KE", "Rest of Africa"],
    ["JP", "Rest of Asia Pacific"],
    ["CZ", "Rest of Central & Eastern Europe"],
    ["PR", "Rest of Latin America"],
    ["JO", "Rest of Middle East"],
    // Moved out of their groups in 2026; in an older card the group still prices them.
    ["PL", "Rest of Central & Eastern Europe"],
    ["MA", "Rest of Africa"],
    ["SG", "Rest of Asia Pacific"],
    ["QA", "Rest of Middle East"],
    // Not in Meta's table.
    ["KR", "Other"],
    ["TT", "Other"],
    ["XK", "Other"],
    ["LU", "Other"],
    // Under the calling code of another country.
    ["GG", "United Kingdom"],
    ["VA", "Italy"],
    ["EH", "Rest of Africa"],
  ])("%s falls back to %s", (region, market) => {
    expect(marketsOf(region).at(-1)).toBe(market);
    expect(marketsOf(region)[0]).toBe(region);
  });

  it.each(["KZ", "GU", "VI", "AS", "MP"])("%s has none but a row of its own", (region) => {
    for (const market of marketsOf(region))
      expect(market).not.toMatch(/Other|Rest of|North America/);
  });

  it("asks for a country's own row first", () => {
    expect(marketsOf("PL")).toEqual(["PL", "Poland", "Poland", "Rest of Central & Eastern Europe"]);
    expect(marketsOf("TR")).toContain("Türkiye");
    expect(marketsOf("GG").slice(0, 2)).toEqual(["GG", "Guernsey"]);
  });

  it("knows every market of the card of October 2026, and no misspelt one", () => {
    const card =
      "Argentina|Bangladesh|Brazil|Chile|Colombia|Egypt|France|Germany|Hong Kong|Hungary|India|" +
      "Indonesia|Iraq|Israel|Italy|Kazakhstan|Kuwait|Malaysia|Mexico|Morocco|Netherlands|Nepal|" +
      "Nigeria|Oman|Pakistan|Peru|Poland|Qatar|Romania|Russia|Saudi Arabia|Singapore|" +
      "South Africa|Spain|Sri Lanka|Turkey|Ukraine|United Arab Emirates|United Kingdom|" +
      "North America|Rest of Africa|Rest of Asia Pacific|Rest of Central & Eastern Europe|" +
      "Rest of Latin America|Rest of Middle East|Rest of Western Europe|Other";
    const markets = card.split("|");
    expect(markets).toHaveLength(47);
    for (const market of markets) expect([market, isKnownMarket(market)]).toEqual([market, true]);
    for (const market of ["PT", "Portugal", "Rest of Central and Eastern Europe", "UAE"]) {
      expect(isKnownMarket(market)).toBe(true);
    }
    for (const market of ["Brasilia", "Rest of Afrika", "", "X"]) {
      expect(isKnownMarket(market)).toBe(false);
    }
  });

  it("compares names without case, accents and points", () => {
    expect(marketKey(" Rest of Central & Eastern  Europe")).toBe(
      marketKey("REST OF CENTRAL AND EASTERN EUROPE"),
    );
    expect(marketKey("Türkiye")).toBe("turkiye");
  });
});
