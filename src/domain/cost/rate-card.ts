// Reads a rate card as Meta publishes it: prices of a delivered message by market. Never says which
// market a country belongs to.
//
// Meta's file ("USD list rates" and so on, linked on its pricing page; cards of July and October
// 2026) has a title line above the header, a header cell with a line break in it, and `n/a` where
// there is no price:
//
//   "Cost per message in USD on the WhatsApp Business Platform, effective July 1, 2026",,,,,,
//   Market,Currency,Marketing,Utility,Authentication,"Authentication-
//   International",Service
//   Argentina,$US,…

import type { Problem } from "../common/errors.ts";
import { marketKey } from "../common/name-key.ts";
import { sentenceCase } from "../common/text.ts";

/** One record of the file; the cells as read, without their quotes. */
export interface CardRecord {
  /** 1-based line on which it begins. */
  line: number;
  cells: readonly string[];
}

export interface CardRow {
  /** As the card has it. */
  market: string;
  /** Of one delivered marketing message, in the card's currency; null for `n/a`. */
  price: number | null;
  line: number;
}

export interface RateCard {
  /** What stands above the header: in Meta's cards, since when the prices hold. Null without. */
  title: string | null;
  /** ISO 4217, as far as the card tells it so. */
  currency: string;
  rows: CardRow[];
}

/** Dearer than any message in any currency, so surely a slip. */
const PRICE_MAX = 1_000_000;
const TITLE_CHARACTERS_MAX = 200;
const SOURCE_CHARACTERS_MAX = 200;

/** What cards write for "no price". */
const NO_PRICE = /^(?:n\s*\/?\s*a|-|–|—|)$/i;

