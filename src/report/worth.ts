// The report's section on the test of a campaign.

import { testFigures, testHeading } from "../domain/arms/test-figures.ts";
import { type Html, html, NOTHING, said } from "../domain/common/html.ts";
import { testTable } from "../domain/page/test-table.ts";
import type { ReportView } from "./view.ts";

/** The arms side by side; nothing without a test. */
export function testSection({ conditions, when }: ReportView): Html {
  const { test } = conditions.found;
  if (test === null || test === undefined) return NOTHING;
  const figures = testFigures(test.rule, test.state, conditions.now);
  return html`<section class="keep"><h2>${said(testHeading(figures, when))}</h2>${testTable(figures, when)}</section>`;
}
