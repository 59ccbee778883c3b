// Reads the ledger for people: counts, the outcome of every row, the rows to be mended. Writes nothing but what it counted.

import type { Database } from "better-sqlite3";
import type { SkipReason, Status } from "../dispatch.ts";
import type { LedgerTally, OutcomeRow, PaceRecord, ReachTally, RejectRow } from "../ledger.ts";
import type { OptOuts } from "./opt-outs.ts";
import type { Tallies } from "./tallies.ts";

interface Group {
  status: Status;
  why: string | null;
  messageStatus: string | null;
  region: string | null;
  isAccepted: 0 | 1;
  count: number;
  firstClaimAt: number | null;
  lastAcceptedAt: number | null;
}

interface Reject {
  row: number;
  line: number;
  reason: string;
  detail: string | null;
  cells: string | null;
}

/** The reading verbs of the contract, synchronous. */
export function makeReports(
  db: Database,
  { tallies, optOuts }: { tallies: Tallies; optOuts: OptOuts },
) {
  const groups = db.prepare<[number], Group>(`
    select status,
      case when status in ('skipped', 'held') then reason when status = 'failed' then error_code end
        as why,
      iif(status in ('accepted', 'sent', 'delivered', 'read', 'failed', 'expired'),
        message_status, null) as messageStatus,
      iif(status = 'skipped', null, region) as region,
      accepted_at is not null as isAccepted,
      count(*) as count,
      min(claimed_at) as firstClaimAt,
      max(accepted_at) as lastAcceptedAt
    from dispatch where campaign_id = ? group by 1, 2, 3, 4, 5
  `);
  const outcomes = db.prepare<[number, number, number], OutcomeRow>(`
    select * from outcomes
    where campaign = (select name from campaign where id = ?) and row_number > ?
    order by row_number limit ?
  `);
  const rejects = db.prepare<[number, number, string, number], Reject>(`
    select row_number as row, line, reason, detail, cells from dispatch
    where campaign_id = ? and row_number > ? and status = 'skipped'
      and reason in (select value from json_each(?))
    order by row_number limit ?
  `);
  const pace = db.prepare<[string], PaceRecord>(
    "select lane, used_until as usedUntil, factor from lane where lane = ?",
  );

  return {
    tally(campaign: number): LedgerTally {
      return tallies.of(campaign, () => ({
        ...addUp(groups.all(campaign)),
        optOuts: optOuts.of(campaign),
      }));
    },

    outcomes(campaign: number, afterRow: number, limit: number): OutcomeRow[] {
      return outcomes.all(campaign, afterRow, limit);
    },

    rejects(campaign: number, reasons: SkipReason[], afterRow: number, limit: number): RejectRow[] {
      return rejects.all(campaign, afterRow, JSON.stringify(reasons), limit).map((row) => ({
        row: row.row,
        line: row.line,
        reason: row.reason,
        detail: row.detail ?? "",
        cells: row.cells === null ? [] : (JSON.parse(row.cells) as string[]),
      }));
    },

    pace(lane: string): PaceRecord | undefined {
      return pace.get(lane);
    },
  };
}

function addUp(groups: Group[]): Omit<LedgerTally, "optOuts"> {
  const tally: Omit<LedgerTally, "optOuts"> = {
    rows: 0,
    counts: {},
    reasons: {},
    failures: {},
    messageStatuses: {},
    withoutReceipt: {},
    regions: {},
    reached: {
      toSend: 0,
      accepted: 0,
      delivered: 0,
      read: 0,
      firstClaimAt: null,
      lastAcceptedAt: null,
    },
  };
  for (const group of groups) {
    const { status, why, messageStatus, region, count } = group;
    addReached(tally.reached, group);
    tally.rows += count;
    tally.counts[status] = (tally.counts[status] ?? 0) + count;
    addTo(tally.reasons, why, count);
    if (status === "failed") addTo(tally.failures, why, count);
    addTo(tally.messageStatuses, messageStatus, count);
    if (status === "accepted") addTo(tally.withoutReceipt, messageStatus, count);
    addTo(tally.regions, region, count);
  }
  return tally;
}

function addReached(reached: ReachTally, group: Group): void {
  const { status, count, firstClaimAt, lastAcceptedAt } = group;
  if (status !== "skipped") reached.toSend += count;
  const isDelivered = status === "delivered" || status === "read";
  if (group.isAccepted === 1 || isDelivered) reached.accepted += count;
  if (isDelivered) reached.delivered += count;
  if (status === "read") reached.read += count;
  if (firstClaimAt !== null) {
    reached.firstClaimAt = Math.min(reached.firstClaimAt ?? firstClaimAt, firstClaimAt);
  }
  if (lastAcceptedAt !== null) {
    reached.lastAcceptedAt = Math.max(reached.lastAcceptedAt ?? lastAcceptedAt, lastAcceptedAt);
  }
}

function addTo(sums: Record<string, number>, key: string | null, count: number): void {
  if (key !== null) sums[key] = (sums[key] ?? 0) + count;
}
