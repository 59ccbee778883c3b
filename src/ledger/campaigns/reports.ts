// Reads the ledger for people: counts, the outcome of every row, the rows to be fixed. Writes nothing but what it counted.

import type { Database } from "better-sqlite3";
import type { SkipReason, Status } from "../../domain/campaign/dispatch.ts";
import type { LedgerTally, ReachTally } from "../../domain/result/counts.ts";
import type { OutcomeRow, RejectRow, RowPage } from "../../domain/result/outcome-row.ts";
import type { PaceRecord } from "../../domain/sending/turn.ts";
import { GONE_FROM, OUTCOME_COLUMNS } from "../file/schema.ts";
import type { EngagementStore } from "../inbox/engagement.ts";
import type { OptOuts } from "../inbox/opt-outs.ts";
import type { Tallies } from "./tallies.ts";

interface ResultGroup {
  status: Status;
  why: string | null;
  messageStatus: string | null;
  region: string | null;
  isPosted: 0 | 1;
  isAccepted: 0 | 1;
  count: number;
  firstClaimAt: number | null;
  lastAcceptedAt: number | null;
}

type Span = Pick<ReachTally, "firstClaimAt" | "lastAcceptedAt">;

const MINUTE_MS = 60_000;

/** A row with its place among those of its campaign. */
type WithPlace<T> = T & { place: number };

interface Reject {
  row: number | null;
  line: number;
  reason: string;
  detail: string | null;
  cells: string | null;
}

/** The reading verbs of the contract, synchronous. */
export function makeReports(
  db: Database,
  parts: { tallies: Tallies; optOuts: OptOuts; engagement: EngagementStore },
) {
  const { tallies, optOuts, engagement } = parts;
  const groups = db.prepare<[number], ResultGroup>(`
    select status,
      case when status in ('skipped', 'held') then reason when status = 'failed' then error_code end
        as why,
      iif(status in ('accepted', 'sent', 'delivered', 'read', 'failed', 'expired'),
        message_status, null) as messageStatus,
      iif(status = 'skipped', null, region) as region,
      attempts > 0 as isPosted,
      accepted_at is not null as isAccepted,
      count(*) as count,
      min(claimed_at) as firstClaimAt,
      max(accepted_at) as lastAcceptedAt
    from dispatch where campaign_id = ? group by 1, 2, 3, 4, 5, 6
  `);
  const outcomes = db.prepare<[number, number, number], WithPlace<OutcomeRow>>(`
    select d.place as place, ${OUTCOME_COLUMNS}
    from campaign cross join dispatch as d indexed by dispatch_place on d.campaign_id = campaign.id
    where campaign.id = ? and d.place > ? order by d.place limit ?
  `);
  const rejects = db.prepare<[number, number, string, number], WithPlace<Reject>>(`
    select place, iif(place < ${GONE_FROM}, place, null) as row, line, reason, detail, cells
    from dispatch indexed by dispatch_place
    where campaign_id = ? and place > ? and status = 'skipped'
      and reason in (select value from json_each(?))
    order by place limit ?
  `);
  const pace = db.prepare<[string], PaceRecord>(
    "select lane, used_until as usedUntil, factor from lane where lane = ? and used_until > 0",
  );

  const busyMinutes = db
    .prepare<[number], number>(
      `select count(distinct accepted_at / ${MINUTE_MS}) from dispatch
      where campaign_id = ? and accepted_at is not null`,
    )
    .pluck();

  const span = db.prepare<[number], Span>(`
    select min(claimed_at) as firstClaimAt, max(accepted_at) as lastAcceptedAt
    from dispatch where campaign_id = ?
  `);

  /** See `ReachTally.sendingMs`. The rows are read again only where a pause may lie between. */
  function sendingTime(campaign: number, { firstClaimAt, lastAcceptedAt }: Span): number {
    if (firstClaimAt === null || lastAcceptedAt === null) return 0;
    const span = Math.max(0, lastAcceptedAt - firstClaimAt);
    const minutes = Math.floor(lastAcceptedAt / MINUTE_MS) - Math.floor(firstClaimAt / MINUTE_MS);
    if (minutes < 2) return span;
    const busy = busyMinutes.get(campaign) ?? 0;
    return Math.max(0, span - Math.max(0, minutes + 1 - busy) * MINUTE_MS);
  }

  return {
    /** Ms between the first claim and the last answer, without the whole minutes in which no message was taken. */
    sendingTime: (campaign: number): number => sendingTime(campaign, span.get(campaign) as Span),

    tally(campaign: number): LedgerTally {
      return tallies.of(campaign, () => {
        const sums = addUp(groups.all(campaign));
        const sendingMs = sendingTime(campaign, sums.reached);
        const clicked = engagement.people(campaign);
        const reached = { ...sums.reached, clicked, sendingMs };
        return { ...sums, reached, optOuts: optOuts.of(campaign) };
      });
    },

    outcomes(campaign: number, after: number, limit: number): RowPage<OutcomeRow> {
      const found = outcomes.all(campaign, after, limit);
      const rows = found.map(({ place: _, ...row }) => row);
      return { rows, next: nextOf(found, limit) };
    },

    rejects(
      campaign: number,
      reasons: SkipReason[],
      after: number,
      limit: number,
    ): RowPage<RejectRow> {
      const found = rejects.all(campaign, after, JSON.stringify(reasons), limit);
      const rows = found.map(({ row, line, reason, detail, cells }) => ({
        row,
        line,
        reason,
        detail: detail ?? "",
        cells: cells === null ? [] : (JSON.parse(cells) as string[]),
      }));
      return { rows, next: nextOf(found, limit) };
    },

    pace(lane: string): PaceRecord | undefined {
      return pace.get(lane);
    },
  };
}

export type SendingTime = ReturnType<typeof makeReports>["sendingTime"];

function nextOf(found: readonly { place: number }[], limit: number): number | null {
  return found.length < limit ? null : (found.at(-1)?.place ?? null);
}

function addUp(groups: ResultGroup[]): Omit<LedgerTally, "optOuts"> {
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
      sentTo: 0,
      accepted: 0,
      delivered: 0,
      read: 0,
      clicked: 0,
      firstClaimAt: null,
      lastAcceptedAt: null,
      sendingMs: 0,
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

/** Whether a request was made, or perhaps made, and none is waited for. */
export function isSentTo({ status, isPosted }: { status: Status; isPosted: 0 | 1 }): boolean {
  return isPosted === 1 && status !== "skipped" && status !== "pending" && status !== "cancelled";
}

function addReached(reached: ReachTally, group: ResultGroup): void {
  const { status, count, firstClaimAt, lastAcceptedAt } = group;
  if (status !== "skipped") reached.toSend += count;
  if (isSentTo(group)) reached.sentTo += count;
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
