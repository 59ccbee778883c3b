// Reads the ledger for people: counts, the outcome of every row, the rows to be fixed. Writes
// nothing.

import type { SkipReason, Status } from "../../domain/campaign/dispatch.ts";
import type { LaneCounts, LedgerTally } from "../../domain/result/counts.ts";
import type { OutcomeRow, RejectRow, RowPage } from "../../domain/result/outcome-row.ts";
import { tallyOf } from "../../domain/result/row-groups.ts";
import type { PaceRecord } from "../../domain/sending/turn.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import { GONE_FROM, OUTCOME_COLUMNS } from "../file/schema.ts";
import type { EngagementStore } from "../inbox/engagement.ts";
import type { OptOuts } from "../inbox/opt-outs.ts";
import { lanesOfSql } from "../lanes.ts";
import type { Zones } from "../sending/zones.ts";
import type { RowSums } from "./row-sums.ts";

/** A row with its place among those of its campaign. */
type WithPlace<T> = T & { place: number };

interface Reject {
  number: number;
  hash: number;
  row: number | null;
  line: number;
  reason: string;
  detail: string | null;
  cells: string | null;
}

/** The reading verbs of the contract. */
export function makeReports(parts: {
  rowSums: RowSums;
  optOuts: OptOuts;
  engagement: EngagementStore;
  zones: Zones;
}) {
  const { rowSums, optOuts, engagement, zones } = parts;
  const outcomes = statement<[number, number, number], WithPlace<OutcomeRow>>(`
    select d.place as place, ${OUTCOME_COLUMNS}
    from campaign cross join dispatch as d indexed by dispatch_place on d.campaign_id = campaign.id
    where campaign.id = ? and d.place > ? order by d.place limit ?
  `);
  const rejects = statement<[number, number, string, number], WithPlace<Reject>>(`
    select place, iif(place < ${GONE_FROM}, place, null) as row, row_number as number, hash,
      line, reason, detail, cells
    from dispatch indexed by dispatch_place
    where campaign_id = ? and place > ? and status = 'skipped'
      and reason in (select value from json_each(?))
    order by place limit ?
  `);
  const pace = statement<[string], PaceRecord>(
    'select lane, used_until as "usedUntil", factor from lane where lane = ? and used_until > 0',
  );

  const lanesOf = statement<[{ campaign: number }], [place: number, lane: string]>(
    `select place, lane from ${lanesOfSql("@campaign")} as mine order by place`,
  ).raw();
  const laneCounts = statement<[number], [place: number, status: Status, number: number]>(`
    select lane_place, status, count(*) from dispatch
    where campaign_id = ? and status <> 'skipped' group by lane_place, status
  `).raw();

  return {
    /** Counts; needs one snapshot of the ledger around it. */
    *count(campaign: number): Verb<LedgerTally> {
      const { reached, money, ...sums } = tallyOf(yield* rowSums.ofCampaign(campaign));
      const besides = yield* rowSums.besides(campaign);
      const clicked = yield* engagement.people(campaign);
      const sendingMs = yield* rowSums.sendingTime(campaign, reached);
      const optedOut = yield* optOuts.of(campaign);
      const waiting = yield* zones.waitingZones(campaign);
      return {
        ...{ ...sums, money: { ...money, besides }, zones: waiting, optOuts: optedOut },
        reached: { ...reached, clicked, sendingMs },
      };
    },

    *outcomes(campaign: number, after: number, limit: number): Verb<RowPage<OutcomeRow>> {
      const found = yield* outcomes.all(campaign, after, limit);
      const rows = found.map(({ place: _, ...row }) => row);
      return { rows, next: nextOf(found, limit) };
    },

    *rejects(
      campaign: number,
      reasons: SkipReason[],
      after: number,
      limit: number,
    ): Verb<RowPage<RejectRow>> {
      const found = yield* rejects.all(campaign, after, JSON.stringify(reasons), limit);
      const rows = found.map(({ row, number, hash, line, reason, detail, cells }) => ({
        ...{ number, hash },
        row,
        line,
        reason,
        detail: detail ?? "",
        cells: cells === null ? [] : (JSON.parse(cells) as string[]),
      }));
      return { rows, next: nextOf(found, limit) };
    },

    *laneCounts(campaign: number): Verb<LaneCounts[]> {
      const lanes = yield* lanesOf.all({ campaign });
      if (lanes.length === 1) return [];
      const found = yield* laneCounts.all(campaign);
      return lanes.map(([place, lane]) => ({
        lane,
        counts: Object.fromEntries(
          found.flatMap(([of, status, number]) => (of === place ? [[status, number]] : [])),
        ),
      }));
    },

    *pace(lane: string): Verb<PaceRecord | undefined> {
      return yield* pace.get(lane);
    },
  };
}

function nextOf(found: readonly { place: number }[], limit: number): number | null {
  return found.length < limit ? null : (found.at(-1)?.place ?? null);
}