/** Thousands parted by one mark and a decimal by the other, or at most one mark. */
const NUMBER =
  /^(?:[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?|\d*[.,]?\d+)$/;

/** Cards name the US dollar in their own way; other currencies by their code. */
const CURRENCIES: Readonly<Record<string, string>> = { $US: "USD", US$: "USD" };

const COLUMNS = ["market", "currency", "marketing"] as const;
type CardColumn = (typeof COLUMNS)[number];
type ColumnPlaces = Record<CardColumn, number>;

/** Tells whether these cells are the header line of a rate card. */
export function isRateCardHeader(cells: readonly string[]): boolean {
  const names = cells.map(marketKey);
  return names.includes("market") && names.includes("marketing");
}

const HEADER_HINT =
  "Take the list rates as CSV from Meta's pricing page, not those of volume tiers.";

/**
 * Reads the records of a rate card, those above the header included.
 * @param options the file as the operator wrote it, and the delimiter, to tell places in a line
 * @returns the card, or every problem at once with file, line and column
 */
export function readRateCard(
  records: readonly CardRecord[],
  options: { file: string; delimiter: string },
): RateCard | { problems: Problem[] } {
  const { file } = options;
  const from = records.findIndex(({ cells }) => isRateCardHeader(cells));
  const header = records[from];
  if (header === undefined) {
    return {
      problems: [
        {
          file,
          line: records[0]?.line ?? 1,
          message: "no line has the columns Market, Currency and Marketing of Meta's rate card",
          hint: HEADER_HINT,
        },
      ],
    };
  }
  const names = header.cells.map(marketKey);
  const doubled = COLUMNS.filter((column) => names.indexOf(column) !== names.lastIndexOf(column));
  const missing = COLUMNS.filter((column) => !names.includes(column));
  if (doubled.length > 0 || missing.length > 0) {
    return {
      problems: [
        ...missing.map((column) => `the rate card has no column ${sentenceCase(column)}`),
        ...doubled.map((column) => `the rate card has the column ${sentenceCase(column)} twice`),
      ].map((message) => ({ file, line: header.line, message, hint: HEADER_HINT })),
    };
  }
  const places: ColumnPlaces = {
    market: names.indexOf("market"),
    currency: names.indexOf("currency"),
    marketing: names.indexOf("marketing"),
  };
  return readRows(records.slice(from + 1), places, options, titleOf(records.slice(0, from)));
}

function readRows(
  records: readonly CardRecord[],
  places: ColumnPlaces,
  options: { file: string; delimiter: string },
  title: string | null,
): RateCard | { problems: Problem[] } {
  const problems: Problem[] = [];
  const priced = records.filter(
    ({ cells }) => cellAt(cells, places.currency) !== "" || cellAt(cells, places.marketing) !== "",
  );
  const mark = decimalMark(priced.map(({ cells }) => cellAt(cells, places.marketing)));
  const rows: CardRow[] = [];
  const cards = new Map<string, CardRow>();
  let currency: string | undefined;
  for (const record of priced) {
    const say = (column: CardColumn, message: string, hint: string) => {
      problems.push({ ...placeOf(record, places[column], options), message, hint });
    };
    const market = cellAt(record.cells, places.market);
    if (market === "") say("market", "this line has no market", "Name it as Meta's card does.");
    const named = currencyOf(cellAt(record.cells, places.currency));
    if (named === "") {
      say("currency", "this line has no currency", "Write it as a code such as USD.");
    } else if (currency !== undefined && named !== currency) {
      const hint = "Give a card of one currency, the one that the account is billed in.";
      say("currency", `the currency is ${named} here and ${currency} above`, hint);
    }
    if (named !== "") currency ??= named;
    const text = cellAt(record.cells, places.marketing);
    const price = NO_PRICE.test(text) ? null : readPrice(text, mark);
    if (typeof price === "string") {
      say("marketing", price, "Write it as a number such as 0.0625, or n/a for no price.");
      continue;
    }
    const row = { market, price, line: record.line };
    const before = cards.get(marketKey(market));
    if (before !== undefined && before.price !== price) {
      const hint = "Take one of the two lines out.";
      say("market", `${market} has another price on line ${before.line}`, hint);
    }
    if (before === undefined) rows.push(row);
    cards.set(marketKey(market), before ?? row);
  }
  if (priced.length === 0) {
    const message = "the rate card has a header and no prices";
    problems.push({ file: options.file, message, hint: "Export it again with its lines." });
  }
  if (problems.length > 0) return { problems };
  return { title, currency: currency ?? "", rows };
}

/**
 * A price, or a sentence on why the text is none.
 * @param mark the decimal mark of the whole column; null when no cell tells it
 */
function readPrice(text: string, mark: "." | "," | null): number | string {
  const shown = JSON.stringify(text);
  const bare = bareNumber(text);
  if (bare === null) return `${shown} is no price`;
  const own = ownMark(bare);
  if (own === "unclear" && mark === null) {
    return `${shown} may be a decimal or thousands, and no other price shows which`;
  }
  const decimal = own === "unclear" ? mark : (own ?? mark);
  if (own !== "unclear" && own !== null && mark !== null && own !== mark) {
    return `${shown} has a decimal "${own}", but other prices have "${mark}"`;
  }
  const thousands = decimal === "," ? "." : ",";
  const [whole = "", fraction = ""] = bare.split(decimal ?? ".");
  const price = Number(`${whole.replaceAll(thousands, "") || "0"}.${fraction || "0"}`);
  return price <= PRICE_MAX ? price : `${shown} is more than any message costs`;
}

/** A number with its points and commas, without a currency's sign or code; else null. */
function bareNumber(text: string): string | null {
  const bare = text
    .replace(/^(?:\p{L}{0,3}\p{Sc}\p{L}{0,3}|[A-Z]{3}|R[ps]\.?)\s*(?=[.,]?\d)/u, "")
    .replace(/(?<=\d)\s*(?:\p{L}{0,3}\p{Sc}|[A-Z]{3})$/u, "")
    .replace(/(?<=\d)[\s'’](?=\d{3})/g, "");
  return NUMBER.test(bare) ? bare : null;
}

/** The decimal mark that a number shows by itself: none, one, or one that could part thousands. */
function ownMark(bare: string): "." | "," | "unclear" | null {
  const marks = bare.replace(/\d/g, "");
  if (marks === "") return null;
  const last = marks.at(-1) as "." | ",";
  const other = last === "." ? "," : ".";
  if (marks.includes(other)) return last;
  // Twice the same mark parts thousands, so the other one is decimal.
  if (marks.length > 1) return other;
  return /^[1-9]\d{0,2}[.,]\d{3}$/.test(bare) ? "unclear" : last;
}

/** The decimal mark of a column, from the first cell that leaves no doubt. */
function decimalMark(texts: readonly string[]): "." | "," | null {
  for (const text of texts) {
    const bare = bareNumber(text);
    const own = bare === null ? null : ownMark(bare);
    if (own === "." || own === ",") return own;
  }
  return null;
}

function currencyOf(cell: string): string {
  const upper = cell.toUpperCase();
  return (
    CURRENCIES[upper.replace(/\s/g, "")] ?? /(?<![A-Z])[A-Z]{3}(?![A-Z])/.exec(upper)?.[0] ?? upper
  );
}

function titleOf(above: readonly CardRecord[]): string | null {
  const texts = above.flatMap(({ cells }) => cells.map(oneLine).filter((cell) => cell !== ""));
  const title = texts.join(", ").slice(0, TITLE_CHARACTERS_MAX);
  return title === "" ? null : title;
}

function cellAt(cells: readonly string[], index: number): string {
  return oneLine(cells[index] ?? "");
}

function oneLine(cell: string): string {
  return cell.replace(/\s+/g, " ").trim();
}

/** Where a cell begins, and its line, as a program that quotes only what it must writes them. */
function placeOf(
  record: CardRecord,
  index: number,
  { file, delimiter }: { file: string; delimiter: string },
): Omit<Problem, "message" | "hint"> {
  const written = record.cells.map((cell) =>
    cell.includes(delimiter) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell,
  );
  const before = written.slice(0, index).reduce((sum, cell) => sum + cell.length + 1, 0);
  const source = written.join(delimiter);
  const isShort = source.length <= SOURCE_CHARACTERS_MAX && !/[\r\n]/.test(source);
  const place = { file, line: record.line, column: before + 1 };
  return isShort ? { ...place, source } : place;
}
