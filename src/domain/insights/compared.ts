// Meta's figures beside the ledger's own, in words and as `--json` has them: the same on the
// terminal, on the report page and on the live page. Never mixed: each figure says whose it is.

import { creativeConflicts, creativeText } from "../account/creative.ts";
import { count, decimal, money, percent, plural } from "../common/numbers.ts";
import type { Benchmark, InsightReading, InsightSums, KeptInsights, Product } from "./insight.ts";
import { PRODUCTS, sumInsights } from "./insight.ts";

/** What the ledger counts of the campaign. */
export interface OwnCounts {
  accepted: number;
  delivered: number;
  read: number;
  clicks: number;
  /** Those of opt-outs too. */
  quickReplies: number;
  /** By receipts, a currency each, most messages first. */
  costs: readonly { currency: string; amount: number }[];
}

/** A figure of Meta's and the ledger's own, as text; `–`: there is none. */
interface ComparedRow {
  name: string;
  meta: string;
  own: string;
}

/** Everything that is shown of a look at Meta's figures. */
export interface Compared {
  /** Which template, which days, of which zone. */
  about: string;
  /** Instant. */
  readAt: number;
  rows: ComparedRow[];
  /** What follows from them, and what stands beside them; sentences. */
  lines: string[];
  /** What could not be had, and why; sentences. */
  missing: string[];
}

/** Where Meta shows what no API returns (Meta, viewing metrics page, 2026-06). */
const MANAGER =
  "Recommendations, the rank among similar businesses and Meta's summary of errors: WhatsApp Manager only (Meta Business Suite, WhatsApp Manager, Message templates, this template, Insights).";

const NONE = "–";

/** Puts Meta's figures beside the ledger's own. */
export function compareInsights({ reading, values }: KeptInsights, own: OwnCounts): Compared {
  const sums = sumInsights(values);
  return {
    about: aboutText(reading),
    readAt: reading.readAt,
    rows: rowsOf(sums, reading, own),
    lines: [
      ...receiptLines(sums, reading, own),
      ...clickLines(sums, reading),
      ...productLines(values),
      ...conversionLines(sums, reading),
      ...benchmarkLines(reading.benchmark),
      ...pricingLines(reading),
      ...otherLines(sums),
      sharedLine(reading),
      ...(reading.isWhole ? [] : [PART_LINE]),
      ...creativeLines(reading),
      MANAGER,
    ],
    missing: [...new Set(reading.missing.map(({ sentence }) => sentence))],
  };
}

const PART_LINE =
  "These days are not all of the campaign's: the ledger's own figures are of the whole campaign.";

function aboutText({ template, others = [], since, until, zone }: InsightReading): string {
  const days = since === until ? since : `${since} to ${until}`;
  const of = zone === null ? "days of the account's zone" : `days of ${zone}`;
  const names = [template, ...others].map(({ name, language }) => `${name} (${language})`);
  return `${names.length === 1 ? "template" : "templates"} ${names.join(", ")}, ${days}, ${of}`;
}

function rowsOf(sums: InsightSums, { currency }: InsightReading, own: OwnCounts): ComparedRow[] {
  const number = (value: number | null) => (value === null ? NONE : count(value));
  const row = (name: string, meta: number | null, ours: number | null): ComparedRow => ({
    name,
    meta: number(meta),
    own: number(ours),
  });
  const rows = [
    row("sent", sums.sent, own.accepted),
    row("delivered", sums.delivered, own.delivered),
    row("read", sums.read, own.read),
    row("clicks on links", sums.clicks, own.clicks),
    ...(sums.clickers === null ? [] : [row("people who clicked", sums.clickers, null)]),
    row("quick replies", sums.quickReplies, own.quickReplies),
  ];
  const ours = own.costs.find((one) => one.currency === currency) ?? own.costs[0];
  const ownCost = ours === undefined ? NONE : `${money(ours.amount)} ${ours.currency}`;
  if (sums.spent === null) {
    return ours === undefined ? rows : [...rows, { name: "cost", meta: NONE, own: ownCost }];
  }
  const price = (amount: number, of: number | null): ComparedRow["meta"] =>
    of === null || of === 0 ? NONE : `${small(amount / of)}${unit(currency)}`;
  return [
    ...rows,
    { name: "cost", meta: `${money(sums.spent)}${unit(currency)}`, own: ownCost },
    { name: "cost per delivery", meta: price(sums.spent, sums.delivered), own: NONE },
    { name: "cost per click", meta: price(sums.spent, sums.clicks), own: NONE },
  ];
}

function unit(currency: string | null): string {
  return currency === null ? "" : ` ${currency}`;
}

/** Prices of one message are small: `0.0625`, `0.87`. */
function small(price: number): string {
  return price.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 4 });
}

/** How many deliveries receipts reported; null where the two are not of the same messages. */
export function receiptShare(
  { delivered }: Pick<InsightSums, "delivered">,
  { sharedWith, isWhole }: Pick<InsightReading, "sharedWith" | "isWhole">,
  own: Pick<OwnCounts, "delivered">,
): { number: number; of: number } | null {
  if (delivered === null || delivered === 0 || sharedWith.length > 0 || !isWhole) return null;
  return { number: own.delivered, of: delivered };
}

function receiptLines(sums: InsightSums, reading: InsightReading, own: OwnCounts): string[] {
  const share = receiptShare(sums, reading, own);
  if (share === null) return [];
  const { number, of } = share;
  if (number > of) {
    return [
      `Receipts: ${count(number)} deliveries were reported to this ledger, and Meta counts ${count(of)} so far: its figures come about a day late.`,
    ];
  }
  if (number === of) return ["Receipts: 100%: every delivery was reported to this ledger."];
  const lost = plural(of - number, "delivery", "deliveries");
  const verb = of - number === 1 ? "was" : "were";
  return [`Receipts: ${percent(number, of)}: ${lost} ${verb} never reported to this ledger.`];
}

