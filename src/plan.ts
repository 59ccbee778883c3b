// Planning: rows of the CSV become dispatches, once. It goes on where an earlier planning stopped, adds rows that were added to the
// file, and refuses a file that changed under rows which were planned or sent before.

import type { SkipReason } from "./dispatch.ts";
import { MENDABLE_REASONS } from "./dispatch.ts";
import type { Problem } from "./errors.ts";
import { OperatorError } from "./errors.ts";
import type { CampaignRecord, KnownRow, Ledger, PlannedRow } from "./ledger.ts";

/**
 * Rows that follow each other without holes. What is dear (reading, screening and rendering a row) is asked for one row at a time
 * and only when planning needs it, so that no batch of rows is ever kept as objects.
 */
export interface RowsToPlan {
  /** Number of the first row. */
  first: number;
  size: number;
  /** Bytes of the file that were read so far. */
  bytes: number;
  /** 52-bit fingerprint of the row at an index of the batch, and the line on which it begins. */
  hash(index: number): number;
  line(index: number): number;
  plan(index: number): PlannedRow;
}

export interface PlanOptions {
  ledger: Pick<Ledger, "knownRows" | "plan">;
  campaign: CampaignRecord;
  /** Batches in row order, without holes. */
  rows: AsyncIterable<RowsToPlan>;
  /**
   * True while nothing stands yet (the first planning never ended) or the operator asked to plan anew: rows that were never
   * posted are planned again with the manifest and the file of today.
   */
  anew: boolean;
  /** The file, as the operator wrote it. */
  file: string;
  now(): number;
  /** Rows so far, and bytes of the file. */
  onProgress(rows: number, bytes: number): void;
}

/** Changed rows that are named one by one. */
const CHANGES_SHOWN = 10;

/**
 * Plans every row that is not planned.
 * @returns the number of data rows, and how many of them were planned or planned again now
 * @throws OperatorError when rows changed that may not change
 */
export async function planRows(options: PlanOptions): Promise<{ rows: number; planned: number }> {
  const { ledger, campaign, anew } = options;
  const changed: Problem[] = [];
  let changes = 0;
  let rows = 0;
  let planned = 0;
  for await (const batch of options.rows) {
    const known = new Map<number, KnownRow>();
    if (batch.first <= campaign.rows) {
      const found = await ledger.knownRows(campaign.id, batch.first, batch.size);
      for (const row of found) known.set(row.row, row);
    }
    const fresh: number[] = [];
    for (let index = 0; index < batch.size; index += 1) {
      const row = batch.first + index;
      const fate = fateOf(known.get(row), batch.hash(index), anew);
      if (fate === "plan") fresh.push(index);
      if (fate === "changed") {
        changes += 1;
        if (changed.length < CHANGES_SHOWN) {
          changed.push(changedRow(options.file, row, batch.line(index)));
        }
      }
    }
    // Once a row is refused nothing more is written; the rest is only read to name all the changes.
    if (fresh.length > 0 && changes === 0) {
      await ledger.plan(campaign.id, plannedRows(batch, fresh), options.now());
    }
    rows += batch.size;
    planned += fresh.length;
    options.onProgress(rows, batch.bytes);
  }
  if (!anew && rows < campaign.rows) {
    changes += 1;
    changed.push({
      file: options.file,
      message: `the file has ${rows} data rows, but ${campaign.rows} were planned from it`,
    });
  }
  if (changes > 0) throw new OperatorError([...changed, waysOut(campaign.name, changes, anew)]);
  return { rows, planned };
}

function fateOf(
  known: KnownRow | undefined,
  hash: number,
  anew: boolean,
): "plan" | "keep" | "changed" {
  if (known === undefined) return "plan";
  const untouched =
    known.status === "pending" || known.status === "held" || known.status === "skipped";
  if (anew && untouched) return "plan";
  // Of somebody who was erased nothing is left to compare; their row of the file may be emptied, and nothing is sent to it.
  if (known.hash === hash || known.hash === null) return "keep";
  // A reject that was mended in its place.
  if (known.status === "skipped" && MENDABLE_REASONS.includes(known.reason as SkipReason))
    return "plan";
  return "changed";
}

function* plannedRows(batch: RowsToPlan, indexes: readonly number[]): Generator<PlannedRow> {
  for (const index of indexes) yield batch.plan(index);
}

function changedRow(file: string, row: number, line: number): Problem {
  return { file, line, message: `row ${row} differs from what was planned or sent` };
}

function waysOut(campaign: string, changes: number, anew: boolean): Problem {
  const places = `${changes} ${changes === 1 ? "place" : "places"}`;
  const replan =
    "or run with --replan to plan every row that was not posted yet from the file of today; ";
  return {
    message: anew
      ? `${places} of the recipients of campaign “${campaign}” changed after they were posted to; nothing was sent or changed now`
      : `the recipients of campaign “${campaign}” changed in ${places} since it was planned; nothing was sent or changed now`,
    hint:
      "Put the old file back (adding rows at its end and mending rejected rows is fine); " +
      (anew ? "" : replan) +
      "or `campaign cancel` this one and give the new list a campaign name of its own.",
  };
}
