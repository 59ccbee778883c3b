// The result of a campaign as a person reads it on a terminal, more of it than `status` shows.

import { testFigures } from "../../domain/arms/test-figures.ts";
import { count, money, plural } from "../../domain/common/numbers.ts";
import { courseText } from "../../domain/cost/money.ts";
import { openItems, openOfReport, shellWord } from "../../domain/result/open-items.ts";
import type { PathCount, ReportData, Waits } from "../../domain/result/report-data.ts";
import { comparedOf, costOf, moneyOf, worthOfReport } from "../../domain/result/report-figures.ts";
import { waitText } from "../../domain/result/wait-times.ts";
import { PRICING_WORDS } from "../../report/paths.ts";
import type { CampaignView } from "../campaign/campaign-summary.ts";
import type { BarLine } from "./bars.ts";
import { barTable } from "./bars.ts";
import { terminalWidth, wrapped } from "./columns.ts";
import { insightLines } from "./insight-text.ts";
import { print } from "./print.ts";
import { summaryText } from "./summary.ts";
import { testText } from "./test-text.ts";
import type { Times } from "./times.ts";
import { worthText } from "./worth-text.ts";

/** Countries that are listed; the rest is summed up. */
const COUNTRIES_SHOWN = 10;

/**
 * Prints a campaign's result on stdout.
 * @param file the manifest as the operator named it, for commands
 */
export function printReport(
  view: CampaignView,
  data: ReportData,
  about: { file: string; times: Times },
): void {
  print(reportText(view, data, { ...about, width: terminalWidth() }));
}

/** A campaign's result as text. */
function reportText(
  view: CampaignView,
  data: ReportData,
  about: { file: string; times: Times; width: number },
): string {
  const { width, times } = about;
  const all = summaryText(view, { width, times, reasonsShown: Number.POSITIVE_INFINITY });
  const sections = [
    ["countries (of those to be sent to):", ...countryLines(data, width)],
    ["paths, as receipts reported:", ...pathLines(data.paths, data.funnel.accepted, width)],
    ["waiting times:", ...waitLines(data.waits).flatMap((line) => indented(line, width))],
    ["cost by the list prices of the rate card:", ...costLines(data, width)],
    ["planned and spent:", ...moneyLines(data).flatMap((line) => indented(line, width))],
    ["as Meta counted it:", ...countedLines(data, about)],
    testLines(view, about),
    worthLines(data, about),
    ["open:", ...openLines(view, data, about).flatMap((line) => indented(line, width))],
  ];
  return [all, ...sections.filter(({ length }) => length > 1).flat()].join("\n");
}

function countryLines({ countries, funnel }: ReportData, width: number): string[] {
  const line = (name: string, number: number, words: string): BarLine => ({
    name,
    number,
    words,
    tone: "plain",
  });
  const shown = countries.slice(0, COUNTRIES_SHOWN).map((one) => {
    const words = one.delivered === 0 ? "" : `${count(one.delivered)} delivered`;
    return line(one.region ?? "?", one.toSend, words);
  });
  const rest = countries.slice(COUNTRIES_SHOWN);
  const others = rest.reduce((sum, one) => sum + one.toSend, 0);
  if (rest.length > 0)
    shown.push(line("others", others, plural(rest.length, "country", "countries")));
  return barTable(shown, funnel.toSend, width).flat();
}

function pathLines(paths: readonly PathCount[], accepted: number, width: number): string[] {
  const lines = paths.map(
    (one): BarLine => ({
      name: one.path ?? "not reported",
      number: one.number,
      words: one.pricingType === null ? "" : (PRICING_WORDS[one.pricingType] ?? one.pricingType),
      tone: "plain",
    }),
  );
  return barTable(lines, accepted, width).flat();
}

function waitLines({ toDelivery, toReading }: ReportData["waits"]): string[] {
  return [...waitLine("delivered", toDelivery), ...waitLine("read after that", toReading)];
}

function waitLine(name: string, { number, p50, p90, p99 }: Waits): string[] {
  if (p50 === null || p90 === null || p99 === null) return [];
  return [
    `${name}: half within ${waitText(p50)}, 90% within ${waitText(p90)}, 99% within ${waitText(p99)} (${count(number)} known)`,
  ];
}

function costLines(data: ReportData, width: number): string[] {
  const cost = costOf(data);
  if (cost === null) return [];
  const sum = ({ total_if_all_delivered: total, currency }: typeof cost.bill) =>
    `${money(total)} ${currency}`;
  return [
    ...indented(`delivered and not known to be free: ${sum(cost.bill)}`, width),
    ...indented(`if everybody had been delivered to: ${sum(cost.estimate)}`, width),
  ];
}

function moneyLines(data: ReportData): string[] {
  return moneyOf(data).map(courseText);
}

function countedLines(data: ReportData, { times, width }: { times: Times; width: number }) {
  const compared = comparedOf(data);
  return compared === null ? [] : insightLines(compared, times, width);
}

/** The arms of the test side by side. */
function testLines(
  { conditions: { found, now } }: CampaignView,
  { times, width }: { times: Times; width: number },
): string[] {
  const { test } = found;
  if (test === null || test === undefined) return [];
  const figures = testFigures(test.rule, test.state, now);
  return testText(figures, times, width);
}

/** What people ordered, in each group. */
function worthLines(data: ReportData, { times, width }: { times: Times; width: number }): string[] {
  const worth = worthOfReport(data);
  return worth === null ? [] : worthText(worth, times, width);
}

/** What is open, and the command that deals with it. */
function openLines(
  { standing }: CampaignView,
  data: ReportData,
  { file, times }: { file: string; times: Times },
): string[] {
  const context = { standing, manifest: shellWord(file), now: data.at, when: times.named };
  return openItems(openOfReport(data), context).map(
    ({ kind, number, name, detail, code, todo, command }) => {
      const of = detail === "" ? "" : `, ${detail}`;
      const what = kind === "fixable" ? plural(number, "row") : plural(number, "recipient");
      const known = code === null ? "" : ` (${code})`;
      return `${name}${of}${known}: ${what}. ${todo}${command === null ? "" : ` ${command}`}`;
    },
  );
}

function indented(text: string, width: number): string[] {
  return wrapped(text, width - 4).map((line, at) => (at === 0 ? `  ${line}` : `    ${line}`));
}
