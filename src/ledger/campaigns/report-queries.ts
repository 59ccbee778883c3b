// Reads a campaign for its report: one pass over its rows, in pieces so short that neither a runner
// nor a server in this process waits for it. Writes nothing.

import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import { assert } from "../../domain/common/errors.ts";
import type { TimeCounter } from "../../domain/common/time-buckets.ts";
import { addAt, makeTimeCounter, seriesOf } from "../../domain/common/time-buckets.ts";
import type { TemplateDefinition } from "../../domain/message/template.ts";
import type { Decision, ReportData } from "../../domain/result/report-data.ts";
import type { RowGroup } from "../../domain/result/row-groups.ts";
import { addGroup, countsOf, moneyOf, spanOf } from "../../domain/result/row-groups.ts";
import type { WaitCounter } from "../../domain/result/wait-times.ts";
import { addWait, WAIT_STEPS, waitsOf } from "../../domain/result/wait-times.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import type { EngagementStore } from "../inbox/engagement.ts";
import type { OptOuts } from "../inbox/opt-outs.ts";
import { lanesOfSql } from "../lanes.ts";
import type { Insights } from "../meta/insights.ts";
import type { Campaigns } from "./campaigns.ts";
import type { Conversions } from "./conversions.ts";
import type { RowRange, RowSums } from "./row-sums.ts";
import { IN_PIECE, PIECE_ROWS } from "./row-sums.ts";

/** Labels of buttons that are listed. */
const TAPS_MAX = 20;

/** The last decisions of a campaign that a report has. */
const DECISIONS_MAX = 100;

const SERIES = ["posted", "accepted", "delivered", "read"] as const;
type SeriesName = (typeof SERIES)[number];
type SeriesKind = SeriesName | "toDelivery" | "toReading";

/** How many there were at an instant (a whole second), or how many waited so long. */
interface InstantCount {
  kind: SeriesKind;
  ms: number;
  count: number;
  first: number | null;
  last: number | null;
}

interface Pass {
  id: number;
  at: number;
  /** Last row of the pieces that were read. */
  row: number;
  rows: number;
  groups: Map<string, RowGroup>;
  series: Record<SeriesName, TimeCounter>;
  waits: Record<"toDelivery" | "toReading", WaitCounter>;
  requests: number;
  firstPostAt: number | null;
  lastPostAt: number | null;
}

/** Reads reports, piece by piece; every function is one short look at the ledger. */
export function makeReportQueries(parts: {
  conversions: Conversions;
  insights: Insights;
  campaigns: Campaigns;
  optOuts: OptOuts;
  engagement: EngagementStore;
  rowSums: RowSums;
}) {
  const { conversions, insights, campaigns, optOuts, engagement, rowSums } = parts;
  const sql = prepare();

  return {
    /** Begins a pass over the rows of a campaign. */
    *begin(campaign: number, now: number): Verb<Pass> {
      const counters = SERIES.map((name) => [name, makeTimeCounter()]);
      return {
        id: campaign,
        at: now,
        row: 0,
        rows: yield* rowSums.lastRow(campaign),
        groups: new Map(),
        series: Object.fromEntries(counters) as Record<SeriesName, TimeCounter>,
        waits: { toDelivery: new Map(), toReading: new Map() },
        requests: 0,
        firstPostAt: null,
        lastPostAt: null,
      };
    },

    /**
     * Reads the next piece; tells whether there is another. Needs one snapshot of the ledger around
     * it.
     */
    *step(pass: Pass): Verb<boolean> {
      if (pass.row >= pass.rows) return false;
      const piece = { campaign: pass.id, from: pass.row + 1, to: pass.row + PIECE_ROWS };
      for (const group of yield* rowSums.ofPiece(piece)) addGroup(pass.groups, group);
      for (const moment of yield* sql.moments.all(piece)) addMoment(pass, moment);
      pass.row = piece.to;
      return pass.row < pass.rows;
    },

    /** Puts together what was read. */
    *end(pass: Pass): Verb<ReportData> {
      const { id } = pass;
      const groups = [...pass.groups.values()];
      const campaign = byId(yield* campaigns.listCampaigns(), id);
      const { steps, ...counts } = countsOf(groups);
      const series = SERIES.map((name) => [name, seriesOf(pass.series[name])]);
      const decisions = yield* sql.decisions.all({ name: campaign.name, limit: DECISIONS_MAX });
      return {
        at: pass.at,
        campaign,
        firstPostAt: pass.firstPostAt,
        lastPostAt: pass.lastPostAt,
        sendingMs: yield* rowSums.sendingTime(id, spanOf(groups)),
        requests: pass.requests,
        ...counts,
        funnel: { ...steps, clicked: yield* engagement.people(id) },
        series: Object.fromEntries(series) as ReportData["series"],
        waits: {
          toDelivery: waitsOf(pass.waits.toDelivery),
          toReading: waitsOf(pass.waits.toReading),
        },
        money: { ...moneyOf(groups), besides: yield* rowSums.besides(id) },
        optOuts: yield* optOuts.of(id),
        taps: yield* sql.taps.all(id),
        opened: (yield* sql.opened.get(id)) as number,
        clicks: (yield* sql.actions.get(id, "link_click")) as number,
        landingPageViews: (yield* sql.actions.get(id, "landing_page_view")) as number,
        decisions: decisions.map((one) => ({
          ...one,
          detail: JSON.parse(one.detail) as Record<string, unknown>,
        })),
        laneFactor:
          ((yield* sql.laneFactor.get({ campaign: id })) as number | null | undefined) ?? null,
        ttlSeconds: ((yield* sql.ttl.get(id)) as number | undefined) ?? null,
        insights: yield* insights.insightsOf(id),
        worth: yield* conversions.worthOf(id),
        template: firstOf((yield* sql.definitions.get(id)) as string | null),
        settings: null,
      };
    },
  };
}

