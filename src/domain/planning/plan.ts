// The first planning: every row of the source becomes a dispatch, once. It goes on where an earlier
// one stopped. A source that changed since its planning was complete is replan.ts's.

import type { CampaignRecord } from "../campaign/campaign.ts";
import type { PlannedRow } from "../campaign/row.ts";
import type { RowKey } from "./match-rows.ts";
import type { PlanLedger } from "./plan-ports.ts";
import type { PlanRules } from "./rows.ts";

/**
 * Rows that follow each other without holes. What is dear (reading, screening and rendering a row)
 * is asked for one row at a time and only when planning needs it, so that no batch of rows is ever
 * kept as objects.
 */
export interface RowsToPlan {
  /** Number of the first row. */
  first: number;
  size: number;
  /** Bytes of the file that were read so far. */
  bytes: number;
  /** The line on which the row at an index of the batch begins. */
  line(index: number): number;
  /** What the row is known by, without rendering it. */
  key(index: number): RowKey;
  plan(index: number): PlannedRow;
}

export interface PlanOptions {
  ledger: Pick<PlanLedger, "plan">;
  campaign: CampaignRecord;
  rules?: PlanRules;
  /** Batches in row order, without holes. */
  rows: AsyncIterable<RowsToPlan>;
  now(): number;
  /** Rows so far, and bytes of the file. */
  onProgress(rows: number, bytes: number): void;
}

/**
 * Plans every row. Rows of an earlier planning that was not complete are planned again, by their
 * number: nothing was posted then.
 * @returns the number of data rows
 */
export async function planRows(options: PlanOptions): Promise<number> {
  const { ledger, campaign, rules, now } = options;
  let rows = 0;
  for await (const batch of options.rows) {
    await ledger.plan(campaign.id, plannedRows(batch), now(), rules);
    rows += batch.size;
    options.onProgress(rows, batch.bytes);
  }
  return rows;
}

function* plannedRows(batch: RowsToPlan): Generator<PlannedRow> {
  for (let index = 0; index < batch.size; index += 1) yield batch.plan(index);
}
