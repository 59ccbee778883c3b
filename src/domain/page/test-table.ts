// A test on pages: its arms side by side, and what is known of it in sentences.

import type { ArmFigures, TestFigures } from "../arms/test-figures.ts";
import { differenceText, testSentences } from "../arms/test-figures.ts";
import type { Html } from "../common/html.ts";
import { html, said } from "../common/html.ts";
import { sentenceCase } from "../common/text.ts";
import { intervalTable } from "./interval-table.ts";

/** The table and the sentences below it. @param when an instant in words */
export function testTable(test: TestFigures, when: (at: number) => string): Html {
  const isCompared = test.arms.some(({ difference }) => difference !== null);
  const rows = test.arms.map((arm) => ({
    ...{ name: html`<b>${said(arm.name)}</b>`, people: arm.people, number: arm.number },
    ...{ interval: arm.interval, isFilled: arm.isWinner, difference: against(arm) },
  }));
  const heads = {
    ...{ group: "Arm", did: sentenceCase(test.metric) },
    difference: isCompared ? `Against ${test.arms[0]?.name ?? ""}` : null,
  };
  const sentences = testSentences(test, when).join(" ");
  return html`${intervalTable(rows, heads)}<p class="cap">${said(sentences)}</p>`;
}

const against = (arm: ArmFigures): string => (arm.difference === null ? "" : differenceText(arm));
