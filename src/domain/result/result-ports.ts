// What status, report and exports read from the ledger.

import type { SkipReason } from "../campaign/dispatch.ts";
import type { TimeSeries } from "../common/time-buckets.ts";
import type { Doubts } from "../receipts/doubts.ts";
import type { Engagement } from "../receipts/engagement.ts";
import type { LaneCounts, LedgerTally } from "./counts.ts";
import type { History, MessageRecord } from "./history.ts";
import type { OutcomeRow, RejectRow, RowPage } from "./outcome-row.ts";
import type { ReportData } from "./report-data.ts";

/** What status, report and exports read. */
export interface ResultLedger {
  tally(campaign: number): Promise<LedgerTally>;
  /** The same as it was counted last; undefined where the rows had to be counted for it. */
  keptTally(campaign: number): Promise<LedgerTally | undefined>;
  /**
   * How many dispatches of each lane have each status, those that are skipped left out; in the
   * order of the lanes. Reads the whole campaign; nothing where there is one lane.
   */
  laneCounts(campaign: number): Promise<LaneCounts[]>;
  /**
   * Requests that began of late, by the second: those of the rows that a run posted last, some
   * 20,000.
   */
  recentPosts(campaign: number): Promise<TimeSeries>;
  /**
   * Everything of the report page, its settings left null. Not one transaction: the rows are read
   * once, in pieces, with a pause between them, so that neither a runner nor what else this process
   * does has to wait. Some seconds for a million rows.
   */
  report(campaign: number, now: number): Promise<ReportData>;
  /**
   * Pages of the view `outcomes`, in the order of the file; rows that it has no more come last.
   * @param after `next` of the page before; 0 to begin, or a row of the file
   */
  outcomes(campaign: number, after: number, limit: number): Promise<RowPage<OutcomeRow>>;
  /** Skipped rows with one of the reasons, in the same order and pages. */
  rejects(
    campaign: number,
    reasons: SkipReason[],
    after: number,
    limit: number,
  ): Promise<RowPage<RejectRow>>;
  /**
   * Everything of one person: of every number and user id known to be theirs. Looks into indexes
   * only.
   */
  historyOf(who: { phone?: string; userId?: string }): Promise<History>;
  /**
   * What makes the message of a row of the file; of the first row that is not skipped when `row` is
   * null. Undefined when there is none.
   */
  messageOf(campaign: number, row: number | null): Promise<MessageRecord | undefined>;
  /** Clicks and quick replies. */
  engagement(campaign: number): Promise<Engagement>;
  /**
   * What speaks for and against the messages in doubt; null when there is none. Reads the whole
   * campaign.
   */
  doubts(campaign: number): Promise<Doubts | null>;
}
