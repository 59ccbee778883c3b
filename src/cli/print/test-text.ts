// A test as a person reads it on a terminal: its arms side by side.

import type { TestFigures } from "../../domain/arms/test-figures.ts";
import { differenceText, testHeading, testSentences } from "../../domain/arms/test-figures.ts";
import { count, percent } from "../../domain/common/numbers.ts";
import { percentRange } from "../../domain/common/proportion.ts";
import { aligned, wrapped } from "./columns.ts";
import type { Times } from "./times.ts";

/** The section of a test, its heading first. */
export function testText(test: TestFigures, times: Times, width: number): string[] {
  const isDecided = test.course.kind === "decided";
  const heads = ["arm", "people", test.metric];
  const rows = test.arms.map((arm) => {
    const { name, people, number, interval, isWinner } = arm;
    const counts = [isWinner ? `${name} (won)` : name, count(people), count(number)];
    if (!isDecided) return counts;
    const range = interval === null ? "–" : percentRange(interval);
    return [...counts, percent(number, people), range, differenceText(arm)];
  });
  const more = ["rate", "95% interval", `points against ${test.arms[0]?.name ?? ""}`];
  const text = testSentences(test, times.named).join(" ");
  return [
    `${testHeading(test, times.at).replace(/^T/, "t")}`,
    ...aligned([isDecided ? [...heads, ...more] : heads, ...rows]),
    ...wrapped(text, width - 2).map((line) => `  ${line}`),
  ];
}
