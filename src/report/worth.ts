// The report's sections on the test of a campaign, and on what the campaign was worth.

import { testFigures, testHeading } from "../domain/arms/test-figures.ts";
import { type Html, html, NOTHING, said } from "../domain/common/html.ts";
import { testTable } from "../domain/page/test-table.ts";
import { worthTable } from "../domain/page/worth-table.ts";
import { worthOfReport } from "../domain/result/report-figures.ts";
import { worthHeading } from "../domain/worth/worth-words.ts";
import type { ReportView } from "./view.ts";

/** The arms side by side; nothing without a test. */
export function testSection({ conditions, when }: ReportView): Html {
  const { test } = conditions.found;
  if (test === null || test === undefined) return NOTHING;
  const figures = testFigures(test.rule, test.state, conditions.now);
  return html`<section class="keep"><h2>${said(testHeading(figures, when))}</h2>${testTable(figures, when)}</section>`;
}

/** Hold-out and messaged side by side; nothing without a hold-out or an order. */
export function worthSection({ data, when }: ReportView): Html {
  const worth = worthOfReport(data);
  if (worth === null) return NOTHING;
  return html`<section class="keep"><h2>${said(worthHeading(worth, when))}</h2>${worthTable(worth, when)}</section>`;
}
