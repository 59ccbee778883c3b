// The result of a campaign as a person reads it on a terminal, more of it than `status` shows.

import { FIXABLE_REASONS } from "../../domain/campaign/dispatch.ts";
import { count, plural } from "../../domain/common/numbers.ts";
import type { PathCount, ReportData, Waits } from "../../domain/result/report-data.ts";
import type { OpenEnd } from "../../domain/result/report-figures.ts";
import { costOf, openEnds } from "../../domain/result/report-figures.ts";
import type { Summary } from "../../domain/result/summary.ts";
import { waitText } from "../../report/numbers.ts";
import { PRICING_WORDS } from "../../report/where.ts";
import type { BarLine } from "./bars.ts";
import { barTable } from "./bars.ts";
import { terminalWidth, wrapped } from "./columns.ts";
import { print } from "./print.ts";
import { summaryText } from "./summary.ts";
import type { Times } from "./times.ts";

/** Countries that are listed; the rest is summed up. */
const COUNTRIES_SHOWN = 10;

/**
 * Prints a campaign's result on stdout.
 * @param file the manifest as the operator named it, for commands
 */
export function printReport(
  summary: Summary,
  data: ReportData,
  about: { file: string; times: Times },
): void {
  print(reportText(summary, data, { ...about, width: terminalWidth() }));
}

/** A campaign's result as text. */
function reportText(
  summary: Summary,
  data: ReportData,
  about: { file: string; times: Times; width: number },
): string {
  const { width, times } = about;
  const all = summaryText(summary, { width, times, reasonsShown: Number.POSITIVE_INFINITY });
  const sections = [
    ["countries (of those to be sent to):", ...countryLines(data, width)],
    ["paths, as receipts reported:", ...pathLines(data.paths, data.funnel.accepted, width)],
    ["waiting times:", ...waitLines(data.waits).flatMap((line) => indented(line, width))],
    ["cost by the list prices of the rate card:", ...costLines(data, width)],
    ["open:", ...openLines(data, about)],
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
    `${total.toFixed(2)} ${currency}`;
  return [
    ...indented(`delivered and not known to be free: ${sum(cost.bill)}`, width),
    ...indented(`if everybody had been delivered to: ${sum(cost.estimate)}`, width),
  ];
}

function openLines(
  data: ReportData,
  { file, times, width }: { file: string; times: Times; width: number },
): string[] {
  return openEnds(data, FIXABLE_REASONS).flatMap((end) =>
    indented(openText(end, file, times), width),
  );
}

/** What is open, and the command that deals with it. */
function openText({ kind, number, at }: OpenEnd, file: string, times: Times): string {
  const people = plural(number, "recipient");
  const since = at === null ? "" : `, since ${times.named(at)}`;
  switch (kind) {
    case "paused":
      return `${people} wait: the campaign is paused${since}. campaign unpause ${file}`;
    case "halted":
      return `${people} wait: the campaign is halted${since}. Act on it, then: campaign ${file}`;
    case "pending":
      return `${people} waiting to be sent. campaign ${file}`;
    case "claimed":
      return `${people} on their way, or left by a run that was killed. campaign ${file}`;
    case "held": {
      const next = at === null ? "" : ` from ${times.named(at)} on`;
      return `${people} held, tried again${next}. campaign ${file}`;
    }
    case "unknown":
      return `${people} unknown: the answer was lost. campaign resolve ${file} --unknown give-up (or resend)`;
    case "without_receipt":
      return `${people} accepted without any receipt${since}.`;
    case "on_the_way":
      return `${people} sent by Meta and not delivered yet.`;
    case "expired":
      return `${people} expired: the TTL passed without delivery. Nothing is left to do.`;
    case "fixable":
      return `${plural(number, "row")} can be fixed. campaign rejects ${file} --csv rejects.csv`;
  }
}

function indented(text: string, width: number): string[] {
  return wrapped(text, width - 4).map((line, at) => (at === 0 ? `  ${line}` : `    ${line}`));
}
