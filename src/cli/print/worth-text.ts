// What a campaign was worth as a person reads it on a terminal.

import { count, money, percent } from "../../domain/common/numbers.ts";
import { percentRange } from "../../domain/common/proportion.ts";
import { revenueText } from "../../domain/worth/conversion.ts";
import type { Worth } from "../../domain/worth/worth.ts";
import { comparedSentences, worthHeading, worthSentences } from "../../domain/worth/worth-words.ts";
import { aligned, wrapped } from "./columns.ts";
import type { Times } from "./times.ts";

/** The section of the worth, its heading first. */
export function worthText(worth: Worth, times: Times, width: number): string[] {
  const isFinal = worth.state === "final";
  const hasRevenue = worth.groups.some(({ revenue }) => revenue.length > 0);
  const hasCosts = worth.groups.some(({ cost }) => cost !== null);
  const heads = [
    ...["group", "people", "ordered", ...(isFinal ? ["rate", "95% interval"] : [])],
    ...[...(hasRevenue ? ["revenue"] : []), ...(hasCosts ? ["cost"] : [])],
  ];
  const rows = worth.groups.map(({ name, people, ordered, interval, revenue, cost }) => [
    ...[name, count(people), count(ordered)],
    ...(isFinal
      ? [percent(ordered, people), interval === null ? "–" : percentRange(interval)]
      : []),
    ...(hasRevenue ? [revenueText(revenue)] : []),
    ...(hasCosts ? [cost === null ? "" : `${money(cost)} ${worth.costCurrency ?? ""}`] : []),
  ]);
  const sentences = [
    ...worthSentences(worth, times.named),
    ...worth.comparisons.slice(1).map((one) => comparedSentences(one, worth).join(" ")),
  ];
  return [
    worthHeading(worth, times.at).replace(/^W/, "w").replace(/^O/, "o"),
    ...aligned([heads, ...rows]),
    ...sentences.flatMap((line) =>
      wrapped(line, width - 4).map((one, at) => (at === 0 ? `  ${one}` : `    ${one}`)),
    ),
  ];
}