/** Of a test, the template of its first arm. */
function firstOf(text: string | null): TemplateDefinition | null {
  return text === null ? null : ((JSON.parse(text) as TemplateDefinition[])[0] ?? null);
}

function addMoment(pass: Pass, { kind, ms, count, first, last }: InstantCount): void {
  if (kind === "toDelivery" || kind === "toReading") {
    addWait(pass.waits[kind], ms, count);
    return;
  }
  addAt(pass.series[kind], ms, count);
  if (kind !== "posted") return;
  pass.requests += count;
  if (first !== null) pass.firstPostAt = Math.min(pass.firstPostAt ?? first, first);
  if (last !== null) pass.lastPostAt = Math.max(pass.lastPostAt ?? last, last);
}

/** SQL for a wait in milliseconds, up to the end of its step. */
function stepped(wait: string): string {
  const steps = WAIT_STEPS.map(
    ({ most, stepMs }) => `when ${wait} <= ${most} then ${upTo(wait, stepMs)}`,
  );
  const last = (WAIT_STEPS.at(-1) as (typeof WAIT_STEPS)[number]).stepMs;
  return `case ${steps.join(" ")} else ${upTo(wait, last)} end`;
}

function upTo(wait: string, stepMs: number): string {
  return `(${wait} + ${stepMs - 1}) / ${stepMs} * ${stepMs}`;
}

function prepare() {
  const second = (column: string): string => `${column} / 1000 * 1000`;
  const moments = (kind: SeriesKind, ms: string, where: string): string => `
    select '${kind}' as kind, ${ms} as ms, count(*) as count, null as first, null as last
    from dispatch where ${IN_PIECE} and ${where} group by 2
  `;
  const delivered = "status in ('delivered', 'read')";
  // A reader may be reported without ever being reported as delivered, and then it was delivered by
  // that instant.
  const deliveredAt = "coalesce(delivered_at, read_at)";
  return {
    moments: statement<[RowRange], InstantCount>(`
      select 'posted' as kind, ${second("started_at")} as ms, count(*) as count,
        min(started_at) as first, max(started_at) as last
      from attempt where ${IN_PIECE} and stale = 0 and started_at is not null group by 2
      union all ${moments("accepted", second("accepted_at"), "accepted_at is not null")}
      union all ${moments("delivered", second(deliveredAt), delivered)}
      union all ${moments("read", second("read_at"), "status = 'read' and read_at is not null")}
      union all ${moments(
        "toDelivery",
        stepped("max(0, delivered_at - accepted_at)"),
        `${delivered} and delivered_at is not null and accepted_at is not null`,
      )}
      union all ${moments(
        "toReading",
        stepped("max(0, read_at - delivered_at)"),
        "status = 'read' and read_at is not null and delivered_at is not null",
      )}
    `),
    taps: statement<[number], { label: string | null; number: number }>(`
      select label, count(distinct row_number) as number from tap
      where campaign_id = ? and is_opt_out = 0
      group by label order by number desc, label nulls first limit ${TAPS_MAX}
    `),
    opened: statement(`
        select count(distinct row_number) from click
        where campaign_id = ? and action = 'link_click'
      `).pluck(),
    definitions: statement("select definitions from campaign where id = ?").pluck(),
    actions: statement("select count(*) from click where campaign_id = ? and action = ?").pluck(),
    decisions: statement<
      [{ name: string; limit: number }],
      Omit<Decision, "detail"> & { detail: string }
    >(`
      select at, actor, action, detail from (
        select * from audit where subject = @name order by id desc limit @limit
      ) as latest order by id
    `),
    // Of several numbers the one that is slowed down most.
    laneFactor: statement(`
      select min(factor) from lane where lane in (select lane from ${lanesOfSql("@campaign")} as mine)
    `).pluck(),
    ttl: statement(
      "select ttl_seconds from campaign_ttl where campaign_id = ? order by since desc limit 1",
    ).pluck(),
  };
}

/** The campaign with this id; a report of none is a programmer's error. */
function byId(campaigns: readonly CampaignRecord[], id: number): CampaignRecord {
  const found = campaigns.find((campaign) => campaign.id === id);
  assert(found !== undefined, "a report is of a campaign of this ledger");
  return found;
}