/** Meta, analytics page, 2026-06. */
function clickLines(sums: InsightSums, { countsClicks }: InsightReading): string[] {
  if (countsClicks === false) {
    return ["Clicks on links are not counted: link tracking is off for this template."];
  }
  const lines = sums.buttons
    .filter(({ type, content }) => type !== "unique_url_button" && content !== "")
    .map(({ type, content, number }) => {
      const what = type === "quick_reply_button" ? "quick reply" : type.replaceAll("_", " ");
      return `"${content}" (${what}): ${plural(number, "click")}.`;
    });
  if (sums.clicks !== null || sums.delivered === null) return lines;
  return [
    ...lines,
    "Meta returned no click on a link: it leaves out what is 0, and counts none for businesses or numbers of the EU and Japan.",
  ];
}

const PRODUCT_WORDS: Readonly<Record<Product, string>> = {
  marketing_lite: "Marketing Messages API",
  marketing: "Cloud API",
};

/** By product, where there is more than one. */
function productLines(values: KeptInsights["values"]): string[] {
  const parts = PRODUCTS.flatMap((product) => {
    const { sent, delivered } = sumInsights(values, product);
    if ((sent ?? 0) === 0 && (delivered ?? 0) === 0) return [];
    return [
      `${PRODUCT_WORDS[product]} ${count(sent ?? 0)} sent, ${count(delivered ?? 0)} delivered`,
    ];
  });
  return parts.length > 1 ? [`By product: ${parts.join("; ")}.`] : [];
}

function conversionLines({ conversions }: InsightSums, { currency }: InsightReading): string[] {
  const all = Object.entries(conversions);
  if (all.length === 0) return [];
  const parts = all.map(([metric, value]) => {
    const name = metric.replaceAll("_", " ");
    return /_value$/.test(metric)
      ? `${name} ${money(value)}${unit(currency)}`
      : `${name} ${count(value)}`;
  });
  return [`Conversions, as Meta attributes them: ${parts.join(", ")}.`];
}

function benchmarkLines(benchmark: Benchmark | null): string[] {
  if (benchmark === null) return [];
  const { readRate, readBenchmark, clickRate, clickBenchmark, until } = benchmark;
  const days = until === null ? "" : ` (30 days to ${until})`;
  const line = (verb: string, does: string, rate: number | null, best: number | null) => {
    if (rate === null && best === null) return [];
    if (best === null) return [`${verb} ${rateWords(rate)}${days}; Meta returned no benchmark.`];
    const other = `the best quarter of similar businesses ${does} ${rateWords(best)} or more`;
    if (rate === null) return [`${verb}: ${other}${days}.`];
    // Of the figures as they are shown, so that they add up for a reader.
    const points = Math.abs(Math.round(rate * 10) - Math.round(best * 10)) / 10;
    const differs =
      points === 0 ? "as much" : `${decimal(points)} points ${rate < best ? "below" : "above"}`;
    return [`${verb} ${rateWords(rate)}, ${other}: ${differs}${days}.`];
  };
  return [
    ...line("Read", "reads", readRate, readBenchmark),
    ...line("Clicked", "reaches", clickRate, clickBenchmark),
  ];
}

/** Meta's own samples have rates above 100. */
function rateWords(rate: number | null): string {
  return rate === null ? "not known" : `${decimal(rate)}%`;
}

/** What the price list billed for the campaign's numbers, whatever they sent. */
function pricingLines({ pricing, currency }: InsightReading): string[] {
  if (pricing === null || pricing.length === 0) return [];
  const cost = pricing.reduce((sum, one) => sum + one.cost, 0);
  const volume = pricing.reduce((sum, one) => sum + one.volume, 0);
  const byCountry = new Map<string, number>();
  for (const { country, cost } of pricing) {
    byCountry.set(country ?? "?", (byCountry.get(country ?? "?") ?? 0) + cost);
  }
  const countries = [...byCountry]
    .sort((a, b) => b[1] - a[1])
    .slice(0, COUNTRIES_SHOWN)
    .map(([country, sum]) => `${country} ${money(sum)}`);
  return [
    `Billed for marketing of the campaign's numbers on these days, other campaigns included: ${money(cost)}${unit(currency)} for ${plural(volume, "delivery", "deliveries")} (${countries.join(", ")}).`,
  ];
}

const COUNTRIES_SHOWN = 5;

/** Numbers that this program has no words for. */
function otherLines({ others }: InsightSums): string[] {
  const all = Object.entries(others);
  if (all.length === 0) return [];
  return [
    `Meta also returned: ${all.map(([name, value]) => `${name} ${count(value)}`).join(", ")}.`,
  ];
}

function sharedLine({ sharedWith }: InsightReading): string {
  if (sharedWith.length === 0) {
    return "No other campaign of this ledger sent the template on these days. Meta counts the template, not the campaign: what others sent is in its figures.";
  }
  const names = sharedWith.map((name) => `"${name}"`).join(", ");
  return `${names} sent the same template on these days: Meta counts the template, not the campaign, and its figures are of all of them.`;
}

function creativeLines({ creative: { template, account } }: InsightReading): string[] {
  if (template === null && account === null) return [];
  const of = (features: typeof template, byDefault: "on" | "off") =>
    features === null ? "not known" : creativeText(features, byDefault);
  const line = `Creative optimisations: of the template ${of(template, "on")}; of the account ${of(account, "off")}.`;
  const differ = creativeConflicts(template ?? {}, account ?? {});
  if (differ.length === 0) return [line];
  return [line, `They differ in ${differ.join(", ")}; Meta does not say which of the two counts.`];
}
