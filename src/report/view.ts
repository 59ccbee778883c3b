// What every section of the report page is made from, put together once.

import type { Calendar } from "../domain/common/calendar.ts";
import { calendarOf, dayAndTime } from "../domain/common/calendar.ts";
import { languageWords } from "../domain/message/template.ts";
import type { CampaignStanding } from "../domain/result/campaign-standing.ts";
import type { ConditionFacts } from "../domain/result/conditions.ts";
import type { Figures } from "../domain/result/figures.ts";
import { figuresOf } from "../domain/result/figures.ts";
import { shellWord } from "../domain/result/open-items.ts";
import type { ReportData } from "../domain/result/report-data.ts";
import { timeZoneOf } from "../domain/result/report-data.ts";
import type { ReportCost } from "../domain/result/report-figures.ts";
import { costOf } from "../domain/result/report-figures.ts";

/** A campaign as its report page shows it. */
export interface ReportView {
  data: ReportData;
  standing: CampaignStanding;
  conditions: ConditionFacts;
  figures: Figures;
  cost: ReportCost | null;
  calendar: Calendar;
  /**
   * An instant as a sentence has it: `27 Nov, 11:02`, with the year where it is not that of the
   * report.
   */
  when(at: number): string;
  /** As a command names it. */
  manifest: string;
  isSandbox: boolean;
  /** Of the campaign's live page; null in a file. */
  address: string | null;
  /** Whether any receipt came: without one nothing is known of delivery. */
  hasReceipts: boolean;
}

/** Puts together what the sections of the page share. */
export function viewOf(
  data: ReportData,
  { standing, conditions }: { standing: CampaignStanding; conditions: ConditionFacts },
  address: string | null,
): ReportView {
  const calendar = calendarOf(timeZoneOf(data));
  const manifest = data.settings?.manifest ?? data.campaign.manifest;
  return {
    ...{ data, standing, conditions, calendar, address },
    figures: figuresOf({ ...data, reached: data.funnel }),
    cost: costOf(data),
    when: (at) => dayAndTime(at, calendar, data.at),
    manifest: manifest === null ? "<manifest>" : shellWord(manifest),
    isSandbox: data.campaign.lane === "sandbox",
    hasReceipts: data.campaign.receiptsSince !== null,
  };
}

/**
 * Template and language that the campaign was planned with; null where the ledger does not have
 * them.
 */
export function templateOf({ campaign }: ReportData): {
  name: string | null;
  language: string | null;
} {
  const text = (key: string): string | null => {
    const value = campaign.frozen[key];
    return typeof value === "string" ? value : null;
  };
  const language = text("template.language");
  return { name: text("template.name"), language: language && languageWords(language) };
}
